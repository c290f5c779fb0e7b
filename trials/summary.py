"""What a set of studies adds up to. Counts are added, never weighed: this is bookkeeping, not a meta-analysis."""

from dataclasses import dataclass

from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.functions import Coalesce

from trials import vocabulary as v
from trials.models import Arm, OutcomeCount, Trial
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
    people: int
    countries: int
    first_year: int | None
    last_year: int | None
    randomised: int
    compared: Deaths  # studies that counted deaths in a group given cells and in a comparison group
    uncompared: Deaths  # studies that counted deaths, with no comparison group to set them against


def people(studies: TrialQuerySet) -> int:
    """People analysed in all groups of these studies; randomised where the number analysed is not known."""
    counted = Arm.objects.filter(trial__in=studies).aggregate(n=Sum(Coalesce("analysed", "randomised")))
    return counted["n"] or 0


def deaths(studies: TrialQuerySet) -> tuple[Deaths, Deaths]:
    """Main death counts: (studies with both kinds of group, studies without a comparison group).

    A count without a group stands for all groups given cells together. Groups of lower severity are left out.
    """
    cells = Q(arm__role=v.Role.CELLS) | Q(arm=None)
    comparison = Q(arm__role=v.Role.COMPARISON)
    by_study = (
        OutcomeCount.objects.filter(trial__in=studies, outcome=v.Outcome.DEATH, headline=True)
        .order_by()
        .values("trial")
        .annotate(
            cells_deaths=Sum("events", filter=cells),
            cells_people=Sum("total", filter=cells),
            comparison_deaths=Sum("events", filter=comparison),
            comparison_people=Sum("total", filter=comparison),
        )
    )
    both = Q(cells_people__isnull=False, comparison_people__isnull=False)
    # A study may have a comparison group and no count of its deaths: it belongs to neither.
    with_comparison = Arm.objects.filter(role=v.Role.COMPARISON).values("trial")
    alone = Q(cells_people__isnull=False, comparison_people__isnull=True) & ~Q(trial__in=with_comparison)
    sums = by_study.aggregate(
        both_studies=Count("trial", filter=both),
        both_cells_deaths=Sum("cells_deaths", filter=both, default=0),
        both_cells_people=Sum("cells_people", filter=both, default=0),
        both_comparison_deaths=Sum("comparison_deaths", filter=both, default=0),
        both_comparison_people=Sum("comparison_people", filter=both, default=0),
        alone_studies=Count("trial", filter=alone),
        alone_cells_deaths=Sum("cells_deaths", filter=alone, default=0),
        alone_cells_people=Sum("cells_people", filter=alone, default=0),
    )
    return (
        Deaths(
            sums["both_studies"],
            sums["both_cells_deaths"],
            sums["both_cells_people"],
            sums["both_comparison_deaths"],
            sums["both_comparison_people"],
        ),
        Deaths(sums["alone_studies"], sums["alone_cells_deaths"], sums["alone_cells_people"]),
    )


def totals(studies: TrialQuerySet) -> Totals:
    """Everything that the overview and the list say of a set of studies, in four queries."""
    own = studies.order_by().aggregate(
        studies=Count("pk"),
        first_year=Min("publication_year"),
        last_year=Max("publication_year"),
        randomised=Count("pk", filter=Q(design=v.Design.RANDOMISED)),
    )
    countries = Trial.countries.through.objects.filter(trial__in=studies).aggregate(
        n=Count(F("country"), distinct=True)
    )
    compared, uncompared = deaths(studies)
    return Totals(**own, people=people(studies), countries=countries["n"], compared=compared, uncompared=uncompared)
