"""Save, save and submit, and preview: each in one step, from what is filled in."""

from typing import Any

import pytest

from tests.factories import draft_of, draft_trial, published_page, published_term, published_trial
from tests.trials.admin.forms import address, client_of, form_data, new_row, opened, text
from tests.users import editor
from trials.models import FormerSlug, GlossaryTerm, Page, Revision, Trial
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db
ADD = "/admin/trials/trial/add/"


@pytest.fixture
def client(db: None) -> Any:
    return client_of(editor())


@pytest.mark.parametrize("record", [published_trial, published_page, published_term])
def test_what_is_filled_in_is_saved_and_submitted(client: Any, record: Any) -> None:
    draft = draft_of(record())
    field = "meaning" if isinstance(draft, GlossaryTerm) else "title"
    data = opened(client, draft) | {
        field: "Changed",
        "submission_note": "A misprint.",
        "confirmed": ["title"],
        "_submit": "1",
    }
    page = text(client.post(address(draft), data, follow=True))
    assert "Saved as revision 2." in page
    assert "Submitted. Another person checks and publishes it." in page
    newest = newest_revision(draft)
    assert (newest.step, newest.reason) == ("submitted", "A misprint.")
    assert newest.data["fields"][field] == "Changed"


def test_new_study_is_saved_and_submitted_at_once(client: Any) -> None:
    data = form_data(client.get(ADD)) | {"title": "Cells", "authors": "Smith, Jane", "publication_date": "2021"}
    client.post(ADD, data | {"_submit": "1", "submission_note": "From the abstract alone."})
    trial = Trial.objects.get()
    assert (trial.status, newest_revision(trial).reason) == ("in-review", "From the abstract alone.")


def test_unchanged_draft_is_submitted(client: Any) -> None:
    trial = draft_trial()
    page = text(client.post(address(trial), opened(client, trial) | {"_submit": "1"}, follow=True))
    assert "Submitted." in page
    assert "Nothing was changed" not in page


def test_without_a_reason_it_is_saved_and_not_submitted(client: Any) -> None:
    draft = draft_of(published_trial())
    data = opened(client, draft) | {"heading": "Changed", "_submit": "1"}
    page = text(client.post(address(draft), data, follow=True))
    assert "Saved, but not submitted. Say what changed and why" in page
    assert newest_revision(draft).step == "edited"


def test_open_question_is_asked_before_the_submission_and_keeps_the_reason(client: Any) -> None:
    draft = draft_of(published_trial())
    data = opened(client, draft) | {"journal": "Another journal", "_submit": "1", "submission_note": "It was wrong."}
    page = client.post(address(draft), data, follow=True)
    assert "Saved, but not submitted. Journal changed; its source did not: is it still right?" in text(page)
    assert 'name="confirmed" value="journal"' in page.content.decode()
    assert "Was “Journal of Trials”, now “Another journal”." in text(page)
    assert "“a randomised trial”" in text(page)
    assert ">It was wrong.</textarea>" in page.content.decode()
    answered = opened(client, draft) | {"_submit": "1", "submission_note": "It was wrong.", "confirmed": ["journal"]}
    page = client.post(address(draft), answered, follow=True)
    assert "Journal: eva confirmed that it is still right." in text(page)
    assert newest_revision(draft).confirmed == ["journal"]


def test_comparison_shows_each_changed_value_with_its_quotes(client: Any) -> None:
    draft = draft_of(published_trial(), journal="Another journal")
    page = text(client.get(address(draft.draft_of, "compare") + "?a=1&b=2"))
    assert "Abstract of the paper (quoted): “a randomised trial”" in page
    assert "The value changed and its source did not." in page


@pytest.mark.parametrize("record", [published_trial, published_page, published_term])
def test_preview_shows_what_is_filled_in_and_saves_nothing(client: Any, record: Any) -> None:
    published_page(slug="glossary", title="Glossary")
    draft = draft_of(record())
    before = Revision.objects.count()
    field = "meaning" if isinstance(draft, GlossaryTerm) else "title"
    page = client.post(address(draft), opened(client, draft) | {field: "Not saved yet", "_preview": "1"})
    assert "Not saved yet" in text(page)
    assert "Nothing is saved." in text(page)
    assert page["X-Robots-Tag"] == "noindex"
    assert Revision.objects.count() == before
    assert getattr(type(draft).objects.get(pk=draft.pk), field) != "Not saved yet"


def test_preview_of_a_new_study_shows_its_rows(client: Any) -> None:
    data = form_data(client.get(ADD)) | {"title": "Cells in ARDS", "authors": "Smith, Jane", "publication_date": "2021"}
    new_row(data, "arms", name="Saline group", role="comparison", analysed="9")
    page = client.post(ADD, data | {"_preview": "1"})
    assert "Saline group" in text(page)
    assert not Trial.objects.exists()


def test_address_is_proposed_from_author_and_year(client: Any) -> None:
    published_trial(slug="gomez-2021")
    FormerSlug.objects.create(slug="gomez-2021-2", trial=Trial.objects.get())
    data = form_data(client.get(ADD)) | {"title": "Cells", "authors": "Gómez, Ana", "publication_date": "2021-05"}
    client.post(ADD, data)
    assert Trial.objects.get(status="draft").slug == "gomez-2021-3"


@pytest.mark.parametrize(
    ("model", "values", "slug"),
    [
        (Page, {"title": "News of the site"}, "news-of-the-site"),
        (GlossaryTerm, {"term": "Placebo", "meaning": "Nothing."}, "placebo"),
    ],
)
def test_address_of_a_text_is_proposed_from_its_title(client: Any, model: Any, values: Any, slug: str) -> None:
    path = f"/admin/trials/{model._meta.model_name}/add/"
    client.post(path, form_data(client.get(path)) | values)
    assert model.objects.get().slug == slug


def test_address_has_to_be_given_where_none_can_be_proposed(client: Any) -> None:
    page = client.post(ADD, form_data(client.get(ADD)) | {"title": "Cells", "authors": "", "publication_date": "2021"})
    assert page.context["adminform"].form.errors["slug"] == ["This field is required."]


def test_abstract_is_next_to_the_form_and_never_public(client: Any) -> None:
    trial = published_trial(abstract="We gave cells to twenty people.")
    assert "We gave cells to twenty people." in text(client.get(address(draft_of(trial))))
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
def test_pasted_text_is_tidied_before_its_length_is_asked(client: Any, field: str, pasted: str, saved: str) -> None:
    trial = draft_trial()
    client.post(address(trial), opened(client, trial) | {field: pasted})
    assert getattr(Trial.objects.get(pk=trial.pk), field) == saved


def test_wrong_identifier_is_refused_for_one_reason(client: Any) -> None:
    trial = draft_trial()
    page = client.post(address(trial), opened(client, trial) | {"pmid": "https://example.org/some/other/page"})
    assert len(page.context["adminform"].form.errors["pmid"]) == 1


def test_nothing_that_is_pasted_is_cut_off_by_the_browser(client: Any) -> None:
    assert "maxlength" not in client.get(address(draft_trial())).content.decode()


def test_reason_and_ticks_outlive_a_save(client: Any) -> None:
    draft = draft_of(published_trial(), journal="Another journal")
    data = opened(client, draft) | {"submission_note": "It was wrong.", "confirmed": ["journal"], "age": "60 years"}
    page = client.post(address(draft), data, follow=True).content.decode()
    assert ">It was wrong.</textarea>" in page
    assert 'name="confirmed" value="journal" checked' in page
    client.post(address(draft), opened(client, draft) | {"submission_note": "", "age": "61 years"})
    assert "It was wrong." not in client.get(address(draft)).content.decode()
