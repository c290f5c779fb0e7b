"""The values of each filter, with the counts beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trials.filters import TrialFilter
from trials.listing import FACETS, Counts


@dataclass(frozen=True)
class Value:
    code: str
    label: str
    count: int
    chosen: bool

    @property
    def cannot_be_chosen(self) -> bool:
        """True where choosing it would show nothing. One that is chosen already can always be let go."""
        return self.count == 0 and not self.chosen


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    values: list[Value]


def _facet(filterset: TrialFilter, name: str, counted: dict[str, int], labels: Mapping[str, object]) -> Facet:
    chosen = filterset.chosen.get(name, [])
    values = [
        Value(code, str(label), counted.get(code, 0), code in chosen)
        for code, label in labels.items()
        if code in counted or code in chosen or name == "design"
    ]
    return Facet(name, str(filterset.filters[name].label), values)


def _years(filterset: TrialFilter, name: str, counted: dict[str, int]) -> list[Value]:
    """For each year: how many studies there would be from it on (year_min) or up to it (year_max)."""
    by_year = {int(year): number for year, number in counted.items()}
    chosen = filterset.chosen.get(name)
    years = sorted({*by_year, *([chosen] if chosen else [])})
    ahead = reversed(years) if name == "year_min" else years
    total, totals = 0, {}
    for year in ahead:
        total += by_year.get(year, 0)
        totals[year] = total
    return [Value(str(year), str(year), totals[year], year == chosen) for year in years]


def facets(filterset: TrialFilter, counts: Counts) -> dict[str, Any]:
    """`{"facets": [Facet, …], "first_years": [Value, …], "last_years": [Value, …]}`, in the order of the page."""
    fields = filterset.form.fields
    return {
        "facets": [_facet(filterset, name, counts[name], dict(fields[name].choices)) for name in FACETS],
        "first_years": _years(filterset, "year_min", counts["year_min"]),
        "last_years": _years(filterset, "year_max", counts["year_max"]),
    }
