"""The values of each filter with the number of studies next to each, counted with all the other filters on."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from trials.listing.filters import FACETS, TrialFilter
from trials.models.fields import FIRST_YEAR, LAST_YEAR

# Facets that share a query, as countries and years do: the database counts each combination of their values, Python
# adds them up. All eight in one query have three times as many combinations; each in its own reads all the studies.
COMBINED = (("design", "masking", "cause", "cells", "phase"), ("notice", "registered", "disagree"))


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
    years = _years(filterset)
    by_country: Counter[tuple[str, ...]] = Counter()
    for codes, year, number in filterset.by_country_and_year:
        by_country[tuple(codes)] += number if year in years else 0
    counts = _count(filterset, ("country",), by_country.items())
    for names in COMBINED:
        counts |= _count(filterset, names, filterset.combinations(*names))
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


def _count(
    filterset: TrialFilter, names: tuple[str, ...], combinations: Iterable[tuple[Any, ...]]
) -> dict[str, Counter[str]]:
    """Return facet -> code -> number of studies, with 0 for a code that only other public studies have."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    chosen = {name: set(filterset.chosen.get(name, [])) for name in names}
    for *values, number in combinations:
        codes = [[value] if isinstance(value, str) else value for value in values]
        pairs = list(zip(names, codes, strict=True))
        failed = [name for name, own in pairs if chosen[name] and chosen[name].isdisjoint(own)]
        for name, own in pairs:
            for code in own:
                counts[name][code] += number if failed in ([], [name]) else 0
    return counts


def _years(filterset: TrialFilter) -> range:
    """Return the years of the filters, or all that a study can have."""
    return range(filterset.chosen.get("year_min", FIRST_YEAR), filterset.chosen.get("year_max", LAST_YEAR) + 1)


def year_choices(filterset: TrialFilter) -> tuple[list[Value], list[Value]]:
    """Return the first and the last years to choose from, with the number of studies from or up to each."""
    countries = set(filterset.chosen.get("country", []))
    numbers: Counter[int] = Counter()
    for codes, year, number in filterset.by_country_and_year:
        numbers[year] += number if not countries or countries & set(codes) else 0
    first, end = _years(filterset).start, _years(filterset).stop

    def values(chosen: int | None, span: Callable[[int], range]) -> list[Value]:
        return [
            Value(str(year), str(year), sum(numbers[each] for each in numbers if each in span(year)), year == chosen)
            for year in sorted({*numbers} if chosen is None else {*numbers, chosen})
        ]

    return (
        values(filterset.chosen.get("year_min"), lambda year: range(year, end)),
        values(filterset.chosen.get("year_max"), lambda year: range(first, year + 1)),
    )
