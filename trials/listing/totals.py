"""How many studies, people and countries a set of studies has. Deaths are never added up over studies."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from trials.models.trial import TrialQuerySet
from trials.vocabulary import Design


@dataclass(frozen=True)
class Totals:
    studies: int
    people: int  # analysed, in all groups; randomised where the number analysed is not known
    countries: int
    first_year: int | None
    last_year: int | None
    randomised: int


def totals(studies: TrialQuerySet) -> Totals:
    """Return what the studies add up to, in one query: the database adds up each list of countries, Python the rest."""
    numbers: dict[str, Any] = {
        "studies": Count("publication_year"),
        "sum_of_people": Sum("people"),
        "first_year": Min("publication_year"),
        "last_year": Max("publication_year"),
        "randomised": Count("publication_year", filter=Q(design=Design.RANDOMISED)),
    }
    found = list(studies.order_by().values("countries").annotate(**numbers))
    return Totals(
        studies=sum(row["studies"] for row in found),
        people=sum(row["sum_of_people"] for row in found),
        countries=len({code for row in found for code in row["countries"]}),
        first_year=min((row["first_year"] for row in found), default=None),
        last_year=max((row["last_year"] for row in found), default=None),
        randomised=sum(row["randomised"] for row in found),
    )
