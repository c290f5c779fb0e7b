"""The chart of people per study: positions here, drawing in the template.

Horizontal lengths are percentages, so that text keeps its size on a narrow screen, and strings in every locale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

ROW_HEIGHT = 52  # pixels: a line of text, a bar and space


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
    """Return a row of bars for the people of each study (given cells, comparison, other). The longest fills it."""
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
