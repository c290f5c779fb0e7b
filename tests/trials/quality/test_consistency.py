"""Warnings about numbers that do not agree name both numbers."""

from typing import Any

import pytest

from tests.factories import arm, comparison, count, trial_document
from trials.models import Trial
from trials.quality.consistency import warnings
from trials.workflow.documents import build

NO_DEATHS = "or say under “unresolved” that the paper does not give the deaths."
LESS_ILL = arm("a3", name="Less ill", role="other", cell_source="", randomised=None)


def found(**values: Any) -> list[str]:
    """Return the warnings for a study without prose, unless the test gives it some."""
    return warnings(build(trial_document(**{"heading": "", "plain_summary": ""} | values), Trial()))


def test_study_whose_numbers_agree_has_no_warning() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("analysed", "total", "expected"),
    [
        (10, 10, []),
        (9, 10, ["The main count “Death” of “Cells” is out of 10 people, and the group has 9 analysed."]),
        (10, 9, ["The main count “Death” of “Cells” is out of 9 people, and the group has 10 analysed."]),
        (None, 9, ["The main count “Death” of “Cells” is out of 9 people, and the group has 10 randomised."]),
        (0, 10, ["The main count “Death” of “Cells” is out of 10 people, and the group has 0 analysed."]),
    ],
)
def test_main_count_with_another_total_than_its_group(analysed: Any, total: int, expected: list[str]) -> None:
    counts = [count("c1", "a1", events=2, total=total)]
    assert found(arms=[arm("a1", randomised=10, analysed=analysed)], counts=counts) == expected


def test_other_counts_may_have_a_smaller_total() -> None:
    counts = [count("c1", "a1"), count("c2", "a1", days=90, events=1, total=7, headline=False)]
    assert found(arms=[arm("a1")], counts=counts) == []


def test_main_count_of_all_groups_is_compared_with_their_sum() -> None:
    arms = [arm(f"a{number}", name=f"Dose {number}", randomised=None, analysed=3) for number in (1, 2)]
    assert found(arms=arms, counts=[count("c1", None, events=1, total=5)]) == [
        "The main count “Death” of all groups given cells is out of 5 people, and these groups have 6."
    ]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([count("c2", "a2")], [f"“Cells” has no main count of deaths. Add it, {NO_DEATHS}"]),
        ([count("c1", "a1")], [f"“Placebo” has no main count of deaths. Add it, {NO_DEATHS}"]),
        (
            [count("c1", "a1"), count("c2", "a2", headline=False)],
            [f"“Placebo” has no main count of deaths. Tick one of its counts as the main one, {NO_DEATHS}"],
        ),
    ],
)
def test_group_without_a_main_count_of_deaths(counts: Any, expected: list[str]) -> None:
    assert found(counts=counts) == expected


def test_other_group_needs_no_count_of_deaths() -> None:
    assert found(arms=[arm("a1"), comparison("a2"), LESS_ILL]) == []


def test_study_that_says_that_deaths_are_missing_has_no_warning() -> None:
    assert found(counts=[], unsettled="Deaths by group are not given.") == []


def test_only_some_groups_randomised() -> None:
    assert found(arms=[arm("a1"), comparison("a2", randomised=None)]) == [
        "“Placebo” has no number of people randomised, and “Cells” has."
    ]


# --- Numbers in prose: 10 people given cells, of whom 3 died, and 10 given placebo, of whom 5 died


@pytest.mark.parametrize(
    "text",
    [
        "20 people took part. 10 people got cells and 10 people got placebo.",
        "Twenty critically ill people took part; ten got cells.",
        "3 of 10 given cells died, and five of ten given placebo.",
        "7 of 10 people survived with the cells. 8 of 20 people died in all.",
        "6 of the 10 people given cells breathed more easily.",
        "Of 20 people, 2 people had a fever.",
        "It began on day 28. People were seen in 12 of 14 centres. 3 infusions of cells were given to 20 people.",
        "COVID-19 patients were treated: 20 in all. 1.5 million people live there.",
        "Of the 10 people given cells, 3 died, compared with 5 of the 10 given placebo.",
        "Three of the ten given cells died, and 7 of the 10 breathed more easily.",
        "Nobody died.",
    ],
)
def test_numbers_of_the_prose_that_agree_with_the_counts(text: str) -> None:
    assert found(plain_summary=text) == []


PEOPLE = "and the groups have 10 + 10 = 20 people."
DEATHS = "and the counts of deaths are 3 of 10 and 5 of 10."


@pytest.mark.parametrize(
    ("text", "quoted", "rest"),
    [
        ("Twenty-one people took part.", "Twenty-one people", PEOPLE),
        ("40 people took part.", "40 people", PEOPLE),
        ("Nineteen patients took part.", "Nineteen patients", PEOPLE),
        ("It was done with 1,020 participants.", "1,020 participants", PEOPLE),
        ("9 intubated, sedated people took part.", "9 intubated, sedated people", PEOPLE),
        ("9 seriously ill people took part.", "9 seriously ill people", PEOPLE),
        ("Of 20 people, 12 people got cells.", "12 people", PEOPLE),
        ("3 of 12 felt better.", "3 of 12", "and no group or count is of 12 people."),
        ("4 of 10 given cells died.", "4 of 10", DEATHS),
        ("Four out of ten died.", "Four out of ten", DEATHS),
        ("Of the 10 people given cells, 4 died.", "Of the 10 people given cells, 4 died", DEATHS),
    ],
)
@pytest.mark.parametrize("field", ["heading", "plain_summary"])
def test_number_of_the_prose_that_differs_from_the_counts(field: Any, text: str, quoted: str, rest: str) -> None:
    name = {"heading": "plain heading", "plain_summary": "plain-language summary"}[field]
    assert found(**{field: text}) == [f"The {name} says “{quoted}”, {rest}"]


def test_people_of_the_prose_are_not_compared_with_groups_of_unknown_size() -> None:
    assert found(arms=[arm("a1", randomised=None, analysed=None)], counts=[], plain_summary="40 people.") == [
        "“Cells” has no main count of deaths. Add it, " + NO_DEATHS
    ]


def test_prose_of_the_studies_of_the_site_agrees_with_their_counts(all_records: None) -> None:
    sentences = [sentence for trial in Trial.objects.with_rows() for sentence in warnings(trial)]
    assert [sentence for sentence in sentences if sentence.startswith("The plain")] == []
