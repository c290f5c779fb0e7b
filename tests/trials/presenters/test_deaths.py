"""Deaths across studies, as the page shows them."""

from typing import Any

import pytest
from django.http import QueryDict

from tests.factories import arm, blank, comparison, count, published_trial
from trials.evidence.effects import Counts, Interval
from trials.models import OtherStudy
from trials.presenters.deaths import Deaths, Row, in_100, ratio_in_words

pytestmark = pytest.mark.django_db


def study(slug: str, deaths: tuple[int, int, int, int] | None, **values: Any) -> None:
    a, n1, c, n2 = deaths or (0, 10, 0, 10)
    rows = [count("c1", "a1", events=a, total=n1), count("c2", "a2", events=c, total=n2)] if deaths else []
    arms = [arm("a1", randomised=n1, analysed=n1), comparison("a2", randomised=n2, analysed=n2)]
    family, year = slug.split("-")
    fields = {"authors": f"{family.title()}, A", "publication_date": year, "arms": arms, "counts": rows} | values
    published_trial(slug=slug, title=f"{slug} trial", **fields)


def other(slug: str, counts: tuple[int, int, int, int], **values: Any) -> None:
    names = ("cells_deaths", "cells_out_of", "comparison_deaths", "comparison_out_of")
    fields = {"reason": "not-yet-reviewed", "design": "randomised", "progress": "published", "sources": "The paper"}
    fields |= {"status": "published", "looked_up": "2026-11-30", "name": slug} | dict(zip(names, counts, strict=True))
    OtherStudy.objects.create(slug=slug, **fields | values)


@pytest.fixture
def three_studies() -> None:
    study("dilogo-2021", (10, 20, 16, 20))
    study("lanzoni-2021", (2, 12, 7, 12))
    study("adas-2021", (3, 10, 6, 10), design="controlled")


def row(*counts: int) -> Row:
    return Row("Smith 2021", "/", "", Counts(*counts), "by day 28")


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((2, 12, 7, 12), "A smaller share died with cells; the interval of the ratio includes “no difference”."),
        ((10, 100, 40, 100), "A smaller share died with cells; the interval of the ratio excludes “no difference”."),
        ((5, 11, 1, 6), "A larger share died with cells; the interval of the ratio includes “no difference”."),
        ((5, 10, 10, 20), "The same share died in both groups; the interval of the ratio includes “no difference”."),
        ((0, 9, 0, 9), "No one died in either group, so no ratio can be worked out."),
        ((0, 12, 3, 29), "A smaller share died with cells; the interval of the ratio includes “no difference”. One of "
         "the four numbers is 0, so 0.5 was added to each to work out the ratio."),
    ],
)  # fmt: skip
def test_sentence_of_a_row(counts: tuple[int, ...], sentence: str) -> None:
    assert row(*counts).sentence == sentence


def test_row_without_a_ratio_is_not_drawn() -> None:
    found = row(0, 9, 0, 9)
    assert (found.bar, found.ratio) == (None, "cannot be estimated")


def test_row_in_absolute_numbers() -> None:
    found = row(2, 12, 7, 12)
    assert (found.cells, found.cells_in_100) == ("2 of 12", "17 per 100 (5 to 45)")
    assert (found.comparison, found.comparison_in_100) == ("7 of 12", "58 per 100 (32 to 81)")
    assert found.difference == "42 fewer per 100 (from 67 fewer to 3 fewer)"
    assert found.ratio == "0.29 (0.07 to 1.10)"


def test_the_same_share_in_both_groups_is_no_difference() -> None:
    assert row(5, 10, 10, 20).difference == "no difference (from 33 fewer to 33 more)"


def test_group_of_less_ill_people_is_not_in_the_row() -> None:
    arms = [arm("a1"), comparison("a2"), arm("a3", name="Less ill", role="other", cell_source="")]
    counts = [count("c1", "a1"), count("c2", "a2", events=5), count("c3", "a3", days=None, events=0)]
    study("adas-2021", None, arms=arms, counts=counts)
    (found,) = Deaths(QueryDict("")).rows
    assert (found.counts, found.when, found.says_day) == (Counts(3, 10, 5, 10), "by day 28", True)


def test_half_is_rounded_up() -> None:
    assert ratio_in_words(Interval(0.625, 0.3829, 1.0202)) == "0.63 (0.38 to 1.02)"
    assert in_100(Interval(0.125, 0.0, 0.005)) == "13 per 100 (0 to 1)"


def test_description_counts_studies_people_and_missing_days(three_studies: None) -> None:
    study("monsel-2022", (5, 21, 4, 24))
    unstated = [count("c1", "a1", days=None, events=1, total=10), count("c2", "a2", days=None, events=1, total=10)]
    study("zhu-2020", (1, 10, 1, 10), counts=unstated)
    assert Deaths(QueryDict("")).description == (
        "Deaths were counted in both groups in 5 studies with 149 people; in 1 of them, the day is not stated."
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("q=zhu", "Deaths were counted in both groups in 1 study with 20 people; the day is not stated."),
        ("country=CN", "Deaths were counted in both groups in 2 studies with 40 people; none of them states the day."),
        ("q=nothing", "No study on the list matches."),
    ],
)
def test_description_of_one_study_of_studies_without_a_day_and_of_none(query: str, sentence: str) -> None:
    unstated = [count("c1", "a1", days=None, events=1, total=10), count("c2", "a2", days=None, events=1, total=10)]
    study("zhu-2020", (1, 10, 1, 10), counts=unstated, countries=["CN"])
    study("shi-2021", (1, 10, 1, 10), counts=unstated, countries=["CN"])
    assert Deaths(QueryDict(query)).description == sentence


def test_choice_of_design_says_what_it_leaves_out(three_studies: None) -> None:
    found = Deaths(QueryDict("design=randomised"))
    assert [each.name for each in found.rows] == ["Dilogo 2021", "Lanzoni 2021"]
    assert (
        found.designs_left_out_sentence
        == "Your choice of design leaves out 1 study with deaths in both groups: Adas 2021."
    )
    assert Deaths(QueryDict("")).designs_left_out_sentence == ""


def test_studies_without_a_comparison_are_apart(three_studies: None) -> None:
    study(
        "yip-2020",
        None,
        design="single-arm",
        control="none",
        arms=[arm("a1")],
        counts=[count("c1", "a1", events=3, total=9)],
    )
    less_ill = [arm("a1"), arm("a2", name="Less ill", role="other", cell_source="")]
    counted = [count("c1", "a1", events=1), count("c2", "a2", events=0)]
    study("mild-2020", None, design="single-arm", control="none", arms=less_ill, counts=counted)
    found = Deaths(QueryDict(""))
    assert [each.name for each in found.rows] == ["Adas 2021", "Dilogo 2021", "Lanzoni 2021"]
    assert [(trial.short_name, *words) for trial, *words in found.singles] == [
        ("Mild 2020", "1 of 10", "10 per 100 (2 to 40)", "by day 28"),
        ("Yip 2020", "3 of 9", "33 per 100 (12 to 65)", "by day 28"),
    ]


def test_controlled_study_without_counts_is_named(three_studies: None) -> None:
    study("kaffash-2022", None)
    assert [trial.short_name for trial in Deaths(QueryDict("")).not_reported] == ["Kaffash 2022"]


def test_nothing_is_pooled_unless_asked_for(three_studies: None) -> None:
    other("bowdish", (42, 112, 47, 110))
    found = Deaths(QueryDict(""))
    assert (found.pooled, found.others, found.why_not_pooled) == ([], [], "")


def test_pooled_with_and_without_the_trials_that_are_not_on_the_list(three_studies: None) -> None:
    other("bowdish", (42, 112, 47, 110))
    other("not-randomised", (3, 17, 24, 44), design="controlled")
    other("no-ards", (0, 12, 3, 29), reason="not-ards")
    other("draft", (1, 9, 1, 9), status="draft")
    found = Deaths(QueryDict("pool=yes"))
    assert [each.name for each in found.others] == ["bowdish"]
    assert [(each.heading, each.studies) for each in found.pooled] == [
        ("Studies on the list alone", 3),
        ("With 1 randomised trial not on the list, not checked by us", 4),
    ]
    alone = found.pooled[0]
    assert alone.fixed_in_words == "0.52 (0.33 to 0.80)"
    assert alone.prediction == ""


def test_studies_of_the_list_are_never_pooled_alone(three_studies: None) -> None:
    found = Deaths(QueryDict("pool=yes"))
    assert found.pooled == []
    assert found.why_not_pooled.startswith(
        "The studies are not combined: we know of no randomised trial that is not on"
    )


@pytest.mark.parametrize(
    ("counted", "number"), [((), "none of them has"), (((3, 9, 1, 9), (0, 9, 0, 9)), "only 1 of them has")]
)
def test_fewer_than_three_ratios_are_not_pooled(counted: Any, number: str) -> None:
    for index, counts in enumerate(counted):
        study(f"smith-{2019 + index}", counts)
    other("bowdish", (42, 112, 47, 110))
    found = Deaths(QueryDict("pool=yes"))
    assert (found.pooled, found.others) == ([], [])
    assert found.why_not_pooled.startswith(f"The studies are not combined: {number} a risk ratio.")


def test_counts_of_everyone_randomised_are_said_to_be(three_studies: None) -> None:
    analysed = [arm("a1", randomised=23, analysed=21), comparison("a2", randomised=24, analysed=24)]
    study("monsel-2022", (5, 21, 4, 24), arms=analysed)
    found = {each.name: each.of_whom for each in Deaths(QueryDict("")).rows}
    assert found["Monsel 2022"] == "those analysed"
    assert found["Dilogo 2021"] == "everyone randomised"
    assert found["Adas 2021"] == "everyone"


def test_serious_adverse_events_of_each_study() -> None:
    sae = count("c3", "a1", outcome="sae", events=2, total=10, note="They include the deaths.")
    study("smith-2021", (1, 10, 2, 10), counts=[sae], safety_definition="Any that led to death.")
    ((_, ((counted, in_100),), _),) = Deaths(QueryDict("")).harms
    assert (counted.events, counted.total, in_100) == (2, 10, "20 per 100 (6 to 51)")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"safety_result": "None was seen."}, "None was seen."),
        ({"safety_result": "", "blanks": [blank("safety_result", reason="not-reported")]}, "not reported"),
        ({"safety_result": ""}, "not yet checked"),
    ],
)
def test_serious_adverse_events_without_a_number_of_people(values: dict[str, Any], words: str) -> None:
    study("smith-2021", (1, 10, 2, 10), **values)
    assert Deaths(QueryDict("")).harms[0][1:] == ([], words)


def test_wrong_value_shows_no_studies(three_studies: None) -> None:
    found = Deaths(QueryDict("pool=maybe"))
    assert (found.status, found.rows) == (400, [])
    assert found.problems == [("pool", "Combine the studies", "“maybe” is not a valid choice. Valid choices: yes.")]


def test_filter_that_is_on_can_be_removed_on_this_page(three_studies: None) -> None:
    found = Deaths(QueryDict("design=randomised&pool=yes&q=cells"))
    assert [(each.label, each.remove_url) for each in found.active_filters] == [
        ("Search: cells", "?design=randomised&pool=yes"),
        ("Randomised controlled trial", "?pool=yes&q=cells"),
    ]
    assert Deaths(QueryDict("q=cells")).active_filters[0].remove_url == "/evidence/"
