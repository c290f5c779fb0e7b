"""A published study: what it is, what was given to whom, what it set out to find, and what its authors say."""

import re
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Substr
from django.urls import reverse
from django.utils.text import slugify

from trials import vocabulary as v
from trials.identifiers import validate_doi, validate_pmcid, validate_pmid
from trials.models.constraints import check, identifiers, in_vocabulary
from trials.models.countries import COUNTRIES
from trials.models.fields import FIRST_YEAR, LAST_YEAR, CodeListField, PartialDateField
from trials.models.record import REVIEW_ORDER, Record, RecordQuerySet


class Author(NamedTuple):
    """One name of the author list. A group (a consortium) has no given name."""

    family: str
    given: str

    @property
    def full(self) -> str:
        return f"{self.given} {self.family}".strip()

    @property
    def short(self) -> str:
        """Family name and initials, as citations print them: Dilogo IH."""
        initials = "".join(part[0] for part in re.split(r"[\s.\-]+", self.given) if part)
        if self.given.isupper() and len(self.given) <= 3:
            initials = self.given  # already initials, such as "ID"
        return f"{self.family} {initials}".strip()


# Derived from the record and its rows by `trials.workflow.derived`, for lists. Editors do not write these.
DERIVED = (
    "search_text", "author_key", "publication_year", "cell_sources", "people", "cells_people", "comparison_people",
    "other_people", "cells_deaths", "cells_out_of", "comparison_deaths", "comparison_out_of", "deaths_time",
    "differences", "registered_when",
    "notice_kinds",
)  # fmt: skip

# For the team alone: no public page, file or history holds these.
INTERNAL = ("abstract",)

# The columns that the list counts and adds up.
COUNTED = (
    "design", "masking", "cause", "cell_sources", "phase", "countries", "publication_year", "people", "notice_kinds",
    "differences", "registered_when",
)  # fmt: skip

ORDERS = {
    "newest": ("-publication_date", "author_key", "slug"),
    "oldest": ("publication_date", "author_key", "slug"),
    "largest": ("-people", "author_key", "slug"),
    "smallest": ("people", "author_key", "slug"),
    "author": ("author_key", "publication_date", "slug"),
}


class TrialQuerySet(RecordQuerySet):
    def sorted_by(self, order: str) -> "TrialQuerySet":
        """Sort by a key of ORDERS. Raises KeyError for any other."""
        return self.order_by(*ORDERS[order])

    def after_in_list(self, date: str, author_key: str, slug: str, *, backwards: bool = False) -> "TrialQuerySet":
        """Return the studies after the given place of the `newest` order, nearest first; before it if `backwards`."""
        date_is, author_is = Q(publication_date=date), Q(author_key=author_key)
        if backwards:
            place = ~date_is | Q(author_key__lt=author_key) | author_is & Q(slug__lt=slug)
            return self.filter(place, publication_date__gte=date).sorted_by("newest").reverse()
        place = ~date_is | Q(author_key__gt=author_key) | author_is & Q(slug__gt=slug)
        return self.filter(place, publication_date__lte=date).sorted_by("newest")

    def with_rows(self) -> "TrialQuerySet":
        """Fetch everything that the page of a study shows."""
        return self.prefetch_related(
            "arms", "counts__arm", "registrations", "sources", "citations__source", "blanks", "judgements", "notices"
        )


SLUG_HELP = "First author and year, such as dilogo-2021. If you change it, the old address leads to the new one."
TISSUE_HELP = "The tissue itself is chosen for each group below."
REPORTED = "What the paper itself reports, in its methods. What a registry says goes under Registrations."
REPORTED_MASKING = "What the paper itself reports. “Double-blind” in the paper is double masked."
COMPLETE_HELP = "Untick while only some of the authors are known."
IN_TITLE = "The words of the title that name it."
DOI_HELP = "Bare, such as 10.1002/sctm.21-0046. On the first page of the paper."
SUMMARY_HELP = "Two to four short sentences for a reader of 12: who, what was given, what happened, how sure."
HEADING_HELP = "Who was treated with what, in plain words and without the result. The paper’s title follows below it."
ABSTRACT_HELP = "A copy to read while you fill in the form. The public never sees it."
RESERVED = ("compare",)  # addresses of other pages next to those of the studies
LAST_REVIEWED = F("last_reviewed")
FROM_ONE = MinValueValidator(1)


class Trial(Record):
    UNIQUE_AMONG_ORIGINALS = ("slug", "doi", "pmid", "pmcid")

    # --- derived (see DERIVED). First, so that a search and the list need not read past the long texts of a row.
    search_text = models.TextField(editable=False, default="")
    author_key = models.CharField(max_length=80, editable=False, default="", db_index=True)
    cell_sources = CodeListField(choices_from=v.CellSource.choices, editable=False)
    people = models.PositiveIntegerField(editable=False, default=0)
    cells_people = models.PositiveIntegerField(editable=False, null=True)
    comparison_people = models.PositiveIntegerField(editable=False, null=True)
    other_people = models.PositiveIntegerField(editable=False, null=True)
    cells_deaths = models.PositiveIntegerField(editable=False, null=True)
    cells_out_of = models.PositiveIntegerField(editable=False, null=True)
    comparison_deaths = models.PositiveIntegerField(editable=False, null=True)
    comparison_out_of = models.PositiveIntegerField(editable=False, null=True)
    deaths_time = models.TextField(editable=False, default="")
    differences = CodeListField(choices_from=v.Difference.choices, editable=False)
    registered_when = models.CharField(max_length=7, choices=v.Registered.choices, editable=False, default="")
    notice_kinds = CodeListField(choices_from=v.NoticeKind.choices, editable=False)

    # --- the paper
    slug = models.SlugField("address", max_length=80, help_text=SLUG_HELP)
    title = models.CharField(max_length=600, help_text="Exactly as published, capitals and spelling included.")
    acronym = models.CharField(max_length=40, blank=True, help_text="If the study has one, such as STROMA-CoV-2.")
    authors = models.TextField(help_text="In order, one a line, as “Family, Given”. A line without a comma is a group.")
    authors_complete = models.BooleanField("author list is complete", default=True, help_text=COMPLETE_HELP)
    journal = models.CharField(max_length=200, blank=True, help_text="Full name, as the journal writes it.")
    journal_abbreviation = models.CharField(max_length=80, blank=True, help_text="As PubMed writes it.")
    publication_date = PartialDateField("published", help_text="Online or in print: 2021, 2021-06 or 2021-06-08.")
    publication_year = models.GeneratedField(
        expression=Cast(Substr("publication_date", 1, 4), models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    received = PartialDateField(blank=True, help_text="When the journal received it; on the first page of the paper.")
    accepted = PartialDateField(blank=True, help_text="When the journal accepted it; on the first page of the paper.")
    volume = models.CharField(max_length=20, blank=True)
    issue = models.CharField(max_length=20, blank=True)
    pages = models.CharField("pages or article number", max_length=40, blank=True)
    language = models.CharField("language of the paper", max_length=40, blank=True, help_text="Of its full text.")
    doi = models.CharField("DOI", max_length=200, null=True, blank=True, validators=[validate_doi], help_text=DOI_HELP)
    pmid = models.CharField("PubMed ID", max_length=8, null=True, blank=True, validators=[validate_pmid])
    pmcid = models.CharField("PubMed Central ID", max_length=11, null=True, blank=True, validators=[validate_pmcid])
    licence = models.CharField("access and licence", max_length=200, blank=True, help_text="The terms of its reuse.")

    # --- design: what the paper itself reports. A draft made of a catalogue's record has none.
    design = models.CharField(max_length=12, choices=v.Design.choices, blank=True, help_text=REPORTED)
    design_wording = models.CharField("the paper’s own words for the design", max_length=300, blank=True)
    titled_design = models.CharField("design in the title", max_length=120, blank=True, help_text=IN_TITLE)
    masking = models.CharField(max_length=12, choices=v.Masking.choices, blank=True, help_text=REPORTED_MASKING)
    masking_wording = models.CharField("the paper’s own words for masking", max_length=300, blank=True)
    titled_masking = models.CharField("masking in the title", max_length=120, blank=True, help_text=IN_TITLE)
    who_masked = CodeListField("who was masked", choices_from=v.WhoMasked.choices, help_text="Only those it names.")
    phase = models.CharField(max_length=12, choices=v.Phase.choices, blank=True, help_text=REPORTED)
    phase_wording = models.CharField("the paper’s own words for the phase", max_length=120, blank=True)
    titled_phase = models.CharField("phase in the title", max_length=120, blank=True, help_text=IN_TITLE)
    allocation_wording = models.CharField("how people were assigned to groups", max_length=300, blank=True)
    control = models.CharField("comparison", max_length=14, choices=v.Control.choices, blank=True)
    centres = models.PositiveSmallIntegerField("number of centres", null=True, blank=True, validators=[FROM_ONE])
    centres_note = models.CharField("note on the centres", max_length=200, blank=True)
    countries = CodeListField(choices_from=[(code, country.name) for code, country in COUNTRIES.items()])
    recruitment_start = PartialDateField("recruitment began", blank=True)
    recruitment_end = PartialDateField("recruitment ended", blank=True)

    # --- the people
    cause = models.CharField("cause of ARDS", max_length=8, choices=v.Cause.choices, blank=True)
    cause_wording = models.CharField("note on the cause", max_length=200, blank=True)
    severity = models.CharField(max_length=300, blank=True, help_text="How ill: the ARDS grade, the oxygen limits.")
    ventilation = models.CharField("breathing support at the start", max_length=300, blank=True)
    age = models.CharField(max_length=200, blank=True)
    sex = models.CharField(max_length=200, blank=True)

    # --- the cells
    cell_source_wording = models.CharField("note on the tissue", max_length=200, blank=True, help_text=TISSUE_HELP)
    donor = models.CharField(max_length=12, choices=v.Donor.choices, blank=True)
    preparation = models.CharField("fresh or thawed", max_length=8, choices=v.Preparation.choices, blank=True)
    dose = models.CharField("dose per infusion", max_length=120, blank=True, help_text="The number alone: 1 × 10⁶.")
    dose_unit = models.CharField(max_length=12, choices=v.DoseUnit.choices, blank=True)
    dose_note = models.CharField("note on the dose", max_length=120, blank=True, help_text="Such as a maximum.")
    infusions = models.PositiveSmallIntegerField("number of infusions", null=True, blank=True, validators=[FROM_ONE])
    schedule = models.CharField(max_length=120, blank=True, help_text="Such as: days 0 and 3.")
    route = models.CharField(max_length=14, choices=v.Route.choices, blank=True)

    # --- outcomes and findings
    primary_outcome = models.TextField(blank=True, help_text="As the paper defines it, methods section.")
    primary_result = models.TextField("result for the primary outcome", blank=True)
    follow_up = models.CharField("follow-up", max_length=200, blank=True)
    safety_result = models.TextField("serious adverse events, described", blank=True, help_text="The counts go below.")
    safety_definition = models.TextField("what counted as a serious adverse event", blank=True)
    safety_related = models.TextField("events thought to be caused by the cells", blank=True)
    other_findings = models.TextField(blank=True)

    # --- in our words
    heading = models.CharField("plain heading", max_length=120, blank=True, help_text=HEADING_HELP)
    plain_summary = models.TextField("plain-language summary", blank=True, help_text=SUMMARY_HELP)
    authors_conclusion = models.TextField("the authors’ conclusion, in our words", blank=True)
    authors_limits = models.TextField("limitations (the authors’)", blank=True, help_text="One a line, in our words.")
    limits = models.TextField("limitations (ours)", blank=True, help_text="One a line, short.")
    unsettled = models.TextField("unresolved", blank=True, help_text="What we could not find out. One a line.")
    funding = models.TextField(blank=True)
    interests = models.TextField("competing interests", blank=True)

    # --- for the team
    abstract = models.TextField(blank=True, help_text=ABSTRACT_HELP)

    # --- our own record
    last_reviewed = models.DateField(null=True, blank=True, help_text="When the whole entry was last checked.")
    review_due = models.DateField("next review due", null=True, blank=True)
    updated = models.DateTimeField(auto_now=True)

    objects = TrialQuerySet.as_manager()

    class Meta(Record.Meta):
        ordering = ["-publication_date", "author_key", "slug"]
        verbose_name = "study"
        verbose_name_plural = "studies"
        permissions = [("publish_trial", "Can check and publish any record")]
        indexes = [
            # The list as it opens, and the previous and next study of a study's page.
            models.Index(fields=["status", "-publication_date", "author_key", "slug"], name="trials_trial_newest"),
            # The largest studies, on the overview and first in the list.
            models.Index(fields=["status", "-people", "author_key", "slug"], name="trials_trial_largest"),
            # All that the list counts and adds up, so that no row of the table is read for it. The year is generated
            # from the date, so SQLite reads the rows unless both are here.
            models.Index(fields=["status", *COUNTED, "publication_date"], name="trials_trial_counts"),
            # The list of the admin, of every status; its dashboard, by the latest change and by reviews.
            models.Index(fields=["-publication_date", "author_key", "slug"], name="trials_trial_all_newest"),
            models.Index(fields=["-updated", "slug"], name="trials_trial_updated"),
            models.Index(fields=["review_due", "status"], name="trials_trial_review_due"),
        ]
        constraints = [
            *Record.Meta.constraints,
            *identifiers(),
            in_vocabulary("design", v.Design, blank=True),
            in_vocabulary("masking", v.Masking, blank=True),
            in_vocabulary("phase", v.Phase, blank=True),
            check("published_design", ~Q(status=v.Status.PUBLISHED) | ~Q(design="")),
            check("published_reviewed", ~Q(status=v.Status.PUBLISHED) | Q(last_reviewed__isnull=False)),
            check("publication_date_form", Q(publication_date__regex=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")),
            check(
                "publication_date_years",
                Q(publication_date__gte=str(FIRST_YEAR), publication_date__lt=str(LAST_YEAR + 1)),
            ),
            check("dose_has_unit", Q(dose="", dose_unit="") | (~Q(dose="") & ~Q(dose_unit=""))),
            check("review_after_last", Q(last_reviewed=None) | Q(review_due=None) | Q(review_due__gt=LAST_REVIEWED)),
        ]

    def __str__(self) -> str:
        return f"{self.short_name}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("trials:trial-detail", args=[self.slug])

    def clean(self) -> None:
        super().clean()
        errors: dict[str, str] = {}
        for name in ("titled_design", "titled_masking", "titled_phase"):
            words = getattr(self, name)
            if words and words not in self.title:
                errors[name] = f"“{words}” is not in the title. Copy the words from the title."
        if self.slug in RESERVED:
            errors["slug"] = f"/trials/{self.slug}/ is another page. Choose another address."
        for line in self.authors.splitlines():
            family = line.partition(",")[0]
            if not any(letter.isalpha() for letter in family) or line.count(",") > 1:
                errors["authors"] = f"“{line}” is not a name. Write one name a line, as “Family, Given”."
        start, end = self.recruitment_start, self.recruitment_end
        if start and end and end < start[: len(end)]:
            errors["recruitment_end"] = f"{end} is before the start, {start}."
        if self.who_masked and self.masking in ("", v.Masking.OPEN, v.Masking.NOT_REPORTED):
            errors["who_masked"] = "A study that is open label or does not report masking has no one masked."
        if self.design in (v.Design.SINGLE_ARM, v.Design.CASE_SERIES) and self.control not in ("", v.Control.NONE):
            errors["control"] = "A study with this design has no comparison group."
        if bool(self.dose) != bool(self.dose_unit):
            errors["dose_unit"] = "A dose needs its unit, and a unit its dose."
        if self.status == v.Status.PUBLISHED and not self.design:
            errors["design"] = "A published study needs its design."
        if self.status == v.Status.PUBLISHED and not self.last_reviewed:
            errors["last_reviewed"] = "A published study needs the date on which it was last reviewed."
        if self.last_reviewed and self.review_due and self.review_due <= self.last_reviewed:
            errors["review_due"] = REVIEW_ORDER
        if errors:
            raise ValidationError(errors)

    @property
    def name(self) -> str:
        return f"{slugify(self.lead_author) or 'study'} {self.publication_date[:4]}" if self.lead_author else ""

    @property
    def author_list(self) -> list[Author]:
        lines = (line.partition(",") for line in self.authors.splitlines())
        return [Author(family.strip(), given.strip()) for family, _, given in lines]

    @property
    def lead_author(self) -> str:
        """Family name of the first author."""
        return next((name.family for name in self.author_list), "")

    @property
    def short_name(self) -> str:
        """First author and year, the name a reader knows the study by: Dilogo 2021."""
        return f"{self.lead_author} {self.publication_date[:4]}".strip()
