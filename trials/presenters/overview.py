"""The numbers, the chart and the studies by design of the overview."""

from dataclasses import dataclass

from django.db.models import Count

from trials.listing.totals import totals
from trials.models import Trial
from trials.presenters import chart
from trials.presenters.card import DESIGN_MARKS, TrialCard
from trials.vocabulary import Design

MOST_STUDIES = 12  # in the chart: the largest


@dataclass(frozen=True)
class DesignGroup:
    design: Design
    mark: str
    count: int  # of all public studies
    cards: list[TrialCard]


class Overview:
    def __init__(self) -> None:
        public = Trial.objects.public()
        self.totals = totals(public)
        counts = dict(public.order_by().values_list("design").annotate(Count("pk")))
        largest = [TrialCard(trial) for trial in public.sorted_by("largest")[:MOST_STUDIES]]
        self.designs = [
            DesignGroup(
                design,
                DESIGN_MARKS[design],
                counts.get(design, 0),
                [card for card in largest if card.trial.design == design],
            )
            for design in Design
        ]
        cards = [card for group in self.designs for card in group.cards]
        self.chart = list(zip(cards, chart.rows([card.sizes for card in cards]), strict=True))
        self.chart_height = len(cards) * chart.ROW_HEIGHT

    @property
    def shows_all(self) -> bool:
        """Whether every public study is in the chart."""
        return len(self.chart) == self.totals.studies

    @property
    def years(self) -> str:
        """Such as 2020–2022, or 2021 where all were published in one year."""
        first, last = self.totals.first_year, self.totals.last_year
        return "–" if first is None else str(first) if first == last else f"{first}–{last}"
