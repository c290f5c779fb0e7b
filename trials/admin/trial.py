from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime

from trials import actions
from trials import vocabulary as v
from trials.admin.lists import NotCheckedFilter, ReviewDueFilter, review_due_in_words
from trials.admin.rows import (
    VALUE_NAMES_ID,
    ArmInline,
    BlankInline,
    CountInline,
    RegistrationInline,
    SourceInline,
    value_choices,
)
from trials.admin.text import text_areas
from trials.models import Arm, OutcomeCount, Trial
from trials.search import fold

PEOPLE = (
    Arm.objects.filter(trial=OuterRef("pk"))
    .order_by()
    .values("trial")
    .annotate(sum=Sum(Coalesce("analysed", "randomised")))
    .values("sum")
)

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
            "description": "Not in the paper: how far we are with this entry, and its address on this site.",
            "fields": [("slug", "status"), ("last_reviewed", "review_due"), "updated"],
        },
    ),
]


class TrialForm(forms.ModelForm):
    refused: list[str] = []  # why the study could not be saved although each field by itself is right

    def clean(self) -> dict[str, Any] | None:
        for reason in self.refused:
            self.add_error(None, reason)
        return super().clean()


@admin.register(Trial)
class TrialAdmin(admin.ModelAdmin):
    form = TrialForm
    fieldsets = FIELDSETS
    inlines = [ArmInline, CountInline, RegistrationInline, SourceInline, BlankInline]
    readonly_fields = ["updated"]
    formfield_overrides = text_areas(4) | {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    save_on_top = True
    empty_value_display = "not recorded"

    list_display = [
        "short_name",
        "title",
        "design",
        "status",
        "people",
        "last_reviewed",
        "review_is_due",
        "updated_on",
        "on_site",
    ]
    list_filter = [
        "status",
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
    actions = ["delete_selected"]

    # --- the list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trial]:
        return super().get_queryset(request).annotate(people_analysed=Subquery(PEOPLE))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Trial], search_term: str
    ) -> tuple[QuerySet[Trial], bool]:
        for word in fold(search_term).split():
            queryset = queryset.filter(Q(search_text__contains=word) | Q(slug__contains=word))
        return queryset, False

    @admin.display(description="study", ordering="author_key")
    def short_name(self, trial: Trial) -> str:
        return trial.short_name

    @admin.display(description="people", ordering="people_analysed", empty_value="not known")
    def people(self, trial: Any) -> int | None:
        return trial.people_analysed

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

    def view_on_site(self, trial: Trial) -> str | None:
        return trial.get_absolute_url() if trial.is_public else None

    def get_form(self, request: HttpRequest, obj: Trial | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refused = getattr(request, "refused", [])
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What shows only when all rows are saved undoes the save, and comes back on the form as it was typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:
            refused = error.messages
        except IntegrityError:
            refused = [
                "Nothing was saved: somebody else changed this study meanwhile. Open it again in another window."
            ]
        request.refused = refused
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        context |= {"value_names_id": VALUE_NAMES_ID, "value_choices": value_choices(obj)}
        return super().render_change_form(request, context, *args, **kwargs)

    # --- writing: everything through trials.actions

    def save_model(self, request: HttpRequest, obj: Trial, form: Any, change: bool) -> None:
        actions.save_trial(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        by_model = {formset.model: formset for formset in formsets}
        if Arm in by_model and OutcomeCount in by_model:
            refuse_orphans(by_model[Arm], by_model[OutcomeCount])
        super().save_related(request, form, formsets, change)
        actions.complete_trial(form.instance)

    def delete_model(self, request: HttpRequest, obj: Trial) -> None:
        actions.delete_trial(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Trial]) -> None:
        for trial in queryset:
            actions.delete_trial(trial)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        trial = self.get_object(request, unquote(object_id))
        if trial and trial.is_public and self.has_delete_permission(request, trial):
            self.message_user(request, published_stays(trial.short_name), messages.ERROR)
            return redirect("admin:trials_trial_change", trial.pk)
        return super().delete_view(request, object_id, extra_context)

    @admin.action(description="Delete selected studies", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Trial]) -> HttpResponse | None:
        published = [trial.short_name for trial in queryset if trial.status == v.Status.PUBLISHED]
        if published:
            self.message_user(request, published_stays(", ".join(published)), messages.ERROR)
            return None
        return delete_selected(self, request, queryset)


def published_stays(names: str) -> str:
    return (
        f"Nothing was deleted. Published, so that the address may be cited: {names}. To take a study off the public "
        "pages, open it and set its status to “Archived”."
    )


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
