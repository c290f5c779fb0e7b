"""Remarks next to the form of a record: made on the record or on one of its values, and ticked off."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.text import capfirst

from trials.admin import form_store
from trials.admin.base import BaseRecordAdmin, person, sent_text, time_in_words
from trials.models import Remark, Trial
from trials.models.values import CELL_SOURCE, label, row_label, rows_by_path, split_path
from trials.workflow import remarks
from trials.workflow.documents import document_fields
from trials.workflow.readiness import Gap
from trials.workflow.revisions import working_copy
from trials.workflow.rights import may_edit

WHOLE = "The whole record"


@dataclass
class RemarkLine:
    """A remark as the form shows it. `anchor` is the id of its place on the form."""

    remark: Remark
    about: str
    anchor: str
    made: str
    done: str
    address: str  # where it is ticked off


def anchor(path: str) -> str:
    """Return the id of the place on the form where the value or row with this path is edited."""
    kind, key, _ = split_path(path)
    if kind:
        return f"{kind}-{key}"
    if path == CELL_SOURCE:
        return "arms-group"
    if path == "countries":  # a script renames this field
        return "id_countries_helptext"
    return f"{path}-group" if path == "arms" else f"id_{path}"


def gap_anchor(gap: Gap) -> str:
    """Return the id of the place on the form where what is missing can be added."""
    return f"uncited-{gap.path}" if gap.needs_source else anchor(gap.path)


def places(record: Any) -> dict[str, str]:
    """Return what a remark on this record can be about: path -> label."""
    found = {"": WHOLE}
    found |= {field.name: str(capfirst(field.verbose_name)) for field in document_fields(type(record))}
    if isinstance(record, Trial):
        found |= {path: row_label(row) for path, row in rows_by_path(record).items()}
    return found


def remark_view(model_admin: BaseRecordAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    record = model_admin.get_record(request, object_id, to_change=True)
    if request.method == "POST":
        form_store.forget(request)
        path = request.POST.get("path", "")
        try:
            if path not in places(model_admin.with_rows(working_copy(record))):
                raise ValidationError("Choose from the list what the remark is about.")
            remarks.add(record, sent_text(request, "text"), by=person(request), path=path)
        except ValidationError as error:
            form_store.store(request)
            model_admin.show_errors(request, *(f"The remark was not saved. {sentence}" for sentence in error.messages))
    elif form_store.load(request) is not None:
        model_admin.show_errors(request, form_store.NOT_DONE)
    return _to_remarks(model_admin, record)


def tick_view(model_admin: BaseRecordAdmin, request: HttpRequest, object_id: str, key: int) -> HttpResponse:
    record = model_admin.get_record(request, object_id, to_change=True)
    if request.method == "POST":
        try:
            remarks.tick_off(record, key, by=person(request))
        except Remark.DoesNotExist as error:
            raise Http404 from error
        except ValidationError as error:
            model_admin.show_errors(request, *error.messages)
    return _to_remarks(model_admin, record)


def _to_remarks(model_admin: BaseRecordAdmin, record: Any) -> HttpResponse:
    return HttpResponseRedirect(f"{model_admin.address('change', working_copy(record))}#remarks")


def box(model_admin: BaseRecordAdmin, request: HttpRequest, record: Any) -> dict[str, Any]:
    """Return what the box of remarks shows. `record` was fetched with its rows."""
    found, original = places(record), record.original
    has_fields = model_admin.has_change_permission(request, record)
    rows = rows_by_path(record) if isinstance(record, Trial) else {}
    lines = [
        RemarkLine(
            remark,
            about=found.get(remark.path) or label(remark.path, rows),
            anchor=anchor(remark.path) if has_fields and remark.path and remark.path in found else "",
            made=time_in_words(remark.made_at),
            done=time_in_words(remark.done_at) if remark.done_at else "",
            address=model_admin.address("tick", original, remark.pk),
        )
        for remark in remarks.remarks(original)
    ]
    address = model_admin.address("remark", original)
    sent = form_store.load(request, address) or QueryDict()
    return {
        "open": [each for each in lines if not each.done],
        "done": [each for each in lines if each.done],
        "places": list(found.items()),
        "address": address if may_edit(request.user) else "",
        "text": sent.get("text", ""),
        "path": sent.get("path", ""),
    }
