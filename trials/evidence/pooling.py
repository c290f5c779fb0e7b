"""Two ways of combining the risk ratios of several studies. Both need at least two studies.

Mantel-Haenszel takes the studies to estimate one and the same ratio. The random-effects model lets the ratio differ
from study to study, and says by how much.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, sqrt

from trials.evidence.effects import Counts, Interval, LogRiskRatio, log_risk_ratio, ratio_interval
from trials.evidence.quantiles import LEVEL, Z, chi2_quantile, find_root, t_quantile

LEAST_FOR_PREDICTION = 5  # studies
STEPS = 200  # of the search for tau squared; some ten are needed


def mantel_haenszel(studies: Sequence[Counts]) -> Interval | None:
    """Return the risk ratio of Mantel and Haenszel without continuity correction; None where a group has no event.

    Formula: the sum of a × n2 / N over the studies, divided by the sum of c × n1 / N, where N = n1 + n2 are the
    people of a study. It assumes that all studies estimate one and the same ratio.

    Source: Greenland and Robins, Biometrics 1985;41:55-68, also for the variance.
    """
    if not sum(study.a for study in studies) or not sum(study.c for study in studies):
        return None
    cells = comparison = spread = 0.0
    for study in studies:
        people = study.n1 + study.n2
        cells += study.a * study.n2 / people
        comparison += study.c * study.n1 / people
        spread += (study.n1 * study.n2 * (study.a + study.c) - study.a * study.c * people) / people**2
    return ratio_interval(log(cells / comparison), Z * sqrt(spread / (cells * comparison)))


@dataclass(frozen=True)
class RandomEffects:
    """The random-effects model of some studies."""

    studies: int
    ratio: Interval  # with the interval of Hartung, Knapp, Sidik and Jonkman, never narrower than Wald's
    unmodified: Interval  # the same without this last condition
    tau2: Interval  # variance of the logarithm of the ratio between studies, with its Q-profile interval
    i2: float  # share of the variance that lies between studies, from 0 to 1
    prediction: Interval | None  # where the ratio of a new study may lie; None for fewer than five studies

    @property
    def degrees_of_freedom(self) -> int:
        """Of the t distribution behind the interval of the ratio and the prediction interval."""
        return self.studies - 1


def random_effects(studies: Sequence[Counts]) -> RandomEffects | None:
    """Return the random-effects model of the studies; None where fewer than two have a ratio.

    Formula: the mean of the logarithms, each with the weight 1 / (its variance + tau²). It lets the ratio differ from
    study to study. The interval is the mean ± t × √(q / the sum of the weights), where t has k - 1 degrees of freedom
    for k studies and q is the larger of 1 and Q / (k - 1): so it is never narrower than Wald's. I² is tau² divided by
    tau² plus the typical variance within a study. The prediction interval, from five studies on, is the mean ± t ×
    √(the squared standard error + tau²), with k - 1 degrees of freedom too.

    Source: Hartung and Knapp, Statistics in Medicine 2001;20:3875-3889; Sidik and Jonkman, Statistics in Medicine
    2002;21:3153-3159; Röver, Knapp and Friede, BMC Medical Research Methodology 2015;15:99; Higgins and Thompson,
    Statistics in Medicine 2002;21:1539-1558; Higgins, Thompson and Spiegelhalter, Journal of the Royal Statistical
    Society A 2009;172:137-159.
    """
    effects = [effect for study in studies if (effect := log_risk_ratio(study))]
    if len(effects) < 2:
        return None
    df = len(effects) - 1
    tau2 = reml(effects)
    weights = _weights(effects, tau2)
    mean = _mean(effects, weights)
    factor = _q(effects, tau2) / df
    t = t_quantile((1 + LEVEL) / 2, df)
    wald, error = sqrt(1 / sum(weights)), sqrt(max(1.0, factor) / sum(weights))
    prediction = ratio_interval(mean, t * sqrt(error**2 + tau2)) if len(effects) >= LEAST_FOR_PREDICTION else None
    return RandomEffects(
        studies=len(effects),
        ratio=ratio_interval(mean, t * error),
        unmodified=ratio_interval(mean, t * wald * sqrt(factor)),
        tau2=Interval(tau2, *q_profile(effects)),
        i2=tau2 / (tau2 + _typical_variance(effects)),
        prediction=prediction,
    )


def reml(effects: Sequence[LogRiskRatio]) -> float:
    """Return tau squared by restricted maximum likelihood, at least 0.

    Formula: the tau² that makes the logarithms of the ratios likeliest once their mean is taken out. It is found step
    by step, by Fisher scoring from 0 and from the estimate of Hedges; the likelier result counts.

    Source: Viechtbauer, Journal of Educational and Behavioral Statistics 2005;30:261-293.
    """
    mean = sum(effect.value for effect in effects) / len(effects)
    variance = sum((effect.value - mean) ** 2 for effect in effects) / (len(effects) - 1)
    hedges = max(0.0, variance - sum(effect.variance for effect in effects) / len(effects))
    found = [0.0, *(_scoring(effects, start) for start in {0.0, hedges})]
    return max(found, key=lambda tau2: _restricted_likelihood(effects, tau2))


def _scoring(effects: Sequence[LogRiskRatio], tau2: float) -> float:
    for _ in range(STEPS):
        w = _weights(effects, tau2)
        mean = _mean(effects, w)
        w1, w2, w3 = (sum(weight**power for weight in w) for power in (1, 2, 3))
        squares = sum(weight**2 * (effect.value - mean) ** 2 for weight, effect in zip(w, effects, strict=True))
        step = (squares - w1 + w2 / w1) / (w2 - 2 * w3 / w1 + (w2 / w1) ** 2)
        new = max(0.0, tau2 + step)
        if abs(new - tau2) <= 1e-15 * max(1.0, tau2):
            return new
        tau2 = new
    return tau2


def _restricted_likelihood(effects: Sequence[LogRiskRatio], tau2: float) -> float:
    """Return the logarithm of the restricted likelihood, without its constant."""
    weights = _weights(effects, tau2)
    return (sum(log(weight) for weight in weights) - log(sum(weights)) - _q(effects, tau2)) / 2


def q_profile(effects: Sequence[LogRiskRatio]) -> tuple[float, float]:
    """Return the interval of tau squared, by Q-profile. Neither end is below 0.

    Formula: the values of tau² for which Q, the weighted sum of squares around the mean, equals the 97.5th and the
    2.5th percentile of the chi-squared distribution with k - 1 degrees of freedom, for k studies.

    Source: Viechtbauer, Statistics in Medicine 2007;26:37-52.
    """
    df = len(effects) - 1

    def end(share: float) -> float:
        quantile = chi2_quantile(share, df)
        outside: Callable[[float], float] = lambda tau2: quantile - _q(effects, tau2)  # noqa: E731
        return 0.0 if outside(0.0) >= 0 else find_root(outside)

    return end((1 + LEVEL) / 2), end((1 - LEVEL) / 2)


def _weights(effects: Sequence[LogRiskRatio], tau2: float) -> list[float]:
    return [1 / (effect.variance + tau2) for effect in effects]


def _mean(effects: Sequence[LogRiskRatio], weights: Sequence[float]) -> float:
    return sum(w * effect.value for w, effect in zip(weights, effects, strict=True)) / sum(weights)


def _q(effects: Sequence[LogRiskRatio], tau2: float) -> float:
    """Return the weighted sum of squares around the mean."""
    weights = _weights(effects, tau2)
    mean = _mean(effects, weights)
    return sum(w * (effect.value - mean) ** 2 for w, effect in zip(weights, effects, strict=True))


def _typical_variance(effects: Sequence[LogRiskRatio]) -> float:
    """Return the typical variance within a study, of Higgins and Thompson."""
    weights = _weights(effects, 0.0)
    total = sum(weights)
    return (len(effects) - 1) * total / (total**2 - sum(w * w for w in weights))
