"""The studies of the overview by design."""

from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict

from trials.listing.filters import TrialFilter
from trials.listing.totals import totals
from trials.models import OtherStudy, Trial
from trials.presenters.card import DESIGN_MARKS, TrialCard
from trials.vocabulary import Design, Reason

MOST_STUDIES = 12  # on the overview: the largest


class Overview:
    def __init__(self) -> None:
        public = Trial.objects.public()
        self.totals = totals(TrialFilter(QueryDict()).combinations("country", "year"))
        others = OtherStudy.objects.public()
        awaited = Q(reason=Reason.NOT_YET_REVIEWED, design=Design.RANDOMISED)
        known = others.aggregate(all=Count("pk"), randomised=Count("pk", filter=awaited))
        self.others, self.not_yet_reviewed = known["all"], known["randomised"]
        counts = dict(public.order_by().values_list("design").annotate(Count("pk")))
        cards = [TrialCard(trial) for trial in public.sorted_by("largest")[:MOST_STUDIES]]
        self.randomised = counts.get(Design.RANDOMISED, 0)
        self.shown = len(cards)
        self.designs: list[dict[str, Any]] = [
            {
                "design": design,
                "mark": DESIGN_MARKS[design],
                "count": counts[design],
                "cards": [card for card in cards if card.trial.design == design],
            }
            for design in Design
            if design in counts
        ]

    @property
    def years(self) -> str:
        """Such as “from 2020 to 2022”, or “in 2021” where all were published in one year."""
        first, last = self.totals.first_year, self.totals.last_year
        return f"in {first}" if first == last else f"from {first} to {last}"
