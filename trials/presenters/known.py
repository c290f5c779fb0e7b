"""Known studies that are not on the list, and published reviews, as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trials import vocabulary as v
from trials.listing.other_studies import OtherStudyFilter
from trials.models import OtherStudy, Review, Trial
from trials.models.countries import COUNTRIES
from trials.presenters.card import n_of_n


class OtherStudyCard:
    """A known study that is not on the list."""

    def __init__(self, study: OtherStudy, names: dict[str, str]) -> None:
        self.study = study
        self.same_people_as = names.get(study.same_people_as, "")

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
    def deaths_lines(self) -> list[str]:
        return [line for line in self.study.deaths_text.splitlines() if line.strip()]

    @property
    def countries(self) -> str:
        return ", ".join(COUNTRIES[code].name for code in self.study.countries)

    @property
    def paper(self) -> str:
        """First author, journal and year, as far as they were seen."""
        year = str(self.study.year) if self.study.year else ""
        return ", ".join(each for each in (self.study.first_author, self.study.journal, year) if each)

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
    def addresses(self) -> list[tuple[str, str]]:
        """The words and addresses of the paper's and the registry's own records."""
        study, found = self.study, []
        if study.doi:
            found.append((f"doi:{study.doi}", f"https://doi.org/{study.doi}"))
        if study.pmid:
            found.append((f"PubMed {study.pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{study.pmid}/"))
        if study.pmcid:
            found.append((study.pmcid, f"https://pmc.ncbi.nlm.nih.gov/articles/{study.pmcid}/"))
        for identifier, probably in study.registration_list:
            words = f"{identifier} (probably)" if probably else identifier
            is_nct = identifier.startswith("NCT")
            found.append((words, f"https://clinicaltrials.gov/study/{identifier}" if is_nct else ""))
        return found


@dataclass(frozen=True)
class Choice:
    code: str
    label: str
    count: int
    chosen: bool


class OtherStudies:
    """The page of the known studies that are not on the list."""

    def __init__(self, studies: Sequence[OtherStudy], filterset: OtherStudyFilter) -> None:
        self.problems = filterset.problems
        self.is_filtered = bool(filterset.form.changed_data)
        every = list(OtherStudy.objects.public())
        names = {study.slug: study.name for study in every}
        self.all = len(every)
        self.cards = [OtherStudyCard(study, names) for study in studies]
        self.groups = [
            (reason.label, [card for card in self.cards if card.study.reason == reason]) for reason in v.Reason
        ]
        self.groups = [(label, cards) for label, cards in self.groups if cards]
        self.facets = [self._facet(filterset, name, every) for name in ("reason", "design")]

    def _facet(self, filterset: OtherStudyFilter, name: str, every: list[OtherStudy]) -> Any:
        chosen = filterset.chosen.get(name, [])
        others = {"reason": "design", "design": "reason"}[name]
        wanted = filterset.chosen.get(others, [])
        matching = [getattr(study, name) for study in every if not wanted or getattr(study, others) in wanted]
        values = [
            Choice(code, str(label), matching.count(code), code in chosen)
            for code, label in filterset.filters[name].extra["choices"]
            if any(getattr(study, name) == code for study in every)
        ]
        return {"name": name, "label": filterset.filters[name].label, "values": values}


class Reviews:
    """The page of the published reviews, with the matrix of reviews by studies."""

    def __init__(self, reviews: Sequence[Review]) -> None:
        self.reviews = list(reviews)
        main = [estimate for review in self.reviews if (estimate := review.main_estimate_of_deaths)]
        self.number, self.pooling = len(self.reviews), len(main)
        self.favouring = sum(each.favours_cells for each in main)
        counted = {slug for review in self.reviews for slug in review.included}
        listed = list(Trial.objects.public().filter(slug__in=counted).sorted_by("author"))
        others = list(OtherStudy.objects.public().filter(slug__in=counted))
        columns: list[Any] = [*listed, *others]
        self.columns = [(each.short_name if isinstance(each, Trial) else each.name, each) for each in columns]
        self.matrix = [
            (review, [(name, each.slug in review.included) for name, each in self.columns])
            for review in self.reviews
            if review.included
        ]
