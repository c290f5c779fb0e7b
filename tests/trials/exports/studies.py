"""Studies with names that are hard to carry, for round trips."""

from typing import Any

from tests.factories import arm, comparison, count, published_trial, registration
from trials.models import Trial

NAMES = (
    "Adaş, Gökhan\nIşıksaçan, Nilgün\nالبحيري, أحمد\nGarcía-Peña, José\nAPHP STROMA–CoV-2 Collaborative Research Group"
)
TITLE = "Mesenchymal cells & “ARDS”: 50% {better}, İzmir_2 #1 – a randomised trial"


def hard_trial(**values: Any) -> Trial:
    """Return a public study with accents, Turkish and right-to-left letters, and characters that formats use."""
    hard = {
        "slug": "adas-2021",
        "title": TITLE,
        "authors": NAMES,
        "journal": "Stem Cell Research & Therapy",
        "journal_abbreviation": "Stem Cell Res Ther",
        "volume": "12",
        "issue": "1",
        "pages": "e391-e399",
        "doi": "10.1000/x_1",
        "pmid": "34180719",
        "pmcid": "PMC8243094",
        "language": "English",
        "age": "-5 to 70 years\nsecond line, “quoted”",
        "severity": "=1+1",
        "dose": "+1 × 10⁶",
        "dose_unit": "cells-per-kg",
        "who_masked": ["participant", "investigator"],
        "countries": ["FR", "TR"],
        "registrations": [
            registration(identifier="NCT00000001", title="Cells for ARDS", sponsor="Üniversite", looked_up="2022-10-06")
        ],
        "counts": [
            count("c1", "a1"),
            count("c2", "a2", events=5),
            count("c3", None, outcome="sae", events=0, total=10),
        ],
        "arms": [arm("a1", name="=Cells"), comparison("a2")],
    }
    return published_trial(**hard | values)
