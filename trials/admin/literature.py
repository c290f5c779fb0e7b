"""Known studies that are not on the list, and published reviews, in the admin."""

from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from trials.admin import text
from trials.admin.base import person
from trials.admin.filters import DraftFilter
from trials.admin.record import RecordAdmin
from trials.models import OtherStudy, Review, Trial
from trials.views.literature import other_studies_page, reviews_page
from trials.workflow import steps
from trials.workflow.promotion import draft_document
from trials.workflow.revisions import working_copy

PAPER = ("doi", "pmid", "pmcid")
SAME_PAPER = (*PAPER, "title")  # a study with one of these is of the same paper
DONE = ("design", "design_wording", "condition", "cause", "cell_source", "dose", "countries", "people")
DEATHS = (("cells_deaths", "cells_out_of"), ("comparison_deaths", "comparison_out_of"), "counted_at", "deaths_text")


class LiteratureAdmin(RecordAdmin):
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find an identifier as it was copied, with an address or words around it."""
        for name, (tidy, _) in text.IDENTIFIERS.items():
            if search_term and (found := queryset.filter(**{name: tidy(search_term)})):
                return found, False
        return super().get_search_results(request, queryset, search_term)


@admin.register(OtherStudy)
class OtherStudyAdmin(LiteratureAdmin):
    list_display = ["name", "state", "reason", "design", "people"]
    list_filter = ["status", DraftFilter, "reason", "design"]
    search_fields = ["name", "title", "first_author", "registrations", "doi"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (
            "The study",
            {"fields": ["name", "slug", "title", "first_author", ("year", "journal"), PAPER, "registrations"]},
        ),
        ("Why it is not on the list", {"fields": ["reason", "reason_note", "same_people_as", ("progress", "ended")]}),
        ("What was done", {"fields": DONE}),
        ("Deaths", {"fields": DEATHS}),
        ("Where it was read", {"fields": ["sources", "looked_up"]}),
    ]

    change_form_template = "admin/trials/otherstudy/change_form.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.study_view))
        return [path("<path:object_id>/study/", view, name="trials_otherstudy_study"), *super().get_urls()]

    def study_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make a draft of a study from what the record holds, and open it."""
        record = self.get_record(request, object_id, to_change=True)
        reason = f"Made from the record of another study, “{record}”."
        try:
            trial = steps.create(Trial, draft_document(working_copy(record)), by=person(request), reason=reason)
        except ValidationError as error:
            self.show_errors(request, *(f"No draft was made. {sentence}" for sentence in error.messages))
            return redirect(self.address("change", working_copy(record)))
        done = (
            "This is a draft of a study. Check each value. What has no field of its own is next to the form, under "
            "“Abstract”. Say in the record of the other study where it went."
        )
        self.message_user(request, done, messages.SUCCESS)
        return redirect("admin:trials_trial_change", trial.pk)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if other := kwargs.get("obj"):
            same = [Q(**{f"{name}__iexact": getattr(other, name)}) for name in SAME_PAPER if getattr(other, name)]
            context["same_paper"] = Trial.objects.originals().filter(reduce(or_, same)) if same else []
        return super().render_change_form(request, context, *args, **kwargs)

    def preview_response(self, request: HttpRequest, record: OtherStudy, preview: dict[str, Any]) -> HttpResponse:
        return other_studies_page(request, [record], preview)


@admin.register(Review)
class ReviewAdmin(LiteratureAdmin):
    list_display = ["__str__", "state", "citation", "year", "searched"]
    list_filter = ["status", DraftFilter, "kind"]
    search_fields = ["title", "citation", "doi"]
    fieldsets = [
        ("The review", {"fields": ["title", "slug", "citation", "year", PAPER, "address", "kind"]}),
        ("What it asked and found", {"fields": ["population", "search_date", "results", "limits_note"]}),
        ("What it counts", {"fields": ["includes", "includes_complete"]}),
        ("Our record", {"fields": ["looked_up"]}),
    ]

    @admin.display(description="searched up to", ordering="search_date")
    def searched(self, review: Review) -> str | None:
        return review.searched_up_to or None

    def preview_response(self, request: HttpRequest, record: Review, preview: dict[str, Any]) -> HttpResponse:
        return reviews_page(request, [record], preview)
