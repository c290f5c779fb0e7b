"""Preview and history of a record in the admin: every revision, any two side by side, any one restored."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from trials import vocabulary as v
from trials.admin.base import BaseRecordAdmin, person, when, whole_number
from trials.models import FormerSlug, Revision, Trial
from trials.workflow import steps
from trials.workflow.documents import KINDS, build
from trials.workflow.questions import proved_changes
from trials.workflow.revisions import draft_revisions, newest_revision, revisions, working_copy


class HistoryAdmin(BaseRecordAdmin):
    def get_record_or_past(self, request: HttpRequest, object_id: str) -> Any:
        """Return the original of the record or, if it was deleted, the record as it was. Raises Http404."""
        if self.get_object(request, unquote(object_id)) is not None:
            return self.get_record(request, object_id)
        if not self.has_view_permission(request):
            raise PermissionDenied
        last = Revision.objects.of(KINDS[self.model], whole_number(object_id)).last()
        if last is None:
            raise Http404
        return build(last.data, self.model(pk=last.record_id))

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the public page as it would be if the draft were published now."""
        original = self.get_record(request, object_id)
        working = working_copy(original)
        preview = {
            "message": f"Preview of revision {newest_revision(original).number}.",
            "public_message": "The public does not see it.",
            "form_url": self.address("change", working),
        }
        if original.is_public:
            preview["public_message"] = "The public sees another version." if working.is_draft else ""
        return self.preview_page(request, self.with_rows(working), preview)

    def since_sent_back(self, record: Any) -> str:
        """Return the address of the comparison with what was last sent back, or "" if nothing was saved since."""
        found = draft_revisions(record)
        returned = [revision.number for revision in found if revision.step == v.Step.RETURNED]
        if not returned or returned[-1] == found[-1].number:
            return ""
        return f"{self.address('compare', record.original)}?a={returned[-1]}&b={found[-1].number}"

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        record = self.get_record_or_past(request, object_id)
        found = list(revisions(record).defer("data").reverse())
        live = next((revision.number for revision in found if revision.live), None)
        former = FormerSlug.objects.filter(trial=record).values_list("slug", flat=True) if self.model is Trial else []
        context = self.page_context(request, record, "History") | {
            "revisions": [(revision, when(revision)) for revision in found],
            "public_number": live if record.is_public else None,
            "newest": found[0].number,
            "before": found[1].number if len(found) > 1 else None,
            "is_deleted": record._state.adding,
            "since_sent_back": self.since_sent_back(record),
            "former_slugs": list(former),
            "compare_address": self.address("compare", record),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/record/history.html", context)

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = self.get_record_or_past(request, object_id)
        numbers = {whole_number(request.GET.get(name)) for name in ("a", "b")}
        found = list(revisions(record).filter(number__in=numbers))
        if len(found) != 2:
            self.complain(request, "Choose two different revisions to compare.")
            return HttpResponseRedirect(self.address("history", record))
        older, newer = found
        newest = newest_revision(record).number
        may_restore = self.may_edit(request) and not record._state.adding
        restorable = [revision for revision in found if revision.number != newest] if may_restore else []
        context = self.page_context(request, record, f"Revisions {older.number} and {newer.number}") | {
            "is_deleted": record._state.adding,
            "before": f"Revision {older.number}",
            "after": f"Revision {newer.number}",
            "before_note": f"{older.get_step_display()} by {older.made_by}, {when(older)}",
            "after_note": f"{newer.get_step_display()} by {newer.made_by}, {when(newer)}",
            "changes": proved_changes(self.model, older.data, newer.data),
            "restorable": [(each, self.address("restore", record, each.number)) for each in restorable],
            "newest": newest,
        }
        return TemplateResponse(request, "admin/record/compare.html", context)

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        record = self.get_record(request, object_id, to_change=True)
        history = HttpResponseRedirect(self.address("history", record))
        if request.method != "POST":
            return history
        try:
            revision = steps.restore(record, number, by=person(request), base=whole_number(request.POST.get("base")))
        except Revision.DoesNotExist as error:
            raise Http404 from error
        except steps.Conflict as conflict:
            self.complain(request, f"Nothing was restored. {conflict} Look at it before you restore.")
            return history
        except ValidationError as error:
            self.complain(request, *(f"Nothing was restored. {sentence}" for sentence in error.messages))
            return history
        if revision is None:
            self.message_user(request, "Nothing was changed: the draft already holds this.", messages.INFO)
        else:
            public = " The public sees the published version until it is published." if record.is_public else ""
            done = f"Revision {number} was restored as revision {revision.number}.{public}"
            self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(self.address("change", working_copy(record)))
