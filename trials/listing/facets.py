"""The values of each filter with the number of studies next to each, counted with all the other filters on."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from trials.listing.filters import FACETS, YEAR_FILTERS, TrialFilter
from trials.listing.totals import totals
from trials.models.fields import FIRST_YEAR, LAST_YEAR, split_codes

# What is counted in one query: the database counts each combination of the values, Python adds them up. A query for
# each filter would read all the studies nine times; in one query, each study is nearly a combination of its own.
COMBINED = (
    ("country", "year"),
    ("design", "masking", "cause", "cells", "phase"),
    ("notice", "registered", "disagree"),
)


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


class Counts:
    """What the page of the list counts, with its filters on."""

    def __init__(self, filterset: TrialFilter) -> None:
        self._filterset, self._chosen = filterset, filterset.chosen
        self._years = range(self._chosen.get("year_min", FIRST_YEAR), self._chosen.get("year_max", LAST_YEAR) + 1)
        self._allowed = {name: set(self._chosen[name]) for name in FACETS if name in self._chosen}
        if self._chosen.keys() & {*YEAR_FILTERS}:
            self._allowed["year"] = set(self._years)
        self._numbers: dict[str, Counter[Any]] = {}  # by filter: how many studies have each value
        self.totals = totals([])
        # A search reads the texts of all studies, so that what it finds is read once.
        for names in [sum(COMBINED, ())] if "q" in self._chosen else COMBINED:
            self._count(names, filterset.combinations(*names))

    def _count(self, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
        """Add up combinations of the values of these filters, each filter without what it leaves out itself."""
        filters = [(name, names.index(name), codes) for name, codes in self._allowed.items() if name in names]
        rows_by_failed: dict[tuple[str, ...], list[tuple[Any, ...]]] = {(): [] if filters else list(rows)}
        for row in rows if filters else ():
            failed = tuple(name for name, index, codes in filters if codes.isdisjoint(_codes(row[index])))
            rows_by_failed.setdefault(failed, []).append(row)
        if "year" in names and self._filterset.is_valid():
            self.totals = totals(rows_by_failed[()])
        for index, name in enumerate(names):
            stored: dict[Any, int] = defaultdict(int)  # by the values in the column: a Counter is half as fast
            for failed, those in rows_by_failed.items():
                counts = failed in ((), (name,))
                for row in those:
                    stored[row[index]] += row[-1] if counts else 0
            self._numbers[name] = Counter()
            for value, number in stored.items():
                self._numbers[name].update(dict.fromkeys(_codes(value), number))

    @cached_property
    def facets(self) -> list[Facet]:
        """The facets in the order of the page, with the values that studies have or that are chosen."""
        found = []
        for name in FACETS:
            numbers, chosen = self._numbers[name], self._chosen.get(name, [])
            values = [
                Value(code, str(label), numbers[code], code in chosen)
                for code, label in self._filterset.filters[name].extra["choices"]
                if code in numbers or code in chosen or name == "design"
            ]
            if values:  # no study may have a notice after publication
                found.append(Facet(name, str(self._filterset.filters[name].label), values))
        return found

    @cached_property
    def first_years(self) -> list[Value]:
        """The first years to choose from, each with the number of studies from it on."""
        return self._year_choices("year_min", lambda year: range(year, self._years.stop))

    @cached_property
    def last_years(self) -> list[Value]:
        """The last years to choose from, each with the number of studies up to it."""
        return self._year_choices("year_max", lambda year: range(self._years.start, year + 1))

    def _year_choices(self, name: str, span: Callable[[int], range]) -> list[Value]:
        numbers, chosen = self._numbers["year"], self._chosen.get(name)
        return [
            Value(str(year), str(year), sum(numbers[each] for each in numbers if each in span(year)), year == chosen)
            for year in sorted({*numbers} if chosen is None else {*numbers, chosen})
        ]


def _codes(stored: Any) -> list[Any]:
    """Return what a column holds: the codes of a list, which is stored as `,FR,ID,`, or its one value."""
    return split_codes(stored) if isinstance(stored, str) and stored.startswith(",") else [stored]
