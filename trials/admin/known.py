"""Known studies that are not on the list, and published reviews, in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from trials.admin import text
from trials.admin.base import RecordForm
from trials.admin.filters import DraftFilter
from trials.admin.inlines import NOT_RECORDED, ReadOnlyWords
from trials.admin.record import RecordAdmin
from trials.models import OtherStudy, Review
from trials.views.known import other_studies_page, reviews_page

PAPER = ("doi", "pmid", "pmcid")
DONE = ("design", "design_wording", "condition", "cause", "cell_source", "dose", "countries", "people")
DEATHS = (("cells_deaths", "cells_out_of"), ("comparison_deaths", "comparison_out_of"), "counted_at", "deaths_text")


class KnownAdmin(ReadOnlyWords, text.PaperFields, RecordAdmin):
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find an identifier as it was copied, with an address or words around it."""
        for name, identifier in text.TIDY.items():
            if search_term and (found := queryset.filter(**{name: identifier["tidy"](search_term)})):
                return found, False
        return super().get_search_results(request, queryset, search_term)


@admin.register(OtherStudy)
class OtherStudyAdmin(KnownAdmin):
    list_display = ["name", "state", "reason", "design", "people"]
    list_filter = ["status", DraftFilter, "reason", "design"]
    search_fields = ["name", "title", "first_author", "registrations", "doi"]
    prepopulated_fields = {"slug": ["name"]}
    formfield_overrides = text.overrides(3)
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

    def preview_response(self, request: HttpRequest, record: OtherStudy, preview: dict[str, Any]) -> HttpResponse:
        return other_studies_page(request, [record], preview)


class ReviewForm(RecordForm):
    address = text.AddressField(help_text="An address, a DOI or a PubMed ID.", widget=AdminTextInputWidget)


@admin.register(Review)
class ReviewAdmin(KnownAdmin):
    form = ReviewForm
    list_display = ["__str__", "state", "citation", "year", "searched"]
    list_filter = ["status", DraftFilter, "kind"]
    search_fields = ["title", "citation", "doi"]
    formfield_overrides = text.overrides(3)
    fieldsets = [
        ("The review", {"fields": ["title", "slug", "citation", "year", PAPER, "address", "kind"]}),
        ("What it asked and found", {"fields": ["population", "search_date", "results", "limits_note"]}),
        ("What it counts", {"fields": ["includes", "includes_complete"]}),
        ("Our record", {"fields": ["looked_up"]}),
    ]

    @admin.display(description="searched up to", ordering="search_date")
    def searched(self, review: Review) -> str:
        return review.searched_up_to or NOT_RECORDED

    def preview_response(self, request: HttpRequest, record: Review, preview: dict[str, Any]) -> HttpResponse:
        return reviews_page(request, [record], preview)
