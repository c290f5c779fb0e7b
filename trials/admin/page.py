from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from trials import actions
from trials.admin.lists import ReviewDueFilter, review_due_in_words
from trials.admin.road import RoadAdmin, RoadFilter
from trials.admin.text import text_area, text_areas
from trials.models import Page


@admin.register(Page)
class PageAdmin(RoadAdmin):
    list_display = ["title", "slug", "state", "last_reviewed", "review_is_due", "updated"]
    list_filter = ["status", RoadFilter, ReviewDueFilter]
    search_fields = ["title", "lead", "body"]
    fieldsets = [
        ("What the reader sees", {"fields": ["title", "lead", "body"]}),
        ("What a search engine sees", {"fields": ["description"]}),
        (
            "Our record",
            {
                "description": "The name is part of the address, so it stays as it was first saved.",
                "fields": ["slug", ("last_reviewed", "review_due")],
            },
        ),
    ]
    formfield_overrides = text_areas(3)

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> list[str]:
        return ["slug"] if obj else []

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "body":
            kwargs["widget"] = text_area(24)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="review due", ordering="review_due")
    def review_is_due(self, page: Page) -> str:
        return review_due_in_words(page.review_due)

    def save_model(self, request: HttpRequest, obj: Page, form: Any, change: bool) -> None:
        actions.save_text(obj)
