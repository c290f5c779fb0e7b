"""Save, save and submit, and preview: each in one step, from what is filled in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.factories import draft_of, draft_trial, published_page, published_term, published_trial
from tests.trials.admin.forms import address, client_of, form_data, new_row, save, text
from tests.users import editor, reviewer
from trials.models import FormerSlug, GlossaryTerm, Page, Revision, Trial
from trials.workflow import steps
from trials.workflow.questions import questions
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db
ADD = "/admin/trials/trial/add/"


def ticks(draft: Any) -> list[str]:
    """Return what the boxes of the open questions send."""
    return [question.token for question in questions(draft)]


@pytest.mark.parametrize("record", [published_trial, published_page, published_term])
def test_what_is_filled_in_is_saved_and_submitted(eva: Client, record: Any) -> None:
    draft = draft_of(record())
    field = {Trial: "heading", Page: "title", GlossaryTerm: "meaning"}[type(draft)]
    changes = {field: "Changed", "submission_note": "A misprint."}
    page = text(save(eva, draft, changes, _submit="1"))
    assert "Saved as revision 2." in page
    assert "Submitted. Another person checks and publishes it." in page
    newest = newest_revision(draft)
    assert (newest.step, newest.reason) == ("submitted", "A misprint.")
    assert newest.data["fields"][field] == "Changed"
    assert getattr(draft.original, field) != "Changed"


def test_new_study_is_saved_and_submitted_at_once(eva: Client) -> None:
    data = form_data(eva.get(ADD)) | {"title": "Cells", "authors": "Smith, Jane", "publication_date": "2021"}
    new_row(data, "arms", name="Cells", role="cells")
    page = eva.post(ADD, data | {"_submit": "1", "submission_note": "From the abstract alone."}, follow=True)
    assert "Saved as a draft. The public does not see it." in text(page)
    trial = Trial.objects.get()
    assert (trial.status, trial.slug, trial.arms.get().name) == ("in-review", "smith-2021", "Cells")
    assert (newest_revision(trial).reason, newest_revision(trial).made_by) == ("From the abstract alone.", "eva")


def test_without_a_reason_it_is_saved_and_not_submitted(eva: Client) -> None:
    draft = draft_of(published_trial())
    page = text(save(eva, draft, {"heading": "Changed", "_submit": "1"}))
    assert "Saved, but not submitted. Say what changed and why" in page
    assert newest_revision(draft).step == "edited"


def test_row_is_added_without_scripts(eva: Client) -> None:
    draft = draft_trial()
    before = draft.arms.count()
    assert 'href="?rows=1#arms-heading"' in eva.get(address(draft)).content.decode()
    data = form_data(eva.get(address(draft), {"rows": "1"}))
    assert "Nothing was changed" in text(eva.post(address(draft), data, follow=True))
    eva.post(address(draft) + "?rows=1", data | {f"arms-{before}-name": "Cells", f"arms-{before}-role": "cells"})
    assert draft.arms.count() == before + 1


def test_former_reason_is_proposed_when_a_draft_is_submitted_again(eva: Client) -> None:
    draft = draft_of(published_trial())
    save(eva, draft, age="60 years", _submit="1", submission_note="A misprint.")
    steps.send_back(draft, by=reviewer(), base=newest_revision(draft).number, reason="The sex is missing too.")
    assert ">A misprint.</textarea>" in eva.get(address(draft)).content.decode()


def test_open_question_is_asked_before_the_submission_and_keeps_the_reason(eva: Client) -> None:
    draft = draft_of(published_trial())
    page = save(eva, draft, {"journal": "Another journal", "_submit": "1", "submission_note": "It was wrong."})
    assert "Saved, but not submitted. Journal changed; its source did not: is it still right?" in text(page)
    assert f'name="confirmed" value="{ticks(draft)[0]}"' in page.content.decode()
    assert "Tick what is still right, or correct the citation." in text(page)
    assert "Was “Journal of Trials”, now “Another journal”." in text(page)
    assert "“a randomised trial”" in text(page)
    assert ">It was wrong.</textarea>" in page.content.decode()
    page = save(eva, draft, _submit="1", submission_note="It was wrong.", confirmed=ticks(draft))
    assert "Journal: eva confirmed that it is still right." in text(page)
    assert "Tick what is still right" not in text(page)
    assert newest_revision(draft).confirmed == ["journal"]


@pytest.mark.parametrize(
    "send",
    [
        lambda eva, draft: save(eva, draft, _submit="1", submission_note="It was wrong."),
        lambda eva, draft: save(eva, draft, _submit="1", submission_note="It was wrong.", confirmed=["title"]),
        lambda eva, draft: eva.post(f"/admin/trials/trial/{draft.pk}/submit/", {"base": 2, "reason": "It was wrong."}),
    ],
    ids=["form without a tick", "form with the tick of another value", "address alone"],
)
def test_draft_with_an_open_question_is_submitted_in_no_way(eva: Client, send: Callable[[Client, Trial], Any]) -> None:
    draft = draft_of(published_trial(), journal="Another journal")
    send(eva, draft)
    assert (Trial.objects.get(pk=draft.pk).status, newest_revision(draft).step) == ("draft", "edited")


@pytest.mark.parametrize("record", [published_trial, published_page, published_term])
def test_preview_shows_what_is_filled_in_and_saves_nothing(eva: Client, record: Any) -> None:
    published_page(slug="glossary", title="Glossary")
    draft = draft_of(record())
    before = Revision.objects.count()
    field = "meaning" if isinstance(draft, GlossaryTerm) else "title"
    page = save(eva, draft, {field: "Not saved yet", "_preview": "1"})
    assert "Not saved yet" in text(page)
    assert "Nothing is saved." in text(page)
    assert page["X-Robots-Tag"] == "noindex"
    assert Revision.objects.count() == before
    assert getattr(type(draft).objects.get(pk=draft.pk), field) != "Not saved yet"


def test_preview_is_refused_for_what_a_save_is_refused_for(eva: Client) -> None:
    page = save(eva, draft_trial(), {"sources-0-DELETE": "on", "_preview": "1"})
    assert "The citation of “title” names no source. Choose one, or delete it." in text(page)


def test_preview_of_a_new_study_shows_its_rows(eva: Client) -> None:
    data = form_data(eva.get(ADD)) | {"title": "Cells in ARDS", "authors": "Smith, Jane", "publication_date": "2021"}
    new_row(data, "arms", name="Saline group", role="comparison", analysed="9")
    page = eva.post(ADD, data | {"_preview": "1"})
    assert "Saline group" in text(page)
    assert not Trial.objects.exists()


def test_address_is_proposed_from_author_and_year(eva: Client) -> None:
    published_trial(slug="gomez-2021")
    FormerSlug.objects.create(slug="gomez-2021-2", trial=Trial.objects.get())
    data = form_data(eva.get(ADD)) | {"title": "Cells", "authors": "Gómez, Ana", "publication_date": "2021-05"}
    eva.post(ADD, data)
    assert Trial.objects.get(status="draft").slug == "gomez-2021-3"


@pytest.mark.parametrize(
    ("model", "values", "slug"),
    [
        (Page, {"title": "News of the site"}, "news-of-the-site"),
        (GlossaryTerm, {"term": "Placebo", "meaning": "Nothing."}, "placebo"),
    ],
)
def test_address_of_a_text_is_proposed_from_its_title(eva: Client, model: Any, values: Any, slug: str) -> None:
    path = f"/admin/trials/{model._meta.model_name}/add/"
    eva.post(path, form_data(eva.get(path)) | values)
    assert model.objects.get().slug == slug


def test_address_has_to_be_given_where_none_can_be_proposed(eva: Client) -> None:
    page = eva.post(ADD, form_data(eva.get(ADD)) | {"title": "Cells", "authors": "", "publication_date": "2021"})
    assert page.context["adminform"].form.errors["slug"] == ["This field is required."]


def test_abstract_is_next_to_the_form_and_never_public(eva: Client) -> None:
    trial = published_trial(abstract="We gave cells to twenty people.")
    assert "We gave cells to twenty people." in text(eva.get(address(draft_of(trial))))
    for path in ("/trials/smith-2021/", "/trials/smith-2021/history/", "/changes/", "/changes.atom", "/trials/"):
        assert "We gave cells" not in client_of(editor("ed")).get(path).content.decode()


@pytest.mark.parametrize(
    ("field", "pasted", "saved"),
    [
        ("pmid", "https://pubmed.ncbi.nlm.nih.gov/34102020/?from_term=x", "34102020"),
        ("pmcid", "PMC8243094.1", "PMC8243094"),
        ("doi", "https://doi.org/10.1002/SCTM.21-0046?utm_source=x", "10.1002/sctm.21-0046"),
        ("severity", "moderate\r\nor severe", "moderate or severe"),
        ("volume", "\u200b" * 30 + "7", "7"),
        ("received", "8 June 2021", "2021-06-08"),
        ("received", "2021 Jun", "2021-06"),
        ("received", "16/11/2018", "2018-11-16"),
    ],
)
def test_pasted_text_is_tidied_before_its_length_is_asked(eva: Client, field: str, pasted: str, saved: str) -> None:
    trial = draft_trial()
    save(eva, trial, {field: pasted})
    assert getattr(Trial.objects.get(pk=trial.pk), field) == saved


def test_wrong_identifier_is_refused_for_one_reason(eva: Client) -> None:
    trial = draft_trial()
    page = save(eva, trial, pmid="https://example.org/some/other/page")
    assert len(page.context["adminform"].form.errors["pmid"]) == 1


def test_nothing_that_is_pasted_is_cut_off_by_the_browser(eva: Client) -> None:
    assert "maxlength" not in eva.get(address(draft_trial())).content.decode()


def test_reason_and_ticks_outlive_a_save(eva: Client) -> None:
    draft = draft_of(published_trial(), journal="Another journal")
    tick = ticks(draft)[0]
    page = save(eva, draft, submission_note="It was wrong.", confirmed=[tick], age="60 years").content.decode()
    assert ">It was wrong.</textarea>" in page
    assert f'name="confirmed" value="{tick}" checked' in page
    page = save(eva, draft, submission_note="It was wrong.", confirmed=[tick], journal="A third journal")
    assert 'name="confirmed"' in page.content.decode()
    assert "checked" not in page.content.decode().partition('name="confirmed"')[2].partition(">")[0]
    save(eva, draft, submission_note="", age="61 years")
    assert "It was wrong." not in eva.get(address(draft)).content.decode()
