"""A study that is known to us and is not on the list, with the reason."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from trials import vocabulary as v
from trials.identifiers import validate_doi, validate_pmcid, validate_pmid
from trials.models.constraints import check, identifiers, in_vocabulary
from trials.models.countries import COUNTRIES
from trials.models.fields import CodeListField, PartialDateField, show_partial_date
from trials.models.lines import SOURCE_FORM, SourceLine, source_lines, validate_source_lines
from trials.models.record import Record, RecordQuerySet

NOT_SEEN = "Empty if it was not seen."
COUNTS_HELP = "The first count, of people given cells alone and of the comparison group. Others go into words."
REGISTRATIONS_HELP = "One a line, such as NCT03818854. Add “, probably” if it was matched from details."
COUNTS = ("cells_deaths", "cells_out_of", "comparison_deaths", "comparison_out_of")


def counted_whole(group: str) -> Q:
    """Return the condition that both numbers of a count are there, of at least one person, and fit, or neither."""
    deaths, out_of = f"{group}_deaths", f"{group}_out_of"
    neither = Q(**{f"{deaths}__isnull": True, f"{out_of}__isnull": True})
    both = Q(**{f"{deaths}__isnull": False, f"{out_of}__isnull": False})  # a comparison with NULL would pass
    return neither | both & Q(**{f"{out_of}__gte": 1, f"{deaths}__lte": F(out_of)})


class OtherStudyQuerySet(RecordQuerySet):
    def comparable(self) -> "OtherStudyQuerySet":
        """Return the randomised studies that would belong on the list and have deaths counted in both groups."""
        counted = {f"{name}__isnull": False for name in COUNTS}
        return self.filter(reason=v.Reason.NOT_YET_REVIEWED, design=v.Design.RANDOMISED, **counted)


class OtherStudy(Record):
    UNIQUE_AMONG_ORIGINALS = ("slug", "doi", "pmid", "pmcid")

    slug = models.SlugField("name in the address", max_length=80)
    name = models.CharField("short name", max_length=80, help_text="First author and year, or the name of the trial.")
    title = models.CharField(max_length=600, blank=True, help_text=f"Exactly as published or registered. {NOT_SEEN}")
    first_author = models.CharField(max_length=120, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    journal = models.CharField(max_length=200, blank=True)
    doi = models.CharField("DOI", max_length=200, null=True, blank=True, validators=[validate_doi])
    pmid = models.CharField("PubMed ID", max_length=8, null=True, blank=True, validators=[validate_pmid])
    pmcid = models.CharField("PubMed Central ID", max_length=11, null=True, blank=True, validators=[validate_pmcid])
    registrations = models.TextField(blank=True, help_text=REGISTRATIONS_HELP)

    reason = models.CharField("why it is not on the list", max_length=16, choices=v.Reason.choices)
    reason_note = models.TextField("the reason in words", blank=True)
    same_people_as = models.CharField(
        max_length=80, blank=True, help_text="The name in the address of the other entry."
    )
    progress = models.CharField(max_length=21, choices=v.Progress.choices)
    ended = PartialDateField("ended", blank=True, help_text="When the study ended, where it is not published.")

    design = models.CharField(max_length=12, choices=v.Design.choices, blank=True, help_text=NOT_SEEN)
    design_wording = models.CharField("the source’s own words for the design", max_length=300, blank=True)
    condition = models.CharField(max_length=200, blank=True, help_text="Of the people who took part.")
    cause = models.CharField("cause of ARDS", max_length=8, choices=v.Cause.choices, blank=True, help_text=NOT_SEEN)
    cell_source = models.CharField("source of cells", max_length=16, choices=v.CellSource.choices, blank=True)
    dose = models.CharField(max_length=200, blank=True)
    countries = CodeListField(choices_from=[(code, country.name) for code, country in COUNTRIES.items()])
    people = models.PositiveIntegerField(null=True, blank=True, help_text=f"Who took part, not planned. {NOT_SEEN}")

    cells_deaths = models.PositiveIntegerField("deaths, given cells", null=True, blank=True, help_text=COUNTS_HELP)
    cells_out_of = models.PositiveIntegerField("out of", null=True, blank=True, validators=[MinValueValidator(1)])
    comparison_deaths = models.PositiveIntegerField("deaths, comparison", null=True, blank=True)
    comparison_out_of = models.PositiveIntegerField("out of", null=True, blank=True, validators=[MinValueValidator(1)])
    counted_at = models.CharField("counted when", max_length=120, blank=True, help_text="In words, such as: by day 28.")
    deaths_text = models.TextField("deaths in words", blank=True, help_text="Other counts, and how a count was made.")

    sources = models.TextField(validators=[validate_source_lines], help_text=SOURCE_FORM)
    looked_up = models.DateField("looked up on")
    updated = models.DateTimeField(auto_now=True)

    objects = OtherStudyQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["name", "slug"]
        verbose_name = "other study"
        verbose_name_plural = "other studies"
        constraints = [
            *Record.Meta.constraints,
            *identifiers(),
            in_vocabulary("reason", v.Reason),
            in_vocabulary("progress", v.Progress),
            in_vocabulary("design", v.Design, blank=True),
            check("cells_counted_whole", counted_whole("cells")),
            check("comparison_counted_whole", counted_whole("comparison")),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('trials:other-studies')}?reason={self.reason}#{self.slug}"

    def clean(self) -> None:
        super().clean()
        errors: dict[str, str] = {}
        for group in ("cells", "comparison"):
            deaths, out_of = (getattr(self, f"{group}_{name}") for name in ("deaths", "out_of"))
            if (deaths is None) != (out_of is None):
                errors[f"{group}_deaths"] = "Give both numbers, the deaths and the people they are out of, or neither."
            elif deaths is not None and deaths > out_of:
                errors[f"{group}_deaths"] = f"There cannot be {deaths} deaths among {out_of} people."
        if self.reason == v.Reason.SAME_PEOPLE and not self.same_people_as:
            errors["same_people_as"] = "Name the entry that counts the same people."
        if errors:
            raise ValidationError(errors)

    @property
    def registration_list(self) -> list[tuple[str, bool]]:
        """The identifiers, each with whether it was only matched from details."""
        lines = [line.strip() for line in self.registrations.splitlines() if line.strip()]
        return [(line.partition(",")[0], line.endswith("probably")) for line in lines]

    @property
    def source_list(self) -> list[SourceLine]:
        return source_lines(self.sources)

    @property
    def months_since_end(self) -> int | None:
        """Whole months from the end of a study without a publication to the day when it was looked up."""
        if self.progress == v.Progress.PUBLISHED or len(self.ended) < 7:
            return None
        year, month, *day = (int(part) for part in self.ended.split("-"))
        looked = self.looked_up
        return (looked.year - year) * 12 + looked.month - month - (bool(day) and looked.day < day[0])

    @property
    def ended_in_words(self) -> str:
        return show_partial_date(self.ended)
