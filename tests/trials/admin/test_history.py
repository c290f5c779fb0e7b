"""History, comparison, restore and preview in the admin."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import draft_of, draft_trial, published_page, published_term, published_trial, submit
from tests.trials.admin.forms import address, client_of, text
from tests.users import editor, member, superuser
from trials.models import Trial
from trials.workflow import steps
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db


def test_history_lists_every_step_with_its_person_and_reason() -> None:
    trial = published_trial()
    draft_of(trial, journal="Another journal")
    submit(trial, reason="The journal was wrong.")
    page = text(client_of(editor()).get(address(trial, "history")))
    for words in ("loaded with the site (the public sees this)", "edited", "The journal was wrong."):
        assert words in page


def test_history_names_former_addresses() -> None:
    trial = published_trial()
    draft_of(trial, slug="smith-2022")
    steps.publish(trial, by=superuser(), base=2, reason="The year was wrong.")
    assert "Former addresses, which lead to the present one: smith-2021." in text(
        client_of(editor()).get(address(trial, "history"))
    )


def test_comparison_shows_each_value_before_and_after_with_its_sources() -> None:
    trial = published_trial()
    draft_of(trial, journal="Another journal", plain_summary="20 people took part. " * 5 + "Three died.")
    page = client_of(editor()).get(address(trial, "compare") + "?a=2&b=1")
    for words in ("2 values differ", "Journal of Trials", "Abstract of the paper (quoted): “a randomised trial”"):
        assert words in text(page)
    assert "The value changed and its source did not." in text(page)
    assert "<ins>" in page.content.decode()


@pytest.mark.parametrize("query", ["", "?a=1&b=1", "?a=1&b=99", "?a=x&b=1", f"?a={'9' * 400}&b=1"])
def test_comparison_of_nothing_is_refused(query: str) -> None:
    trial = published_trial()
    response = client_of(editor()).get(address(trial, "compare") + query, follow=True)
    assert "Choose two different revisions to compare." in text(response)


def test_restore_makes_an_earlier_revision_the_draft() -> None:
    trial = published_trial()
    draft_of(trial, journal="Another journal")
    steps.discard(trial, by=editor(), base=2)
    response = client_of(editor()).post(address(trial, "restore", 2), {"base": 3}, follow=True)
    assert "Restored as a new revision of the draft." in text(response)
    assert newest_revision(trial).number == 4
    assert Trial.objects.get(draft_of=trial).journal == "Another journal"
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Trials"


def test_restore_needs_a_post_and_the_right_to_change() -> None:
    trial = published_trial()
    client_of(editor()).get(address(trial, "restore", 1))
    assert client_of(member("max")).post(address(trial, "restore", 1), {"base": 1}).status_code == 403
    assert client_of(editor()).post(address(trial, "restore", 7), {"base": 1}).status_code == 404
    assert newest_revision(trial).number == 1


def test_preview_shows_the_draft_in_the_public_page_without_writing() -> None:
    trial = published_trial()
    draft_of(trial, slug="smith-2022", plain_summary="Twenty people took part in this.")
    client = client_of(editor())
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address(trial, "preview"))
    assert "Twenty people took part in this." in text(page)
    assert "Preview of revision 2. The public sees another version." in text(page)
    assert page["X-Robots-Tag"] == "noindex"
    assert "no-store" in page["Cache-Control"]
    assert [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_preview_of_pages_and_terms() -> None:
    about, glossary = published_page(), published_page(slug="glossary", title="Glossary", body="Words.")
    term = published_term()
    draft_of(about, body="We are **nurses**.")
    draft_of(term, meaning="A sham treatment.")
    client = client_of(editor())
    assert "We are nurses ." in text(client.get(address(about, "preview")))
    assert "Words." in text(client.get(address(glossary, "preview")))
    assert "A sham treatment." in text(client.get(address(term, "preview")))


@pytest.mark.parametrize("name", ["preview", "history", "compare"])
def test_drafts_are_hidden_from_everyone_without_the_right_to_see_them(name: str) -> None:
    trial = draft_trial(title="A secret title")
    assert Client().get(address(trial, name)).status_code == 302
    assert client_of(member("max")).get(address(trial, name)).status_code == 403


def test_text_preview_renders_safe_html_and_saves_nothing() -> None:
    data: dict[str, Any] = {"title": "<b>T</b>", "lead": "L", "body": "## Aims\n\n<script>alert(1)</script>"}
    client = client_of(editor())
    page = client.post("/admin/text/preview/", data, headers={"Accept": "application/json"}).json()
    assert '<h2 id="aims">Aims</h2>' in page["html"]
    assert "<script>" not in page["html"]
    assert "&lt;b&gt;T&lt;/b&gt;" in page["html"]
    assert "Preview: not saved." in text(client.post("/admin/text/preview/", data))
    assert client.get("/admin/text/preview/").status_code == 405


def test_reading_age_of_a_text() -> None:
    client = client_of(editor())
    ages = client.post("/admin/text/reading-age/", {"plain_summary": "The cat sat. " * 20, "other": "x"}).json()
    assert list(ages) == ["plain_summary"]


@pytest.mark.parametrize("path", ["/admin/text/preview/", "/admin/text/reading-age/"])
def test_texts_are_for_those_who_may_edit(path: str) -> None:
    assert client_of(member("max")).post(path, {"body": "x"}).status_code == 403
    assert Client().post(path, {"body": "x"}).status_code == 302
