"""Preview and history of a record in the admin: every revision, any two side by side, any one restored."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from trials import vocabulary as v
from trials.admin.base import BaseRecordAdmin, time_in_words, whole_number
from trials.models import FormerSlug, Revision, Trial
from trials.workflow.documents import KINDS, build
from trials.workflow.questions import proved_changes
from trials.workflow.revisions import WRITING, draft_revisions, newest_revision, revisions, working_copy
from trials.workflow.rights import may_edit


def _record_even_if_deleted(model_admin: BaseRecordAdmin, request: HttpRequest, object_id: str) -> Any:
    """Return the original of the record or, if it was deleted, the record as it was. Raises Http404."""
    if model_admin.get_object(request, unquote(object_id)) is not None:
        return model_admin.get_record(request, object_id)
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    last = Revision.objects.of(KINDS[model_admin.model], whole_number(object_id)).last()
    if last is None:
        raise Http404
    return build(last.data, model_admin.model(pk=last.record_id))


def preview_view(model_admin: BaseRecordAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show the public page as it would be if the draft were published now."""
    original = model_admin.get_record(request, object_id)
    working = working_copy(original)
    preview = {
        "message": f"Preview of revision {newest_revision(original).number}.",
        "public_message": "The public does not see it.",
        "form_url": model_admin.address("change", working),
    }
    if original.is_public:
        preview["public_message"] = "The public sees another version." if working.is_draft else ""
    return model_admin.preview_page(request, model_admin.with_rows(working), preview)


def written_since(
    model_admin: BaseRecordAdmin, record: Any, pending: Sequence[Revision], taken: Sequence[Revision]
) -> str:
    """Return the address of the comparison with the last of the steps `taken`, or "" if nothing was written since."""
    written = [each for each in pending if each.step in WRITING]
    if not taken or not written or written[-1].number <= taken[-1].number:
        return ""
    return f"{model_admin.address('compare', record.original)}?a={taken[-1].number}&b={pending[-1].number}"


def since_sent_back(model_admin: BaseRecordAdmin, record: Any, pending: Sequence[Revision]) -> str:
    """Return the address of the comparison with what was last sent back, or "" if nothing was written since."""
    returned = [each for each in pending if each.step == v.Step.RETURNED]
    return written_since(model_admin, record, pending, returned)


def history_view(model_admin: BaseRecordAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    record = _record_even_if_deleted(model_admin, request, object_id)
    found = list(revisions(record).defer("data").reverse())
    live = next((revision.number for revision in found if revision.live), None)
    former = FormerSlug.objects.filter(trial=record) if isinstance(record, Trial) else FormerSlug.objects.none()
    context = model_admin.page_context(request, record, "History") | {
        "revisions": found,
        "public_number": live if record.is_public else None,
        "newest": found[0].number,
        "before": found[1].number if len(found) > 1 else None,
        "is_deleted": record._state.adding,
        "since_sent_back": since_sent_back(model_admin, record, draft_revisions(record)),
        "former_slugs": list(former.values_list("slug", flat=True)),
        "compare_address": model_admin.address("compare", record),
    }
    return TemplateResponse(request, "admin/record/history.html", context)


def compare_view(model_admin: BaseRecordAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    record = _record_even_if_deleted(model_admin, request, object_id)
    numbers = {whole_number(request.GET.get(name)) for name in ("a", "b")}
    found = list(revisions(record).filter(number__in=numbers))
    if len(found) != 2:
        model_admin.show_errors(request, "Choose two different revisions to compare.")
        return HttpResponseRedirect(model_admin.address("history", record))
    older, newer = found
    newest = newest_revision(record).number
    may_restore = may_edit(request.user) and not record._state.adding
    restorable = [revision for revision in found if revision.number != newest] if may_restore else []
    context = model_admin.page_context(request, record, f"Revisions {older.number} and {newer.number}") | {
        "is_deleted": record._state.adding,
        "before": f"Revision {older.number}",
        "after": f"Revision {newer.number}",
        "before_note": f"{older.get_step_display()} by {older.made_by}, {time_in_words(older.made_at)}",
        "after_note": f"{newer.get_step_display()} by {newer.made_by}, {time_in_words(newer.made_at)}",
        "changes": proved_changes(model_admin.model, older.data, newer.data),
        "restorable": [(each, model_admin.address("restore", record, each.number)) for each in restorable],
        "newest": newest,
    }
    return TemplateResponse(request, "admin/record/compare.html", context)
