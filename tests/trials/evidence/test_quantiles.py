"""Quantiles, compared with printed tables."""

import pytest

from trials.evidence.quantiles import Z, chi2_cdf, chi2_quantile, t_cdf, t_quantile


def test_normal_quantile_of_the_intervals() -> None:
    assert pytest.approx(1.959963984540054, abs=1e-12) == Z


@pytest.mark.parametrize(
    ("p", "df", "expected"),
    [  # R 4.2: qt(p, df)
        (0.975, 1, 12.706204736174700),
        (0.975, 2, 4.302652729749462),
        (0.975, 3, 3.182446305283708),
        (0.975, 4, 2.776445105197793),
        (0.975, 12, 2.178812829667228),
        (0.975, 1000, 1.962339080826550),
        (0.6, 1, 0.324919696232906),
        (0.5, 7, 0.0),
    ],
)
def test_t_quantile(p: float, df: int, expected: float) -> None:
    assert t_quantile(p, df) == pytest.approx(expected, abs=1e-10)
    assert t_cdf(expected, df) == pytest.approx(p, abs=1e-12)


@pytest.mark.parametrize(
    ("p", "df", "expected"),
    [  # R 4.2: qchisq(p, df)
        (0.975, 1, 5.023886187314888),
        (0.975, 2, 7.377758908227871),
        (0.975, 3, 9.348403604496145),
        (0.975, 12, 23.336664158645334),
        (0.025, 1, 0.000982069117175256),
        (0.025, 2, 0.050635615968579757),
        (0.025, 12, 4.403788506981701),
    ],
)
def test_chi2_quantile(p: float, df: int, expected: float) -> None:
    assert chi2_quantile(p, df) == pytest.approx(expected, abs=1e-10)
    assert chi2_cdf(expected, df) == pytest.approx(p, abs=1e-12)
