"""What the admin's own views of one record share: finding it, its addresses, the frame of its pages."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse

from trials.admin import kept
from trials.admin.lists import OwnFiltersMixin


class RecordAdmin(OwnFiltersMixin, admin.ModelAdmin):
    """For whatever has a history: a study, a page, a glossary term."""

    def address(self, name: str, record: Any, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[quote(record.pk), *args])

    def _record(self, request: HttpRequest, object_id: str, *, to_change: bool = False) -> Any:
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        may = self.has_change_permission if to_change else self.has_view_or_change_permission
        if not may(request, record):
            raise PermissionDenied
        return record

    def _complain(self, request: HttpRequest, sentence: str) -> None:
        self.message_user(request, sentence, messages.ERROR)

    def _context(self, request: HttpRequest, record: Any, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": title,
            "subtitle": str(record),
            "change_address": self.address("change", record),
            "history_address": self.address("history", record),
            "opened_by": kept.token(request.user),
        }


def whole_number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 9 else None


def person(request: HttpRequest) -> Any:
    """Who is logged in, with no doubt: nobody else comes as far as here."""
    return request.user
