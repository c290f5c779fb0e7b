"""Known studies that are not on the list, and published reviews, as their pages show them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from trials import vocabulary as v
from trials.identifiers import address_of
from trials.listing.facets import Facet, Value
from trials.listing.other_studies import OtherStudyFilter
from trials.models import OtherStudy, Review, Trial
from trials.models.countries import COUNTRIES
from trials.presenters.card import n_of_n, records_of_paper


class OtherStudyCard:
    """A known study that is not on the list."""

    def __init__(self, study: OtherStudy, others: dict[str, OtherStudy]) -> None:
        self.study = study
        self.same_people = others.get(study.same_people_as)
        self.countries = ", ".join(COUNTRIES[code].name for code in study.countries)
        # First author, journal and year, as far as they were seen.
        year = str(study.year or "")
        parts = (study.first_author, study.journal, year if year not in study.journal else "")
        self.paper = ", ".join(filter(None, parts))

    @property
    def deaths(self) -> str:
        """Such as: 42 of 112 given cells (38 per 100), 47 of 110 in the comparison group (43 per 100); 30 days."""
        study = self.study
        if study.cells_out_of is None:
            return ""
        text = n_of_n(study.cells_deaths, study.cells_out_of, "given cells")
        if study.comparison_out_of is not None:
            text += ", " + n_of_n(study.comparison_deaths, study.comparison_out_of, "in the comparison group")
        return f"{text}; {study.counted_at}" if study.counted_at else text

    @property
    def overdue(self) -> str:
        """How long ago a study without an article ended, or ""."""
        months = self.study.months_since_end
        if months is None:
            return ""
        looked_up = f"{self.study.looked_up:%-d %B %Y}"
        return (
            f"It ended on {self.study.ended_in_words}. On {looked_up}, {months} months later, "
            "we looked for an article and found none."
        )

    @property
    def records(self) -> list[tuple[str, str]]:
        """The paper's records and the registrations, each in words and with its address, or "" for none."""
        found = records_of_paper(self.study)
        for identifier, probably in self.study.registration_list:
            address = address_of(identifier)
            words = f"{identifier} (probably)" if probably else identifier
            found.append((words, "" if address == identifier else address))
        return found


class OtherStudies:
    """The page of the known studies that are not on the list."""

    def __init__(self, query: QueryDict, studies: Sequence[OtherStudy] | None = None) -> None:
        filterset = OtherStudyFilter(query)
        self.problems = filterset.problems
        self.is_filtered = bool(filterset.form.changed_data)
        every = list(OtherStudy.objects.public())
        by_slug = {study.slug: study for study in every}
        self.all = len(every)
        # All of them in full are too heavy for a first visit: without a filter each is a line that leads to its record.
        self.in_full = studies is not None or self.is_filtered
        self.cards = [OtherStudyCard(study, by_slug) for study in (filterset.qs if studies is None else studies)]
        reasons = {card.study.reason for card in self.cards}
        self.groups = [
            (reason.label, [card for card in self.cards if card.study.reason == reason])
            for reason in v.Reason
            if reason in reasons
        ]
        self.facets = [_facet(filterset, every, *names) for names in (("reason", "design"), ("design", "reason"))]


def _facet(filterset: OtherStudyFilter, every: list[OtherStudy], name: str, other: str) -> Facet:
    """Return the values of a filter that studies have, counted with the other filter on."""
    wanted, chosen = filterset.chosen.get(other, []), filterset.chosen.get(name, [])
    present = {getattr(study, name) for study in every}
    counts = Counter(getattr(study, name) for study in every if not wanted or getattr(study, other) in wanted)
    field = filterset.filters[name]
    values = [
        Value(code, str(label), counts[code], code in chosen)
        for code, label in field.extra["choices"]
        if code in present
    ]
    return Facet(name, str(field.label), values)


class Reviews:
    """The page of the published reviews, with the matrix of reviews by studies."""

    def __init__(self, reviews: Sequence[Review]) -> None:
        self.reviews = list(reviews)
        main = [estimate for review in self.reviews if (estimate := review.main_estimate_of_deaths)]
        self.number, self.pooling = len(self.reviews), len(main)
        favouring = sum(each.favours_cells for each in main)
        self.favouring = "all" if favouring == len(main) else str(favouring)
        counted = {slug for review in self.reviews for slug in review.included}
        listed = Trial.objects.public().filter(slug__in=counted).sorted_by("author")
        self.columns: list[Any] = [(trial.short_name, trial) for trial in listed]
        self.columns += [(study.name, study) for study in OtherStudy.objects.public().filter(slug__in=counted)]
        self.matrix = [
            (review, [(name, each.slug in review.included) for name, each in self.columns])
            for review in self.reviews
            if review.included
        ]
