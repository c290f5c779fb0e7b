"""The road in a real browser: two sessions at once, a form that is left, and every page of it in every form."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from tests.people import make_person
from tests.tools import assert_accessible
from trials import actions
from trials.models import Trial

WIDTHS = (320, 1280)


def log_in(context: BrowserContext, address: str, name: str, *groups: str) -> None:
    client = Client()
    client.force_login(make_person(name, *groups))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])


@pytest.fixture
def study(live_studies: str) -> Trial:
    return Trial.objects.get(slug="lanzoni-2021")


def form(address: str, study: Trial, end: str = "change/") -> str:
    return f"{address}/admin/trials/trial/{study.pk}/{end}"


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).first.click()


def test_two_editors_save_the_same_study_and_lose_nothing(
    page: Page, new_context: Callable[..., BrowserContext], live_studies: str, study: Trial
) -> None:
    log_in(page.context, live_studies, "ann", "Editors")
    other = new_context()
    log_in(other, live_studies, "ben", "Editors")
    second = other.new_page()
    for window in (page, second):
        window.goto(form(live_studies, study))

    page.get_by_label("Severity:").fill("Severe in all")
    page.get_by_label("Follow up:").fill("31 days")
    page.get_by_label("Why:").fill("Table 1")
    save(page)
    expect(page.get_by_text("Saved as a draft (revision 2)")).to_be_visible()

    second.get_by_label("Severity:").fill("Moderate in most")
    second.get_by_label("Note on the dose:").fill("at most twice")
    second.get_by_label("Why:").fill("Methods, page 3")
    save(second)
    expect(second.get_by_text("ann saved revision 2 on")).to_be_visible()
    severity = second.get_by_role("group", name="Severity")
    expect(severity.get_by_label("Now saved: Severe in all")).not_to_be_checked()
    expect(severity.get_by_label("Yours: Moderate in most")).not_to_be_checked()
    expect(second.get_by_role("group", name="Follow up").get_by_label("Now saved: 31 days")).to_be_checked()
    expect(second.get_by_role("group", name="Note on the dose").get_by_label("Yours: at most twice")).to_be_checked()
    severity.get_by_label("Yours: Moderate in most").check()
    second.get_by_role("button", name="Save what is chosen").click()
    expect(second.get_by_text("Saved as a draft (revision 3)")).to_be_visible()

    draft = actions.pending_revision(study)
    assert draft is not None
    kept = [draft.data["fields"][name] for name in ("severity", "follow_up", "dose_note")]
    assert kept == ["Moderate in most", "31 days", "at most twice"]
    assert "Moderate in most" not in Client().get("/trials/lanzoni-2021/").content.decode()


def test_changed_form_is_not_left_unasked(page: Page, live_studies: str, study: Trial) -> None:
    log_in(page.context, live_studies, "ann", "Editors")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(form(live_studies, study))
    page.get_by_role("link", name="Preview", exact=True).click()
    expect(page.get_by_text("Only staff see this page.")).to_be_visible()
    assert asked == []  # nothing was typed
    page.goto(form(live_studies, study))
    page.get_by_label("Severity:").fill("Severe in all")
    page.get_by_role("link", name="Preview", exact=True).click()
    expect(page.get_by_label("Severity:")).to_have_value("Severe in all")
    assert asked == ["beforeunload"]
    save(page)  # without a reason: it comes back, and is still not saved
    expect(page.get_by_text("Not saved:")).to_be_visible()
    assert asked == ["beforeunload"]
    page.get_by_role("link", name="Preview", exact=True).click()
    expect(page.get_by_label("Severity:")).to_have_value("Severe in all")
    assert asked == ["beforeunload", "beforeunload"]
    page.get_by_label("Why:").fill("Table 1")
    save(page)
    expect(page.get_by_text("Saved as a draft")).to_be_visible()
    assert asked == ["beforeunload", "beforeunload"]


def test_log_in_that_ran_out_costs_nothing(page: Page, live_studies: str, study: Trial) -> None:
    log_in(page.context, live_studies, "ann", "Editors")
    page.goto(form(live_studies, study))
    page.get_by_label("Severity:").fill("Severe in all")
    page.get_by_label("Why:").fill("Table 1")
    Session.objects.update(expire_date=timezone.now() - timezone.timedelta(minutes=1))
    save(page)
    page.get_by_label("User name or e-mail").fill("ann")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_text("Nothing is saved yet: your log-in had run out").first).to_be_visible()
    expect(page.get_by_label("Severity:")).to_have_value("Severe in all")
    save(page)
    expect(page.get_by_text("Saved as a draft (revision 2)")).to_be_visible()


def assert_accessible_in_every_form(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert_accessible(page)
        wide: Any = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{page.url} is {wide} px wide in a window of {width}"


@pytest.fixture
def draft(study: Trial) -> Trial:
    """The study with a draft that Ben has submitted."""
    ben = make_person("ben", "Editors")
    document = actions.working_document(study)
    document["fields"]["follow_up"] = "31 days"
    document["fields"]["plain_summary"] += " And a word more."
    actions.edit(study, document, by=ben, base=1, reason="Table 1")
    actions.submit(study, by=ben, reason="Please look at table 1")
    return study


@pytest.mark.parametrize("end", ["change/", "history/", "history/compare/?a=1&b=2", "preview/"])
def test_page_of_the_road_has_no_fault(page: Page, live_studies: str, draft: Trial, end: str) -> None:
    log_in(page.context, live_studies, "finn", "Reviewers")
    page.goto(form(live_studies, draft, end))
    for summary in page.locator(".road summary, .road-page summary").all():
        summary.click()
    assert_accessible_in_every_form(page)


def test_form_with_errors_has_no_fault(page: Page, live_studies: str, draft: Trial) -> None:
    log_in(page.context, live_studies, "finn", "Reviewers")
    page.goto(form(live_studies, draft))
    page.get_by_label("Title:", exact=True).fill("")
    save(page)
    expect(page.get_by_role("link", name="Title: This field is required.")).to_be_visible()
    assert_accessible_in_every_form(page)


def test_page_of_choices_has_no_fault(page: Page, live_studies: str, study: Trial) -> None:
    log_in(page.context, live_studies, "ann", "Editors")
    page.goto(form(live_studies, study))
    document = actions.working_document(study)
    document["fields"]["follow_up"] = "31 days"
    actions.edit(study, document, by=make_person("ben"), base=1, reason="Table 1")
    page.get_by_label("Follow up:").fill("32 days")
    page.get_by_label("Severity:").fill("Severe in all")
    save(page)
    expect(page.get_by_role("group", name="Follow up")).to_be_visible()
    assert_accessible_in_every_form(page)


def test_refusal_has_no_fault(page: Page, live_studies: str, study: Trial) -> None:
    log_in(page.context, live_studies, "finn", "Reviewers")
    page.goto(form(live_studies, study))
    archive = page.locator("#road-archive")
    page.get_by_text("Archive …").click()
    Permission.objects.get(codename="publish_trial").group_set.clear()  # meanwhile
    archive.get_by_label("Why it is taken off").fill("Retracted")
    archive.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("This needs the reviewer's right.")).to_be_visible()
    assert_accessible_in_every_form(page)
