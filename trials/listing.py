"""What the list shows of the studies found, asked of the database in one statement.

The studies with the words of a search are looked up once, and those of them that the filters leave once; all else is
taken from these. While nothing is asked for, each number comes from an index of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from trials.digest import SEVERAL, split
from trials.filters import TrialFilter
from trials.models import Trial
from trials.models.trial import terms
from trials.summary import NOTHING, SUMS, Totals, totals_of

# The filters with counts, in the order of the page; the years come after them.
FACETS = ("design", "masking", "cause", "cells", "country", "phase")
YEARS = ("year_min", "year_max")

# All that is looked at of a study. It stands in the narrow index.
COLUMNS = (
    "id, design, masking, cause, phase, cell_sources, country_codes, people, comparison_people, cells_deaths, "
    "cells_out_of, comparison_deaths, comparison_out_of, publication_date, author_key, slug"
)

Counts = dict[str, dict[str, int]]  # filter -> code -> number of studies
Sql = tuple[str, tuple[Any, ...]]  # a piece of a statement, and its parameters


@dataclass(frozen=True)
class Listing:
    totals: Totals
    # Of each value that a public study has. A filter that is on is counted among the studies that the others leave.
    counts: Counts
    keys: list[int]  # of the studies on the page, in no order
    all_studies: int  # how many are public


def listing(filterset: TrialFilter, order: str, start: int, end: int) -> Listing:
    """What the list shows, and the keys of the studies from place `start` to before place `end` of it in this order.

    Where a value is wrong, no study is found, and the counts are taken as if it had not been given.
    """
    columns = {name: filterset.filters[name].field_name for name in (*FACETS, *YEARS)}
    if not filterset.conditions.keys() & set(YEARS):
        del columns["year_max"]  # the same counts as of year_min
    if "country" in filterset.conditions:
        columns["countries"] = "country_codes"  # of the studies found
    tables = [*_found(filterset), *(_values(filterset, columns) if filterset.conditions else ())]
    rows = [*_totals_and_page(filterset, order, start, end), *_counts(filterset, columns)]
    statement = f"WITH RECURSIVE {', '.join(sql for sql, _ in tables)} {' UNION ALL '.join(sql for sql, _ in rows)}"
    counts: Counts = {name: {} for name in columns}
    keys = []
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _, parameters in (*tables, *rows) for value in parameters])
        for part, text, number, *more in cursor:
            if part == "totals":
                sums = (text, number, *more)
            elif part == "public":
                all_studies = number
            elif part == "page":
                keys.append(number)
            else:
                for code in split(text) if columns[part] in SEVERAL else [text]:
                    counts[part][code] = counts[part].get(code, 0) + number
    countries = counts.pop("countries", counts["country"])
    if not filterset.is_valid():
        return Listing(NOTHING, counts, [], all_studies)
    return Listing(totals_of(sums, sum(number > 0 for number in countries.values())), counts, keys, all_studies)


def _left(filterset: TrialFilter, *, without: str = "") -> Sql:
    """The studies that the filters leave, but for the one named `without`, to stand behind FROM."""
    conditions = {name: condition for name, condition in filterset.conditions.items() if name != without}
    if conditions.pop("q", None) is not None:
        if not conditions:
            return "words", ()
        where, parameters = Trial.objects.filter(*conditions.values()).where()
        return f"words AS trials_trial WHERE {where}", parameters
    if conditions:
        return filterset.queryset.filter(*conditions.values()).looked_up()
    where, parameters = filterset.queryset.where()
    return f"trials_trial WHERE {where}", parameters


def _code(name: str, value: str) -> str:
    """What a study with this value is counted for by this filter: a date for its year."""
    return f"substr({value}, 1, 4)" if name in YEARS else value


def _row(part: str, text: str = "NULL", number: str = "NULL") -> str:
    """The beginning of a statement whose rows are as long as those of the totals."""
    return f"SELECT '{part}', {text}, {number}{', NULL' * (len(SUMS) - 2)}"


def _found(filterset: TrialFilter) -> Iterator[Sql]:
    """The tables `words`, the studies with the words of a search, and `found`, those that the filters leave."""
    if "q" in filterset.conditions:
        rows, parameters = filterset.queryset.filter(filterset.conditions["q"]).looked_up()
        yield f"words AS MATERIALIZED (SELECT {COLUMNS} FROM {rows})", parameters
    rows, parameters = _left(filterset)
    once = "MATERIALIZED" if filterset.conditions.keys() - {"q"} else "NOT MATERIALIZED"
    yield f"found AS {once} (SELECT {COLUMNS} FROM {rows})", parameters


def _values(filterset: TrialFilter, columns: dict[str, str]) -> Iterator[Sql]:
    """The tables `all_design` and so on, of every value that a public study has."""
    where, parameters = filterset.queryset.where()
    for name, column in columns.items():
        # Each next value is one step in the index of the column. Years have four digits, so the next one is greater.
        table, least = f"all_{name}", _code(name, f"min({column})")
        after = f">= CAST(CAST({table}.value AS integer) + 1 AS text)" if name in YEARS else f"> {table}.value"
        yield (
            f"{table}(value) AS (SELECT {least} FROM trials_trial WHERE {where} UNION ALL "
            f"SELECT (SELECT {least} FROM trials_trial WHERE {where} AND {column} {after}) "
            f"FROM {table} WHERE {table}.value IS NOT NULL)",
            parameters * 2,
        )


def _totals_and_page(filterset: TrialFilter, order: str, start: int, end: int) -> Iterator[Sql]:
    # The narrow index for all studies too: SQLite may hold a shorter one and the wide table for the better way.
    rows, parameters = ("found", ()) if filterset.conditions else filterset.queryset.looked_up()
    yield f"SELECT 'totals', {', '.join(SUMS)} FROM {rows}", parameters
    where, parameters = filterset.queryset.where()
    yield f"{_row('public', number='count(*)')} FROM trials_trial WHERE {where}", parameters
    page = f"SELECT id FROM found ORDER BY {terms(order)} LIMIT %s OFFSET %s"
    yield f"{_row('page', number='id')} FROM ({page}) AS page", (end - start, start)


def _counts(filterset: TrialFilter, columns: dict[str, str]) -> Iterator[Sql]:
    for name, column in columns.items():
        rows, parameters = _left(filterset, without=name) if name in filterset.conditions else ("found", ())
        counted = f"SELECT {_code(name, column)} AS value, count(*) AS number FROM {rows} GROUP BY {column}"
        if name in YEARS:  # an index has the dates in order, so they are counted before their years
            counted = f"SELECT value, CAST(sum(number) AS bigint) AS number FROM ({counted}) AS dates GROUP BY value"
        yield f"{_row(name, 'value', 'number')} FROM ({counted}) AS counted", parameters
        if filterset.conditions:  # the values that the filters leave no study of
            yield f"{_row(name, 'value', '0')} FROM all_{name} WHERE value IS NOT NULL", ()
