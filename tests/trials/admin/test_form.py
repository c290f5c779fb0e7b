"""The form of a record: from what is filled in to the document that is saved."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    blank,
    citation,
    draft_of,
    draft_trial,
    judgement,
    notice,
    published_trial,
    registration,
)
from tests.trials.admin.forms import address, new_row, opened, save, text
from trials.models import Revision, Trial
from trials.workflow.documents import document_of
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db


def test_unchanged_form_saves_nothing(eva: Client) -> None:
    trial = draft_trial(registrations=[registration()], blanks=[blank("age")])
    before = document_of(trial)
    response = save(eva, trial)
    assert "Nothing was changed, so nothing was saved." in text(response)
    assert document_of(Trial.objects.get(pk=trial.pk)) == before


def test_form_saves_fields_and_rows_as_one_revision(eva: Client) -> None:
    trial = draft_trial()
    data = opened(eva, trial) | {"journal": "Another journal", "arms-1-name": "Saline", "countries": ["ID", "FR"]}
    new_row(data, "sources", label="Registry record", kind="registry", address="https://example.org/r")
    new_row(data, "notices", kind="concern", date="2022-03", address="https://example.org/n")
    response = eva.post(address(trial), data, follow=True)
    assert "Saved as revision 2." in text(response)
    document = newest_revision(trial).data
    assert document["fields"]["journal"] == "Another journal"
    assert document["fields"]["countries"] == ["FR", "ID"]
    assert [(row["key"], row["name"]) for row in document["arms"]] == [("a1", "Cells"), ("a2", "Saline")]
    sources = [(row["position"], row["label"]) for row in document["sources"]]
    assert sources == [(1, "Abstract of the paper"), (2, "Registry record")]
    assert [(row["kind"], row["date"]) for row in document["notices"]] == [("concern", "2022-03")]
    assert document == document_of(Trial.objects.get(pk=trial.pk))


def test_lists_to_choose_from_show_labels(eva: Client) -> None:
    page = eva.get(address(draft_trial(blanks=[blank("age")]))).content.decode()
    assert page.count('<option value="Group “Placebo”: analysed">') == 1
    assert 'name="blanks-0-value" value="Age"' in page
    assert page.count('<option value="Abstract of the paper">') == 1
    assert 'name="citations-0-source" value="Abstract of the paper"' in page


def test_each_stored_row_is_folded_to_its_name(eva: Client) -> None:
    rows = {"judgements": [judgement()], "notices": [notice()], "citations": [citation("journal")]}
    page = eva.get(address(draft_trial(**rows))).content.decode()
    names = ["Group “Placebo”", "Abstract of the paper", "Journal – Abstract of the paper"]
    for name in [*names, "Risk of bias, overall, A review", "Correction, March 2022"]:
        assert f"<summary>{name}</summary>" in page


def test_citation_stays_when_its_group_is_renamed(eva: Client) -> None:
    trial = draft_trial(citations=[citation("arms.a1"), citation("arms.a2", key="q2")])
    save(eva, trial, {"arms-0-name": "Placebo", "arms-1-name": "Cells"})
    assert [arm.name for arm in trial.arms.all()] == ["Placebo", "Cells"]
    assert [row.value for row in trial.citations.order_by("key")] == ["arms.a1", "arms.a2"]


def test_unknown_value_is_refused_with_its_text(eva: Client) -> None:
    trial = draft_trial(blanks=[blank("age")])
    page = save(eva, trial, {"blanks-0-value": "Agee"})
    assert "“Agee” is not a value of this study. Choose one from the list." in text(page)


def test_deleted_row_takes_its_citations_along(eva: Client) -> None:
    trial = draft_trial(registrations=[registration()])
    save(eva, trial, {"registrations-0-DELETE": "on"})
    assert not trial.registrations.exists()
    assert not trial.citations.filter(value="registrations.r1").exists()


def test_rows_are_sorted_by_their_numbers(eva: Client) -> None:
    trial = draft_trial()
    save(eva, trial, {"arms-0-position": 2, "arms-1-position": 1})
    assert [arm.key for arm in trial.arms.all()] == ["a2", "a1"]


def test_refused_form_comes_back_as_filled_in_with_links_to_its_errors(eva: Client) -> None:
    trial = draft_trial()
    sent = {"counts-0-events": 11, "counts-0-note": "From table 3", "publication_date": "21"}
    page = save(eva, trial, sent).content.decode()
    assert "There cannot be 11 people with the event among 10 people." in page
    assert 'href="#id_publication_date"' in page
    assert "From table 3" in page
    assert newest_revision(trial).number == 1


def test_refusal_of_the_workflow_is_at_its_field(eva: Client) -> None:
    published_trial(slug="brown-2022", doi="10.1000/taken")
    trial = draft_trial()
    page = save(eva, trial, {"doi": "https://doi.org/10.1000/taken", "journal": "Another journal"})
    assert "that of another entry" in page.context["adminform"].form.errors["doi"][0]
    assert page.context["adminform"].form["journal"].value() == "Another journal"


def test_published_record_is_read_only_until_edit_is_chosen(eva: Client) -> None:
    trial = published_trial()
    page = eva.get(address(trial))
    assert list(page.context["adminform"].form) == []
    assert (page.context["inline_admin_formsets"], b'name="_save"' in page.content) == ([], False)
    assert "It is read in the preview or on the site, and changed with Edit, which makes a draft." in text(page)
    draft = opened(eva, draft_trial(slug="draft-2021"))
    assert "This is published." in text(eva.post(address(trial), draft | {"title": "Changed", "slug": trial.slug}))
    draft_page = eva.post(address(trial, "edit"), follow=True)
    assert 'name="title"' in draft_page.content.decode()
    assert Trial.objects.get(draft_of=trial).title == trial.title
    assert newest_revision(trial).number == 1


def test_saving_a_draft_leaves_the_published_row_alone(eva: Client) -> None:
    trial = published_trial()
    draft = draft_of(trial)
    response = save(eva, draft, journal="Another journal")
    assert "The public sees the published version until the draft is published." in text(response)
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Trials"


def test_reading_a_form_writes_nothing(eva: Client) -> None:
    trial = published_trial()
    draft = draft_of(trial, journal="Another journal")
    pages = [address(draft), *(address(trial, name) for name in ("change", "preview", "edit", "history"))]
    with CaptureQueriesContext(connection) as queries:
        for page in pages:
            eva.get(page)
    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in written if "django_session" not in sql] == []


def test_save_of_the_largest_study_takes_at_most_150_queries(eva: Client) -> None:
    call_command("loaddata", "studies", verbosity=0)
    trial = max(Trial.objects.all(), key=lambda trial: trial.citations.count())
    draft = Trial.objects.get(pk=draft_of(trial).pk)
    data = opened(eva, draft) | {"journal": "Another journal"}
    with CaptureQueriesContext(connection) as queries:
        response = eva.post(address(draft), data)
    assert response["Location"] == address(draft)
    assert newest_revision(trial).step == "edited"
    assert len(queries) <= 150


# --- Rows that are stale, and hostile input


def test_form_whose_rows_were_deleted_meanwhile_is_shown_as_filled_in(eva: Client) -> None:
    trial = draft_trial()
    data = opened(eva, trial) | {"arms-1-note": "From table 3", "publication_date": "wrong"}
    trial.counts.all().delete()
    trial.arms.all().delete()
    page = eva.post(address(trial), data)
    assert page.status_code == 200
    groups = page.context["inline_admin_formsets"][0].formset.forms
    assert [form["name"].value() for form in groups] == ["Cells", "Placebo"]
    assert "From table 3" in page.content.decode()


def test_primary_keys_of_another_study_are_not_read(eva: Client) -> None:
    other = published_trial(slug="brown-2022")
    trial = draft_trial()
    stolen = {"arms-0-id": other.arms.first().pk, "arms-0-trial": other.pk, "arms-0-name": "Renamed"}
    eva.post(address(trial), opened(eva, trial) | stolen)
    assert [arm.name for arm in trial.arms.all()] == ["Renamed", "Placebo"]
    assert [arm.name for arm in other.arms.all()] == ["Cells", "Placebo"]


@pytest.mark.parametrize(
    "sent",
    [
        {"arms-0-key": "../../etc"},
        {"arms-0-key": "a2"},
        {"arms-TOTAL_FORMS": "99999999999999999999"},
        {"arms-TOTAL_FORMS": "many"},
        {"citations-0-value": "<script>alert(1)</script>"},
        {"citations-0-value": "arms.nothere.analysed"},
        {"citations-0-source": "nothere"},
        {"counts-0-arm": "nothere"},
        {"counts-0-days": "9" * 5000},
        {"title": "Cells\x0bARDS"},
        {"countries": ["XX"]},
        {"base": "1" * 400},
    ],
)
def test_hostile_input_saves_nothing(eva: Client, sent: dict[str, Any]) -> None:
    trial = draft_trial()
    before = document_of(trial)
    page = eva.post(address(trial), opened(eva, trial) | sent)
    assert page.status_code in (200, 409)
    assert "<script>alert(1)" not in page.content.decode()
    assert document_of(Trial.objects.get(pk=trial.pk)) == before
    assert Revision.objects.count() == 1


def test_form_without_its_hidden_fields_is_refused_and_not_a_fault(eva: Client) -> None:
    trial = draft_trial()
    response = eva.post(address(trial), {"title": "Changed"})
    assert response.status_code == 200
    assert newest_revision(trial).number == 1
