"""The picture of the people of a study: each a dot, filled for those who died."""

from typing import Any

import pytest

from trials.models import Trial
from trials.presenters.people_picture import people_picture


def study(**values: Any) -> Trial:
    lanzoni = {"cells_deaths": 2, "cells_out_of": 12, "comparison_deaths": 7, "comparison_out_of": 12}
    return Trial(**{"comparison_people": 12} | lanzoni | values)


def dots(path: str) -> int:
    return path.count("M")


def test_each_person_is_a_dot() -> None:
    found = people_picture(study())
    assert [(each.label, each.words, dots(each.dead), dots(each.others)) for each in found] == [
        ("Given cells", "2 of 12 died (17 per 100)", 2, 10),
        ("Comparison group", "7 of 12 died (58 per 100)", 7, 5),
    ]


def test_dots_fill_rows_of_twenty() -> None:
    (cells, _) = people_picture(study(cells_out_of=41))
    assert (cells.width, cells.height) == (280, 42)
    assert cells.dead == "M2 7a5 5 0 1 0 10 0a5 5 0 1 0 -10 0M16 7a5 5 0 1 0 10 0a5 5 0 1 0 -10 0"


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ({"cells_out_of": 108}, ["Given cells", "Comparison group"]),
        ({"cells_out_of": 109}, []),
        ({"comparison_deaths": None, "comparison_out_of": None}, ["Given cells"]),
        ({"cells_deaths": None, "cells_out_of": None}, ["Comparison group"]),
        ({"cells_deaths": 0, "comparison_deaths": 12}, ["Given cells", "Comparison group"]),
    ],
)
def test_groups_of_the_picture(values: dict[str, Any], labels: list[str]) -> None:
    assert [each.label for each in people_picture(study(**values))] == labels
