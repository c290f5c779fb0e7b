"""The list of studies by SQL written for it alone: what the site's own list is measured against.

It fetches the same studies, the same counts beside every filter value and the same totals, from the columns that the
site has and from indexes of its own, as whoever knows this one page and both databases would, and renders nothing. It
knows no filter but the codes of one column, and no order but the newest first; values that no study is left of are not
asked for.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple
from typing import Any

PAGE_SIZE = 20
CODES = ("design", "masking", "cause", "phase")
SEVERAL = ("cell_sources", "country_codes")  # columns with several codes: ",DE,FR,"
NAMES = {"cell_sources": "cells", "country_codes": "country"}  # of the filters
PUBLIC = "status = 'published'"
BOTH = "cells_out_of IS NOT NULL AND comparison_out_of IS NOT NULL"
ALONE = "cells_out_of IS NOT NULL AND comparison_people IS NULL"
TOTALS = f"""
    SELECT count(*), sum(people), min(publication_date), max(publication_date),
        count(*) FILTER (WHERE design = 'randomised'),
        count(*) FILTER (WHERE {BOTH}),
        sum(cells_deaths) FILTER (WHERE {BOTH}), sum(cells_out_of) FILTER (WHERE {BOTH}),
        sum(comparison_deaths) FILTER (WHERE {BOTH}), sum(comparison_out_of) FILTER (WHERE {BOTH}),
        count(*) FILTER (WHERE {ALONE}),
        sum(cells_deaths) FILTER (WHERE {ALONE}), sum(cells_out_of) FILTER (WHERE {ALONE})
    FROM trials_trial"""
# Year after year, each counted in the index of the date: no study's date is cut.
YEARS = f"""
    WITH RECURSIVE years(year) AS (
        SELECT substr(min(publication_date), 1, 4) FROM trials_trial WHERE {PUBLIC}
        UNION ALL
        SELECT (SELECT substr(min(publication_date), 1, 4) FROM trials_trial
            WHERE {PUBLIC} AND publication_date >= CAST(CAST(year AS integer) + 1 AS text))
        FROM years WHERE year IS NOT NULL
    )
    SELECT year, (SELECT count(*) FROM trials_trial
        WHERE {PUBLIC} AND publication_date >= year AND publication_date < CAST(CAST(year AS integer) + 1 AS text))
    FROM years WHERE year IS NOT NULL"""

Filters = Mapping[str, list[str]]  # column -> codes, any of which will do
# What a list shows of a study.
PAGE = (
    "id, slug, title, authors, authors_complete, journal, publication_date, publication_year, design, masking, cause, "
    "dose, dose_unit, infusions, cell_sources, country_codes, people, cells_people, comparison_people, other_people, "
    "cells_deaths, cells_out_of, comparison_deaths, comparison_out_of"
)


def where(filters: Filters) -> tuple[str, list[str]]:
    parts, parameters = [PUBLIC], []
    for column, codes in filters.items():
        parts.append(f"{column} IN ({', '.join(['%s'] * len(codes))})")
        parameters += codes
    return " AND ".join(parts), parameters


@contextmanager
def indexes(connection: Any) -> Iterator[None]:
    """For as long, the database has the indexes that this SQL is fastest with."""
    wanted = {f"by_hand_{column}": f"status, {column}" for column in (*CODES, *SEVERAL)}
    wanted["by_hand_narrow"] = (
        f"status, {', '.join((*CODES, *SEVERAL))}, people, comparison_people, cells_deaths, cells_out_of, "
        "comparison_deaths, comparison_out_of, publication_date, author_key, slug"
    )
    with connection.cursor() as cursor:
        for name, columns in wanted.items():
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON trials_trial ({columns})")
        cursor.execute("ANALYZE trials_trial")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for name in wanted:
                cursor.execute(f"DROP INDEX {name}")
            cursor.execute("ANALYZE trials_trial")


def narrow(connection: Any) -> str:
    """Said behind the table where a filter is on: SQLite takes the index of one column otherwise, and looks up each
    study that it names in the table, whose rows are wide."""
    return "INDEXED BY by_hand_narrow" if connection.vendor == "sqlite" else ""


def by_column(cursor: Any, filters: Filters, hint: str) -> dict[str, dict[str, int]]:
    """How many studies have each value, by column; a column that is filtered is counted with the other filters only."""
    statements, parameters, found = [], [], ""
    for column in (*CODES, *SEVERAL):
        if column in filters:
            condition, values = where({name: codes for name, codes in filters.items() if name != column})
            statements.append(
                f"SELECT '{column}', {column}, count(*) FROM trials_trial {hint} WHERE {condition} GROUP BY 2"
            )
            parameters += values
        else:
            source = "found" if filters else f"trials_trial WHERE {PUBLIC}"
            statements.append(f"SELECT '{column}', {column}, count(*) FROM {source} GROUP BY {column}")
    if filters:
        condition, values = where(filters)
        free = ", ".join(column for column in (*CODES, *SEVERAL) if column not in filters)
        found = (
            f"WITH found AS MATERIALIZED (SELECT {free}, substr(publication_date, 1, 4) AS year FROM trials_trial "
            f"{hint} WHERE {condition}) "
        )
        statements.append("SELECT 'year', year, count(*) FROM found GROUP BY year")
        parameters = [*values, *parameters]
    cursor.execute(found + " UNION ALL ".join(statements), parameters)
    counts: dict[str, dict[str, int]] = {column: {} for column in (*CODES, *SEVERAL, "year")}
    for column, value, number in cursor.fetchall():
        counts[column][value] = number
    if not filters:
        cursor.execute(YEARS)
        counts["year"] = dict(cursor.fetchall())
    for column in SEVERAL:
        codes: Counter[str] = Counter()
        for value, number in counts[column].items():
            for code in value[1:-1].split(",") if value else []:
                codes[code] += number
        counts[column] = dict(codes)
    return counts


def list_page(connection: Any, filters: Filters) -> dict[str, Any]:
    """All that the list shows of these studies: totals, counts and the first page of them."""
    condition, parameters = where(filters)
    hint = narrow(connection) if filters else ""
    with connection.cursor() as cursor:
        cursor.execute(f"{TOTALS} {hint} WHERE {condition}", parameters)
        studies, people, first, last, randomised, *deaths = cursor.fetchone()
        counts = by_column(cursor, filters, hint)
        cursor.execute(
            f"SELECT {PAGE} FROM trials_trial WHERE {condition} "
            f"ORDER BY publication_date DESC, author_key, slug LIMIT {PAGE_SIZE}",
            parameters,
        )
        slug = [column[0] for column in cursor.description].index("slug")
        page = [row[slug] for row in cursor.fetchall()]
        every = studies
        if filters:
            cursor.execute(f"SELECT count(*) FROM trials_trial WHERE {PUBLIC}")
            (every,) = cursor.fetchone()
        cursor.execute("SELECT code, name FROM trials_country")
        cursor.fetchall()
        cursor.execute("SELECT * FROM trials_glossaryterm WHERE status = 'published'")
        cursor.fetchall()
    years = sorted(counts.pop("year").items())
    return {
        "studies": studies,
        "every": every,
        "people": people,
        "years": (int(first[:4]), int(last[:4])),
        "countries": len(counts["country_codes"]),
        "randomised": randomised,
        "deaths": [number or 0 for number in deaths],
        "counts": {NAMES.get(column, column): of_column for column, of_column in counts.items()},
        "from": {year: sum(number for other, number in years if other >= year) for year, _ in years},
        "to": {year: sum(number for other, number in years if other <= year) for year, _ in years},
        "page": page,
    }


def steps(values: list[Any]) -> dict[str, int]:
    """The years that have studies themselves, of running totals over all years."""
    before = [0, *(value.count for value in values)]
    return {value.code: value.count for value, less in zip(values, before, strict=False) if value.count != less}


def context_of(address: str) -> Any:
    """What the view of the site's own page gives its template."""
    from django.test import Client
    from django.test.utils import setup_test_environment, teardown_test_environment

    from bench.cold import save_a_study

    setup_test_environment()
    try:
        save_a_study()
        return Client(SERVER_NAME="127.0.0.1").get(address).context
    finally:
        teardown_test_environment()


def shown_by(context: Any) -> dict[str, Any]:
    """The same as `list_page` gives, of the site's own page."""
    totals = context["totals"]
    return {
        "studies": totals.studies,
        "every": context["all_studies"],
        "people": totals.people,
        "years": (totals.first_year, totals.last_year),
        "countries": totals.countries,
        "randomised": totals.randomised,
        "deaths": [*astuple(totals.compared), *astuple(totals.uncompared)[:3]],
        "counts": {facet.name: {v.code: v.count for v in facet.values if v.count} for facet in context["facets"]},
        "from": steps(context["first_years"][::-1]),
        "to": steps(context["last_years"]),
        "page": [study.trial.slug for study in context["studies"]],
    }
