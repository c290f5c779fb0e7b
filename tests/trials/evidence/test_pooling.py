"""Pooled risk ratios, compared with metafor and with a slow calculation that shares no code with ours."""

import subprocess
from math import exp, gamma, log, pi, sqrt
from shutil import which
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools import missing
from trials.evidence.effects import Counts, Interval
from trials.evidence.pooling import mantel_haenszel, random_effects

DILOGO, LANZONI = Counts(10, 20, 16, 20), Counts(2, 12, 7, 12)
MONSEL, REBELATTO, ADAS = Counts(5, 21, 4, 24), Counts(5, 11, 1, 6), Counts(3, 10, 6, 10)
FOUR = [DILOGO, LANZONI, MONSEL, REBELATTO]

# Vaccination against tuberculosis: Colditz et al., JAMA 1994;271:698-702 (`dat.bcg` of metafor).
TUBERCULOSIS = [
    Counts(a, a + b, c, c + d)
    for a, b, c, d in [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
        (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232),
        (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
    ]
]  # fmt: skip

# Coated catheters and infections of the blood, with groups without an event: Niel-Weise et al., Journal of
# Antimicrobial Chemotherapy 2007;59:359-369 (`dat.nielweise2007` of metafor).
CATHETERS = [
    Counts(*counts)
    for counts in [
        (0, 116, 3, 117), (1, 44, 3, 35), (2, 208, 9, 195), (0, 130, 7, 136), (5, 151, 6, 157), (1, 98, 4, 139),
        (1, 174, 3, 177), (1, 74, 2, 39), (1, 97, 19, 103), (1, 113, 2, 122), (0, 66, 7, 64), (0, 70, 1, 58),
        (3, 188, 5, 175), (6, 187, 11, 180), (0, 118, 0, 105), (0, 252, 1, 262), (1, 345, 3, 362), (4, 64, 1, 69),
    ]
]  # fmt: skip


def ends(interval: Interval | None) -> tuple[float, float, float]:
    assert interval
    return interval.estimate, interval.low, interval.high


# metafor 3.8: rma.mh(measure="RR"); rma(test="knha"), rma(test="adhoc") with threshold 1e-14; confint(); predict().
METAFOR: list[Any] = [
    pytest.param(
        FOUR,
        {
            "mantel_haenszel": (0.74436826640548, 0.48418599530709, 1.1443621281943),
            "ratio": (0.75906417667888, 0.22152488259962, 2.6009648106147),
            "unmodified": (0.75906417667888, 0.22152488259962, 2.6009648106147),
            "tau2": (0.17256397955073, 0.0, 12.76047842880302),
            "i2": 0.35715721449127,
        },
        id="four",
    ),
    pytest.param(
        [*FOUR, ADAS],
        {
            "mantel_haenszel": (0.70127924397833, 0.47082474978653, 1.0445342524109),
            "ratio": (0.66237486926087, 0.34526515133358, 1.2707348706747),
            "unmodified": (0.66237486926087, 0.34526515133358, 1.2707348706747),
            "tau2": (0.0, 0.0, 5.9157046871137),
            "i2": 0.0,
            "prediction": (0.66237486926087, 0.34526515133357, 1.2707348706747),
        },
        id="five",
    ),
    pytest.param(
        TUBERCULOSIS,
        {
            "mantel_haenszel": (0.63526718507777, 0.58812872969142, 0.68618378267013),
            "ratio": (0.48942093982603, 0.3300722484836, 0.72569825982234),
            "unmodified": (0.48942093982603, 0.3300722484836, 0.72569825982234),
            "tau2": (0.31324325813648, 0.11971836114115, 1.11147908406093),
            "i2": 0.92221384521269,
            "prediction": (0.48942093982603, 0.13587542112409, 1.7628858432124),
        },
        id="tuberculosis",
    ),
    pytest.param(
        CATHETERS,
        {
            "mantel_haenszel": (0.30796413604999, 0.20081458550988, 0.47228595897158),
            "ratio": (0.39475211837217, 0.24128625129745, 0.64582724511398),
            "unmodified": (0.39475211837217, 0.24490857956499, 0.63627511635608),
            "tau2": (0.0085513734358891, 0.0, 1.2451549641308775),
            "i2": 0.0089530520575857,
            "prediction": (0.39475211837217, 0.23238296850199, 0.67057080802365),
        },
        id="catheters",
    ),
]


@pytest.mark.parametrize(("studies", "expected"), METAFOR)
def test_pooled_values_are_those_of_metafor(studies: list[Counts], expected: dict[str, Any]) -> None:
    model = random_effects(studies)
    assert model
    assert ends(mantel_haenszel(studies)) == pytest.approx(expected["mantel_haenszel"], rel=1e-8)
    for name in expected.keys() - {"mantel_haenszel", "i2"}:
        assert ends(getattr(model, name)) == pytest.approx(expected[name], rel=1e-8, abs=1e-12)
    assert model.i2 == pytest.approx(expected["i2"], rel=1e-8, abs=1e-12)


def test_study_without_an_event_has_no_part_in_the_random_effects() -> None:
    with_empty, without = random_effects([*FOUR, Counts(0, 65, 0, 35)]), random_effects(FOUR)
    assert with_empty == without
    assert without
    assert (without.studies, without.degrees_of_freedom, without.prediction) == (4, 3, None)


def test_one_study_is_not_pooled() -> None:
    assert random_effects([DILOGO, Counts(0, 9, 0, 9)]) is None


@pytest.mark.parametrize("studies", [[Counts(0, 9, 3, 9), Counts(0, 4, 1, 5)], [Counts(2, 9, 0, 9)], []])
def test_group_without_any_event_gives_no_mantel_haenszel_ratio(studies: list[Counts]) -> None:
    assert mantel_haenszel(studies) is None


# --- A slow calculation, from the definitions.


def slow_quantile(density: Any, p: float, low: float, steps: int = 4000) -> float:
    """Return the quantile by Simpson's rule over the density, above `low`, where half of p - 0.5 or all of p begins."""

    def area(x: float) -> float:
        width = (x - low) / steps
        inner = sum((4 if k % 2 else 2) * density(low + k * width) for k in range(1, steps))
        return width / 3 * (density(low) + inner + density(x))

    end = 1.0
    while area(end) < p:
        end *= 2
    start = low
    for _ in range(45):
        middle = (start + end) / 2
        start, end = (middle, end) if area(middle) < p else (start, middle)
    return start


def slow_t(df: int) -> float:
    constant = gamma((df + 1) / 2) / (sqrt(df * pi) * gamma(df / 2))
    return slow_quantile(lambda x: constant * (1 + x * x / df) ** (-(df + 1) / 2), 0.475, 0.0)


def slow_model(studies: list[Counts]) -> tuple[float, float, float, float]:
    """Return the ratio, the ends of its modified interval, and tau squared, from the restricted likelihood itself."""
    y, v = [], []
    for study in studies:
        cells = [study.a, study.n1 - study.a, study.c, study.n2 - study.c]
        if not study.a and not study.c:
            continue
        a, b, c, d = (cell + 0.5 for cell in cells) if 0 in cells else cells
        y.append(log((a / (a + b)) / (c / (c + d))))
        v.append(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))

    def mean(tau2: float) -> float:
        return sum(yi / (vi + tau2) for yi, vi in zip(y, v, strict=True)) / sum(1 / (vi + tau2) for vi in v)

    def deviance(tau2: float) -> float:
        squares = sum((yi - mean(tau2)) ** 2 / (vi + tau2) for yi, vi in zip(y, v, strict=True))
        return sum(log(vi + tau2) for vi in v) + log(sum(1 / (vi + tau2) for vi in v)) + squares

    # A grid that is fine near zero, then a golden-section search around its best point.
    grid = [0.0, *(1e-6 * 1.02**k for k in range(900))]
    best = min(range(len(grid)), key=lambda k: deviance(grid[k]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    golden = (sqrt(5) - 1) / 2
    for _ in range(80):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if deviance(left) < deviance(right) else (left, high)
    tau2 = min((0.0, (low + high) / 2), key=deviance)
    df, total, centre = len(y) - 1, sum(1 / (vi + tau2) for vi in v), mean(tau2)
    q = sum((yi - centre) ** 2 / (vi + tau2) for yi, vi in zip(y, v, strict=True)) / df
    margin = slow_t(df) * sqrt(max(1.0, q) / total)
    return exp(centre), exp(centre - margin), exp(centre + margin), tau2


@pytest.mark.parametrize("studies", [FOUR, [*FOUR, ADAS], TUBERCULOSIS, CATHETERS])
def test_pooled_values_are_those_of_the_slow_calculation(studies: list[Counts]) -> None:
    model, slow = random_effects(studies), slow_model(studies)
    assert model
    # Near its highest point the likelihood is flat, so that the search knows tau squared to some seven digits.
    assert model.tau2.estimate == pytest.approx(slow[3], rel=1e-5, abs=1e-7)
    assert ends(model.ratio) == pytest.approx(slow[:3], rel=1e-6)


COUNTS = st.integers(1, 60).flatmap(
    lambda n1: st.integers(1, 60).flatmap(
        lambda n2: st.builds(Counts, st.integers(0, n1), st.just(n1), st.integers(0, n2), st.just(n2))
    )
)


WITH_EVENTS = COUNTS.filter(lambda counts: not counts.no_event)


@settings(max_examples=60, deadline=None)
@given(st.lists(WITH_EVENTS, min_size=3, max_size=9))
def test_any_studies_give_what_the_slow_calculation_gives(studies: list[Counts]) -> None:
    model, slow = random_effects(studies), slow_model(studies)
    assert model
    assert model.tau2.estimate == pytest.approx(slow[3], rel=1e-3, abs=1e-5)
    assert ends(model.ratio) == pytest.approx(slow[:3], rel=1e-4)


@settings(max_examples=200, deadline=None)
@given(st.lists(COUNTS, max_size=9), st.integers(1, 9), st.integers(1, 9))
def test_interval_of_mantel_and_haenszel_holds_its_estimate(studies: list[Counts], a: int, c: int) -> None:
    estimate, low, high = ends(mantel_haenszel([*studies, Counts(a, 9, c, 9)]))
    assert 0 <= low <= estimate <= high


@settings(max_examples=200, deadline=None)
@given(st.lists(WITH_EVENTS, min_size=2, max_size=12))
def test_intervals_of_the_random_effects_hold_their_estimates(studies: list[Counts]) -> None:
    model = random_effects(studies)
    assert model
    for interval in filter(None, (model.ratio, model.prediction)):
        assert 0 <= interval.low <= interval.estimate <= interval.high
    assert 0 <= model.tau2.low <= model.tau2.high
    assert 0 <= model.i2 < 1
    assert model.unmodified.low >= model.ratio.low * (1 - 1e-12)


# --- metafor itself, as the judge.

SCRIPT = """
suppressPackageStartupMessages(library(metafor))
d <- read.csv("stdin")
m <- rma.mh(measure="RR", ai=ai, n1i=n1i, ci=ci, n2i=n2i, data=d)
e <- escalc(measure="RR", ai=ai, n1i=n1i, ci=ci, n2i=n2i, data=d, drop00=TRUE)
r <- rma(yi, vi, data=e, test="adhoc", control=list(threshold=1e-14, maxiter=100000))
p <- predict(r)
cat(sprintf("%.15g", c(exp(c(m$beta, m$ci.lb, m$ci.ub, r$beta, r$ci.lb, r$ci.ub, p$pi.lb, p$pi.ub)), r$tau2)))
"""


@pytest.fixture
def metafor() -> None:
    if not which("Rscript"):
        missing("R with metafor")


@pytest.mark.usefixtures("metafor")
@pytest.mark.parametrize("studies", [[*FOUR, ADAS], TUBERCULOSIS, CATHETERS])
def test_metafor_gives_the_same_values(studies: list[Counts]) -> None:
    rows = "\n".join(f"{each.a},{each.n1},{each.c},{each.n2}" for each in studies)
    answer = subprocess.run(
        ["Rscript", "--vanilla", "-e", SCRIPT], input=f"ai,n1i,ci,n2i\n{rows}\n", capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    judged = [float(value) for value in answer.stdout.split()]
    model = random_effects(studies)
    assert model
    assert model.prediction
    ours = [*ends(mantel_haenszel(studies)), *ends(model.ratio), model.prediction.low, model.prediction.high]
    assert ours == pytest.approx(judged[:8], rel=1e-8)
    assert model.tau2.estimate == pytest.approx(judged[8], rel=1e-8, abs=1e-12)
