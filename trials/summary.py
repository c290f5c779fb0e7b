"""What a set of studies adds up to. Counts are added, never weighed: this is bookkeeping, not a meta-analysis."""

from dataclasses import dataclass

from django.db import connection

from trials import vocabulary as v
from trials.digest import split
from trials.models.trial import TrialQuerySet


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
    uncompared: Deaths  # studies that counted deaths, with no comparison group to set them against


BOTH = "cells_out_of IS NOT NULL AND comparison_out_of IS NOT NULL"
# A study may have a comparison group and no count of its deaths: it belongs to neither.
ALONE = "cells_out_of IS NOT NULL AND comparison_people IS NULL"
# By hand: Django takes ten times as long to write it as the database to answer it for a few studies.
SUMS = f"""
    SELECT count(*), coalesce(sum(people), 0), min(publication_date), max(publication_date),
        count(*) FILTER (WHERE design = '{v.Design.RANDOMISED.value}'),
        count(*) FILTER (WHERE {BOTH}),
        coalesce(sum(cells_deaths) FILTER (WHERE {BOTH}), 0), coalesce(sum(cells_out_of) FILTER (WHERE {BOTH}), 0),
        coalesce(sum(comparison_deaths) FILTER (WHERE {BOTH}), 0),
        coalesce(sum(comparison_out_of) FILTER (WHERE {BOTH}), 0),
        count(*) FILTER (WHERE {ALONE}),
        coalesce(sum(cells_deaths) FILTER (WHERE {ALONE}), 0), coalesce(sum(cells_out_of) FILTER (WHERE {ALONE}), 0)
    FROM """


def totals(studies: TrialQuerySet) -> Totals:
    """Everything that the overview and the list say of a set of studies, in two queries."""
    rows, parameters = studies.rows()
    with connection.cursor() as cursor:
        cursor.execute(SUMS + rows, parameters)
        count, people, first, last, randomised, *deaths = cursor.fetchone()
        cursor.execute(f"SELECT DISTINCT country_codes FROM {rows}", parameters)
        countries = {code for (codes,) in cursor for code in split(codes)}
    compared, uncompared = Deaths(*deaths[:5]), Deaths(*deaths[5:])
    first_year, last_year = (int(first[:4]), int(last[:4])) if count else (None, None)
    return Totals(count, people, len(countries), first_year, last_year, randomised, compared, uncompared)
