"""What a set of studies adds up to. Counts are added, never weighed: this is bookkeeping, not a meta-analysis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trials import vocabulary as v


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


NOTHING = Totals(0, 0, 0, None, None, 0, Deaths(0, 0, 0), Deaths(0, 0, 0))

BOTH = "cells_out_of IS NOT NULL AND comparison_out_of IS NOT NULL"
# A study may have a comparison group and no count of its deaths: it belongs to neither.
ALONE = "cells_out_of IS NOT NULL AND comparison_people IS NULL"
# By hand: Django takes ten times as long to write it as the database to answer it for a few studies.
SUMS = (
    "min(publication_date)",
    "count(*)",
    "max(publication_date)",
    "sum(people)",
    f"count(*) FILTER (WHERE design = '{v.Design.RANDOMISED.value}')",
    f"count(*) FILTER (WHERE {BOTH})",
    f"sum(cells_deaths) FILTER (WHERE {BOTH})",
    f"sum(cells_out_of) FILTER (WHERE {BOTH})",
    f"sum(comparison_deaths) FILTER (WHERE {BOTH})",
    f"sum(comparison_out_of) FILTER (WHERE {BOTH})",
    f"count(*) FILTER (WHERE {ALONE})",
    f"sum(cells_deaths) FILTER (WHERE {ALONE})",
    f"sum(cells_out_of) FILTER (WHERE {ALONE})",
)


def totals_of(sums: Sequence[Any], countries: int) -> Totals:
    """From what the database gives for SUMS."""
    first, studies, last, *numbers = sums
    if not studies:
        return NOTHING
    people, randomised, *deaths = [number or 0 for number in numbers]  # no numbers have no sum
    compared, uncompared = Deaths(*deaths[:5]), Deaths(*deaths[5:])
    return Totals(studies, people, countries, int(first[:4]), int(last[:4]), randomised, compared, uncompared)
