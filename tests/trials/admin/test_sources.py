"""Sources on the form: typed once, tied to values by ticking, and named by any identifier."""

import pytest
from django.test import Client

from tests.factories import citation, draft_trial, source
from tests.trials.admin.forms import address, form_data, new_row, opened, save, text
from trials.models import Trial
from trials.workflow.readiness import missing

pytestmark = pytest.mark.django_db


def cited(trial: Trial) -> dict[str, str]:
    return {row.value: row.source.label for row in trial.citations.select_related("source")}


def test_values_are_tied_to_a_source_by_ticking(eva: Client) -> None:
    trial = draft_trial(citations=[citation("title")])
    page = eva.get(address(trial))
    assert "Without a source: Authors Journal Published Design" in text(page)
    data = form_data(page) | {"sources-0-values": ["journal", "arms.a1"]}
    eva.post(address(trial), data)
    assert set(cited(trial)) == {"title", "journal", "arms.a1"}
    row = trial.citations.get(value="journal")
    assert (row.basis, row.quote, row.source.key) == ("stated", "", "s1")


def test_new_source_takes_every_value_without_one(eva: Client) -> None:
    trial = draft_trial(citations=[citation("title")], sources=[source()])
    data = opened(eva, trial) | {"age": "60 years"}
    new_row(data, "sources", label="Full text", kind="paper", address="10.1000/EXAMPLE", everything="on")
    eva.post(address(trial), data)
    found = cited(trial)
    assert found.pop("title") == "Abstract of the paper"
    assert set(found.values()) == {"Full text"}
    assert {"age", "journal", "cell_source", "arms.a2", "counts.c1"} <= set(found)
    assert trial.sources.get(label="Full text").address == "https://doi.org/10.1000/example"
    assert missing(Trial.objects.get(pk=trial.pk)) == []


def test_value_that_has_a_source_is_not_offered(eva: Client) -> None:
    page = eva.get(address(draft_trial())).content.decode()
    assert "Without a source" not in page
    assert 'name="sources-0-values"' not in page


def test_value_that_is_not_on_the_list_is_refused(eva: Client) -> None:
    trial = draft_trial(citations=[])
    save(eva, trial, {"sources-0-values": ["arms.zz"]})
    assert not trial.citations.exists()


def test_citation_without_a_source_has_that_of_the_row_above(eva: Client) -> None:
    trial = draft_trial(citations=[], sources=[source("s1"), source("s2", label="Full text")])
    data = opened(eva, trial)
    for value, key in (("Title", "Full text"), ("Journal", ""), ("Design", "Abstract of the paper"), ("Masking", "")):
        new_row(data, "citations", value=value, source=key, quote="ten", basis="quoted", confidence=3)
    eva.post(address(trial), data)
    assert cited(trial) == {
        "title": "Full text",
        "journal": "Full text",
        "design": "Abstract of the paper",
        "masking": "Abstract of the paper",
    }


def test_first_citation_needs_a_source_where_there_are_several(eva: Client) -> None:
    trial = draft_trial(citations=[], sources=[source("s1"), source("s2", label="Full text")])
    data = opened(eva, trial)
    new_row(data, "citations", value="Title", source="", quote="ten", basis="quoted", confidence=3)
    assert "Choose a source." in text(eva.post(address(trial), data))
    assert not trial.citations.exists()


def test_group_and_source_that_were_never_saved_can_be_chosen(eva: Client) -> None:
    """A script gives a new row its key."""
    trial = draft_trial(counts=[], citations=[], sources=[])
    data = opened(eva, trial)
    new_row(data, "arms", key="9f9f9f9f", name="Saline", role="comparison", analysed="9")
    new_row(data, "counts", outcome="death", arm="9f9f9f9f", events="2", total="9")
    new_row(data, "sources", key="8e8e8e8e", label="Full text", kind="paper", address="33902726")
    new_row(data, "citations", value="Title", source="Full text", quote="ten", basis="quoted", confidence=3)
    eva.post(address(trial), data)
    assert trial.counts.get().arm.name == "Saline"
    assert cited(trial) == {"title": "Full text"}
    assert trial.sources.get().address == "https://pubmed.ncbi.nlm.nih.gov/33902726/"


def test_new_row_with_nothing_but_its_key_is_ignored(eva: Client) -> None:
    trial = draft_trial()
    data = opened(eva, trial)
    new_row(data, "arms", key="9f9f9f9f", name="", role="")
    assert "Nothing was changed" in text(eva.post(address(trial), data, follow=True))
