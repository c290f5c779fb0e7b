"""Deaths in both groups of a study, with the effects that the evidence page shows."""

from dataclasses import asdict
from typing import Any

from trials import vocabulary as v
from trials.evidence.effects import Counts, Interval, log_risk_ratio, risk_difference
from trials.exports.study_json import own_address
from trials.models import Trial
from trials.presenters.deaths import main_counts, of_whom, when_counted


def row(trial: Trial) -> dict[str, Any]:
    """Return the counts of a study that counted deaths in both groups. A ratio that cannot be estimated is null."""
    numbers: Any = (trial.cells_deaths, trial.cells_out_of, trial.comparison_deaths, trial.comparison_out_of)
    counts = Counts(*numbers)
    counted, ratio = main_counts(trial, v.Outcome.DEATH), log_risk_ratio(counts)
    return {
        "study": trial.slug,
        "url": own_address(trial),
        "design": trial.design,
        "counted_when": when_counted(counted),
        "counted_of": of_whom(trial),
        "cells": {"deaths": counts.a, "out_of": counts.n1},
        "comparison": {"deaths": counts.c, "out_of": counts.n2},
        "risk_ratio": _interval(ratio.interval) | {"half_added": ratio.corrected} if ratio else None,
        "risk_difference": _interval(risk_difference(counts)),
    }


def _interval(interval: Interval) -> dict[str, Any]:
    """Return the estimate and the ends of its 95% interval."""
    return asdict(interval)
