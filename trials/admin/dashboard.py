"""The front page of the admin: first what the user has to do, then drafts, reviews, changes and values to look up.

Each list is worked out when it is asked for, in a number of queries that does not grow with the number of records.
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.core.paginator import Page as PageOfList
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator

from trials import vocabulary as v
from trials.admin.base import time_in_words
from trials.models import OtherStudy, Page, Revision, Trial
from trials.quality.disagreements import COMPARED, disagreements
from trials.quality.unchecked import with_unchecked
from trials.workflow import mail
from trials.workflow.documents import KINDS, MODELS
from trials.workflow.revisions import WRITING, account_of
from trials.workflow.rights import may_edit, may_publish

TURNS = (v.Step.SUBMITTED, v.Step.RETURNED, v.Step.WITHDRAWN, v.Step.PUBLISHED, v.Step.ARCHIVED)
APPROVAL = "A reviewer changed your draft. If you approve the change, the reviewer can publish it."
STUCK = (
    "Each active account with the right to publish wrote part of it. Another writer can approve the change, or a site "
    "administrator can add a reviewer."
)
PAPERS = (Trial, OtherStudy)  # shown with the title of the paper
SOON = datetime.timedelta(days=60)
LONGEST_TITLE = 100  # characters
MOST_STUDIES = 500  # whose blanks and disagreements are looked at, since each study takes some time


@dataclass
class Item:
    """One line about one record. A record that was deleted leads to its history."""

    kind: str
    record_id: int
    detail: str
    lines: list[str] = field(default_factory=list)
    title: str = ""
    about: str = ""  # the title of the paper
    address: str = ""


@dataclass
class Section:
    """One list: its rows, in order, and what makes a line of one of them. An empty one without a sentence is hidden."""

    name: str
    heading: str
    empty: str
    rows: Any
    item: Callable[[Any], Item]
    note: str = ""

    def page(self, number: Any, size: int) -> PageOfList:
        """Return one page of the list. Raises InvalidPage."""
        page = Paginator(self.rows, size).page(number)
        page.object_list = _with_names([self.item(row) for row in page.object_list])
        return page


def sections(user: Any) -> Iterator[Section]:
    """Yield the lists that this user may see."""
    if not may_edit(user):
        return
    yield from sections_to_do(user)
    yield Section("stuck", "No colleague may publish", "", _stuck_drafts(), _revision_item, STUCK)
    mine, own = _own_drafts(user), partial(_revision_item, me=account_of(user))
    written, imported = mine.exclude(step=v.Step.IMPORTED), mine.filter(step=v.Step.IMPORTED)
    empty = "You have no draft. What you add or change is a draft until it is published."
    yield Section("drafts", "My drafts, oldest first", empty, written, own)
    yield Section("imported", "Imported by me, not begun", "", imported, own)
    today, soon = timezone.localdate(), f"{SOON.days} days"
    overdue, due = Q(review_due__lt=today), Q(review_due__range=(today, today + SOON))
    empty = "Nothing is overdue for review."
    yield Section("overdue", "Overdue for review", empty, _reviews_due(overdue), _review_item)
    empty = f"Nothing is due for review in the next {soon}."
    yield Section("due", f"Due for review in {soon}", empty, _reviews_due(due), _review_item)
    changed = _newest(Revision.objects.defer("data")).order_by("-made_at", "-pk")
    yield Section("changed", "Changed recently", "Nothing has been changed yet.", changed, _revision_item)
    studies = Trial.objects.originals().exclude(status=v.Status.ARCHIVED).order_by("-updated", "slug")
    note = f"Of the {MOST_STUDIES} studies changed last." if studies.count() > MOST_STUDIES else ""
    latest = Trial.objects.filter(pk__in=list(studies.values_list("pk", flat=True)[:MOST_STUDIES]))
    blanks = _unchecked_blanks(latest.filter(status=v.Status.PUBLISHED))
    yield Section("blanks", "Blanks not yet checked", "Every blank has its reason.", blanks, _blank_item, note)
    empty = "Papers and registries agree, as far as we have entered them."
    pairs = _with_disagreements(latest)
    yield Section("disagreements", "Title, paper and registry differ", empty, pairs, _disagreement_item, note)


def sections_to_do(user: Any) -> Iterator[Section]:
    """Yield the lists of drafts on which this user has to act."""
    if not may_edit(user):
        return
    returned = _returned_drafts(user)
    yield Section("returned", "Sent back to me", "Nothing was sent back to you.", returned, _revision_item)
    if may_publish(user):
        waiting = _drafts_to_check(user)
        yield Section("waiting", "Waiting for my check", "Nothing waits for your check.", waiting, _revision_item)
    yield Section("approve", "For me to approve", "", _drafts_to_approve(user), _revision_item, APPROVAL)


def number_waiting(user: Any) -> int:
    """Return on how many drafts this user has to act."""
    return sum(section.rows.count() for section in sections_to_do(user))


# --- The rows of each list


def _revisions_of_record() -> Any:
    return Revision.objects.filter(kind=OuterRef("kind"), record_id=OuterRef("record_id")).order_by("-number")


def _newest(revisions: Any) -> Any:
    return revisions.filter(number=Subquery(_revisions_of_record().values("number")[:1]))


def _of_drafts(*statuses: str) -> Any:
    """Return the revisions of the records that have a draft with one of these statuses."""
    conditions = Q()
    for kind, model in MODELS.items():
        rows = model._default_manager.filter(status__in=statuses)
        conditions |= Q(kind=kind, record_id__in=rows.values_list(Coalesce("draft_of", "pk")))
    return Revision.objects.pending().defer("data").filter(conditions)


def _drafts(*statuses: str) -> Any:
    """Return the newest revision of each draft with one of these statuses, oldest first."""
    return _newest(_of_drafts(*statuses)).order_by("made_at", "pk")


def _returned_drafts(user: Any) -> Any:
    """Return the step that sent back each draft that this user wrote part of, until it is submitted again."""
    turn = _revisions_of_record().filter(step__in=TURNS).values("number")[:1]
    found = _of_drafts(v.Status.DRAFT).filter(step=v.Step.RETURNED, number=Subquery(turn))
    return found.filter(writers__has_key=account_of(user)).order_by("made_at", "pk")


def _own_drafts(user: Any) -> Any:
    """Return the drafts that this user wrote part of or was the last to edit or submit, without those sent back."""
    account, written = account_of(user), _revisions_of_record().filter(step__in=[*WRITING, v.Step.SUBMITTED])
    drafts = _drafts(v.Status.DRAFT, v.Status.IN_REVIEW).annotate(
        writer=Subquery(written.values("account")[:1]),
        turn=Subquery(_revisions_of_record().filter(step__in=TURNS).values("step")[:1]),
    )
    drafts = drafts.filter(Q(turn=None) | ~Q(turn=v.Step.RETURNED))
    return drafts.filter(Q(writers__has_key=account) | Q(writer=account))


def _drafts_to_check(user: Any) -> Any:
    return _drafts(v.Status.IN_REVIEW).exclude(writers__has_key=account_of(user))


def _drafts_to_approve(user: Any) -> Any:
    """Return the submitted drafts of this user in which a person who may publish wrote part."""
    others = [account_of(publisher) for publisher in mail.publishers().exclude(pk=user.pk)]
    drafts = _drafts(v.Status.IN_REVIEW).filter(writers__has_key=account_of(user))
    return drafts.filter(writers__has_any_keys=others) if others else drafts.none()


def _stuck_drafts() -> Any:
    """Return the submitted drafts that no active account may publish: each with the right wrote part."""
    publishers = [account_of(publisher) for publisher in mail.publishers()]
    drafts = _drafts(v.Status.IN_REVIEW)
    return drafts.filter(writers__has_keys=publishers) if publishers else drafts


def _reviews_due(condition: Q) -> Any:
    parts = [
        model.objects.originals()
        .exclude(status=v.Status.ARCHIVED)
        .filter(condition)
        .order_by()
        .values_list(Value(KINDS[model]), "pk", "review_due")
        for model in (Trial, Page)
    ]
    return parts[0].union(*parts[1:], all=True).order_by("review_due", "pk")


def _unchecked_blanks(studies: Any) -> Any:
    return with_unchecked(studies).filter(unchecked__gt=0).order_by("-unchecked", "slug").values_list("pk", "unchecked")


def _with_disagreements(studies: Any) -> list[Any]:
    looked_at = studies.filter(registrations__isnull=False).distinct()
    pairs = [(trial, disagreements(trial)) for trial in looked_at.prefetch_related(*COMPARED)]
    return sorted((pair for pair in pairs if pair[1]), key=lambda pair: (-len(pair[1]), pair[0].slug))


# --- The line for each row


def _review_item(row: Any) -> Item:
    return Item(row[0], row[1], date_format(row[2], "j F Y"))


def _blank_item(row: Any) -> Item:
    return Item(v.RecordKind.TRIAL, row[0], "1 value" if row[1] == 1 else f"{row[1]} values")


def _revision_item(revision: Revision, me: str = "") -> Item:
    by = "" if revision.account in (me, "") else f" by {revision.made_by}"  # "" is the site itself
    lines = [line for line in revision.reason.splitlines() if line.strip()]
    detail = f"{revision.get_step_display()}{by}, {time_in_words(revision.made_at)}"
    history = reverse(f"admin:trials_{MODELS[revision.kind]._meta.model_name}_history", args=[revision.record_id])
    title = f"{revision.name} (deleted)"
    return Item(revision.kind, revision.record_id, detail, lines, title=title, address=history)


def _disagreement_item(pair: Any) -> Item:
    trial, found = pair
    about = ", ".join(dict.fromkeys(each.about.lower() for each in found))
    return Item(v.RecordKind.TRIAL, trial.pk, about, [str(each) for each in found])


def _with_names(items: list[Item]) -> list[Item]:
    """Fill in the name of each record and the address of its form, in a query for each kind."""
    for kind, model in MODELS.items():
        manager: Any = model._default_manager
        records = manager.select_related("draft").in_bulk({item.record_id for item in items if item.kind == kind})
        for item in items:
            if item.kind == kind and (record := records.get(item.record_id)):
                item.title = record.short_name if model is Trial else f"{v.RecordKind(kind).label}: {record}"
                item.about = Truncator(getattr(record, "title", "") if model in PAPERS else "").chars(LONGEST_TITLE)
                working = getattr(record, "draft", record)
                item.address = reverse(f"admin:trials_{model._meta.model_name}_change", args=[working.pk])
    return items
