"""What staff see of the past of a record, and how they bring it back; and its future, as a preview."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils.html import escape

from tests.factories import Person, make_country, make_page, make_source, make_term, make_trial
from tests.people import make_person
from trials import actions
from trials.models import Trial

pytestmark = pytest.mark.django_db

BEN = Person("ben")


@pytest.fixture
def ann(client: Client) -> Client:
    client.force_login(make_person("ann", "Editors"))
    return client


def place(record: Any, end: str) -> str:
    return f"/admin/trials/{record._meta.model_name}/{record.pk}/{end}"


def edited(record: Any, **fields: Any) -> None:
    document = actions.working_document(record)
    document["fields"] |= fields
    assert actions.edit(record, document, by=BEN, base=actions.newest_revision(record).number, reason="Page 3")


@pytest.fixture
def public() -> Trial:
    trial = make_trial(age="40 to 60")
    make_source(trial)
    actions.loaded(trial)
    return trial


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def rows(page: Any) -> list[list[str]]:
    body = page.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    return [
        [words(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)]
        for row in body.split("</tr>")[:-1]
    ]


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_history_lists_every_step_newest_first_and_says_what_is_live(ann: Client, public: Trial) -> None:
    edited(public, age="18 to 80")
    actions.submit(public, by=BEN, reason="Have a look")
    found = [[row[2], *row[4:]] for row in rows(ann.get(place(public, "history/")))]
    assert found == [
        ["3", "ben", "submitted for a check", "Have a look"],
        ["2", "ben", "edited", "Page 3"],
        ["1", "the site itself", "loaded with the site (the public sees this)", ""],
    ]


def test_history_of_what_was_loaded_without_one(ann: Client) -> None:
    found = rows(ann.get(place(make_term(), "history/")))
    assert [row[2:] for row in found] == [
        ["1", "before there was a history", "the site itself", "loaded with the site (the public sees this)", ""]
    ]


@pytest.mark.parametrize("number", [3, 30])
def test_history_takes_as_many_queries_for_30_steps_as_for_3(
    ann: Client, public: Trial, django_assert_num_queries: Any, number: int
) -> None:
    for step in range(1, number):
        edited(public, age=f"from {step}")
    with django_assert_num_queries(7):
        page = ann.get(place(public, "history/"))
    assert len(rows(page)) == number


def test_two_revisions_side_by_side_in_words(ann: Client, public: Trial) -> None:
    edited(public, centres=3)
    document = actions.working_document(public)
    document["fields"]["masking"] = "open"
    document["sources"] = []
    actions.edit(public, document, by=BEN, base=2, reason="Page 4")
    page = ann.get(place(public, "history/compare/?a=3&b=1"))  # in whichever order they were chosen
    found = rows(page)
    assert found[:2] == [["Masking", "Double masked", "Open label"], ["Number of centres", "empty", "3"]]
    assert found[2][0] == "Source 1 (design)"
    assert found[2][1].startswith("Value: design; ")
    assert found[2][2] == "removed"
    assert "3 values differ" in page.content.decode()


def test_long_text_word_by_word(ann: Client) -> None:
    term = make_term(meaning="A treatment that looks like the one that is tested and does nothing at all.")
    actions.loaded(term)
    edited(term, meaning="A treatment that looks like the one that is tested and holds nothing at all.")
    html = ann.get(place(term, "history/compare/?a=1&b=2")).content.decode()
    before, after = re.findall(r"<td data-label[^>]*>(.*?)</td>", html, re.S)
    assert words(before) == (
        "A treatment that looks like the one that is tested and removed: does (end) nothing at all."
    )
    assert "<ins>" not in before
    assert words(after) == "A treatment that looks like the one that is tested and added: holds (end) nothing at all."
    assert "<del>" not in after


def test_only_line_breaks_that_changed_are_told(ann: Client) -> None:
    long = "One sentence that is long enough to be compared word by word."
    page = make_page(body=f"{long}\n{long}")
    actions.loaded(page)
    edited(page, body=f"{long}\n\n{long}")
    html = ann.get(place(page, "history/compare/?a=1&b=2")).content.decode()
    assert "Only spaces or line breaks differ." in html


@pytest.mark.parametrize("query", ["", "?a=1", "?a=1&b=1", "?a=1&b=9", "?a=x&b=2", "?a=1&b=-2", "?a=1&b=99999999999"])
def test_wrong_choice_of_revisions_leads_back(ann: Client, public: Trial, query: str) -> None:
    response = ann.get(place(public, f"history/compare/{query}"), follow=True)
    assert said(response) == ["Choose two different revisions to compare."]


def restore(client: Client, record: Any, number: int, **sent: Any) -> Any:
    base = actions.newest_revision(record).number
    return client.post(
        place(record, f"history/{number}/restore/"), {"base": base, "reason": "Wrong"} | sent, follow=True
    )


def test_restored_revision_of_what_is_public_waits_as_a_draft(ann: Client, public: Trial) -> None:
    document = actions.working_document(public)
    document["fields"]["age"], document["sources"] = "18 to 80", []
    actions.edit(public, document, by=BEN, base=1, reason="Page 3")
    actions.withdraw(public, by=BEN)
    response = restore(ann, public, 2)
    assert said(response) == [
        "Revision 2 was restored as revision 4. As a draft: the public still sees the published version."
    ]
    newest = actions.newest_revision(public)
    assert (newest.step, newest.made_by, newest.reason) == ("restored", "ann", "Wrong")
    assert (newest.data["fields"]["age"], newest.data["sources"]) == ("18 to 80", [])
    public.refresh_from_db()
    assert (public.age, public.sources.count()) == ("40 to 60", 1)


def test_restored_revision_of_a_draft_is_in_the_tables(ann: Client) -> None:
    trial = make_trial(status="draft", age="40 to 60")
    actions.loaded(trial)
    edited(trial, age="18 to 80")
    assert said(restore(ann, trial, 1)) == ["Revision 1 was restored as revision 3."]
    trial.refresh_from_db()
    assert trial.age == "40 to 60"


def test_restore_asks_why(ann: Client, public: Trial) -> None:
    edited(public, age="18 to 80")
    assert said(restore(ann, public, 1, reason="  ")) == ["Say why the earlier revision is restored."]
    assert actions.newest_revision(public).number == 2


def test_restore_of_what_is_there_already_does_nothing(ann: Client, public: Trial) -> None:
    edited(public, age="18 to 80")
    edited(public, age="40 to 60")
    assert said(restore(ann, public, 1)) == ["Nothing was changed: the newest revision is the same."]


def test_restore_after_somebody_else_saved_is_refused(ann: Client, public: Trial) -> None:
    edited(public, age="18 to 80")
    told = "Nothing was restored. Revision 2 came while you were reading: edited by ben. Look at it before you restore."
    assert said(restore(ann, public, 1, base=1)) == [told]
    assert actions.newest_revision(public).number == 2


def test_the_reason_of_a_restore_that_was_refused_is_still_there(ann: Client, public: Trial) -> None:
    edited(public, age="18 to 80")
    address = f"{place(public, 'history/compare/')}?a=1&b=2"
    opened_by = re.search(r'name="opened_by" value="([^"]+)"', ann.get(address).content.decode())
    assert opened_by
    restore(ann, public, 1, base=1, reason="It was right", opened_by=opened_by[1])
    assert re.findall(r"<textarea[^>]*>([^<]*)</textarea>", ann.get(address).content.decode()) == ["It was right"]


def test_restore_that_does_not_fit_is_refused_in_words(ann: Client) -> None:
    draft = make_trial(slug="other-2020", status="draft", rows=False)
    actions.loaded(draft)
    edited(draft, slug="new-2020")
    make_trial(slug="other-2020", rows=False)
    assert said(restore(ann, draft, 1)) == ["Nothing was restored. Study with this Address already exists."]
    assert actions.newest_revision(draft).number == 2


def test_who_may_only_look_sees_the_history_and_cannot_restore(client: Client, public: Trial) -> None:
    reader = make_person("vera")
    reader.user_permissions.add(Permission.objects.get(codename="view_trial"))
    client.force_login(reader)
    edited(public, age="18 to 80")
    page = client.get(place(public, "history/compare/?a=1&b=2"))
    assert rows(page) == [["Age", "40 to 60", "18 to 80"]]
    assert "Restore revision" not in page.content.decode()
    assert client.post(place(public, "history/1/restore/"), {"base": 2, "reason": "x"}).status_code == 403
    assert actions.newest_revision(public).number == 2


@pytest.mark.parametrize("end", ["history/", "history/compare/?a=1&b=2", "preview/", "conflict/"])
def test_nobody_without_the_right_looks_behind_the_pages(client: Client, public: Trial, end: str) -> None:
    edited(public, age="18 to 80")
    assert client.get(place(public, end)).status_code == 302
    client.force_login(make_person("nobody"))
    assert client.get(place(public, end)).status_code == 403


def test_hostile_text_is_escaped(ann: Client, public: Trial) -> None:
    hostile = "<script>alert(1)</script>"
    edited(public, age=hostile, severity=f"{hostile} and many more words, so that it is compared word by word")
    for end in ("history/compare/?a=1&b=2", "preview/", "change/"):
        html = ann.get(place(public, end)).content.decode()
        assert "<script>alert" not in html
        assert escape(hostile) in html


# --- Preview ---------------------------------------------------------------------------------------------------


def article(page: Any) -> str:
    return page.content.decode().split("<main")[1].split("</main>")[0]


def test_preview_is_the_public_page_of_the_draft(ann: Client, public: Trial) -> None:
    live = Client().get("/trials/smith-2021/")
    edited(public, age="18 to 80")
    preview = ann.get(place(public, "preview/"))
    assert article(preview) == article(live).replace("40 to 60", "18 to 80")
    assert "<strong>Preview of revision 2.</strong> The public sees another version." in preview.content.decode()
    assert '<meta name="robots" content="noindex">' in preview.content.decode()
    assert preview.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in preview.headers["Cache-Control"]
    assert "18 to 80" not in Client().get("/trials/smith-2021/").content.decode()
    public.refresh_from_db()
    assert public.age == "40 to 60"


def test_preview_of_a_study_that_was_never_public(ann: Client) -> None:
    trial = make_trial(status="draft", last_reviewed=None, review_due=None)
    html = ann.get(place(trial, "preview/")).content.decode()
    assert '<h1 id="value-title">Cells for acute respiratory distress syndrome' in html
    assert "<strong>Preview of revision 1.</strong> Not public. Only staff see this page." in html


@pytest.mark.parametrize("slug", ["about", "overview", "glossary"])
def test_preview_of_a_page_is_that_page(ann: Client, slug: str) -> None:
    page = make_page(slug=slug, title="As it is")
    actions.loaded(page)
    live = Client().get(page.get_absolute_url())
    edited(page, title="As it will be")
    assert article(ann.get(place(page, "preview/"))) == article(live).replace("As it is", "As it will be")


def test_preview_of_a_draft_of_a_page(ann: Client) -> None:
    page = make_page(slug="new", title="Quite new", status="draft")
    assert "<h1>Quite new</h1>" in ann.get(place(page, "preview/")).content.decode()
    page.refresh_from_db()
    assert page.status == "draft"


def test_preview_of_a_term_is_the_glossary_with_it(ann: Client) -> None:
    make_page(slug="glossary")
    term = make_term(status="draft", meaning="Salt water.")
    assert "<dd>Salt water.</dd>" in ann.get(place(term, "preview/")).content.decode()
    assert "Salt water." not in Client().get("/glossary/").content.decode()


def test_preview_of_a_draft_that_no_longer_fits_leads_to_the_form_which_says_why(ann: Client, public: Trial) -> None:
    country = make_country(code="TR")
    document = actions.working_document(public)
    document["countries"] = ["TR"]
    actions.edit(public, document, by=BEN, base=1, reason="Page 3")
    actions.delete_country(country)
    answer = ann.get(place(public, "preview/"), follow=True)
    assert answer.redirect_chain == [(place(public, "change/"), 302)]
    assert "The draft cannot be shown. There is no country TR any more." in words(answer.content.decode())


def test_preview_of_a_study_of_which_little_is_known(ann: Client) -> None:
    trial = make_trial(status="draft", rows=False, design="", masking="", phase="", control="", journal="")
    assert "<strong>Preview of revision 1.</strong>" in ann.get(place(trial, "preview/")).content.decode()
    assert "The design is missing." in ann.get(place(trial, "change/")).content.decode()
