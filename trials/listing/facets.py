"""The values of each filter with the number of studies next to each, counted with all the other filters on."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from trials.listing.filters import FACETS, NOT_NARROWING, TrialFilter

# Facets whose columns have few values share a query: the database counts each combination, Python adds them up.
GROUPS = (("design", "masking", "cause", "cells", "phase", "notice"), ("country",))
YEARS = ("year_min", "year_max")


@dataclass(frozen=True)
class Value:
    code: str
    label: str
    count: int
    chosen: bool

    @property
    def disabled(self) -> bool:
        """Whether choosing it would show nothing. A chosen value can always be removed."""
        return self.count == 0 and not self.chosen


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    values: list[Value]


def facets(filterset: TrialFilter) -> list[Facet]:
    """Return the facets in the order of the page, with the values that studies have or that are chosen."""
    counts = {name: count for names in GROUPS for name, count in _count(filterset, names).items()}
    found = []
    for name in FACETS:
        count, chosen = counts[name], filterset.chosen.get(name, [])
        values = [
            Value(code, str(label), count[code], code in chosen)
            for code, label in filterset.filters[name].extra["choices"]
            if code in count or code in chosen or name == "design"
        ]
        if values:  # no study may have a notice after publication
            found.append(Facet(name, str(filterset.filters[name].label), values))
    return found


def _count(filterset: TrialFilter, names: tuple[str, ...]) -> dict[str, Counter[str]]:
    """Return facet -> code -> number of studies, with 0 for a code that only other public studies have."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    chosen = {name: set(filterset.chosen.get(name, [])) for name in names}
    columns = [filterset.filters[name].field_name for name in names]
    for *values, number in _combinations(filterset, names, columns):
        codes = [value if isinstance(value, list) else [value] for value in values]
        pairs = list(zip(names, codes, strict=True))
        failed = [name for name, own in pairs if chosen[name] and chosen[name].isdisjoint(own)]
        for name, own in pairs:
            for code in own:
                counts[name][code] += number if failed in ([], [name]) else 0
    return counts


def _combinations(filterset: TrialFilter, names: tuple[str, ...], columns: Iterable[str]) -> Iterable[tuple[Any, ...]]:
    """Return the values of the columns and the number of studies of each combination, without these filters."""
    others = filterset.chosen.keys() - {*names, *NOT_NARROWING}
    matching = Q(pk__in=filterset.without(*names).values("pk")) if others else None
    studies = filterset.queryset.order_by().values_list(*columns)
    combinations: Iterable[tuple[Any, ...]] = studies.annotate(number=Count("publication_year", filter=matching))
    return combinations


def year_choices(filterset: TrialFilter) -> tuple[list[Value], list[Value]]:
    """Return the first and the last years to choose from, with the number of studies from or up to each."""
    numbers = dict(_combinations(filterset, YEARS, ["publication_year"]))
    first, last = (filterset.chosen.get(name) for name in YEARS)

    def values(chosen: int | None, years: Any) -> list[Value]:
        return [
            Value(str(year), str(year), sum(numbers.get(each, 0) for each in years(year)), year == chosen)
            for year in sorted({*numbers, chosen} - {None})
        ]

    return (
        values(first, lambda year: [y for y in numbers if y >= year and (last is None or y <= last)]),
        values(last, lambda year: [y for y in numbers if y <= year and (first is None or y >= first)]),
    )
