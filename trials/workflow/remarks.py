"""Remarks of colleagues on a record: made, and ticked off. They are no content, so no page of the public changes."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from trials.models import Record, Remark
from trials.models.remark import RemarkQuerySet
from trials.workflow.documents import KINDS
from trials.workflow.revisions import Person, account_of, newest_revision


def remarks(record: Record) -> RemarkQuerySet:
    """Return all remarks on the record and its drafts, oldest first."""
    return Remark.objects.of(KINDS[type(record)], record.original.pk)


def add(record: Record, text: str, *, by: Person, path: str = "") -> Remark:
    """Save a remark on a record, or on the value or row that `path` names. Raises ValidationError if it is wrong."""
    remark = Remark(
        kind=KINDS[type(record)],
        record_id=record.original.pk,
        path=path,
        text=text.strip(),
        number=newest_revision(record).number,
        made_by=by.get_username(),
        account=account_of(by),
    )
    remark.full_clean()
    remark.save()
    return remark


def tick_off(record: Record, key: Any, *, by: Person) -> Remark:
    """Mark a remark on this record as dealt with. Raises Remark.DoesNotExist, or ValidationError if it is already."""
    remark: Remark = remarks(record).get(pk=key)
    done = {"done_at": timezone.now(), "done_by": by.get_username(), "done_account": account_of(by)}
    if not remarks(record).open().filter(pk=remark.pk).update(**done):
        raise ValidationError(f"{remark.done_by} has ticked it off already.")
    return remark
