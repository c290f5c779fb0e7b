from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from trials import actions
from trials.admin.road import RoadAdmin, RoadFilter
from trials.admin.text import text_areas
from trials.models import GlossaryTerm


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(RoadAdmin):
    list_display = ["term", "meaning", "other_spellings", "state"]
    list_filter = ["status", RoadFilter]
    search_fields = ["term", "meaning", "other_spellings"]
    prepopulated_fields = {"slug": ["term"]}
    formfield_overrides = text_areas(3)
    fieldsets = [(None, {"fields": ["term", "slug", "meaning", "other_spellings"]})]

    def save_model(self, request: HttpRequest, obj: GlossaryTerm, form: Any, change: bool) -> None:
        actions.save_text(obj)
