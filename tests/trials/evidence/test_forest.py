"""The geometry of the forest plot."""

import pytest

from trials.evidence.effects import Interval
from trials.evidence.forest import bar, position, sides


@pytest.mark.parametrize(
    ("ratio", "x"), [(0.1, 12.0), (1.0, 160.0), (10.0, 308.0), (0.01, 12.0), (50.0, 308.0), (2.0, 204.55)]
)
def test_position_on_the_axis(ratio: float, x: float) -> None:
    assert position(ratio) == x


def test_interval_beyond_the_axis_is_cut() -> None:
    found = bar(Interval(2.7273, 0.4068, 18.2836), 8.0)
    assert (found.cut_left, found.cut_right, found.high, found.has_square) == (False, True, 308.0, True)


def test_estimate_beyond_the_axis_has_no_square() -> None:
    assert not bar(Interval(0.05, 0.01, 0.2)).has_square


def test_area_of_a_square_goes_with_the_inverse_of_the_variance() -> None:
    assert sides([0.1, 0.4, 1000.0]) == [16.0, 8.0, 4.0]
    assert sides([]) == []
