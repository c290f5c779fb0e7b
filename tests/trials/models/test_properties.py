"""What the models say of themselves."""

from typing import Any

import pytest
from django.db import transaction

from tests.factories import archived_trial, count, draft_of, draft_trial, published_trial, registration, trial_document
from trials.models import (
    AppendOnly,
    Arm,
    Author,
    Citation,
    GlossaryTerm,
    OutcomeCount,
    Page,
    Registration,
    Revision,
    Trial,
)
from trials.models.values import label, labels, rows_by_path, shown_values, value_in_words
from trials.workflow.documents import build


@pytest.mark.parametrize(
    ("line", "full", "short"),
    [
        ("Dilogo, Ismail Hadisoebroto", "Ismail Hadisoebroto Dilogo", "Dilogo IH"),
        ("Hashemian, Seyed-Mohammad Reza", "Seyed-Mohammad Reza Hashemian", "Hashemian SMR"),
        ("Caplan, Arnold I.", "Arnold I. Caplan", "Caplan AI"),
        ("Koyuncu, ID", "ID Koyuncu", "Koyuncu ID"),
        ("de Azambuja, Ana Paula", "Ana Paula de Azambuja", "de Azambuja AP"),
        ("Larghero, Jérôme", "Jérôme Larghero", "Larghero J"),
        ("Boucher-Pillet, Hélène", "Hélène Boucher-Pillet", "Boucher-Pillet H"),
        ("Research Group of Paris", "Research Group of Paris", "Research Group of Paris"),
    ],
)
def test_author_in_full_and_in_a_citation(line: str, full: str, short: str) -> None:
    (author,) = Trial(authors=line).author_list
    assert (author.full, author.short) == (full, short)


def test_author_list_keeps_its_order() -> None:
    trial = Trial(authors="Smith, Jane\nKart Yasar, K\nThe Group", publication_date="2021-06")
    assert trial.author_list == [Author("Smith", "Jane"), Author("Kart Yasar", "K"), Author("The Group", "")]
    assert (trial.lead_author, trial.short_name) == ("Smith", "Smith 2021")


@pytest.mark.parametrize(
    ("events", "total", "per_100"), [(0, 10, 0), (7, 12, 58), (2, 12, 17), (1, 8, 13), (6, 6, 100)]
)
def test_count_per_100_people(events: int, total: int, per_100: int) -> None:
    assert OutcomeCount(events=events, total=total).per_100 == per_100


@pytest.mark.parametrize(
    ("days", "time_point", "when"),
    [
        (31, "", "by day 31"),
        (0, "", "by day 0"),
        (None, "in hospital", "in hospital"),
        (None, "", "day not stated"),
    ],
)
def test_time_of_a_count(days: int | None, time_point: str, when: str) -> None:
    assert OutcomeCount(days=days, time_point=time_point).when == when


@pytest.mark.parametrize(
    ("randomised", "analysed", "people"),
    [(22, 21, 21), (12, None, 12), (None, 10, 10), (5, 0, 0), (None, None, None)],
)
def test_people_of_a_group(randomised: int | None, analysed: int | None, people: int | None) -> None:
    assert Arm(randomised=randomised, analysed=analysed).people == people


@pytest.mark.parametrize(
    ("registry", "identifier", "url", "address"),
    [
        ("clinicaltrials-gov", "NCT04457609", "", "https://clinicaltrials.gov/study/NCT04457609"),
        ("isrctn", "ISRCTN52319075", "", "https://www.isrctn.com/ISRCTN52319075"),
        ("irct", "IRCT1", "https://irct.ir/trial/1", "https://irct.ir/trial/1"),
        ("rebec", "RBR-3fz9yr", "", ""),
    ],
)
def test_address_of_a_registration(registry: str, identifier: str, url: str, address: str) -> None:
    assert Registration(registry=registry, identifier=identifier, url=url).record_url == address


@pytest.mark.parametrize(
    ("basis", "confidence", "probable"),
    [("quoted", 3, False), ("derived", 3, False), ("disputed", 3, False), ("inferred", 3, True), ("quoted", 2, True)],
)
def test_value_that_is_inferred_or_uncertain_is_probable(basis: str, confidence: int, probable: bool) -> None:
    assert Citation(basis=basis, confidence=confidence).is_probable is probable


def test_spellings_of_a_term() -> None:
    term = GlossaryTerm(term="mesenchymal stem cell", other_spellings="MSC, MSCs , ,")
    assert term.spellings == ["mesenchymal stem cell", "MSC", "MSCs"]


@pytest.mark.parametrize(
    ("record", "address"),
    [
        (Page(slug="overview"), "/"),
        (Page(slug="glossary"), "/glossary/"),
        (Page(slug="about"), "/about/"),
        (Trial(slug="dilogo-2021"), "/trials/dilogo-2021/"),
        (GlossaryTerm(slug="ards"), "/glossary/#ards"),
    ],
    ids=["overview", "glossary", "page", "study", "term"],
)
def test_address_of_a_record(record: Any, address: str) -> None:
    assert record.get_absolute_url() == address


# --- In the database


@pytest.mark.django_db
@pytest.mark.parametrize(("date", "year"), [("2021-06-08", 2021), ("2020-12", 2020), ("1999", 1999)])
def test_publication_year_follows_the_date(date: str, year: int) -> None:
    trial = published_trial(publication_date=date)
    assert trial.publication_year == year
    Trial.objects.update(publication_date="2003-01")
    assert Trial.objects.get(publication_year=2003) == trial


@pytest.mark.django_db
def test_only_published_originals_are_public() -> None:
    trial = published_trial()
    draft = draft_of(trial, volume="3")
    never_public = draft_trial(slug="draft-2020")
    archived = archived_trial(slug="archived-2020")
    assert set(Trial.objects.public()) == {trial}
    assert set(Trial.objects.originals()) == {trial, never_public, archived}
    assert [record.is_public for record in (trial, draft, never_public, archived)] == [True, False, False, False]
    assert [record.is_draft for record in (trial, draft, never_public, archived)] == [False, True, True, False]
    assert draft.original == trial


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda revision: revision.save(),
        lambda revision: revision.delete(),
        lambda revision: Revision.objects.all().delete(),
        lambda revision: Revision.objects.update(reason="Another."),
        lambda revision: Revision.objects.bulk_update([revision], ["reason"]),
        lambda revision: Revision.objects.update_or_create(pk=revision.pk, defaults={"reason": "Another."}),
    ],
    ids=["save", "delete", "delete all", "update", "bulk update", "update or create"],
)
def test_revision_cannot_be_changed_or_deleted(change: Any) -> None:
    published_trial()
    with pytest.raises(AppendOnly), transaction.atomic():
        change(Revision.objects.get())
    assert Revision.objects.get().reason == ""


# --- Values and their paths


@pytest.fixture
def study() -> Trial:
    return build(trial_document(centres=4, registrations=[registration(enrolment=0)]), Trial())  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("path", "words", "value"),
    [
        ("centres", "Number of centres", "4"),
        ("doi", "DOI", ""),
        ("design", "Design", "Randomised controlled trial"),
        ("countries", "Countries", "Indonesia"),
        ("cell_source", "Source of cells", "Umbilical cord"),
        ("arms.a2", "Group “Placebo”", ""),
        ("arms.a2.analysed", "Group “Placebo”: analysed", "10"),
        ("counts.c1.events", "Death, Cells, by day 28: people with the event", "3"),
        ("registrations.r1.enrolment", "Registration NCT04457609: enrolment", "0"),
        ("arms.gone", "A group that was removed", ""),
        ("colour", "colour", ""),
    ],
)
def test_label_and_content_of_a_value(study: Trial, path: str, words: str, value: str) -> None:
    rows = rows_by_path(study)
    assert label(path, rows) == words
    assert value_in_words(path, study, rows) == value


@pytest.mark.django_db
def test_values_have_different_labels() -> None:
    found = labels(draft_trial(counts=[count("c1"), count("c2", headline=False)]))
    assert found["dose"] == "Dose per infusion"
    assert found["arms.a1.name"] == "Group “Cells”: name"
    assert (found["counts.c1"], found["counts.c2"]) == ("Death, Cells, by day 28", "Death, Cells, by day 28 (2)")


def test_values_that_are_shown_together_have_one_name() -> None:
    names = shown_values()
    assert names["dose"] == ("dose", "dose_unit", "dose_note")
    assert names["recruitment"] == ("recruitment_start", "recruitment_end")
    assert names["age"] == ("age",)
    assert {"design_wording", "plain_summary", "slug", "search_text"}.isdisjoint(names)
