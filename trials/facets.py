"""The counts beside each filter value, taken with all the other filters applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q

from trials import vocabulary as v
from trials.filters import TrialFilter
from trials.models import Arm, Country, Trial

CODE_FACETS = ("design", "masking", "cause", "phase")


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


def _others(filterset: TrialFilter, name: str, path: str = "pk__in") -> Q:
    condition = filterset.condition(without=name)
    return Q(**{path: filterset.queryset.filter(condition)}) if condition else Q()


def _count(expression: str, condition: Q) -> Count:
    return Count(expression, filter=condition or None, distinct=expression != "pk")


def _facet(filterset: TrialFilter, name: str, counted: dict[str, int], labels: Mapping[str, object]) -> Facet:
    chosen = filterset.chosen.get(name, [])
    values = [
        Value(code, str(label), counted.get(code, 0), code in chosen)
        for code, label in labels.items()
        if code in counted or code in chosen or name == "design"
    ]
    return Facet(name, str(filterset.filters[name].label), values)


def _by_code(filterset: TrialFilter, name: str) -> Facet:
    rows = filterset.queryset.order_by().values(name).annotate(n=_count("pk", _others(filterset, name)))
    vocabulary = {"design": v.Design, "masking": v.Masking, "cause": v.Cause, "phase": v.Phase}[name]
    return _facet(filterset, name, {row[name]: row["n"] for row in rows}, dict(vocabulary.choices))


def _by_cells(filterset: TrialFilter) -> Facet:
    rows = (
        Arm.objects.filter(trial__in=filterset.queryset)
        .exclude(cell_source="")
        .order_by()
        .values("cell_source")
        .annotate(n=_count("trial", _others(filterset, "cells", "trial__in")))
    )
    return _facet(filterset, "cells", {row["cell_source"]: row["n"] for row in rows}, dict(v.CellSource.choices))


def _by_country(filterset: TrialFilter) -> Facet:
    links = Trial.countries.through.objects.filter(trial__in=filterset.queryset)
    rows = (
        links.order_by()
        .values(code=F("country__code"))
        .annotate(n=_count("trial", _others(filterset, "country", "trial__in")))
    )
    counted: dict[str, int] = {row["code"]: row["n"] for row in rows}
    wanted = [*counted, *filterset.chosen.get("country", [])]
    names = dict(Country.objects.filter(code__in=wanted).values_list("code", "name"))
    return _facet(filterset, "country", counted, names)


def _years(filterset: TrialFilter, name: str) -> list[Value]:
    """For each year: how many studies there would be from it on (year_min) or up to it (year_max)."""
    rows = filterset.queryset.order_by().values("publication_year").annotate(n=_count("pk", _others(filterset, name)))
    by_year: dict[int, int] = {row["publication_year"]: row["n"] for row in rows}
    chosen = filterset.chosen.get(name)
    years = sorted({*by_year, *([chosen] if chosen else [])})

    def total(year: int) -> int:
        return sum(n for other, n in by_year.items() if (other >= year if name == "year_min" else other <= year))

    return [Value(str(year), str(year), total(year), year == chosen) for year in years]


def facets(filterset: TrialFilter) -> dict[str, Any]:
    """`{"facets": [Facet, …], "first_years": [Value, …], "last_years": [Value, …]}`, in the order of the page."""
    by_code = {name: _by_code(filterset, name) for name in CODE_FACETS}
    return {
        "facets": [
            by_code["design"],
            by_code["masking"],
            by_code["cause"],
            _by_cells(filterset),
            _by_country(filterset),
            by_code["phase"],
        ],
        "first_years": _years(filterset, "year_min"),
        "last_years": _years(filterset, "year_max"),
    }
