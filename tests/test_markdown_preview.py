"""What is being typed: the preview of a page, the reading age beside a text, and identifiers as they are pasted."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from tests.factories import make_arm, make_count, make_page, make_registration, make_term, make_trial
from tests.tools import assert_accessible, assert_valid_html
from trials.models import Page, Revision, Trial

pytestmark = pytest.mark.django_db

PREVIEW = "/admin/text/preview/"
AGES = "/admin/text/reading-age/"
TEXT = (
    "## What we found\r\n\r\nPeople were given **placebo**.\r\n\r\n<script>alert(1)</script> [bad](javascript:alert(1))"
)
EASY = "Doctors gave cells to 20 people with lungs that failed. Three of them died, and five of the others died."


def member(client: Client, *rights: str) -> Client:
    user = User.objects.create_user("member", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return client


# --- The preview ------------------------------------------------------------------------------------------------


def test_preview_shows_the_text_as_the_public_would_see_it(client: Client) -> None:
    make_term(status="published")
    answer = member(client, "change_page").post(PREVIEW, {"title": "Our methods", "lead": "In short.", "body": TEXT})
    page = answer.content.decode()
    assert "<h1>Our methods</h1>" in page
    assert '<p class="lead">In short.</p>' in page
    assert '<h2 id="what-we-found">What we found</h2>' in page
    assert '<button type="button" class="term" popovertarget="term-placebo">placebo</button>' in page
    assert "<strong>Preview: not saved.</strong>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="javascript' not in page
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert '<meta name="robots" content="noindex">' in page


def test_preview_saves_nothing(client: Client) -> None:
    page = make_page()
    member(client, "change_page").post(PREVIEW, {"title": "Changed", "lead": "", "body": "Changed"})
    assert (Page.objects.get().title, Page.objects.get().body) == (page.title, page.body)
    assert Revision.objects.count() == 0


def test_preview_for_the_script_is_a_document_and_the_reading_ages(client: Client) -> None:
    answer = member(client, "add_page").post(
        PREVIEW, {"title": "Methods", "lead": "Short.", "body": EASY}, headers={"Accept": "application/json"}
    )
    sent = answer.json()
    assert sent["html"].startswith("<!doctype html>")
    assert "<h1>Methods</h1>" in sent["html"]
    assert "site-header" not in sent["html"]
    assert sent["ages"] == {
        "body": "About 7 years; aim for 11 to 14. Easier than that is fine.",
        "lead": "Too short to tell: fewer than 10 words.",
    }


def test_preview_without_a_title_says_so(client: Client) -> None:
    assert "<h1>No title yet</h1>" in member(client, "add_page").post(PREVIEW, {"body": ""}).content.decode()


@pytest.mark.parametrize("rights", [(), ("view_page",), ("change_trial", "change_glossaryterm")])
def test_preview_needs_the_right_to_write_a_page(client: Client, rights: tuple[str, ...]) -> None:
    assert member(client, *rights).post(PREVIEW, {"body": "x"}).status_code == 403


def test_preview_answers_no_other_method_and_no_visitor(client: Client) -> None:
    assert client.post(PREVIEW, {"body": "x"}).headers["Location"] == f"/admin/login/?next={PREVIEW}"
    assert member(client, "change_page").get(PREVIEW).status_code == 405


def test_preview_needs_the_token_of_the_form() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert member(strict, "change_page").post(PREVIEW, {"body": "x"}).status_code == 403


def test_preview_of_a_huge_text_is_cut(client: Client) -> None:
    page = member(client, "change_page").post(PREVIEW, {"body": "moth " * 30_000}).content.decode()
    assert page.count("moth") == 20_000


def test_preview_is_valid_html(client: Client) -> None:
    member(client, "change_page")
    sent = {"title": "Methods", "lead": "In short.", "body": TEXT}
    pane = client.post(PREVIEW, sent, headers={"Accept": "application/json"}).json()["html"]
    assert_valid_html({"window": client.post(PREVIEW, sent).content, "pane": pane})


# --- The reading age --------------------------------------------------------------------------------------------


def figures(page: str) -> dict[str, str]:
    found = re.findall(r'<span id="id_(\w+)_reading_age" aria-live="polite">(.*?)</span>', page)
    return {name: html.unescape(words) for name, words in found}


def test_form_of_a_study_says_how_hard_its_texts_are(client: Client) -> None:
    trial = make_trial(plain_summary=EASY)
    page = member(client, "change_trial", "view_trial").get(f"/admin/trials/trial/{trial.pk}/change/").content.decode()
    assert figures(page) == {
        "plain_summary": "About 7 years; aim for 11 to 14. Easier than that is fine.",
        "authors_conclusion": "Too short to tell: fewer than 10 words.",
    }
    assert 'aria-describedby="id_plain_summary_helptext id_plain_summary_reading_age"' in page


def test_form_of_a_page_says_how_hard_it_is_and_previews_without_a_script(client: Client) -> None:
    record = make_page(body=f"## A heading\n\n{EASY}")
    page = member(client, "change_page", "view_page").get(f"/admin/trials/page/{record.pk}/change/").content.decode()
    assert figures(page) == {
        "lead": "Too short to tell: fewer than 10 words.",
        "body": "About 6 years; aim for 11 to 14. Easier than that is fine.",
    }
    assert (
        '<noscript><button type="submit" formaction="/admin/text/preview/" formtarget="_blank" formnovalidate>' in page
    )


def test_form_of_a_term_says_how_hard_its_meaning_is(client: Client) -> None:
    term = make_term(meaning=EASY)
    page = member(client, "change_glossaryterm", "view_glossaryterm")
    shown = page.get(f"/admin/trials/glossaryterm/{term.pk}/change/").content.decode()
    assert figures(shown) == {"meaning": "About 7 years; aim for 11 to 14. Easier than that is fine."}


def test_reading_age_of_what_is_typed(client: Client) -> None:
    answer = member(client, "change_trial").post(AGES, {"plain_summary": EASY, "title": EASY})
    assert answer.json() == {"plain_summary": "About 7 years; aim for 11 to 14. Easier than that is fine."}


def test_reading_age_is_for_those_who_write(client: Client) -> None:
    assert member(client, "view_trial").post(AGES, {"plain_summary": EASY}).status_code == 403


# --- Identifiers, and numbers that do not go together -----------------------------------------------------------


def sent(response: Any, **changes: str) -> dict[str, Any]:
    """What a browser would send: the form as it stands, with some of it typed over."""
    forms = [response.context["adminform"].form]
    for formset in [inline.formset for inline in response.context["inline_admin_formsets"]]:
        forms += [formset.management_form, *formset.forms]
    typed: dict[str, Any] = {}
    for bound in (bound for form in forms for bound in form):
        value = bound.value()
        if bound.field.widget.__class__.__name__ == "CheckboxInput":
            typed |= {bound.html_name: "on"} if value else {}
        elif getattr(bound.field.widget, "allow_multiple_selected", False):
            typed[bound.html_name] = [getattr(item, "pk", item) for item in value or []]
        else:
            typed[bound.html_name] = "" if value is None else bound.field.prepare_value(value)
    return typed | changes


def test_pasted_identifiers_lose_what_stands_in_front(client: Client) -> None:
    trial = make_trial(status="draft")
    make_registration(trial)
    address = f"/admin/trials/trial/{trial.pk}/change/"
    form = member(client, "change_trial", "view_trial").get(address)
    typed = sent(
        form,
        doi="https://doi.org/10.1002/sctm.21-0046",
        pmid="https://pubmed.ncbi.nlm.nih.gov/33902726/",
        pmcid="PMCID: pmc8046040",
        **{"registrations-0-identifier": " nct 04457610 "},
    )
    assert client.post(address, typed).status_code == 302
    saved = Trial.objects.get()
    assert (saved.doi, saved.pmid, saved.pmcid) == ("10.1002/sctm.21-0046", "33902726", "PMC8046040")
    assert saved.registrations.get().identifier == "NCT04457610"
    assert 'maxlength="8"' not in str(form.context["adminform"].form["pmid"])


def test_identifiers_left_empty_stay_empty(client: Client) -> None:
    trial = make_trial(status="draft", doi="10.1000/x")
    address = f"/admin/trials/trial/{trial.pk}/change/"
    form = member(client, "change_trial", "view_trial").get(address)
    assert client.post(address, sent(form, doi=" ")).status_code == 302
    saved = Trial.objects.get()
    assert (saved.doi, saved.pmid, saved.pmcid) == (None, None, None)


def test_wrong_identifier_comes_back_with_what_is_right(client: Client) -> None:
    trial = make_trial(status="draft")
    address = f"/admin/trials/trial/{trial.pk}/change/"
    form = member(client, "change_trial", "view_trial").get(address)
    answer = client.post(address, sent(form, doi="doi:10.1002 x"))
    assert answer.context["adminform"].form.errors["doi"] == [
        "“10.1002 x” is not a DOI. Write 10., a number, a slash and the rest, such as 10.1002/sctm.21-0046."
    ]
    assert 'value="doi:10.1002 x"' in answer.content.decode()


def test_form_warns_of_numbers_and_shows_where_the_registry_differs(client: Client) -> None:
    trial = make_trial(status="draft", rows=False)
    make_count(trial, arm=make_arm(trial, analysed=9), events=2, total=10)
    make_registration(trial, phase="1")
    address = f"/admin/trials/trial/{trial.pk}/change/"
    form = member(client, "change_trial", "view_trial").get(address)
    page = html.unescape(form.content.decode())
    assert "<li>The main count “Death” of “Cells” is out of 10 people, and the group has 9 analysed.</li>" in page
    assert "Paper and registry differ (1)" in page
    assert "<li>Phase: phase 2 in the paper, phase 1 in NCT04457609.</li>" in page
    assert client.post(address, sent(form, journal="The Lancet")).status_code == 302  # a warning stops nothing
    assert Trial.objects.get().journal == "The Lancet"


def test_form_of_a_study_that_agrees_has_no_warning(client: Client) -> None:
    trial = make_trial(status="draft")
    page = member(client, "change_trial", "view_trial").get(f"/admin/trials/trial/{trial.pk}/change/")
    assert "Numbers that do not go together" not in page.content.decode()
    assert "Paper and registry differ" not in page.content.decode()


# --- In the browser ---------------------------------------------------------------------------------------------


@pytest.fixture
def form(page: BrowserPage, live_studies: str) -> BrowserPage:
    """The form of the page “Methods”, opened by somebody who may change it."""
    client = member(Client(), "change_page", "view_page")
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_studies}])
    page.goto(f"{live_studies}/admin/trials/page/{Page.objects.get(slug='methods').pk}/change/")
    return page


def test_preview_stands_beside_what_is_typed(form: BrowserPage) -> None:
    form.get_by_label("Text:").fill(f"## A new heading\n\n{EASY}")
    form.get_by_role("button", name="Preview").click()
    pane = form.frame_locator("iframe[title^=Preview]")
    expect(pane.get_by_role("heading", name="A new heading")).to_be_visible()
    expect(form.get_by_text("The preview shows what you typed. It is not saved.")).to_be_visible()
    expect(form.locator("#id_body_reading_age")).to_have_text(
        "About 6 years; aim for 11 to 14. Easier than that is fine."
    )
    expect(form.get_by_label("Text:")).to_have_value(f"## A new heading\n\n{EASY}")
    serif = pane.get_by_role("heading", name="A new heading").evaluate("it => getComputedStyle(it).fontFamily")
    assert serif.startswith("Charter")  # the public look, not the admin's
    form.get_by_label("Text:").fill("## Another heading")
    form.get_by_role("button", name="Preview again").click()
    expect(pane.get_by_role("heading", name="Another heading")).to_be_visible()
    assert "A new heading" not in Page.objects.get(slug="methods").body


def test_reading_age_follows_what_is_typed(form: BrowserPage) -> None:
    form.get_by_label("Lead:").fill(EASY)
    form.get_by_label("Lead:").blur()
    expect(form.locator("#id_lead_reading_age")).to_have_text(
        "About 7 years; aim for 11 to 14. Easier than that is fine."
    )


def test_site_that_does_not_answer_costs_nothing_that_was_typed(form: BrowserPage) -> None:
    form.route("**/admin/text/**", lambda route: route.abort())
    form.get_by_label("Text:").fill("Typed and not lost")
    form.get_by_role("button", name="Preview").click()
    expect(form.get_by_text("What you typed is still here.")).to_be_visible()
    expect(form.get_by_label("Text:")).to_have_value("Typed and not lost")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_form_with_its_preview_has_no_fault(form: BrowserPage, width: int, scheme: str) -> None:
    form.set_viewport_size({"width": width, "height": 800})
    form.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    form.get_by_role("button", name="Preview").click()
    expect(form.get_by_text("It is not saved.")).to_be_visible()
    assert form.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(form)


def test_preview_without_a_script_opens_a_window_of_its_own(browser: Any, live_studies: str) -> None:
    client = member(Client(), "change_page", "view_page")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_studies}])
    form = context.new_page()
    form.goto(f"{live_studies}/admin/trials/page/{Page.objects.get(slug='methods').pk}/change/")
    form.get_by_label("Text:").fill("## A new heading")
    with context.expect_page() as opened:
        form.get_by_role("button", name="Preview in a new window").click()
    expect(opened.value.get_by_role("heading", name="A new heading")).to_be_visible()
    expect(form.get_by_label("Text:")).to_have_value("## A new heading")
    context.close()
