"""The picture of people per study: positions here, drawing in the template. Pure: no Django, no query.

All lengths across are percentages of the picture's width, so that the words in it keep their size on a narrow screen.
They leave as strings: a number would be written "8,5" under some locales.
"""

from collections.abc import Sequence
from dataclasses import dataclass

ROW_HEIGHT = 52  # pixels: a line of words, a bar, air


@dataclass(frozen=True)
class Bar:
    kind: str  # "cells", "comparison" or "other"
    x: str
    width: str


@dataclass(frozen=True)
class Row:
    y: int
    bars: tuple[Bar, ...]


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%"


def rows(studies: Sequence[tuple[int, int, int]]) -> list[Row]:
    """(people given cells, in comparison groups, in other groups) per study -> one row of bars each.

    The longest row fills the width. A group of nobody has no bar.
    """
    longest = max((sum(groups) for groups in studies), default=0)
    drawn = []
    for index, groups in enumerate(studies):
        bars, start = [], 0
        for kind, people in zip(("cells", "comparison", "other"), groups, strict=True):
            if people:
                bars.append(Bar(kind, percent(start, longest), percent(people, longest)))
                start += people
        drawn.append(Row(index * ROW_HEIGHT, tuple(bars)))
    return drawn
