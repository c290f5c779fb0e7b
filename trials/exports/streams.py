"""Many studies with their rows, in a fixed number of queries and in memory that does not grow with their number."""

from collections.abc import Collection, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import OuterRef, Subquery

from trials import vocabulary as v
from trials.models import Revision, Trial
from trials.models.trial import TrialQuerySet
from trials.workflow.documents import REFERENCES, ROWS

CHUNK = 500  # studies or rows that are in memory at once


def with_versions(trials: TrialQuerySet) -> Any:
    """Annotate each public study with the number and the time of its version; None without a history."""
    newest = Revision.objects.filter(kind=v.RecordKind.TRIAL, record_id=OuterRef("pk"), live=True).order_by("-number")
    return trials.annotate(
        version=Subquery(newest.values("number")[:1]), version_made_at=Subquery(newest.values("made_at")[:1])
    )


def with_rows(trials: TrialQuerySet, kinds: Collection[str]) -> Iterator[Any]:
    """Yield each study with its version and its rows of these kinds.

    There is one query for the studies and one for each kind, all in the same order, so that each is read once and from
    the front. A prefetch in chunks would need more queries the more studies there are.
    """
    order = trials.query.order_by or Trial._meta.ordering
    streams = {kind: _Stream(ROWS[kind], trials, order) for kind in kinds}
    for trial in with_versions(trials).iterator(CHUNK):
        rows = {kind: stream.rows_of(trial) for kind, stream in streams.items()}
        for (kind, name), other_kind in REFERENCES.items():
            others = {None: None, **{row.pk: row for row in rows.get(other_kind, ())}}
            for row in rows.get(kind, ()):
                setattr(row, name, others[getattr(row, f"{name}_id")])
        trial._prefetched_objects_cache = {}
        for kind in kinds:
            queryset: Any = ROWS[kind]._default_manager.none()
            queryset._result_cache, queryset._prefetch_done = rows[kind], True
            trial._prefetched_objects_cache[kind] = queryset
        yield trial
        trial._prefetched_objects_cache.clear()  # a study and its rows hold each other, so they would be freed late


class _Stream:
    """The rows of one kind, in the order of their studies."""

    def __init__(self, model: Any, trials: TrialQuerySet, order: Any) -> None:
        of_study = [f"-trial__{name[1:]}" if name.startswith("-") else f"trial__{name}" for name in order]
        own = [name for name in model._meta.ordering if name != "trial"]
        found = model._default_manager.filter(trial__in=trials.order_by().values("pk")).order_by(*of_study, *own)
        self._groups = groupby(found.iterator(CHUNK), key=attrgetter("trial_id"))
        self._next = next(self._groups, None)

    def rows_of(self, trial: Trial) -> list[Any]:
        """Return the rows of the next study."""
        if self._next is None or self._next[0] != trial.pk:
            return []
        rows = list(self._next[1])
        for row in rows:
            row.trial = trial
        self._next = next(self._groups, None)
        return rows
