"""Risks, risk ratios and differences of single studies."""

from typing import Any

import pytest

from trials.evidence.effects import Counts, Interval, log_risk_ratio, risk, risk_difference


def ends(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


@pytest.mark.parametrize(
    ("counts", "expected"),
    [  # R 4.2, metafor 3.8: escalc(measure="RR"), exponentiated
        ((10, 20, 16, 20), (0.6250, 0.3829, 1.0202)),
        ((2, 12, 7, 12), (0.2857, 0.0739, 1.1049)),
        ((5, 21, 4, 24), (1.4286, 0.4402, 4.6358)),
        ((5, 11, 1, 6), (2.7273, 0.4068, 18.2836)),
        ((3, 10, 6, 10), (0.5000, 0.1709, 1.4628)),
    ],
)
def test_risk_ratio(counts: tuple[int, int, int, int], expected: tuple[float, ...]) -> None:
    found = log_risk_ratio(Counts(*counts))
    assert found is not None
    assert not found.corrected
    assert ends(found.interval) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # 0.5 is added to each cell: (0.5 / 11) / (3.5 / 11), and so on. The values are those of escalc().
        ((0, 10, 3, 10), (0.14285714, 0.0083224273, 2.4521888)),
        ((3, 10, 0, 10), (7.0, 0.4077989367, 120.1572530)),
        ((10, 10, 6, 10), (1.61538462, 0.9716522062, 2.6855982)),
        ((10, 10, 10, 10), (1.0, 0.8332916700, 1.2000600)),
    ],
)
def test_one_empty_cell_adds_a_half_to_all_four(counts: Any, expected: tuple[float, ...]) -> None:
    found = log_risk_ratio(Counts(*counts))
    assert found is not None
    assert found.corrected
    assert ends(found.interval) == pytest.approx(expected, rel=1e-7)


def test_no_event_in_either_group_gives_no_ratio() -> None:
    assert log_risk_ratio(Counts(0, 65, 0, 35)) is None


@pytest.mark.parametrize(
    ("events", "people", "expected"),
    [  # Newcombe, Statistics in Medicine 1998;17:857-872, table I, method 3
        (81, 263, (0.3080, 0.2553, 0.3662)),
        (15, 148, (0.1014, 0.0624, 0.1605)),
        (0, 20, (0.0, 0.0, 0.1611)),
        (1, 29, (0.0345, 0.0061, 0.1718)),
        (20, 20, (1.0, 0.8389, 1.0)),
    ],
)
def test_risk_with_the_interval_of_wilson(events: int, people: int, expected: tuple[float, ...]) -> None:
    assert ends(risk(events, people)) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [  # Newcombe, Statistics in Medicine 1998;17:873-890, table II, method 10
        ((56, 70, 48, 80), (0.2000, 0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.6000, 0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.5714, 0.0582, 0.8062)),
        ((5, 56, 0, 29), (0.0893, -0.0381, 0.1926)),
        ((0, 10, 0, 20), (0.0, -0.1611, 0.2775)),
        ((10, 10, 0, 20), (1.0, 0.6791, 1.0)),
    ],
)
def test_risk_difference_with_the_interval_of_newcombe(counts: Any, expected: tuple[float, ...]) -> None:
    assert ends(risk_difference(Counts(*counts))) == pytest.approx(expected, abs=5e-5)


def test_interval_includes_its_ends() -> None:
    interval = Interval(0.8, 0.5, 1.0)
    assert interval.includes(1.0)
    assert not interval.includes(1.01)
