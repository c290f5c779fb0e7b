"""The counts beside each filter value, taken with all the other filters applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from trials.digest import split
from trials.filters import AnyOfSeveralFilter, TrialFilter

# The filters with counts, in the order of the page; the years come after them.
FACETS = ("design", "masking", "cause", "cells", "country", "phase")
YEARS = ("year_min", "year_max")


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


Counts = dict[str, dict[str, int]]  # filter -> code -> number of studies


def _counts(filterset: TrialFilter) -> Counts:
    """For each filter: the number of studies with each value that a public study has, in one statement.

    A filter that is on is counted among the studies that the others leave. All that are off are counted among those
    found, which are looked up once. While none is on, every number comes from an index of its own.
    """
    studies = filterset.queryset.filter(filterset.condition())
    columns = {name: filterset.filters[name].field_name for name in (*FACETS, *YEARS)}
    if not filterset.chosen.keys() & set(YEARS):
        del columns["year_max"]  # the same counts as of year_min
    every, every_parameters = filterset.queryset.where()
    tables: list[str] = []
    counts: list[str] = []
    of_tables: list[Any] = []  # the parameters
    of_counts: list[Any] = []
    if studies.is_narrowed:
        rows, parameters = studies.rows()
        looked_at = ", ".join(dict.fromkeys(columns.values()))
        tables.append(f"found AS MATERIALIZED (SELECT {looked_at} FROM {rows})")
        of_tables += parameters
    for name, column in columns.items():
        # A date counts for its year.
        is_year = name in YEARS
        shape = "substr({}, 1, 4)" if is_year else "{}"
        if name in filterset.chosen:
            source, parameters = filterset.queryset.filter(filterset.condition(without=name)).rows()
        else:
            source, parameters = ("found", ()) if studies.is_narrowed else studies.rows()
        counts.append(f"SELECT '{name}', {shape.format(column)}, count(*) FROM {source} GROUP BY {column}")
        of_counts += parameters
        if studies.is_narrowed:
            # The values that the filters leave no study of. Each next value is one step in the index of the column.
            table, least = f"every_{name}", shape.format(f"min({column})")
            step = ">= CAST(CAST({}.value AS integer) + 1 AS text)" if is_year else "> {}.value"
            tables.append(
                f"{table}(value) AS (SELECT {least} FROM trials_trial WHERE {every} UNION ALL "
                f"SELECT (SELECT {least} FROM trials_trial WHERE {every} AND {column} {step.format(table)}) "
                f"FROM {table} WHERE {table}.value IS NOT NULL)"
            )
            of_tables += [*every_parameters, *every_parameters]
            counts.append(f"SELECT '{name}', value, 0 FROM {table} WHERE value IS NOT NULL")
    statement = (f"WITH RECURSIVE {', '.join(tables)} " if tables else "") + " UNION ALL ".join(counts)
    counted: Counts = {name: {} for name in columns}
    with connection.cursor() as cursor:
        cursor.execute(statement, [*of_tables, *of_counts])
        for name, value, number in cursor:
            of_filter = counted[name]
            for code in split(value) if isinstance(filterset.filters[name], AnyOfSeveralFilter) else [value]:
                of_filter[code] = of_filter.get(code, 0) + number
    return counted


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


def facets(filterset: TrialFilter) -> dict[str, Any]:
    """`{"facets": [Facet, …], "first_years": [Value, …], "last_years": [Value, …]}`, in the order of the page."""
    counts = _counts(filterset)
    fields = filterset.form.fields
    return {
        "facets": [_facet(filterset, name, counts[name], dict(fields[name].choices)) for name in FACETS],
        "first_years": _years(filterset, "year_min", counts["year_min"]),
        "last_years": _years(filterset, "year_max", counts.get("year_max", counts["year_min"])),
    }
