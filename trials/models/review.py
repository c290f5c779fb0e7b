"""A published review of these cells, and what it concluded."""

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from trials import vocabulary as v
from trials.identifiers import validate_doi, validate_pmcid, validate_pmid
from trials.models.constraints import identifiers, in_vocabulary
from trials.models.fields import PartialDateField, show_partial_date
from trials.models.lines import ESTIMATE_FORM, Estimate, estimates
from trials.models.record import Record, RecordQuerySet

INCLUDES_HELP = "One a line: the name in the address of each study or other study that it was seen to count."


def validate_estimates(text: str) -> None:
    estimates(text)


class Review(Record):
    UNIQUE_AMONG_ORIGINALS = ("slug", "doi", "pmid", "pmcid")

    slug = models.SlugField("name in the address", max_length=80)
    title = models.CharField(max_length=600, blank=True, help_text="Exactly as published. Empty if it was not seen.")
    citation = models.CharField(max_length=200, help_text="Journal, year and place, such as: Ther Adv Respir Dis 2023.")
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    doi = models.CharField("DOI", max_length=200, null=True, blank=True, validators=[validate_doi])
    pmid = models.CharField("PubMed ID", max_length=8, null=True, blank=True, validators=[validate_pmid])
    pmcid = models.CharField("PubMed Central ID", max_length=11, null=True, blank=True, validators=[validate_pmcid])
    address = models.URLField(max_length=300)
    kind = models.CharField(max_length=13, choices=v.ReviewKind.choices, blank=True)
    population = models.CharField("who and which studies", max_length=200, blank=True)
    search_date = PartialDateField("searched up to", blank=True)
    results = models.TextField("pooled estimates", blank=True, validators=[validate_estimates], help_text=ESTIMATE_FORM)
    includes = models.TextField("studies it counts", blank=True, help_text=INCLUDES_HELP)
    includes_complete = models.BooleanField("that is all of them", default=False)
    limits_note = models.TextField("what to bear in mind", blank=True)
    looked_up = models.DateField("looked up on")
    updated = models.DateTimeField(auto_now=True)

    objects = RecordQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["-year", "slug"]
        verbose_name = "published review"
        constraints = [*Record.Meta.constraints, *identifiers(), in_vocabulary("kind", v.ReviewKind, blank=True)]

    def __str__(self) -> str:
        return self.title or self.citation

    def get_absolute_url(self) -> str:
        return f"{reverse('trials:reviews')}#{self.slug}"

    def clean(self) -> None:
        super().clean()
        from_slugs = [line for line in self.included if " " in line]
        if from_slugs:
            raise ValidationError({"includes": f"“{from_slugs[0]}” is not a name in an address. {INCLUDES_HELP}"})

    @property
    def included(self) -> list[str]:
        return [line.strip() for line in self.includes.splitlines() if line.strip()]

    @property
    def searched_up_to(self) -> str:
        """The date up to which the review searched, such as 23 June 2024; "" where it was not seen."""
        return show_partial_date(self.search_date) if self.search_date else ""

    @property
    def estimates(self) -> list[Estimate]:
        return estimates(self.results)

    @property
    def main_estimate_of_deaths(self) -> Estimate | None:
        """The first pooled estimate of death, which is the main one."""
        return next((each for each in self.estimates if each.is_of_deaths), None)
