"""What the public may know of the history: what went live, when, why, and what it changed. No names, no drafts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.lookups import Exact

from trials import vocabulary as v
from trials.models import GlossaryTerm, Page, Record, Revision, Trial
from trials.models.revision import RevisionQuerySet
from trials.workflow.diff import EMPTY, NOT_THERE, REMOVED, Change, changes
from trials.workflow.documents import KINDS

CONTEXT = 8  # words on either side of a change in a long text


def live_history_of(record: Record) -> RevisionQuerySet:
    """What went live of one record, newest first."""
    return _with_earlier(Revision.objects.of(KINDS[type(record)], record.pk).filter(live=True)).order_by(
        "-number"
    )


def lately() -> RevisionQuerySet:
    """What went live of all records that are public now, newest first; not the pages and words the site began with."""
    public = Q()
    for model, kind in KINDS.items():
        there = model._default_manager.public().filter(pk=OuterRef("record_id"))  # type: ignore[attr-defined]
        # The kind is asked for inside: next to it, the database would gather all of a kind and sort them each time.
        public |= Q(Exists(there.filter(Exact(OuterRef("kind"), kind))))
    texts = (v.RecordKind.PAGE, v.RecordKind.TERM)
    began = Q(kind__in=texts, step=v.Step.LOADED)
    return _with_earlier(Revision.objects.filter(public, live=True).exclude(began)).order_by("-made_at", "-pk")


def _with_earlier(revisions: RevisionQuerySet) -> RevisionQuerySet:
    """Each with `earlier`, the key of the revision that was live before it."""
    same = Revision.objects.filter(kind=OuterRef("kind"), record_id=OuterRef("record_id"), live=True)
    before = same.filter(number__lt=OuterRef("number")).order_by("-number").values("pk")[:1]
    return revisions.annotate(earlier=Subquery(before))


@dataclass(frozen=True)
class Line:
    """One value that changed, for a template."""

    change: Change

    @property
    def label(self) -> str:
        return self.change.label

    @property
    def before(self) -> str:
        """The words that stood there; "" if there were none."""
        return "" if self.change.before in (NOT_THERE, EMPTY) else self.change.before

    @property
    def after(self) -> str:
        return "" if self.change.after in (REMOVED, EMPTY) else self.change.after

    @cached_property
    def parts(self) -> list[tuple[str, str]]:
        """("same" | "gone" | "new", words) of a long text that changed in places, without what is far from a change."""
        if not (self.change.is_long and self.before and self.after):
            return []
        words = self.change.words
        if not any(kind == "same" for kind, _ in words):
            return []
        return [
            (kind, _shortened(text, first=number == 0, last=number == len(words) - 1) if kind == "same" else text)
            for number, (kind, text) in enumerate(words)
        ]

    @property
    def in_one_line(self) -> str:
        if not self.before:
            return f"{self.label}: now “{self.after}”." if self.after else f"{self.label}: changed."
        if not self.after:
            return f"{self.label}: was “{self.before}”, now {self.change.after}."
        if self.change.is_long:
            return f"{self.label}: reworded."
        return f"{self.label}: was “{self.before}”, now “{self.after}”."


def _shortened(text: str, *, first: bool, last: bool) -> str:
    """The words next to a change: the end of what stands before it, the beginning of what stands behind."""
    words = text.split()
    if len(words) <= 2 * CONTEXT + 2:
        return text
    before = [] if first else words[:CONTEXT]
    behind = [] if last else words[-CONTEXT:]
    return " ".join([*before, "…", *behind])


@dataclass
class Entry:
    """One revision that went live, as the public reads it."""

    revision: Revision
    record: Record
    came_after: str  # the step of the revision that was live before, or ""
    lines: list[Line] = field(default_factory=list)
    only_order: bool = False

    @property
    def what(self) -> str:
        if self.revision.step == v.Step.LOADED:
            return "Came with the site"
        if self.revision.step == v.Step.ARCHIVED:
            return "Taken off the public pages"
        if self.came_after == v.Step.ARCHIVED:
            return "Published again"
        return "Changed" if self.came_after else "Published for the first time"

    @property
    def is_of_study(self) -> bool:
        return self.revision.kind == v.RecordKind.TRIAL

    @property
    def is_change(self) -> bool:
        """True where the reader expects to be told of values."""
        return bool(self.came_after) and self.revision.step != v.Step.ARCHIVED

    @property
    def reasons(self) -> list[str]:
        return [line for line in self.revision.reason.splitlines() if line.strip()]

    @property
    def kind(self) -> str:
        return str(self.revision.get_kind_display())

    @property
    def name(self) -> str:
        return self.record.short_name if isinstance(self.record, Trial) else str(self.record)


def entries(revisions: Iterable[Revision], record: Record | None = None) -> list[Entry]:
    """What each revision of `live_history_of` or `lately` changed. `record` if all are of one.

    The number of queries does not grow with the number of revisions.
    """
    shown = list(revisions)
    known = {revision.pk: revision for revision in shown}
    wanted = {revision.earlier for revision in shown if revision.earlier} - set(known)  # type: ignore[attr-defined]
    known |= Revision.objects.in_bulk(wanted) if wanted else {}
    records = {} if record else _records(shown)
    found = []
    for revision in shown:
        of = record or records.get((revision.kind, revision.record_id))
        if of is None:  # taken down between two queries
            continue
        earlier = known.get(revision.earlier)  # type: ignore[attr-defined]
        entry = Entry(revision, of, earlier.step if earlier else "")
        if earlier:
            found_changes = changes(type(of), earlier.data, revision.data)
            entry.lines = [Line(change) for change in found_changes if not change.is_order]
            entry.only_order = bool(found_changes) and not entry.lines
        found.append(entry)
    return found


def _records(revisions: list[Revision]) -> dict[tuple[str, int], Record]:
    found: dict[tuple[str, int], Record] = {}
    for model in (Trial, Page, GlossaryTerm):
        kind = KINDS[model]
        keys = {revision.record_id for revision in revisions if revision.kind == kind}
        if keys:
            found |= {(kind, record.pk): record for record in model._default_manager.public().filter(pk__in=keys)}
    return found
