"""Quantiles of the normal, t and chi-squared distributions.

Only whole degrees of freedom occur here, and for those both distribution functions are finite sums of elementary terms.
So a few lines give full double precision, and no numerical package is needed.
"""

from collections.abc import Callable
from math import atan, cos, erf, exp, pi, sin, sqrt
from statistics import NormalDist

LEVEL = 0.95  # of every interval on this site
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)


def t_cdf(t: float, df: int) -> float:
    """Return P(T <= t) for Student's t with `df` whole degrees of freedom.

    Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4.
    """
    angle = atan(t / sqrt(df))
    term = total = cos(angle) if df % 2 else 1.0
    for k in range(2 + df % 2, df - 1, 2):
        term *= (k - 1) / k * cos(angle) ** 2
        total += term
    if df == 1:
        return 0.5 + angle / pi
    return 0.5 + (2 / pi * (angle + sin(angle) * total) if df % 2 else sin(angle) * total) / 2


def chi2_cdf(x: float, df: int) -> float:
    """Return P(X <= x) for the chi-squared distribution with `df` whole degrees of freedom, where x is above 0.

    Abramowitz and Stegun (1964), 26.4.4 and 26.4.5.
    """
    term = sqrt(2 * x / pi) if df % 2 else 1.0
    total = 0.0
    for k in range(1 + df % 2, df, 2):
        total += term
        term *= x / (k + 1)
    return (erf(sqrt(x / 2)) if df % 2 else 1.0) - exp(-x / 2) * total


def t_quantile(p: float, df: int) -> float:
    """Return the t below which a share `p` of Student's t with `df` degrees of freedom lies, where p is 0.5 or more."""
    return find_root(lambda t: t_cdf(t, df) - p)


def chi2_quantile(p: float, df: int) -> float:
    """Return the value below which a share `p` of the chi-squared distribution lies."""
    return find_root(lambda x: chi2_cdf(x, df) - p)


def find_root(function: Callable[[float], float]) -> float:
    """Return the root above 0 of an increasing function that has one, by halving the interval."""
    low, high = 0.0, 1.0
    while function(high) < 0:
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return high
