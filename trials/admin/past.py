"""Preview and history of a record in the admin: every revision, any two side by side, any one restored."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import resolve
from django.utils.cache import add_never_cache_headers

from trials import actions, history
from trials import vocabulary as v
from trials.admin import kept
from trials.admin.record import RecordAdmin, person, whole_number
from trials.admin.words import told, when
from trials.models import ContentVersion, Revision, Trial
from trials.views.studies import study_page


class PastAdmin(RecordAdmin):
    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The public page, as it would be if the newest revision were published now."""
        record = self._record(request, object_id)
        newest = actions.newest_revision(record)
        pending = actions.pending_revision(record)
        request.preview = {
            "says": f"Preview of revision {newest.number}." if pending or not record.is_public else "Preview.",
            "public": "The public sees another version." if pending else "" if record.is_public else "Not public.",
            "form": self.address("change", record),
        }
        address = record.get_absolute_url()
        with transaction.atomic():
            ContentVersion.objects.lock()
            try:
                if pending:
                    history.put(record, pending.data)
                address = record.get_absolute_url().partition("#")[0]
                request.path = request.path_info = address  # the page says where it will be
                if isinstance(record, Trial):
                    response = study_page(request, Trial.objects.with_rows().get(pk=record.pk))
                else:
                    type(record)._default_manager.filter(pk=record.pk).update(status=v.Status.PUBLISHED)
                    match = resolve(address)
                    response = match.func(request, *match.args, **match.kwargs)
            except history.DoesNotFit:
                return HttpResponseRedirect(request.preview["form"])  # which says why the draft cannot be shown
            finally:
                transaction.set_rollback(True)
        add_never_cache_headers(response)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        record = self._record(request, object_id)
        found = list(actions.revisions(record).defer("data").reverse())
        if not found:
            found = [actions.newest_revision(record)]
        live = next((revision.number for revision in found if revision.live), None)
        context = self._context(request, record, "History") | {
            "revisions": [(revision, when(revision)) for revision in found],
            "now_live": live if record.is_public else None,
            "newest": found[0].number,
            "before": found[1].number if len(found) > 1 else None,
            "compare_address": self.address("compare", record),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/road/history.html", context)

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = self._record(request, object_id)
        numbers = sorted({whole_number(request.GET.get("a")) or 0, whole_number(request.GET.get("b")) or 0})
        known = {revision.number: revision for revision in actions.revisions(record).filter(number__in=numbers)}
        if len(numbers) != 2 or len(known) != 2:
            self._complain(request, "Choose two different revisions to compare.")
            return HttpResponseRedirect(self.address("history", record))
        older, newer = (known[number] for number in numbers)
        newest = actions.newest_revision(record)
        context = self._context(request, record, f"Revisions {older.number} and {newer.number}") | {
            "older": older,
            "newer": newer,
            "older_when": when(older),
            "newer_when": when(newer),
            "changes": history.changes(self.model, older.data, newer.data),
            "restorable": [
                (revision, address, (kept.typed(request, address) or QueryDict()).get("reason", ""))
                for revision in (older, newer)
                if revision.number != newest.number
                for address in [self.address("restore", record, revision.number)]
            ]
            if self.has_change_permission(request, record)
            else [],
            "newest": newest.number,
        }
        return TemplateResponse(request, "admin/road/compare.html", context)

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        record = self._record(request, object_id, to_change=True)
        if request.method != "POST":
            newest = actions.newest_revision(record)
            return HttpResponseRedirect(f"{self.address('compare', record)}?a={number}&b={newest.number}")
        kept.forget(request)
        back = HttpResponseRedirect(f"{self.address('compare', record)}?a={number}&b={request.POST.get('base', '')}")
        reason = request.POST.get("reason", "").replace("\r\n", "\n")
        if not reason.strip():
            self._complain(request, "Say why the earlier revision is restored.")
            return back
        public = record.is_public
        try:
            revision = actions.restore(
                record, number, by=person(request), base=whole_number(request.POST.get("base")) or 0, reason=reason
            )
        except Revision.DoesNotExist as gone:
            raise Http404 from gone
        except actions.Conflict as conflict:
            kept.keep(request)
            self._complain(request, f"Nothing was restored. {told(conflict)} Look at it before you restore.")
            return HttpResponseRedirect(self.address("history", record))
        except ValidationError as error:
            kept.keep(request)
            for sentence in error.messages:
                self._complain(request, f"Nothing was restored. {sentence}")
            return back
        if revision is None:
            self.message_user(request, "Nothing was changed: the newest revision is the same.", messages.INFO)
        else:
            done = f"Revision {number} was restored as revision {revision.number}."
            if public:
                done += " As a draft: the public still sees the published version."
            self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(self.address("change", record))
