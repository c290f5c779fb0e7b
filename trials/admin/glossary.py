"""Glossary terms in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from trials.admin.filters import DraftFilter
from trials.admin.record import RecordAdmin
from trials.models import GlossaryTerm, Page
from trials.views.pages import glossary_page


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(RecordAdmin):
    list_display = ["term", "meaning", "other_spellings", "state"]
    list_filter = ["status", DraftFilter]
    search_fields = ["term", "meaning", "other_spellings"]
    prepopulated_fields = {"slug": ["term"]}
    fieldsets = [(None, {"fields": ["term", "slug", "meaning", "other_spellings", "search_words"]})]

    def preview_response(self, request: HttpRequest, record: GlossaryTerm, preview: dict[str, Any]) -> HttpResponse:
        page = get_object_or_404(Page.objects.public(), slug="glossary")
        others = GlossaryTerm.objects.public().exclude(pk=record.original.pk)
        terms = sorted([*others, record], key=lambda term: term.term.casefold())
        return glossary_page(request, page, terms, preview)
