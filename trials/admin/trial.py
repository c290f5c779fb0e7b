"""Studies in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from trials.admin import importing
from trials.admin.filters import DraftFilter
from trials.admin.inlines import INLINES, choices_of, citation_without_quote
from trials.admin.record import RecordAdmin
from trials.listing.filters import LONGEST_QUERY
from trials.listing.search import search_condition
from trials.models import Trial
from trials.quality.consistency import warnings
from trials.quality.disagreements import disagreements
from trials.views.study import study_page
from trials.workflow.documents import build, document_of
from trials.workflow.readiness import uncited


def _part(name: str, description: str, *fields: Any) -> tuple[str, dict[str, Any]]:
    return name, {"description": description, "fields": list(fields)}


# In the order of a paper. The groups, counts and other rows come between them: see `after` in inlines.py.
# fmt: off
FIELDSETS: Any = [
    _part(
        "Abstract",
        "To read next to the other fields. Nothing of it is public.",
        "abstract",
    ),
    _part(
        "Title page",
        "On the first page of the paper; the abbreviation and the IDs also in its PubMed record.",
        "title", "acronym", "authors", "authors_complete", ("journal", "journal_abbreviation"),
        ("publication_date", "received", "accepted"), ("volume", "issue", "pages"), ("doi", "pmid", "pmcid"),
        ("language", "licence"),
    ),
    _part(
        "Design",
        "First what the title says, then what the abstract and the methods report. The two may differ: copy both.",
        ("titled_design", "titled_masking", "titled_phase"), ("design", "design_wording"), "allocation_wording",
        "control", ("masking", "masking_wording"), "who_masked", ("phase", "phase_wording"),
        ("centres", "centres_note"), "countries", ("recruitment_start", "recruitment_end"),
    ),
    _part(
        "The people",
        "Methods, “participants” or “eligibility”; age and sex in the first table of the results.",
        ("cause", "cause_wording"), "severity", "ventilation", ("age", "sex"),
    ),
    _part(
        "The cells",
        "Methods, “intervention” or “cell preparation”, sometimes only in the supplement.",
        "cell_source_wording", ("donor", "preparation"), ("dose", "dose_unit", "dose_note"),
        ("infusions", "schedule", "route"),
    ),
    _part(
        "Outcomes",
        "Methods, “outcomes” or “endpoints”: what the study set out to find.",
        "primary_outcome", "follow_up", "safety_definition",
    ),
    _part(
        "Results",
        "Results section and its tables, in words. Numbers of people go into the counts below.",
        "primary_result", "safety_result", "safety_related", "other_findings",
    ),
    _part(
        "Discussion, and our own words",
        "What the authors conclude is in the discussion and at the end of the abstract. Write everything here in "
        "words of our own.",
        "heading", "plain_summary", "authors_conclusion", "authors_limits", "limits", "unsettled",
    ),
    _part(
        "Funding and interests",
        "After the discussion, before the references.",
        "funding", "interests",
    ),
    _part(
        "Our record",
        "Not in the paper: the address of this entry on this site, and when it was checked.",
        "slug", ("last_reviewed", "review_due"),
    ),
]
# fmt: on


@admin.register(Trial)
class TrialAdmin(RecordAdmin):
    change_form_template = "admin/trials/trial/change_form.html"
    fieldsets = FIELDSETS
    inlines = INLINES
    rows = 4

    list_display = ["short_name", "state", "title", "design", "people_known", "last_reviewed"]
    list_display += ["review_is_due", "updated_on"]
    list_filter = ["status", DraftFilter, "design", "masking", "phase", "cause"]
    list_per_page = 50
    search_fields = ["search_text"]  # shows the box; get_search_results searches
    search_help_text = "Words in any order, “words in quotation marks” together, or an identifier or address as copied."

    def get_urls(self) -> list[Any]:
        return [*importing.urls(self), *super().get_urls()]

    # --- The list

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Trial], search_term: str
    ) -> tuple[QuerySet[Trial], bool]:
        if len(search_term) > LONGEST_QUERY:
            self.show_errors(request, f"At most {LONGEST_QUERY} characters can be searched.")
            return queryset.none(), False
        if words := search_term.strip():
            queryset = queryset.filter(search_condition(words))
        return queryset, False

    @admin.display(description="study", ordering="author_key")
    def short_name(self, trial: Trial) -> str:
        return trial.short_name

    @admin.display(description="people", ordering="people", empty_value="not known")
    def people_known(self, trial: Trial) -> int | None:
        return trial.people or None

    @admin.display(description="updated", ordering="updated")
    def updated_on(self, trial: Trial) -> str:
        return date_format(localtime(trial.updated).date())

    # --- The form

    def with_rows(self, record: Trial) -> Trial:
        return Trial.objects.with_rows().get(pk=record.pk)

    def rows_of(self, record: Trial, formsets: Any) -> dict[str, list[Any]]:
        """Return the rows that were filled in, with a citation for each value that was ticked below a source."""
        rows = super().rows_of(record, formsets)
        sources = next(formset for formset in formsets if formset.prefix == "sources")
        forms = sources.live_forms()
        for form in forms:
            ticked = form.cleaned_data.get("values", [])
            rows["citations"] += [citation_without_quote(form.instance, path) for path in ticked]
        for form in forms:
            if form.cleaned_data["everything"]:
                study = build(document_of(record, rows), Trial())
                rows["citations"] += [citation_without_quote(form.instance, path) for path in uncited(study)]
        return rows

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        choices = choices_of(request, kwargs.get("obj"))
        context |= {"value_labels": choices.values, "source_labels": choices.sources, "uncited": choices.uncited}
        context["abstract"] = choices.trial.abstract
        if kwargs.get("obj") is not None and request.method != "POST":
            context |= {"warnings": warnings(choices.trial), "disagreements": disagreements(choices.trial)}
        return super().render_change_form(request, context, *args, **kwargs)

    def preview_response(self, request: HttpRequest, record: Trial, preview: dict[str, Any]) -> HttpResponse:
        return study_page(request, record, preview)
