"""What becomes of a document in which a record fills what is empty."""

import copy
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tests.factories import arm, blank, other_study_document, published_trial, registration, source
from tests.trials.importers import from_file, ris
from tests.users import editor
from trials.importers.merging import Merge, new_study
from trials.models import FormerSlug, OtherStudy, Revision, Trial
from trials.vocabulary import Step
from trials.workflow import steps
from trials.workflow.documents import build, document_of
from trials.workflow.promotion import draft_document
from trials.workflow.readiness import missing

pytestmark = pytest.mark.django_db


def document(**values: Any) -> Any:
    """Return the whole document of a study, as it is stored."""
    return document_of(published_trial(**values))


def citations(merged: Any) -> list[tuple[str, str]]:
    return [(row["value"], row["basis"]) for row in merged.document["citations"]]


# --- A study that is here


def test_empty_value_is_filled_and_cited_and_no_value_is_overwritten() -> None:
    before = document(issue="7", journal="Cell Transplantation", citations=[], sources=[])
    unchanged = copy.deepcopy(before)
    record = ris("TI  - New title", "T2  - CELL TRANSPLANTATION", "VL  - 30", "IS  - 8", "DO  - 10.1000/x")
    merged = Merge(record, before)
    assert merged.added == ["Volume", "DOI"]
    assert merged.differences == [
        "Title: “New title” in the record, “Cells for acute respiratory distress syndrome: a randomised trial” here",
        "Issue: “8” in the record, “7” here",
    ]
    fields = merged.document["fields"]
    assert fields == unchanged["fields"] | {"volume": "30", "doi": "10.1000/x"}
    assert citations(merged) == [("volume", "stated"), ("doi", "stated")]
    assert before == unchanged


def test_abstract_is_put_in_front_of_the_rest_of_an_other_study() -> None:
    other = build(other_study_document(title="Cells", first_author="Ann Jones", year=2020), OtherStudy())
    before = draft_document(other)
    rest = before["fields"]["abstract"]
    record = ris("AB  - Twenty people were given cells.")
    merged = Merge(record, before)
    assert merged.added == ["Abstract"]
    assert merged.document["fields"]["abstract"] == f"Twenty people were given cells.\n\n{rest}"
    again = Merge(record, merged.document)
    assert (again.added, again.differences) == ([], [])


def test_abstract_that_differs_from_the_one_here_is_named() -> None:
    before = document(abstract="Ten people were given cells.")
    merged = Merge(ris("AB  - Twenty people were given cells."), before)
    assert merged.document["fields"]["abstract"] == "Ten people were given cells."
    assert merged.differences == ["Abstract: another text is here. That of the record is under “All its values”"]


def test_source_is_written_once_for_all_values() -> None:
    merged = Merge(ris("VL  - 30", "IS  - 8", "DO  - 10.1000/x", "TI  - T"), document(citations=[]))
    added = merged.document["sources"][1]
    assert {name: added[name] for name in ("position", "label", "kind", "address", "read_in_copy")} == {
        "position": 2,
        "label": "RIS record",
        "kind": "index",
        "address": "https://doi.org/10.1000/x",
        "read_in_copy": True,
    }
    assert len(merged.document["sources"]) == 2
    assert {row["source"] for row in merged.document["citations"]} == {added["key"]}


def test_source_that_is_there_already_is_used() -> None:
    same = source("s7", label="RIS record", kind="index", address="https://doi.org/10.1000/x")
    merged = Merge(ris("VL  - 30", "DO  - 10.1000/x", "TI  - T"), document(sources=[same], citations=[]))
    assert {row["source"] for row in merged.document["citations"]} == {"s7"}


def test_value_that_is_filled_loses_its_blank_when_it_is_saved() -> None:
    trial = published_trial(blanks=[blank("volume")])
    draft = steps.start_draft(trial)
    merged = Merge(ris("VL  - 30", "DO  - 10.1000/x", "TI  - T"), document_of(draft))
    steps.save(draft, merged.document, by=editor(), base=1)
    assert Trial.objects.get(pk=draft.pk).blanks.count() == 0


def test_value_that_the_field_cannot_hold_is_reported_and_left_out() -> None:
    record = ris(f"TI  - {'x' * 601}", "VL  - " + "v" * 21, "AU  - A, B")
    record.countries = ["Turkey", "Atlantis"]
    merged = Merge(record)
    assert merged.problems == [
        "Title: Ensure this value has at most 600 characters (it has 601).",
        "Volume: Ensure this value has at most 20 characters (it has 21).",
        "Not in our list of countries: Atlantis.",
    ]
    fields = merged.document["fields"]
    assert (fields["title"], fields["volume"], fields["authors"], fields["countries"]) == ("", "", "A, B", ["TR"])


def test_record_without_an_address_is_taken_without_a_source() -> None:
    merged = Merge(ris("TI  - T", "VL  - 30"))
    assert merged.document["fields"]["volume"] == "30"
    assert (merged.document["sources"], merged.document["citations"]) == ([], [])


def test_registration_that_is_there_is_filled_field_by_field() -> None:
    there = registration("r1", identifier="NCT04355728", masking="double", enrolment=24)
    merged = Merge(from_file("NCT04355728.json"), document(registrations=[there], citations=[]))
    row, other = merged.document["registrations"]
    assert other["identifier"] == "2020-001505-22"
    assert (row["masking"], row["enrolment"], row["phase"], row["link_inferred"]) == ("double", 24, "1-2", False)
    assert ("registrations.r1.phase", "transcribed") in citations(merged)
    assert "registrations.r1.masking" not in dict(citations(merged))
    difference = "Registration NCT04355728: masking: “Triple masked” in the record, “Double masked” here"
    assert difference in merged.differences


def test_new_registration_of_a_registry_says_that_its_link_is_inferred() -> None:
    other = registration("r1", registry="irct", identifier="IRCT20200101000001N1")
    merged = Merge(from_file("NCT04355728.json"), document(registrations=[other], citations=[]))
    row = merged.document["registrations"][1]
    assert (row["position"], row["identifier"], row["link_inferred"]) == (2, "NCT04355728", True)
    assert (f"registrations.{row['key']}", "transcribed") in citations(merged)
    assert Merge(ris("TI  - T", "AB  - NCT04355728")).document["registrations"][0].get("link_inferred") is None


def test_registry_does_not_offer_its_title_for_that_of_a_paper() -> None:
    merged = Merge(from_file("NCT04355728.json"), document(arms=[], counts=[], countries=[], citations=[]))
    assert merged.added == [
        "Acronym", "Countries", "Registration NCT04355728", "Registration 2020-001505-22",
        "Group “UC-MSC Group”", "Group “Control Group”",
        "Group “Observed”",
    ]  # fmt: skip
    assert merged.differences == []


def test_groups_are_not_added_to_those_of_a_study() -> None:
    merged = Merge(from_file("NCT04355728.json"), document(arms=[arm(name="uc-msc group")], counts=[], citations=[]))
    assert [row["name"] for row in merged.document["arms"]] == ["uc-msc group"]
    assert [difference for difference in merged.differences if "Group" in difference] == [
        "Group “Control Group”: in the record alone",
        "Group “Observed”: in the record alone",
    ]


# --- A new study


def test_draft_has_the_values_of_the_record_with_their_sources() -> None:
    created = steps.create(Trial, new_study(from_file("lanzoni.nbib"), {}), by=editor(), step=Step.IMPORTED)
    trial = Trial.objects.get(pk=created.pk)
    assert (trial.slug, trial.status, trial.design) == ("lanzoni-2021", "draft", "")
    assert (trial.title[:14], trial.pmcid, trial.publication_date) == ("Umbilical cord", "PMC8046040", "2021-01-05")
    assert trial.abstract.startswith("Acute respiratory distress syndrome is serious.")
    assert trial.citations.get(value="pmcid").source.address == "https://pubmed.ncbi.nlm.nih.gov/33400390/"
    assert trial.sources.count() == 1
    revision = Revision.objects.get()
    assert (revision.number, revision.step, revision.live, revision.made_by) == (1, "imported", False, "eva")
    assert revision.data == document_of(trial)
    assert not Trial.objects.public().exists()
    assert "The design is missing." in missing(trial)


def test_draft_of_a_whole_registry_record_passes_every_check() -> None:
    document = new_study(from_file("NCT04355728.json"), {"publication_date": " 2021-01-05\n"})
    trial = Trial.objects.get(pk=steps.create(Trial, document, by=editor()).pk)
    assert (trial.slug, trial.arms.count(), trial.registrations.count()) == ("ricordi-2021", 3, 2)
    assert trial.countries == ["TR", "US"]
    assert trial.authors_complete is False
    inferred = trial.citations.filter(basis="inferred").order_by("pk")
    arms = [f"arms.{arm.key}" for arm in trial.arms.all()]
    assert list(inferred.values_list("value", flat=True)) == ["title", "authors", *arms]
    assert {citation.confidence for citation in inferred} == {2}


def test_address_of_a_new_study_is_one_that_no_study_has_or_had() -> None:
    published_trial(slug="lanzoni-2021", title="Other")
    FormerSlug.objects.create(slug="lanzoni-2021-2", trial=published_trial(slug="else-2021", title="Else"))
    assert new_study(from_file("lanzoni.nbib"), {})["fields"]["slug"] == "lanzoni-2021-3"


@pytest.mark.parametrize(("author", "slug"), [("Adaş, Gökhan", "adas-2021"), ("王, 伟", "study-2021")])
def test_address_is_the_first_author_and_the_year(author: str, slug: str) -> None:
    fields = new_study(ris("TI  - T", f"AU  - {author}", "PY  - 2021"), {})["fields"]
    assert (fields["slug"], fields["authors"]) == (slug, author)


def test_study_without_title_authors_or_date_is_no_draft() -> None:
    with pytest.raises(ValidationError) as refusal:
        new_study(ris("TI  - T"), {})
    assert refusal.value.messages == ["It has no authors, no date of publication, and without there can be no draft."]
