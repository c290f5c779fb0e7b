"""The presenter of a study's page. Except for the last test, the study is built in memory."""

from typing import Any

import pytest

from tests.factories import (
    arm,
    blank,
    citation,
    comparison,
    count,
    published_trial,
    registration,
    source,
    trial_document,
)
from trials.models import Trial
from trials.presenters.facts import Remark, by_source
from trials.presenters.study_page import Disagreement, StudyPage
from trials.workflow.documents import build


def page_of(**values: Any) -> StudyPage:
    return StudyPage(build(trial_document(**values), Trial()))


# --- Provenance


TEXTS = (
    "acronym", "journal_abbreviation", "volume", "issue", "pages", "language", "licence", "allocation_wording",
    "severity", "ventilation", "age", "sex", "schedule", "primary_outcome", "primary_result", "follow_up",
    "safety_result", "safety_definition", "safety_related", "other_findings", "authors_conclusion", "authors_limits",
    "limits", "unsettled", "funding", "interests", "cause_wording", "cell_source_wording",
)  # fmt: skip
FILLED = dict.fromkeys(TEXTS, "Filled in") | {
    "received": "2021-01", "accepted": "2021-02-03", "doi": "10.1000/example", "pmid": "123", "pmcid": "PMC123",
    "centres": 3, "centres_note": "in one city", "recruitment_start": "2020-04", "recruitment_end": "2020-10",
    "donor": "allogeneic", "preparation": "fresh", "dose": "1", "dose_unit": "cells-per-kg", "infusions": 2,
    "route": "intravenous",
}  # fmt: skip


def test_each_value_on_the_page_has_its_source() -> None:
    page = page_of(**FILLED)
    assert [fact.name for fact in page.study_facts if not fact.text] == []
    assert [fact.name for fact in page.study_facts if not fact.entries] == []


def test_each_blank_on_the_page_has_its_reason() -> None:
    page = page_of(authors_complete=False, arms=[arm(given="")], counts=[], registrations=[registration()])
    blanks = [fact for fact in page.shown_facts if not fact.text]
    names = ("age", "more_authors", "arms.a1.given", "registrations.r1.masking")
    assert [name for name in names if name not in [fact.name for fact in blanks]] == []
    assert [fact.name for fact in blanks if not fact.blank] == []


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "not yet checked"),
        ([blank("age", reason="not-checked")], "not yet checked"),
        ([blank("age", reason="not-reported")], "not reported"),
        ([blank("age", reason="does-not-apply")], "does not apply"),
    ],
)
def test_blank_value_gives_its_reason(rows: list[Any], reason: str) -> None:
    fact = page_of(blanks=rows).fact("age")
    assert (fact.text, fact.blank) == ("", reason)


def test_blank_value_says_where_we_looked() -> None:
    fact = page_of(blanks=[blank("age", note="Not in the methods.")]).fact("age")
    assert fact.remarks == [Remark("", "Not in the methods.")]


def test_value_read_from_two_parts_has_the_sources_of_both() -> None:
    citations = [citation("dose", "q1"), citation("dose_unit", "q2", "s2"), citation("dose_note", "q3", "s3")]
    sources = [source("s1"), source("s2", label="Methods"), source("s3", label="Registry")]
    page = page_of(
        dose="1 × 10⁶", dose_unit="cells-per-kg", dose_note="at most 100", sources=sources, citations=citations
    )
    assert [entry.number for entry in page.fact("dose").entries] == [1, 2, 3]


def test_source_without_a_citation_is_not_on_the_page_and_takes_no_number() -> None:
    sources = [source("s1", label="Never cited"), source("s2", label="Abstract")]
    page = page_of(sources=sources, citations=[citation("title", source="s2")])
    assert [(document.number, document.source.label) for document in page.documents] == [(1, "Abstract")]


def test_readings_that_differ_only_in_the_value_are_listed_together() -> None:
    citations = [citation("age", "q1"), citation("sex", "q2"), citation("severity", "q3", quote="severe")]
    (document,) = page_of(citations=citations).documents
    labels = [[entry.value_label for entry in reading] for reading in document.readings]
    assert labels == [["Age", "Sex"], ["Severity"]]


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        ({}, "quoted"),
        ({"checked_twice": True}, "quoted, read twice"),
        ({"basis": "inferred", "note": "By the dates.", "confidence": 2}, "inferred, medium confidence"),
    ],
)
def test_reading_says_how_it_was_read(reading: dict[str, Any], words: str) -> None:
    (document,) = page_of(citations=[citation("age", **reading)]).documents
    assert document.entries[0].how_read == words


@pytest.mark.parametrize(
    ("path", "anchor"),
    [
        ("age", "value-age"),
        ("dose_unit", "value-dose"),
        ("recruitment_end", "value-recruitment"),
        ("masking_wording", "value-masking-table"),
        ("who_masked", "value-masking-table"),
        ("arms.a1", "value-arms-a1"),
        ("arms.a1.analysed", "value-arms-a1"),
        ("counts.c1.total", "value-counts-c1"),
    ],
)
def test_reading_leads_back_to_the_place_of_its_value(path: str, anchor: str) -> None:
    (document,) = page_of(citations=[citation(path)]).documents
    assert document.entries[0].value_anchor == anchor


def test_group_has_the_sources_of_each_of_its_numbers() -> None:
    page = page_of(citations=[citation("arms.a1", "q1"), citation("arms.a1.analysed", "q2"), citation("arms.a2", "q3")])
    assert [entry.citation.key for entry in page.groups[0].fact.entries] == ["q1", "q2"]


def test_field_of_a_registration_has_its_own_source_and_the_heading_that_of_the_row() -> None:
    sources = [source("s1"), source("s2", label="Registry")]
    citations = [citation("registrations.r1", "q1", "s1"), citation("registrations.r1.sponsor", "q2", "s2")]
    rows = [registration("r1", sponsor="A clinic", enrolment=30)]
    (row,) = page_of(registrations=rows, sources=sources, citations=citations).registrations
    numbers = {fact.label: [entry.number for entry in fact.entries] for fact in row.facts}
    assert numbers == {"Sponsor": [2], "Enrolment": []}
    assert [entry.number for entry in row.fact.entries] == [1]


def test_sources_of_a_value_are_in_the_order_of_their_numbers_each_once() -> None:
    sources = [source("s1"), source("s2", label="Registry")]
    citations = [citation("age", "q1", "s2"), citation("age", "q2", "s1"), citation("age", "q3", "s2", quote="forty")]
    documents = by_source(page_of(age="40", sources=sources, citations=citations).fact("age").entries)
    shown = [(each.number, [entry.citation.key for entry in each.entries]) for each in documents]
    assert shown == [(1, ["q2"]), (2, ["q1", "q3"])]


# --- How sure a value is


def test_inferred_value_is_probable_and_our_own_words_on_limits_are_not() -> None:
    citations = [citation(name, name, basis="inferred", note="By the dates.") for name in ("age", "limits")]
    page = page_of(age="40", limits="Few people.", citations=citations)
    assert page.fact("age").is_probable
    assert not page.fact("limits").is_probable


def test_disagreement_is_told_once_among_the_unresolved_with_the_name_of_its_source() -> None:
    citations = [
        citation("age", "q1", basis="disputed", note="This table says 44."),
        citation("sex", "q2", basis="disputed", note="This table says 44."),
    ]
    page = page_of(age="40", sources=[source(label="Review, table 1")], citations=citations)
    assert (page.fact("age").is_disputed, page.fact("age").remarks) == (True, [])
    assert page.disagreements == [Disagreement(1, "Review, table 1", "Age; Sex", "This table says 44.")]


def test_disagreement_that_an_open_question_tells_names_its_source_alone() -> None:
    citations = [
        citation("age", "q1", basis="disputed", note="The review says 44."),
        citation("unsettled", "q2", basis="disputed", note="The review says 44."),
    ]
    page = page_of(age="40", unsettled="The age: 40 or 44.", citations=citations)
    assert page.disagreements == [Disagreement(1, "Abstract of the paper", "", "")]
    assert not page.unsettled.is_disputed


def test_value_that_was_worked_out_shows_the_sum_with_the_name_of_the_source() -> None:
    page = page_of(age="40", citations=[citation("age", basis="derived", note="80 / 2 = 40.")])
    assert page.fact("age").remarks == [Remark("Worked out.", "80 / 2 = 40.", "Abstract of the paper")]


def test_note_of_a_certain_quote_is_shown_among_the_sources_alone() -> None:
    page = page_of(age="40", citations=[citation("age", note="On page 2.")])
    assert page.fact("age").remarks == []


def test_outcome_gives_each_note_once_and_names_the_groups_that_it_is_about() -> None:
    counts = [count("c1", "a1", note="All who were randomised."), count("c2", "a2", note="All who were randomised.")]
    citations = [
        citation("counts.c1", "q1", basis="derived", note="10 − 7 alive = 3."),
        citation("counts.c2", "q2", basis="inferred", note="By the dates."),
    ]
    (outcome,) = page_of(counts=counts, citations=citations).outcomes
    assert outcome.remarks == [
        ("", Remark("", "All who were randomised.")),
        ("Placebo", Remark("", "By the dates.", "Abstract of the paper")),
    ]
    assert outcome.is_worked_out


# --- Title, paper and registry


def test_title_paper_and_registry_are_set_side_by_side() -> None:
    page = page_of(
        title="Cells for ARDS: a double-blind trial",
        titled_masking="double-blind",
        masking="open",
        masking_wording="open label",
        registrations=[registration(masking="triple", who_masked=["participant", "investigator"])],
    )
    reading = page.readings[1]
    assert (reading.titled, reading.reported.text, reading.wording) == ("double-blind", "Open label", "open label")
    assert [(registered.label, registered.text) for registered in reading.registered] == [
        ("NCT04457609", "Triple masked (participant, investigator)")
    ]


@pytest.mark.parametrize(
    ("blanks", "reason"), [([], "not yet checked"), ([blank("registrations.r1.masking")], "not reported")]
)
def test_registration_that_is_silent_on_the_masking_gives_the_reason(blanks: list[Any], reason: str) -> None:
    (registered,) = page_of(registrations=[registration()], blanks=blanks).readings[1].registered
    assert (registered.text, registered.blank) == ("", reason)


@pytest.mark.parametrize(("number", "words"), [(1, "1 person (actual)"), (30, "30 people (actual)")])
def test_enrolment_of_a_registration_counts_people(number: int, words: str) -> None:
    rows = [registration(enrolment=number, enrolment_type="actual")]
    (row,) = page_of(registrations=rows).registrations
    assert [fact.text for fact in row.facts] == [words]


# --- Groups and counts


@pytest.mark.parametrize(
    ("cells", "placebo", "people", "randomised"),
    [((12, 10), (11, None), 21, 23), ((10, 10), (10, 10), 20, None), ((12, 10), (None, 10), 20, None)],
)
def test_people_and_randomised_are_added_up_where_they_differ_and_each_group_has_them(
    cells: Any, placebo: Any, people: int, randomised: int | None
) -> None:
    arms = [arm(randomised=cells[0], analysed=cells[1]), comparison(randomised=placebo[0], analysed=placebo[1])]
    page = page_of(arms=arms)
    assert (page.people, page.randomised) == (people, randomised)


@pytest.mark.parametrize(
    ("design", "blanks", "reason"),
    [
        ("single-arm", [], "does not apply"),
        ("case-series", [], "does not apply"),
        ("randomised", [], "not yet checked"),
        ("randomised", [blank("arms.a1.randomised")], "not reported"),
    ],
)
def test_group_without_a_number_randomised_gives_the_reason(design: str, blanks: list[Any], reason: str) -> None:
    page = page_of(design=design, control="", arms=[arm(randomised=None)], counts=[], blanks=blanks)
    assert page.groups[0].randomised.blank == reason


def test_counts_are_grouped_by_outcome_and_time() -> None:
    counts = [
        count("c1", "a1"),
        count("c2", "a2"),
        count("c3", "a1", days=90, headline=False),
        count("c4", None, outcome="sae", headline=True, time_point="in hospital"),
    ]
    shown = [(o.outcome, o.when, [row.count.group for row in o.rows]) for o in page_of(counts=counts).outcomes]
    assert shown == [
        ("Death", "by day 28", ["Cells", "Placebo"]),
        ("Death", "by day 90", ["Cells"]),
        ("People with a serious adverse event", "in hospital", ["All groups given cells"]),
    ]


def test_count_of_all_groups_given_cells_is_drawn_as_cells() -> None:
    (outcome,) = page_of(counts=[count("c1", None)]).outcomes
    assert outcome.rows[0].role == "cells"


# --- Words


@pytest.mark.parametrize(
    ("fields", "name", "text"),
    [
        ({"cause": "covid-19", "cause_wording": "severe"}, "cause", "COVID-19 (severe)"),
        ({"centres": 1}, "centres", "1 centre"),
        ({"centres": 3, "centres_note": "in one city"}, "centres", "3 centres (in one city)"),
        ({"centres_note": "several"}, "centres", "several"),
        (
            {"recruitment_start": "2020-04", "recruitment_end": "2020-10-01"},
            "recruitment",
            "April 2020 to 1 October 2020",
        ),
        ({"recruitment_start": "2020-04"}, "recruitment", "from April 2020"),
        ({"recruitment_end": "2020"}, "recruitment", "until 2020"),
        ({"countries": ["FR", "ID"]}, "countries", "France, Indonesia"),
        ({"cell_source_wording": "from one donor"}, "cell_source", "Umbilical cord (from one donor)"),
        ({"publication_date": "2021-06"}, "publication_date", "June 2021"),
        ({"authors": "Smith, Jane\nThe Group"}, "authors", "Jane Smith, The Group"),
        ({"infusions": 2}, "infusions", "2"),
        ({"pages": "1-9"}, "pages", "1–9"),
        ({"title": "Cells for ARDS"}, "title", "“Cells for ARDS”"),
    ],
)
def test_value_reads_in_words(fields: dict[str, Any], name: str, text: str) -> None:
    assert page_of(**fields).fact(name).text == text


@pytest.mark.parametrize(("number", "first", "more"), [(1, 1, 0), (4, 4, 0), (5, 3, 2)])
def test_long_list_shows_its_first_lines_and_the_others_unfold(number: int, first: int, more: int) -> None:
    fact = page_of(limits="\n".join(["Few people."] * number)).fact("limits")
    assert (len(fact.first_lines), len(fact.more_lines)) == (first, more)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({}, "2021"),
        ({"volume": "10"}, "2021; 10"),
        ({"volume": "10", "issue": "5", "pages": "660-673"}, "2021; 10(5): 660–673"),
        ({"pages": "S12-S15"}, "2021: S12–S15"),
        ({"pages": "e12-x"}, "2021: e12-x"),
    ],
)
def test_place_in_the_journal_leaves_out_what_is_not_known(fields: dict[str, Any], place: str) -> None:
    assert page_of(**fields).place_in_journal == place


@pytest.mark.parametrize(
    ("number", "complete", "first", "others"),
    [(8, True, 2, "6 others"), (3, True, 3, ""), (1, True, 1, ""), (1, False, 1, "others")],
)
def test_first_authors_are_named_at_the_top_and_the_others_counted(
    number: int, complete: bool, first: int, others: str
) -> None:
    authors = "\n".join(f"Family{each}, Given" for each in range(number))
    page = page_of(authors=authors, authors_complete=complete)
    assert (len(page.first_authors), page.other_authors) == (first, others)


@pytest.mark.parametrize(
    "values",
    [
        {"authors_complete": False},
        {"arms": [arm(given="")], "counts": []},
        {"arms": [arm(analysed=None)], "counts": []},
        {"registrations": [registration(allocation="randomised", masking="double")]},
    ],
)
def test_blanks_of_authors_groups_and_registrations_are_counted(values: dict[str, Any]) -> None:
    def unchecked(page: StudyPage) -> int:
        return sum(fact.is_not_checked for fact in page.shown_facts)

    assert unchecked(page_of(**values)) == unchecked(page_of()) + 1


# --- A study in the database


@pytest.mark.django_db
def test_page_of_a_stored_study_equals_that_of_its_document() -> None:
    values = FILLED | {"registrations": [registration()], "blanks": []}
    published_trial(**values)
    stored, built = StudyPage(Trial.objects.with_rows().get()), page_of(**values)
    assert [(fact.name, fact.text, len(fact.entries)) for fact in stored.shown_facts] == [
        (fact.name, fact.text, len(fact.entries)) for fact in built.shown_facts
    ]
    assert (stored.people, stored.cell_sources, stored.deaths) == (built.people, built.cell_sources, built.deaths)
