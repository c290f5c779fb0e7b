from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime

from trials import actions
from trials.admin.importing import Importing
from trials.admin.lists import NotCheckedFilter, ReviewDueFilter, review_due_in_words
from trials.admin.road import RoadAdmin, RoadFilter
from trials.admin.rows import (
    VALUE_NAMES_ID,
    ArmInline,
    BlankInline,
    CountInline,
    RegistrationInline,
    SourceInline,
    value_choices,
)
from trials.admin.text import TIDIED, text_areas
from trials.quality.disagreements import disagreements
from trials.filters import QUERY_LENGTH
from trials.models import Arm, OutcomeCount, Trial
from trials.paging import KeysFirst
from trials.search import words_condition
from trials.quality.consistency import warnings

# In the order in which one reads a paper; the groups, counts and other rows stand between them (`after`, in rows.py).
FIELDSETS: Any = [
    (
        "Title page",
        {
            "description": "On the first page of the paper; the abbreviation and the IDs also in its PubMed record.",
            "fields": [
                "title",
                "acronym",
                "authors",
                "authors_complete",
                ("journal", "journal_abbreviation"),
                ("publication_date", "received", "accepted"),
                ("volume", "issue", "pages"),
                ("doi", "pmid", "pmcid"),
                ("language", "licence"),
            ],
        },
    ),
    (
        "Design",
        {
            "description": "First what the title says, then what the abstract and the methods report. The two may "
            "differ: copy both.",
            "fields": [
                ("titled_design", "titled_masking", "titled_phase"),
                ("design", "design_wording"),
                "allocation_wording",
                "control",
                ("masking", "masking_wording"),
                "who_masked",
                ("phase", "phase_wording"),
                ("centres", "centres_note"),
                "countries",
                ("recruitment_start", "recruitment_end"),
            ],
        },
    ),
    (
        "The people",
        {
            "description": "Methods, “participants” or “eligibility”; age and sex in the first table of the results.",
            "fields": [("cause", "cause_wording"), "severity", "ventilation", ("age", "sex")],
        },
    ),
    (
        "The cells",
        {
            "description": "Methods, “intervention” or “cell preparation”, sometimes only in the supplement.",
            "fields": [
                "cell_source_wording",
                ("donor", "preparation"),
                ("dose", "dose_unit", "dose_note"),
                ("infusions", "schedule", "route"),
            ],
        },
    ),
    (
        "Outcomes",
        {
            "description": "Methods, “outcomes” or “endpoints”: what the study set out to find.",
            "fields": ["primary_outcome", "follow_up", "safety_definition"],
        },
    ),
    (
        "Results",
        {
            "description": "Results section and its tables, in words. Numbers of people go into the counts below.",
            "fields": ["primary_result", "safety_result", "safety_related", "other_findings"],
        },
    ),
    (
        "Discussion, and our own words",
        {
            "description": "What the authors conclude stands in the discussion and at the end of the abstract. "
            "Write everything here in words of our own.",
            "fields": ["authors_conclusion", "authors_limits", "limits", "unsettled", "plain_summary"],
        },
    ),
    (
        "Funding and interests",
        {"description": "Behind the discussion, before the references.", "fields": ["funding", "interests"]},
    ),
    (
        "Our record",
        {
            "description": "Not in the paper: the address of this entry on this site, and when it was checked.",
            "fields": ["slug", ("last_reviewed", "review_due")],
        },
    ),
]


@admin.register(Trial)
class TrialAdmin(RoadAdmin):
    change_form_template = "admin/trials/trial/change_form.html"
    fieldsets = FIELDSETS
    inlines = [ArmInline, CountInline, RegistrationInline, SourceInline, BlankInline]
    formfield_overrides = text_areas(4) | {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    save_on_top = True
    empty_value_display = "not recorded"

    list_display = [
        "short_name",
        "title",
        "design",
        "state",
        "people_known",
        "last_reviewed",
        "review_is_due",
        "updated_on",
        "on_site",
    ]
    list_filter = [
        "status",
        RoadFilter,
        ReviewDueFilter,
        NotCheckedFilter,
        "design",
        "masking",
        "phase",
        "cause",
        "countries",
    ]
    list_per_page = 50
    search_fields = ["search_text"]  # shows the box; get_search_results says how it searches
    search_help_text = "Title, authors, DOI, PubMed ID, registration, country, tissue, address; accents do not matter."

    def get_urls(self) -> list[Any]:
        return [*Importing(self).urls(), *super().get_urls()]

    # --- the list

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Trial], search_term: str
    ) -> tuple[QuerySet[Trial], bool]:
        if len(search_term) > QUERY_LENGTH:
            self._complain(request, f"At most {QUERY_LENGTH} characters can be searched.")
            return queryset.none(), False
        if search_term.strip():
            queryset = queryset.filter(words_condition(search_term, ("search_text", "slug")))
        return queryset, False

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> KeysFirst:
        return KeysFirst(queryset, per_page, whole=self.get_queryset(request))

    @admin.display(description="study", ordering="author_key")
    def short_name(self, trial: Trial) -> str:
        return trial.short_name

    @admin.display(description="people", ordering="people", empty_value="not known")
    def people_known(self, trial: Trial) -> int | None:
        return trial.people or None

    @admin.display(description="review due", ordering="review_due")
    def review_is_due(self, trial: Trial) -> str:
        return review_due_in_words(trial.review_due)

    @admin.display(description="updated", ordering="updated")
    def updated_on(self, trial: Trial) -> str:
        return date_format(localtime(trial.updated).date())

    @admin.display(description="on site")
    def on_site(self, trial: Trial) -> str:
        if not trial.is_public:
            return "not public"
        return format_html(
            '<a href="{}" aria-label="View {} on site">View on site</a>', trial.get_absolute_url(), trial.short_name
        )

    # --- the form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in TIDIED:
            kwargs["form_class"] = TIDIED[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        context |= {"value_names_id": VALUE_NAMES_ID, "value_choices": value_choices(obj)}
        if obj is not None:
            # Of the revision that the form shows: the tables hold it now, whatever `obj` has been asked before.
            shown = Trial.objects.prefetch_related("arms", "counts", "registrations").get(pk=obj.pk)
            context |= {"warnings": warnings(shown), "disagreements": disagreements(shown)}
        return super().render_change_form(request, context, *args, **kwargs)

    # --- writing: everything through trials.actions

    def save_model(self, request: HttpRequest, obj: Trial, form: Any, change: bool) -> None:
        actions.save_trial(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        by_model = {formset.model: formset for formset in formsets}
        if Arm in by_model and OutcomeCount in by_model:
            refuse_orphans(by_model[Arm], by_model[OutcomeCount])
        super().save_related(request, form, formsets, change)

    def complete(self, record: Trial) -> None:
        actions.complete_trial(record)


def refuse_orphans(arms: Any, counts: Any) -> None:
    """Deleting a group would silently take its counts along; whoever deletes it must say what becomes of them."""
    going = {form.instance.pk for form in arms.deleted_forms}
    left = [f for f in counts.forms if f not in counts.deleted_forms and f.cleaned_data.get("arm")]
    wrong = [
        f"Count {form.instance.position} is of “{form.cleaned_data['arm']}”, which you are deleting. Delete the count "
        "too, or choose another group for it."
        for form in left
        if form.cleaned_data["arm"].pk in going
    ]
    if wrong:
        raise ValidationError(wrong)
