"""The page for a form that is older than what is saved: what each of two editors changed, to choose from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from trials.admin import form_store
from trials.admin.base import NOTHING_CHANGED, BaseRecordAdmin, person
from trials.models import Revision
from trials.workflow import merge, steps
from trials.workflow.diff import changes
from trials.workflow.documents import Document, document_of
from trials.workflow.revisions import document_after, newest_revision, revisions, working_copy

SALT = "trials.admin.conflict"


@dataclass
class Versions:
    """Two documents of one record that both began at the revision `base`."""

    record: Any
    base: Revision
    newest: Revision
    sent: Document

    def __post_init__(self) -> None:
        self.before: Document = document_after(self.record, self.base)
        self.theirs: Document = document_of(working_copy(self.record))
        self.mine: Document = merge.align_keys(self.before, self.theirs, self.sent)
        self.choices = merge.choices(type(self.record), self.before, self.theirs, self.mine)


def conflict_response(
    model_admin: BaseRecordAdmin, request: HttpRequest, record: Any, conflict: steps.Conflict
) -> HttpResponse:
    """Let the editor choose between what was sent and what was saved in the meantime."""
    versions = Versions(record, conflict.base, conflict.newest, conflict.document)
    if versions.sent == versions.before and conflict.base != conflict.newest:
        words = (
            f"You had changed nothing, so nothing was saved. {conflict.newest.made_by} added revision "
            f"{conflict.newest.number} in the meantime ({conflict.newest.get_step_display()})."
        )
        model_admin.message_user(request, words, messages.WARNING)
        return model_admin.to_form(record)
    return _page(model_admin, request, versions)


def _page(
    model_admin: BaseRecordAdmin,
    request: HttpRequest,
    versions: Versions,
    chosen: Mapping[str, str] = MappingProxyType({}),
    errors: Sequence[str] = (),
) -> HttpResponse:
    base, newest, record = versions.base, versions.newest, versions.record
    signed = [_identity(model_admin, request, record), base.number, newest.number, versions.sent]
    context = model_admin.page_context(request, record, "Choose what to keep") | {
        "newest": newest,
        "base": base,
        "since": list(revisions(record).filter(number__gt=base.number, number__lte=newest.number).defer("data")),
        "changes": changes(model_admin.model, versions.before, versions.theirs),
        "choices": [(each, chosen.get(each.path, each.preselected)) for each in versions.choices],
        "errors": errors,
        "signed": signing.dumps(signed, salt=SALT, compress=True),
        "conflict_address": model_admin.address("conflict", record),
    }
    return TemplateResponse(request, "admin/record/conflict.html", context, status=409)


def conflict_view(model_admin: BaseRecordAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    record = model_admin.get_record(request, object_id, to_change=True)
    sent = request.POST if request.method == "POST" else form_store.load(request)
    versions = _versions(model_admin, request, record, sent.get("signed", "")) if sent is not None else None
    if versions is None:
        if sent is not None:
            model_admin.show_errors(request, "This page was not made for you, or is too old. Open the form again.")
        return model_admin.to_form(record)
    chosen = {choice.path: sent.get(f"take-{choice.path}", "") for choice in versions.choices}
    if request.method != "POST":
        return _page(model_admin, request, versions, chosen, [form_store.MESSAGE])
    form_store.forget(request)
    undecided = [each for each in versions.choices if chosen[each.path] not in (merge.THEIRS, merge.MINE)]
    errors = [f"Choose one version of “{choice.label}”." for choice in undecided]
    newest = newest_revision(record)
    if not errors and newest.number != versions.newest.number:
        versions = Versions(record, versions.base, newest, versions.sent)
        errors = ["Another revision was added while you were choosing. Look at the choices again."]
    if errors:
        return _page(model_admin, request, versions, chosen, errors)
    return _save_choices(model_admin, request, versions, chosen)


def _save_choices(
    model_admin: BaseRecordAdmin, request: HttpRequest, versions: Versions, chosen: Mapping[str, str]
) -> HttpResponse:
    """Save one version of the two as the draft, and show it; or the choices again, if the workflow refuses it."""
    paths = [path for path, side in chosen.items() if side == merge.MINE]
    document = merge.combine(versions.theirs, versions.mine, paths)
    if document == versions.theirs:
        model_admin.message_user(request, NOTHING_CHANGED, messages.INFO)
        return model_admin.to_form(versions.record)
    try:
        with transaction.atomic():
            draft = steps.start_draft(versions.record)
            model_admin.save_document(request, draft, document, versions.newest.number)
    except ValidationError as error:
        return _page(model_admin, request, versions, chosen, error.messages)
    return model_admin.to_form(draft)


def _versions(model_admin: BaseRecordAdmin, request: HttpRequest, record: Any, signed: str) -> Versions | None:
    """Return what an earlier conflict page for this user and record held, or None if it was not one."""
    try:
        identity, *numbers, sent = signing.loads(signed, salt=SALT, max_age=form_store.SECONDS_OPEN)
    except signing.BadSignature:
        return None
    if identity != _identity(model_admin, request, record):
        return None
    base, newest = (revisions(record).get(number=number) for number in numbers)
    return Versions(record, base, newest, sent)


def _identity(model_admin: BaseRecordAdmin, request: HttpRequest, record: Any) -> list[Any]:
    """Return what names the record and the user that a page was made for."""
    return [model_admin.opts.model_name, record.pk, person(request).pk]
