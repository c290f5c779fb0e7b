"""What a set of studies adds up to. Counts are added, never weighed: this is bookkeeping, not a meta-analysis."""

from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q, Sum

from trials.models.trial import TrialQuerySet
from trials.vocabulary import Design


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
    uncompared: Deaths  # studies that counted deaths and have no comparison group


COMPARED = Q(cells_out_of__isnull=False, comparison_out_of__isnull=False)
# A study with a comparison group but no count of its deaths belongs to neither.
UNCOMPARED = Q(cells_out_of__isnull=False, comparison_people=None)


def totals(studies: TrialQuerySet) -> Totals:
    """Return what the studies add up to, in two queries."""

    def added(column: str, condition: Q | None = None) -> Sum:
        return Sum(column, filter=condition, default=0)

    sums = studies.order_by().aggregate(
        studies=Count("publication_year"),
        all_people=added("people"),
        first_year=Min("publication_year"),
        last_year=Max("publication_year"),
        randomised=Count("publication_year", filter=Q(design=Design.RANDOMISED)),
        compared=Count("publication_year", filter=COMPARED),
        compared_cells_deaths=added("cells_deaths", COMPARED),
        compared_cells_people=added("cells_out_of", COMPARED),
        compared_comparison_deaths=added("comparison_deaths", COMPARED),
        compared_comparison_people=added("comparison_out_of", COMPARED),
        uncompared=Count("publication_year", filter=UNCOMPARED),
        uncompared_cells_deaths=added("cells_deaths", UNCOMPARED),
        uncompared_cells_people=added("cells_out_of", UNCOMPARED),
    )
    lists = studies.order_by().values_list("countries", flat=True).distinct()
    return Totals(
        studies=sums["studies"],
        people=sums["all_people"],
        countries=len({code for codes in lists for code in codes}),
        first_year=sums["first_year"],
        last_year=sums["last_year"],
        randomised=sums["randomised"],
        compared=Deaths(
            sums["compared"],
            sums["compared_cells_deaths"],
            sums["compared_cells_people"],
            sums["compared_comparison_deaths"],
            sums["compared_comparison_people"],
        ),
        uncompared=Deaths(sums["uncompared"], sums["uncompared_cells_deaths"], sums["uncompared_cells_people"]),
    )
