"""The studies of the overview by design, each with its deaths as counts and as shares."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch

from trials.listing.totals import totals
from trials.models import OutcomeCount, Trial
from trials.presenters.card import DESIGN_MARKS, TrialCard
from trials.vocabulary import Design, Outcome

MOST_STUDIES = 12  # on the overview: the largest
MAIN_DEATHS = OutcomeCount.objects.filter(outcome=Outcome.DEATH, headline=True)


@dataclass(frozen=True)
class Share:
    """Who died in the groups of one role. `deaths` and `people` are None where no count is known."""

    role: str
    label: str
    deaths: int | None
    people: int | None

    @property
    def width(self) -> str:
        """The share as a length of the picture: a string, so that it is the same in every locale."""
        return f"{100 * (self.deaths or 0) / (self.people or 1):.2f}%"


class OverviewStudy:
    """A public study, fetched with its main counts of deaths."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.card = TrialCard(trial)
        self.heading = trial.heading or trial.title
        cells = Share("cells", "Given cells", trial.cells_deaths, trial.cells_out_of)
        comparison = Share("comparison", "Comparison group", trial.comparison_deaths, trial.comparison_out_of)
        self.has_comparison = trial.comparison_people is not None
        self.shares = [cells, comparison] if self.has_comparison else [cells]
        self.has_deaths = any(share.people for share in self.shares)
        self.when = " and ".join(dict.fromkeys(count.when for count in trial.counts.all()))


class Overview:
    def __init__(self) -> None:
        public = Trial.objects.public()
        self.totals = totals(public)
        counts = dict(public.order_by().values_list("design").annotate(Count("pk")))
        largest = public.sorted_by("largest").prefetch_related(Prefetch("counts", MAIN_DEATHS))[:MOST_STUDIES]
        studies = [OverviewStudy(trial) for trial in largest]
        self.shown = len(studies)
        self.designs: list[dict[str, Any]] = [
            {
                "design": design,
                "mark": DESIGN_MARKS[design],
                "count": counts[design],
                "studies": [study for study in studies if study.trial.design == design],
            }
            for design in Design
            if design in counts
        ]

    @property
    def years(self) -> str:
        """Such as “from 2020 to 2022”, or “in 2021” where all were published in one year."""
        first, last = self.totals.first_year, self.totals.last_year
        return f"in {first}" if first == last else f"from {first} to {last}"
