"""Known studies that are not on the list, published reviews, and the lines of text that they hold."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from trials.models import Judgement, OtherStudy, Review
from trials.models.lines import Estimate, SourceLine, estimates, source_lines, validate_source_lines

pytestmark = pytest.mark.django_db


def problems(record: Any) -> dict[str, list[str]]:
    try:
        record.clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("The paper", SourceLine("The paper")),
        ("The paper https://example.org/a", SourceLine("The paper", "https://example.org/a")),
        (
            "Abstract (read in a copy) https://example.org/a “3 of 9 died”",
            SourceLine("Abstract (read in a copy)", "https://example.org/a", "3 of 9 died"),
        ),
        ("A talk “nobody died”", SourceLine("A talk", "", "nobody died")),
    ],
)
def test_source_line(line: str, expected: SourceLine) -> None:
    assert source_lines(f"\n{line}\n") == [expected]


def test_source_line_with_the_address_in_the_middle() -> None:
    with pytest.raises(ValidationError, match="is not in the right form"):
        validate_source_lines("See https://example.org/a for the paper")


def test_estimate_line() -> None:
    line = "death at 28 days: RR 0.50 (0.34 to 0.75); 11 studies; random effects; certainty very low"
    found = estimates(line)
    assert found == [
        Estimate("death at 28 days", "RR", "0.50", "0.34", "0.75", "11 studies; random effects", "very low")
    ]
    assert (found[0].is_of_deaths, found[0].favours_cells, found[0].includes_no_difference) == (True, True, False)


@pytest.mark.parametrize(
    ("line", "favours_cells", "includes_no_difference"),
    [
        ("death: RR 0.91 (0.72 to 1.15)", False, True),
        ("death: RD -0.10 (-0.20 to -0.01)", True, False),
        ("death: RD -0.10 (-0.20 to 0.01)", False, True),
        ("improvement: RR 1.28 (1.06 to 1.55)", False, False),
    ],
)
def test_side_of_an_estimate(line: str, favours_cells: bool, includes_no_difference: bool) -> None:
    found = estimates(line)[0]
    assert (found.favours_cells, found.includes_no_difference) == (favours_cells, includes_no_difference)


@pytest.mark.parametrize(
    "line",
    ["death 0.5", "death: RR 0.5", "death: XX 0.5 (0.4 to 0.6)", "death: RR 0.5 (0.4 to 0.6); certainty good"],
)
def test_estimate_line_in_another_form(line: str) -> None:
    with pytest.raises(ValidationError, match="is not in the right form"):
        estimates(line)


def test_estimate_outside_its_interval() -> None:
    with pytest.raises(ValidationError, match=r"0\.9 is not between 0\.4 and 0\.6"):
        estimates("death: RR 0.9 (0.4 to 0.6)")


@pytest.mark.parametrize(
    ("values", "name", "sentence"),
    [
        ({"cells_deaths": 1}, "cells_deaths", "Give both numbers"),
        ({"comparison_deaths": 3, "comparison_out_of": 2}, "comparison_deaths", "There cannot be 3 deaths among 2"),
        ({"reason": "same-people"}, "same_people_as", "Name the entry"),
    ],
)
def test_other_study_that_cannot_be_right(values: dict[str, Any], name: str, sentence: str) -> None:
    assert problems(OtherStudy(slug="x", name="X", **values))[name][0].startswith(sentence)


@pytest.mark.parametrize(
    ("progress", "ended", "months"),
    [
        ("completed-unpublished", "2024-06-30", 28),
        ("completed-unpublished", "2024-11-22", 24),
        ("terminated", "2024-06", 29),
        ("terminated", "2024", None),
        ("published", "2024-06-30", None),
        ("unknown", "", None),
    ],
)
def test_months_since_the_end_of_a_study_without_an_article(progress: str, ended: str, months: int | None) -> None:
    study = OtherStudy(progress=progress, ended=ended, looked_up=datetime.date(2026, 11, 22))
    assert study.months_since_end == months


def test_registrations_of_another_study() -> None:
    study = OtherStudy(registrations="NCT03818854\nNCT04371393, probably\n")
    assert study.registration_list == [("NCT03818854", False), ("NCT04371393", True)]


def test_study_that_a_review_counts_is_named_as_in_its_address() -> None:
    assert list(problems(Review(slug="x", citation="X", includes="lanzoni-2021\nLanzoni 2021"))) == ["includes"]


@pytest.mark.parametrize(
    ("kind", "tool", "verdict", "is_right"),
    [
        ("bias", "rob-2", "some-concerns", True),
        ("bias", "rob-2", "serious", False),
        ("bias", "robins-i", "serious", True),
        ("bias", "", "unclear", True),
        ("bias", "", "very-low", False),
        ("certainty", "grade", "very-low", True),
        ("certainty", "", "some-concerns", False),
    ],
)
def test_judgement_uses_the_words_of_its_tool(kind: str, tool: str, verdict: str, is_right: bool) -> None:
    assert (problems(Judgement(kind=kind, tool=tool, verdict=verdict)) == {}) == is_right
