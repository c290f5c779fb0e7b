"""The public part of the history: what went live, when, why, and what it changed. It names no person and no draft."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.lookups import Exact

from trials import vocabulary as v
from trials.models import Record, Revision, Trial
from trials.models.revision import RevisionQuerySet
from trials.models.trial import INTERNAL
from trials.workflow.diff import EMPTY, NOT_THERE, REMOVED, Change, changes
from trials.workflow.documents import KINDS, MODELS

INTERNAL_PATHS = tuple(f"fields.{name}" for name in INTERNAL)
CONTEXT = 8  # words on either side of a change in a long text
MOST_VALUES = 6  # changed values of one study in the list of all changes; its own history has the others


def live_revisions(record: Record) -> RevisionQuerySet:
    """Return what went live of one record, newest first."""
    return _with_earlier(Revision.objects.of(KINDS[type(record)], record.pk).filter(live=True)).order_by("-number")


def recent_revisions() -> RevisionQuerySet:
    """Return what went live of all records that are or were public, newest first.

    The texts that came with the site are left out.
    """
    public = Q()
    for model, kind in KINDS.items():
        same_record = model._default_manager.once_public().filter(pk=OuterRef("record_id"))  # type: ignore[attr-defined]
        # The kind is part of the subquery: outside it, the database would gather and sort all revisions of a kind.
        public |= Q(Exists(same_record.filter(Exact(OuterRef("kind"), kind))))
    texts = (v.RecordKind.PAGE, v.RecordKind.TERM)
    loaded_texts = Q(kind__in=texts, step=v.Step.LOADED)
    return _with_earlier(Revision.objects.filter(public, live=True).exclude(loaded_texts)).order_by("-made_at", "-pk")


def _with_earlier(revisions: RevisionQuerySet) -> RevisionQuerySet:
    """Annotate each with `earlier`, the primary key of the revision that was live before it."""
    same_record = Revision.objects.filter(kind=OuterRef("kind"), record_id=OuterRef("record_id"), live=True)
    before = same_record.filter(number__lt=OuterRef("number")).order_by("-number").values("pk")[:1]
    return revisions.annotate(earlier=Subquery(before))


class ChangedValue:
    """One value that changed, as a template shows it. `before` and `after` are "" for no value."""

    def __init__(self, change: Change) -> None:
        self.change, self.label = change, change.label
        self.before = "" if change.before in (NOT_THERE, EMPTY) else change.before
        self.after = "" if change.after in (REMOVED, EMPTY) else change.after

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """A long text that changed in places as ("same" | "removed" | "added", words), shortened far from a change."""
        words = self.change.words if self.change.in_places and not self.change.only_spaces else []
        if not any(kind == "same" for kind, _ in words):
            return []
        ends = (0, len(words) - 1)
        return [
            (kind, _shortened(text, *(number == end for end in ends)) if kind == "same" else text)
            for number, (kind, text) in enumerate(words)
        ]

    @property
    def sentence(self) -> str:
        if not self.before:
            return f"{self.label}: now “{self.after}”." if self.after else f"{self.label}: changed."
        if not self.after:
            return f"{self.label}: was “{self.before}”, now {self.change.after}."
        if self.change.is_long:
            return f"{self.label}: reworded."
        return f"{self.label}: was “{self.before}”, now “{self.after}”."


def _shortened(text: str, first: bool, last: bool) -> str:
    """Return the words next to a change. The first piece has a change only after it, the last only before it."""
    words = text.split()
    if len(words) <= 2 * CONTEXT + 2:
        return text
    return " ".join([*words[: 0 if first else CONTEXT], "…", *words[len(words) if last else -CONTEXT :]])


@dataclass
class PublishedChange:
    """One revision that went live, as the public reads it."""

    revision: Revision
    record: Any  # of any kind that has a history
    earlier: Revision | None  # the one that was live before

    def __post_init__(self) -> None:
        found = changes(type(self.record), self.earlier.data, self.revision.data) if self.earlier else []
        found = [change for change in found if change.path not in INTERNAL_PATHS]
        self.values = [ChangedValue(change) for change in found if not change.is_order]
        self.is_of_study = isinstance(self.record, Trial)
        archived = self.revision.step == v.Step.ARCHIVED
        self.has_page = self.is_of_study and not archived  # of this version, at an address of its own
        self.is_change = self.earlier is not None and not archived  # a reader expects a list of changed values
        self.reasons = [line for line in self.revision.reason.splitlines() if line.strip()]
        self.kind = self.revision.get_kind_display()
        self.name = self.record.short_name if self.is_of_study else str(self.record)
        # The list of all changes shows all values of a text, and the first few of a study.
        self.first_values = self.values[:MOST_VALUES] if self.is_of_study else self.values
        self.further_count = len(self.values) - len(self.first_values)
        # What to say instead of a list of changed values.
        sentence = "Only the order of the rows changed." if found else "No values changed."
        self.no_values = sentence if self.is_change and not self.values else ""

    @property
    def event(self) -> str:
        if self.revision.step == v.Step.LOADED:
            return "Included at launch"
        if self.revision.step == v.Step.ARCHIVED:
            return "Taken off the public pages"
        if self.earlier is None:
            return "Published for the first time"
        return "Published again" if self.earlier.step == v.Step.ARCHIVED else "Changed"


def published_changes(revisions: Iterable[Revision], record: Record | None = None) -> list[PublishedChange]:
    """Return what each revision of `live_revisions` or `recent_revisions` changed. Pass `record` if all are of one."""
    shown: list[Any] = list(revisions)
    before = Revision.objects.in_bulk({revision.earlier for revision in shown if revision.earlier})
    records: dict[str, Any] = {}
    for kind in {revision.kind for revision in shown} if record is None else ():
        keys = {revision.record_id for revision in shown if revision.kind == kind}
        records[kind] = MODELS[kind]._default_manager.once_public().in_bulk(keys)  # type: ignore[attr-defined]
    found = [(revision, record or records[revision.kind].get(revision.record_id)) for revision in shown]
    # A record that is missing went between two queries.
    return [PublishedChange(each, of, before.get(each.earlier)) for each, of in found if of is not None]
