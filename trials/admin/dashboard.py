"""The front page of the admin: what waits for a check, drafts, changes, reviews and values to look up.

Each list is worked out when it is read, in a number of queries that does not grow with the number of records. A user
sees only the kinds of records that they may look at.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.core.paginator import Page as PageOfList
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from trials import vocabulary as v
from trials.admin.base import when
from trials.admin.filters import SOON
from trials.models import Page, Revision, Trial
from trials.quality.disagreements import COMPARED, disagreements
from trials.quality.unchecked import with_unchecked
from trials.workflow.documents import KINDS, MODELS
from trials.workflow.revisions import WRITING

MOST_STUDIES = 500  # whose blanks and disagreements are looked at, since each study takes some time


@dataclass
class Item:
    """One line about one record. `address` is empty for a record that was deleted."""

    kind: str
    record_id: int
    detail: str
    lines: list[str] = field(default_factory=list)
    title: str = ""
    address: str = ""


@dataclass
class Section:
    """One list. `found` returns its rows, in order, and `item` the line for one of them."""

    name: str
    heading: str
    empty: str
    found: Callable[[], Any]
    item: Callable[[Any], Item]
    note: str = ""

    def page(self, number: Any, size: int) -> PageOfList:
        """Return one page of the list. Raises InvalidPage."""
        page = Paginator(self.found(), size).page(number)
        page.object_list = _named([self.item(row) for row in page.object_list])
        return page


def sections(user: Any) -> list[Section]:
    """Return the lists that this user may see."""

    def kinds(*actions: str) -> list[str]:
        may = {kind: f"trials.%s_{model._meta.model_name}" for kind, model in MODELS.items()}
        return [kind for kind, right in may.items() if any(user.has_perm(right % action) for action in actions)]

    me, visible, today = user.get_username(), kinds("view", "change"), timezone.localdate()
    reviewed = [model for model in (Trial, Page) if KINDS[model] in visible]
    studies = Trial.objects.originals().exclude(status=v.Status.ARCHIVED).order_by("-updated", "slug")
    found = []
    if publishable := [kind for kind in kinds("publish") if kind in visible]:
        waiting = _drafts(publishable, v.Status.IN_REVIEW).exclude(writer=me).order_by("made_at", "pk")
        empty = "Nothing waits for your check."
        found.append(Section("waiting", "Waiting for my check", empty, lambda: waiting, _revision))
    if writable := [kind for kind in kinds("add", "change") if kind in visible]:
        mine = _drafts(writable, v.Status.DRAFT, v.Status.IN_REVIEW).filter(writer=me).order_by("-made_at", "-pk")
        empty = "You have no draft. What you add or change is a draft until it is published."
        found.append(Section("drafts", "My drafts", empty, lambda: mine, lambda revision: _revision(revision, me)))
    if visible:
        changed = Revision.objects.defer("data").filter(kind__in=visible).order_by("-made_at", "-pk")
        found.append(
            Section("changed", "Changed recently", "Nothing has been changed yet.", lambda: changed, _revision)
        )
    if reviewed:
        overdue, due = Q(review_due__lt=today), Q(review_due__range=(today, today + SOON))
        heading, empty = f"Reviews due in {SOON.days} days", f"No review falls due in the next {SOON.days} days."
        found += [
            Section(
                "overdue", "Reviews overdue", "No review is overdue.", lambda: _reviews(reviewed, overdue), _review
            ),
            Section("due", heading, empty, lambda: _reviews(reviewed, due), _review),
        ]
    if Trial in reviewed:
        note = f"Of the {MOST_STUDIES} studies changed last." if studies.count() > MOST_STUDIES else ""
        latest = Trial.objects.filter(pk__in=list(studies.values_list("pk", flat=True)[:MOST_STUDIES]))
        empty = "Papers and registries agree, as far as we have entered them."
        found += [
            Section(
                "blanks", "Blanks not yet checked", "Every blank has its reason.", lambda: _blanks(latest), _blank, note
            ),
            Section("disagreements", "Paper and registry differ", empty, lambda: _differing(latest), _differ, note),
        ]
    return found


# --- The rows of each list


def _drafts(kinds: Iterable[str], *statuses: str) -> Any:
    """Return the newest revision of each draft with one of these statuses. `writer` edited or submitted it last."""
    of_record = Revision.objects.filter(kind=OuterRef("kind"), record_id=OuterRef("record_id")).order_by("-number")
    written = of_record.filter(step__in=[*WRITING, v.Step.SUBMITTED])
    conditions = []
    for kind in kinds:
        rows = MODELS[kind]._default_manager.filter(status__in=statuses)
        conditions.append(Q(kind=kind, record_id__in=rows.values_list(Coalesce("draft_of", "pk"))))
    return (
        Revision.objects.pending()
        .defer("data")
        .filter(reduce(or_, conditions), number=Subquery(of_record.values("number")[:1]))
        .annotate(writer=Subquery(written.values("made_by")[:1]))
    )


def _reviews(models: list[Any], condition: Q) -> Any:
    parts = [
        model.objects.originals()
        .exclude(status=v.Status.ARCHIVED)
        .filter(condition)
        .order_by()
        .values_list(Value(KINDS[model]), "pk", "review_due")
        for model in models
    ]
    return parts[0].union(*parts[1:], all=True).order_by("review_due", "pk")


def _blanks(studies: Any) -> Any:
    return with_unchecked(studies).filter(unchecked__gt=0).order_by("-unchecked", "slug").values_list("pk", "unchecked")


def _differing(studies: Any) -> list[Any]:
    looked_at = studies.filter(registrations__isnull=False).distinct()
    pairs = [(trial, disagreements(trial)) for trial in looked_at.prefetch_related(*COMPARED)]
    return sorted((pair for pair in pairs if pair[1]), key=lambda pair: (-len(pair[1]), pair[0].slug))


# --- The line for each row


def _review(row: Any) -> Item:
    return Item(row[0], row[1], date_format(row[2], "j F Y"))


def _blank(row: Any) -> Item:
    return Item(v.RecordKind.TRIAL, row[0], "1 value" if row[1] == 1 else f"{row[1]} values")


def _revision(revision: Revision, me: str = "") -> Item:
    by = "" if revision.made_by == me or revision.step == v.Step.LOADED else f" by {revision.made_by}"
    lines = [line for line in revision.reason.splitlines() if line.strip()]
    detail = f"{revision.get_step_display()}{by}, {when(revision)}"
    return Item(revision.kind, revision.record_id, detail, lines, title=f"{revision.name} (deleted)")


def _differ(pair: Any) -> Item:
    trial, found = pair
    about = ", ".join(dict.fromkeys(each.about.lower() for each in found))
    return Item(v.RecordKind.TRIAL, trial.pk, about, [str(each) for each in found])


def _named(items: list[Item]) -> list[Item]:
    """Fill in the name of each record and the address of its form, in a query for each kind."""
    names = {Trial: "{0.short_name}", Page: "Page: {0}"}
    for kind, model in MODELS.items():
        manager: Any = model._default_manager
        records = manager.select_related("draft").in_bulk({item.record_id for item in items if item.kind == kind})
        for item in items:
            if item.kind == kind and (record := records.get(item.record_id)):
                item.title = names.get(model, "Term: {0}").format(record)
                working = getattr(record, "draft", record)
                item.address = reverse(f"admin:trials_{model._meta.model_name}_change", args=[working.pk])
    return items
