"""The numbers, the chart and the studies by design of the overview."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count

from trials.listing.totals import totals
from trials.models import Trial
from trials.presenters.card import DESIGN_MARKS, TrialCard
from trials.vocabulary import Design

MOST_STUDIES = 12  # in the chart: the largest
ROW_HEIGHT = 52  # of the chart, in pixels: a line of text, a bar and space


def chart_rows(studies: Sequence[tuple[int, int, int]]) -> list[dict[str, Any]]:
    """Return a row of bars for the people of each study (given cells, comparison, other). The longest fills it.

    Lengths are percentages, so that text keeps its size on a narrow screen, and strings in every locale.
    """
    longest = max((sum(groups) for groups in studies), default=0)
    rows = []
    for index, groups in enumerate(studies):
        bars, start = [], 0
        for kind, people in zip(("cells", "comparison", "other"), groups, strict=True):
            if people:
                x, width = (f"{100 * length / longest:.2f}%" for length in (start, people))
                bars.append({"kind": kind, "x": x, "width": width})
                start += people
        rows.append({"y": index * ROW_HEIGHT, "bars": bars})
    return rows


class Overview:
    def __init__(self) -> None:
        public = Trial.objects.public()
        self.totals = totals(public)
        counts = dict(public.order_by().values_list("design").annotate(Count("pk")))
        largest = [TrialCard(trial) for trial in public.sorted_by("largest")[:MOST_STUDIES]]
        self.designs: list[dict[str, Any]] = [
            {
                "design": design,
                "mark": DESIGN_MARKS[design],
                "count": counts.get(design, 0),
                "cards": [card for card in largest if card.trial.design == design],
            }
            for design in Design
        ]
        cards = [card for group in self.designs for card in group["cards"]]
        self.chart = list(zip(cards, chart_rows([card.sizes for card in cards]), strict=True))
        self.chart_height = len(cards) * ROW_HEIGHT

    @property
    def years(self) -> str:
        """Such as 2020–2022, or 2021 where all were published in one year."""
        first, last = self.totals.first_year, self.totals.last_year
        return "–" if first is None else str(first) if first == last else f"{first}–{last}"
