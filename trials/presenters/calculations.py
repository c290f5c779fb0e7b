"""The calculations behind the numbers of the evidence, in the words of the docstrings of their functions."""

import inspect
from collections.abc import Callable
from typing import Any

from trials.evidence.effects import log_risk_ratio, risk, risk_difference
from trials.evidence.pooling import mantel_haenszel, q_profile, random_effects, reml

CALCULATED: list[tuple[str, Callable[..., Any]]] = [
    ("Number per 100, with its interval", risk),
    ("Difference per 100, with its interval", risk_difference),
    ("Risk ratio of one study, with its interval", log_risk_ratio),
    ("One ratio for all studies (Mantel-Haenszel)", mantel_haenszel),
    ("Ratios that differ (random effects)", random_effects),
    ("Variance between studies (tau²)", reml),
    ("Interval of tau²", q_profile),
]


def calculations() -> list[tuple[str, list[str]]]:
    """Return the name of each calculation with its formula and its source.

    Its docstring holds them after the first paragraph, which is for programmers.
    """
    docs = ((name, (inspect.getdoc(function) or "").split("\n\n")[1:]) for name, function in CALCULATED)
    return [(name, [" ".join(paragraph.split()) for paragraph in paragraphs]) for name, paragraphs in docs]
