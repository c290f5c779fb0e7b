"""What a set of studies adds up to. Counts are added, never weighed: this is bookkeeping, not a meta-analysis."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from trials.models.trial import TrialQuerySet
from trials.vocabulary import Design


@dataclass(frozen=True)
class Deaths:
    """Deaths over people, added up over `studies` studies."""

    studies: int
    cells_deaths: int
    cells_people: int
    comparison_deaths: int = 0
    comparison_people: int = 0


@dataclass(frozen=True)
class Totals:
    studies: int
    people: int  # analysed, in all groups; randomised where the number analysed is not known
    countries: int
    first_year: int | None
    last_year: int | None
    randomised: int
    compared: Deaths  # studies that counted deaths in a group given cells and in a comparison group
    uncompared: Deaths  # studies that counted deaths and have no comparison group


DEATHS = ("cells_deaths", "cells_out_of", "comparison_deaths", "comparison_out_of")


def totals(studies: TrialQuerySet) -> Totals:
    """Return what the studies add up to, in two queries."""
    sums: dict[str, Any] = {
        "studies": Count("publication_year"),
        "people": Sum("people", default=0),
        "first_year": Min("publication_year"),
        "last_year": Max("publication_year"),
        "randomised": Count("publication_year", filter=Q(design=Design.RANDOMISED)),
    }
    # A study with a comparison group but no count of its deaths belongs to neither.
    groups = {
        "compared": (Q(cells_out_of__isnull=False, comparison_out_of__isnull=False), DEATHS),
        "uncompared": (Q(cells_out_of__isnull=False, comparison_people=None), DEATHS[:2]),
    }
    for name, (condition, columns) in groups.items():
        sums[f"{name}_studies"] = Count("publication_year", filter=condition)
        sums |= {f"{name}_{column}": Sum(column, filter=condition, default=0) for column in columns}
    found: dict[str, Any] = studies.order_by().aggregate(**sums)
    deaths: dict[str, Any] = {
        name: Deaths(*(found.pop(f"{name}_{column}") for column in ("studies", *columns)))
        for name, (_, columns) in groups.items()
    }
    lists = studies.order_by().values_list("countries", flat=True).distinct()
    return Totals(**found, **deaths, countries=len({code for codes in lists for code in codes}))
