"""The geometry of a forest plot, in units of a picture that is 320 wide: its text can be read on a narrow telephone."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10, sqrt

from trials.evidence.effects import Interval

WIDTH = 320
LEFT, RIGHT = 12, 308  # ends of the axis
LOWEST, HIGHEST = 0.1, 10.0  # of the axis, on a logarithmic scale
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10)
LARGEST_SIDE, SMALLEST_SIDE = 16.0, 4.0  # of a square
ROW, HEADING, AXIS = 56, 30, 64  # heights: of a row, of a heading between rows, of the axis with its words
NOTE = 14  # height of a line below these words
BAR = 42  # of a bar, below the top of its row


def position(ratio: float) -> float:
    """Return the place of a ratio on the axis; a ratio outside lies at its end."""
    share = (log10(min(max(ratio, LOWEST), HIGHEST)) - log10(LOWEST)) / (log10(HIGHEST) - log10(LOWEST))
    return round(LEFT + share * (RIGHT - LEFT), 2)


@dataclass(frozen=True)
class Bar:
    """An interval on the axis. `side` is that of the square of a study, or 0 for the diamond of a pooled value."""

    low: float
    middle: float
    high: float
    cut_left: bool
    cut_right: bool
    side: float
    has_square: bool  # the estimate itself lies within the axis

    @property
    def square_left(self) -> float:
        return round(self.middle - self.side / 2, 2)

    @property
    def square_top(self) -> float:
        return round(-self.side / 2, 2)


def bar(interval: Interval, side: float = 0.0) -> Bar:
    return Bar(
        low=position(interval.low),
        middle=position(interval.estimate),
        high=position(interval.high),
        cut_left=interval.low < LOWEST,
        cut_right=interval.high > HIGHEST,
        side=round(side, 2),
        has_square=LOWEST <= interval.estimate <= HIGHEST,
    )


def sides(variances: Sequence[float]) -> list[float]:
    """Return the side of the square of each study: its area goes with 1 / variance, the largest fills its row."""
    smallest = min(variances, default=1.0)
    return [max(SMALLEST_SIDE, LARGEST_SIDE * sqrt(smallest / variance)) for variance in variances]
