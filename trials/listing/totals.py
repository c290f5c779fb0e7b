"""What a set of studies adds up to. Counts are added, never weighed: this is bookkeeping, not a meta-analysis."""

from collections.abc import Mapping
from dataclasses import dataclass


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
_CELLS = {"studies": "1", "cells_deaths": "cells_deaths", "cells_people": "cells_out_of"}
_COMPARISON = {"comparison_deaths": "comparison_deaths", "comparison_people": "comparison_out_of"}
# What a study adds to `Totals`, as SQL over its columns; to its `compared` and `uncompared` by the names there.
ADDED = {"people": "people"} | {
    f"{kind}.{name}": f"CASE WHEN {condition} THEN coalesce({number}, 0) ELSE 0 END"
    for kind, condition, numbers in (("compared", BOTH, {**_CELLS, **_COMPARISON}), ("uncompared", ALONE, _CELLS))
    for name, number in numbers.items()
}


def deaths(kind: str, added_up: Mapping[str, int]) -> Deaths:
    """`compared` or `uncompared` of what studies add up to, by the names in ADDED."""
    return Deaths(**{name.removeprefix(f"{kind}."): n for name, n in added_up.items() if name.startswith(f"{kind}.")})
