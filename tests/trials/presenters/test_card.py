"""A study as lists show it: its heading, its authors, the first sentence of its summary, and its deaths."""

from typing import Any

import pytest

from trials.models import Trial
from trials.presenters.card import Share, TrialCard, first_sentence


def card(**values: Any) -> TrialCard:
    """Return a card of a study in which 2 of 12 people given cells died, and 7 of 12 in the comparison group."""
    deaths = {"cells_people": 12, "cells_deaths": 2, "cells_out_of": 12, "deaths_time": "by day 31"}
    deaths |= {"comparison_people": 12, "comparison_deaths": 7, "comparison_out_of": 12}
    study = {"authors": "Lanzoni, Giacomo\nLinetsky, Elina", "publication_date": "2021-01-05"}
    return TrialCard(Trial(**study | deaths | values))


NO_COMPARISON = {"comparison_people": None, "comparison_deaths": None, "comparison_out_of": None}
COMPARED = "7 of 12 in the comparison group (58 per 100); by day 31"
NO_CELLS_COUNT = {"cells_deaths": None, "cells_out_of": None}
NO_COMPARISON_COUNT = {"comparison_deaths": None, "comparison_out_of": None}


@pytest.mark.parametrize(
    ("values", "deaths"),
    [
        ({}, f"2 of 12 given cells (17 per 100), {COMPARED}"),
        ({"cells_deaths": 0}, f"0 of 12 given cells (0 per 100), {COMPARED}"),
        (
            NO_COMPARISON | {"deaths_time": "in hospital"},
            "2 of 12 given cells (17 per 100); no comparison group; in hospital",
        ),
        (
            NO_COMPARISON_COUNT,
            "2 of 12 given cells (17 per 100); deaths not reported for the comparison group; by day 31",
        ),
        (NO_CELLS_COUNT, f"deaths not reported for those given cells, {COMPARED}"),
        (NO_CELLS_COUNT | NO_COMPARISON_COUNT | {"deaths_time": ""}, "deaths not reported"),
        (NO_CELLS_COUNT | NO_COMPARISON | {"deaths_time": ""}, "deaths not reported; no comparison group"),
    ],
)
def test_deaths_in_words(values: dict[str, Any], deaths: str) -> None:
    assert card(**values).deaths == deaths


def test_group_of_less_ill_people_is_not_a_comparison() -> None:
    study = card(**NO_COMPARISON | {"other_people": 10})
    assert study.deaths == "2 of 12 given cells (17 per 100); no comparison group; by day 31"
    assert [share.role for share in study.shares] == ["cells"]


def test_picture_has_a_line_for_each_group_with_a_count() -> None:
    study = card(cells_deaths=3, comparison_deaths=12)
    assert study.shares == [
        Share("cells", "27.0,7.5", "M7 7.5H87", "M7 7.5H27.0"),
        Share("comparison", "87.0,22.5", "M7 22.5H87", "M7 22.5H87.0"),
    ]
    assert study.shares_height == 30
    assert [share.role for share in card(**NO_CELLS_COUNT).shares] == ["comparison"]
    assert card(**NO_CELLS_COUNT | NO_COMPARISON).shares == []


@pytest.mark.parametrize(
    ("authors", "complete", "first", "more"),
    [
        ("Lanzoni, Giacomo\nLinetsky, Elina", True, "Giacomo Lanzoni", True),
        ("Rebelatto, Carmen Lúcia Kuniyoshi", True, "Carmen Lúcia Kuniyoshi Rebelatto", False),
        ("Kaffash Farkhad, Najmeh", False, "Najmeh Kaffash Farkhad", True),
        ("حسینی, رضا\nSmith, Jane", True, "رضا حسینی", True),
        ("STROMA-CoV-2 Collaboration", True, "STROMA-CoV-2 Collaboration", False),
    ],
)
def test_first_author_in_full(authors: str, complete: bool, first: str, more: bool) -> None:
    study = card(authors=authors, authors_complete=complete)
    assert (study.first_author, study.has_more_authors) == (first, more)


@pytest.mark.parametrize(
    ("people", "words"), [(24, "24 people counted"), (1, "1 person counted"), (0, "number of people not yet checked")]
)
def test_people_in_words(people: int, words: str) -> None:
    assert card(people=people).people_in_words == words


def test_heading_is_our_own_or_the_name_of_the_study() -> None:
    assert card(heading="Cells for 24 people with ARDS").heading == "Cells for 24 people with ARDS"
    assert card().heading == "Lanzoni 2021"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Nine people took part. Three died.", "Nine people took part."),
        ("Did it help? It is not clear.", "Did it help?"),
        ("It gave 1.5 million cells a kilogram. Then it stopped.", "It gave 1.5 million cells a kilogram."),
        ("Lanzoni et al. treated 24 people. It was small.", "Lanzoni et al. treated 24 people."),
        ("Lanzoni et al. Treated so. Next.", "Lanzoni et al. Treated so."),
        ("J. Smith led it. It was small.", "J. Smith led it."),
        ("Some got drugs, e.g. Steroids. Others did not.", "Some got drugs, e.g. Steroids."),
        ("Did it help? The answer is no. People died.", "Did it help?"),
        ("The answer is no. People died.", "The answer is no."),
        ("Ten people took part (see Table 2.) Two died.", "Ten people took part (see Table 2.)"),
        ("The authors wrote “it worked.” We are not sure.", "The authors wrote “it worked.”"),
        ("PaO₂ was low … and then rose. It fell.", "PaO₂ was low … and then rose."),
        ("Eleven were ill.\nFive died.", "Eleven were ill."),
        ("\n  A line without a full stop\nThe next.", "A line without a full stop"),
        ("20 people took part. 5 died.", "20 people took part."),
        ("", ""),
    ],
)  # fmt: skip
def test_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence
