"""E-mails to the people whom a step concerns: those who can check a draft, and those who wrote it.

A message leaves after the transaction.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from trials.models import Record, Trial
from trials.outbox import send_in_thread
from trials.workflow.revisions import Person, Writers, account_of, writers
from trials.workflow.rights import PUBLISH


def publishers() -> QuerySet[Any]:
    """Return the active members of staff who may publish."""
    found: Any = get_user_model()._default_manager
    return found.with_perm(PUBLISH).filter(is_active=True, is_staff=True)


def can_publish(written: Iterable[str]) -> bool:
    """Return whether an active account may publish and is none of these, which wrote the draft."""
    return bool(publishers().exclude(pk__in=written).exists())


def notify_of_submission(record: Record, by: Person, note: str, written: Writers) -> None:
    """Tell those who can check the draft, and those who can approve what the submitter wrote in it."""
    _send("submitted", record, by, note, publishers().exclude(pk__in=written))
    if account_of(by) in written:
        _send("to_approve", record, by, note, _accounts(written))


def notify_of_return(record: Record, by: Person, note: str) -> None:
    """Tell those who wrote the draft what has to be done."""
    _send("sent_back", record, by, note, _accounts(writers(record)))


def notify_of_discard(record: Record, by: Person, note: str) -> None:
    """Tell those who wrote the draft that it is gone. Its history is there even if the record is not."""
    _send("discarded", record, by, note, _accounts(writers(record)), page="history")


def notify_of_publication(record: Record, by: Person) -> None:
    """Tell those who wrote the draft that the public sees it now."""
    _send("published", record, by, "", _accounts(writers(record)))


def _accounts(keys: Iterable[str]) -> QuerySet[Any]:
    return get_user_model()._default_manager.filter(pk__in=keys, is_active=True, is_staff=True)


def _send(event: str, record: Record, by: Person, note: str, people: QuerySet[Any], page: str = "edit") -> None:
    willing = people.exclude(pk=by.pk).exclude(email="").filter(Q(preference=None) | Q(preference__mail=True))
    name = record.short_name if isinstance(record, Trial) else str(record)
    # The draft may be gone by the time the message is read: "edit" then leads to the original.
    record_address = reverse(f"admin:trials_{record._meta.model_name}_{page}", args=[record.original.pk])
    context = {
        "name": " ".join(name.split()),
        "by": by.get_username(),
        "note": note.strip(),
        "address": settings.SITE_URL + record_address,
        "site_url": settings.SITE_URL,
    }
    subject = settings.EMAIL_SUBJECT_PREFIX + render_to_string(f"email/{event}_subject.txt", context).strip()
    body = render_to_string(f"email/{event}_message.txt", context)
    addresses = willing.values_list("email", flat=True).distinct()
    if messages := [EmailMessage(subject, body, to=[address]) for address in addresses]:
        transaction.on_commit(partial(send_in_thread, messages), robust=True)
