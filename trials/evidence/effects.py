"""What one study shows: the risk in each group, their ratio and their difference, each with its 95% interval."""

from dataclasses import dataclass
from math import exp, log, sqrt

from trials.evidence.quantiles import Z


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its 95% interval."""

    estimate: float
    low: float
    high: float

    def includes(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Counts:
    """Events and people of the group given cells (a of n1) and of the comparison group (c of n2).

    Neither group is empty, and neither has more events than people: such counts cannot be saved.
    """

    a: int
    n1: int
    c: int
    n2: int

    @property
    def no_event(self) -> bool:
        """Whether neither group had an event, so that no ratio can be estimated."""
        return self.a == self.c == 0

    @property
    def has_empty_cell(self) -> bool:
        return 0 in (self.a, self.n1 - self.a, self.c, self.n2 - self.c)


@dataclass(frozen=True)
class LogRiskRatio:
    """The natural logarithm of a risk ratio, with its variance."""

    value: float
    variance: float
    corrected: bool  # 0.5 was added to each of the four cells

    @property
    def interval(self) -> Interval:
        """The risk ratio with its interval."""
        return ratio_interval(self.value, Z * sqrt(self.variance))


def log_risk_ratio(counts: Counts) -> LogRiskRatio | None:
    """Return the logarithm of the risk ratio of a study, or None where neither group had an event.

    Formula: the logarithm of (a / n1) / (c / n2), with the variance 1/a - 1/n1 + 1/c - 1/n2, where a of n1 people
    given cells and c of n2 in the comparison group had the event. The ends of the interval lie 1.96 standard errors
    from it. Where one of the four numbers a, n1 - a, c and n2 - c is 0, 0.5 is added to each of them, in this study
    only.

    Source: the log method of Katz et al., Biometrics 1978;34:469-474.
    """
    if counts.no_event:
        return None
    added = 0.5 if counts.has_empty_cell else 0.0
    a, n1, c, n2 = counts.a + added, counts.n1 + 2 * added, counts.c + added, counts.n2 + 2 * added
    return LogRiskRatio(log(a / n1) - log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2, counts.has_empty_cell)


def ratio_interval(value: float, margin: float) -> Interval:
    """Return the ratio whose logarithm is `value`, with the interval of `value` plus and minus `margin`."""
    return Interval(exp(value), exp(value - margin), exp(value + margin))


def risk(events: int, people: int) -> Interval:
    """Return the share of people with the event, from 0 to 1, with Wilson's interval.

    Formula: the share is p = events / people. The ends of the interval are (2np + z² ± z√(z² + 4np(1 - p))) / (2(n +
    z²)), where n is the number of people and z is 1.96. There is no continuity correction.

    Source: Wilson, Journal of the American Statistical Association 1927;22:209-212.
    """
    share, square = events / people, Z * Z
    centre = events + square / 2
    margin = Z * sqrt(events * (1 - share) + square / 4)
    low, high = (centre - margin) / (people + square), (centre + margin) / (people + square)
    # At the ends the formula gives exactly 0 and 1, but for rounding.
    return Interval(share, low if events else 0.0, high if events < people else 1.0)


def risk_difference(counts: Counts) -> Interval:
    """Return the risk with cells minus the risk in the comparison group, from -1 to 1, with Newcombe's interval.

    Formula: d = p1 - p2. The lower end is d - √((p1 - l1)² + (u2 - p2)²) and the upper end d + √((u1 - p1)² + (p2 -
    l2)²), where p1 and p2 are the shares with cells and in the comparison group, and l and u the ends of their Wilson
    intervals.

    Source: Newcombe, Statistics in Medicine 1998;17:873-890, method 10.
    """
    cells, comparison = risk(counts.a, counts.n1), risk(counts.c, counts.n2)
    difference = cells.estimate - comparison.estimate
    below = sqrt((cells.estimate - cells.low) ** 2 + (comparison.high - comparison.estimate) ** 2)
    above = sqrt((cells.high - cells.estimate) ** 2 + (comparison.estimate - comparison.low) ** 2)
    return Interval(difference, difference - below, difference + above)
