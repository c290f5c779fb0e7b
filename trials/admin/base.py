"""What the views of one record in the admin share."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.formats import date_format
from django.utils.timezone import localtime

from trials import vocabulary as v
from trials.admin import form_store
from trials.admin.filters import ListedFiltersMixin
from trials.models import Record
from trials.workflow import steps
from trials.workflow.documents import Document
from trials.workflow.revisions import working_copy
from trials.workflow.rights import may_edit

NOTHING_CHANGED = "Nothing was changed, so nothing was saved."


def person(request: HttpRequest) -> Any:
    """Return the user of a request that the admin has let in."""
    return request.user


def whole_number(text: str | None) -> int:
    """Return the number, or 0, which no revision has."""
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


def sent_text(request: HttpRequest, name: str) -> str:
    """Return a text that was sent, with line feeds alone. A browser sends a carriage return with each."""
    return request.POST.get(name, "").replace("\r\n", "\n")


def time_in_words(moment: datetime) -> str:
    return date_format(localtime(moment), "j F Y, H:i")


class BaseRecordAdmin(ListedFiltersMixin, admin.ModelAdmin):
    """The part of the admin of a record that its views use."""

    def address(self, name: str, record: Record, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[quote(record.pk), *args])

    def get_record(self, request: HttpRequest, object_id: str, *, to_change: bool = False) -> Any:
        """Return the original of the record. Raises Http404 or PermissionDenied."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not (may_edit(request.user) if to_change else self.has_view_permission(request, record)):
            raise PermissionDenied
        return record.original

    def with_rows(self, record: Any) -> Any:
        """Return the record as it is stored, whatever was filled in on the form of `record`."""
        return self.model._default_manager.get(pk=record.pk)

    def to_form(self, record: Any) -> HttpResponse:
        """Lead to the form of the record, or of its draft."""
        return HttpResponseRedirect(self.address("change", working_copy(record)))

    def show_errors(self, request: HttpRequest, *sentences: str) -> None:
        for sentence in sentences:
            self.message_user(request, sentence, messages.ERROR)

    def page_context(self, request: HttpRequest, record: Record, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": title,
            "subtitle": str(record),
            "change_address": self.address("change", working_copy(record)),
            "history_address": self.address("history", record),
            "opened_by": form_store.token(person(request)),
        }

    def save_document(self, request: HttpRequest, draft: Any, document: Document, base: int) -> None:
        """Save the document in the draft, and say so. Raises Conflict or ValidationError."""
        revision = steps.save(draft, document, by=person(request), base=base)
        is_submitted = "_submit" in request.POST
        if revision is not None:
            public = draft.original.is_public
            sentences = [f"Saved as revision {revision.number}."]
            sentences += ["The public sees the published version until the draft is published."] if public else []
            if draft.status == v.Status.IN_REVIEW and not is_submitted:
                sentences.append("Submit it again for the check.")
            self.message_user(request, " ".join(sentences), messages.SUCCESS)
        elif not is_submitted:
            self.message_user(request, NOTHING_CHANGED, messages.INFO)

    def view_on_site(self, record: Any) -> str | None:
        return record.original.get_absolute_url() if record.original.is_public else None

    def preview_page(self, request: HttpRequest, record: Any, preview: dict[str, Any]) -> HttpResponse:
        """Return the public page of a record with its rows, for staff alone."""
        response: HttpResponse = self.preview_response(request, record, preview)
        add_never_cache_headers(response)
        response.headers["X-Robots-Tag"] = "noindex"
        return response
