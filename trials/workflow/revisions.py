"""The revisions of a record: which is the newest, which belong to the draft, and who wrote them."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError

from trials.models import Record, Revision
from trials.models.record import control_character
from trials.vocabulary import Step
from trials.workflow.documents import KINDS, Document, document_of

# Steps that write content. A person who took one of them cannot be the one who checks it.
WRITING = (Step.CREATED, Step.IMPORTED, Step.EDITED, Step.RESTORED)


def revisions(record: Record) -> Any:
    """Return all revisions of the record and of its drafts, oldest first."""
    return Revision.objects.of(KINDS[type(record)], record.original.pk)


def newest_revision(record: Record) -> Revision:
    """Return the newest revision. Raises Revision.DoesNotExist for a record that came in without one."""
    return revisions(record).latest("number")


def draft_of(record: Record) -> Any:
    """Return the draft of a record that was published, or None."""
    model: Any = type(record)
    return model._default_manager.filter(draft_of=record.original.pk).first()


def working_copy(record: Record) -> Any:
    """Return the row that an editor continues from: the draft if there is one, or else the record itself."""
    return draft_of(record) or record.original


def draft_revisions(record: Record) -> list[Revision]:
    """Return the revisions since the record was last live or its draft was withdrawn, without their documents."""
    since: list[Revision] = []
    for revision in revisions(record).defer("data"):
        since = [*since, revision] if revision.is_pending else []
    return since


def writers(record: Record) -> set[str]:
    """Return the names of those who wrote the draft. They cannot be the ones who check it."""
    return {revision.made_by for revision in draft_revisions(record) if revision.step in WRITING}


def document_after(record: Record, revision: Revision) -> Document:
    """Return what was edited after this revision: after a withdrawal, the version that the public saw."""
    if revision.step == Step.WITHDRAWN:
        revision = revisions(record).filter(number__lt=revision.number, live=True).last()
    return revision.data


def add_revision(
    record: Record,
    step: Step,
    by: str,
    *,
    document: Document | None = None,
    reason: str = "",
    live: bool = False,
    confirmed: Sequence[str] = (),
) -> Revision:
    """Save the next revision of a record or a draft. Raises ValidationError for a reason with a control character."""
    if sentence := control_character(reason, "the reason"):
        raise ValidationError(sentence)
    original = record.original
    number = (revisions(record).values_list("number", flat=True).last() or 0) + 1
    return Revision.objects.create(
        kind=KINDS[type(record)],
        record_id=original.pk,
        name=original.slug,
        number=number,
        step=step,
        live=live,
        made_by=by,
        reason=reason.strip(),
        confirmed=list(confirmed),
        data=document_of(record) if document is None else document,
    )
