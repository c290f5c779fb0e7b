"""How many studies, people and countries a set of studies has. Deaths are never added up over studies."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from trials.models.fields import split_codes


@dataclass(frozen=True)
class Totals:
    studies: int
    people: int  # analysed, in all groups; randomised where the number analysed is not known
    countries: int
    first_year: int | None
    last_year: int | None


def totals(rows: Iterable[tuple[Any, ...]]) -> Totals:
    """Return the sums of (countries, year, …, people, studies), rows of `TrialFilter.combinations`."""
    found = [row for row in rows if row[-1]]
    years = {row[1] for row in found}
    return Totals(
        studies=sum(row[-1] for row in found),
        people=sum(row[-2] for row in found),
        countries=len({code for text in {row[0] for row in found} for code in split_codes(text)}),
        first_year=min(years, default=None),
        last_year=max(years, default=None),
    )
