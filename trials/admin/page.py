"""Pages in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from trials.admin import text
from trials.admin.filters import DraftFilter
from trials.admin.record import RecordAdmin
from trials.models import GlossaryTerm, Page, Review
from trials.views.evidence import evidence_page
from trials.views.literature import other_studies_page, reviews_page
from trials.views.overview import overview_page
from trials.views.pages import glossary_page, text_page


@admin.register(Page)
class PageAdmin(RecordAdmin):
    list_display = ["title", "state", "slug", "last_reviewed", "review_is_due", "updated"]
    list_filter = ["status", DraftFilter]
    search_fields = ["title", "lead", "body"]
    fieldsets = [
        ("What the reader sees", {"fields": ["title", "lead", "body"]}),
        ("What a search engine shows", {"fields": ["description"]}),
        (
            "Our record",
            {
                "description": "The name is part of the address and cannot be changed after the first save.",
                "fields": ["slug", ("menu_title", "menu_position", "footer_position"), ("last_reviewed", "review_due")],
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> list[str]:
        return ["slug"] if obj else []

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "body":
            kwargs["widget"] = text.TextArea(attrs={"rows": 24})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def preview_response(self, request: HttpRequest, record: Page, preview: dict[str, Any]) -> HttpResponse:
        if record.slug == "glossary":
            return glossary_page(request, record, list(GlossaryTerm.objects.public()), preview)
        if record.slug == "overview":
            return overview_page(request, record, preview)
        if record.slug == "evidence":
            return evidence_page(request, record, preview)
        if record.slug == "other-studies":
            return other_studies_page(request, preview=preview, page=record)
        if record.slug == "reviews":
            return reviews_page(request, list(Review.objects.public()), preview, page=record)
        return text_page(request, record, preview)
