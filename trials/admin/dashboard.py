"""The front page of the admin: an editor's day. What waits, what is mine, what changed, what has to be looked at.

Each shelf is worked out when it is read, in the same number of queries however many records there are. Nothing of it
is stored. Whoever may not look at a kind of record sees nothing of it here.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from trials import actions, history
from trials import vocabulary as v
from trials.quality.disagreements import disagreements
from trials.models import Page, Revision, Trial
from trials.quality.unchecked import with_unchecked

ON_THE_DESK = 10
SOON = datetime.timedelta(days=60)
# Blanks and disagreements take some time for each study, so not all of a hundred thousand: those changed last.
LOOKED_AT = 500


@dataclass
class Item:
    """One line about one record. `title` and `address` are filled in for all lines at once; `address` stays empty for
    a record that is gone."""

    kind: str
    record_id: int
    title: str = ""
    address: str = ""
    detail: str = ""
    lines: list[str] = field(default_factory=list)


@dataclass
class Shelf:
    """A list on the desk: its first lines, how many there are in all, and what it says when there are none."""

    name: str
    heading: str
    empty: str
    items: list[Item]
    total: int
    note: str = ""

    @property
    def has_more(self) -> bool:
        return self.total > len(self.items)

    @property
    def address(self) -> str:
        return reverse("admin:desk-shelf", args=[self.name])


class Desk:
    """What one person finds on the desk. `shelf` fills one list; KeyError for one that this person has not."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.me = user.get_username()
        may = {kind: self._rights(model) for kind, model in history.MODELS.items()}
        self.kinds = [kind for kind, rights in may.items() if {"view", "change"} & rights]
        self.may_publish = [kind for kind in self.kinds if "publish" in may[kind]]
        self.may_write = [kind for kind in self.kinds if {"add", "change"} & may[kind]]
        shelves: list[tuple[bool, str, Callable[[int, int], Shelf]]] = [
            (bool(self.may_publish), "waiting", self._waiting),
            (bool(self.may_write), "drafts", self._drafts),
            (bool(self.kinds), "changed", self._changed),
            (bool(self._with_reviews), "overdue", self._overdue),
            (bool(self._with_reviews), "due", self._due),
            (v.RecordKind.TRIAL in self.kinds, "blanks", self._blanks),
            (v.RecordKind.TRIAL in self.kinds, "disagreements", self._disagreements),
        ]
        self.makers = {name: maker for there, name, maker in shelves if there}

    def _rights(self, model: Any) -> set[str]:
        actions_of = ("view", "add", "change", "publish")
        return {right for right in actions_of if self.user.has_perm(f"trials.{right}_{model._meta.model_name}")}

    @property
    def _with_reviews(self) -> list[Any]:
        return [model for model in (Trial, Page) if history.KINDS[model] in self.kinds]

    def shelves(self) -> list[Shelf]:
        return _named([maker(0, ON_THE_DESK) for maker in self.makers.values()])

    def shelf(self, name: str, start: int, end: int) -> Shelf:
        return _named([self.makers[name](start, end)])[0]

    # --- the newest revision of each record

    def _newest(self) -> Any:
        """The newest revision of every record that is still there, with whether I wrote what is not live of it."""
        of_it = Revision.objects.filter(kind=OuterRef("kind"), record_id=OuterRef("record_id"))
        there: Any = reduce(
            or_, (Q(Exists(history.MODELS[kind]._default_manager.filter(pk=OuterRef("record_id"))), kind=kind)
                  for kind in self.kinds), Q(pk__in=[])
        )  # fmt: skip
        mine = of_it.filter(made_by=self.me, step__in=actions.WRITING, number__gt=OuterRef("began_after"))
        began = of_it.filter(Q(live=True) | Q(step=v.Step.WITHDRAWN)).order_by("-number")  # as actions.writers has it
        return (
            Revision.objects.defer("data")
            .filter(~Exists(of_it.filter(number__gt=OuterRef("number"))))
            .filter(there)
            .annotate(began_after=Coalesce(Subquery(began.values("number")[:1]), 0))
            .annotate(mine=Exists(mine))
        )

    def _from_revisions(
        self,
        name: str,
        heading: str,
        empty: str,
        found: Any,
        part: slice,
        say: Callable[[Revision], str],
    ) -> Shelf:
        items = [
            # Its address at the time, for a record that is gone.
            Item(each.kind, each.record_id, f"{each.name} (deleted)", "", say(each), _lines(each.reason))
            for each in found[part]
        ]
        return Shelf(name, heading, empty, items, found.count())

    def _waiting(self, start: int, end: int) -> Shelf:
        found = self._newest().filter(live=False, step=v.Step.SUBMITTED, kind__in=self.may_publish, mine=False)
        return self._from_revisions(
            "waiting",
            "Waiting for my check",
            "Nothing waits for your check.",
            found.order_by("made_at", "pk"),
            slice(start, end),
            lambda revision: f"submitted by {revision.made_by}, {_when(revision)}",
        )

    def _drafts(self, start: int, end: int) -> Shelf:
        # A draft that came back stays mine although the newest step is the reviewer's.
        found = self._newest().pending()
        return self._from_revisions(
            "drafts",
            "My drafts",
            "You have no draft. Whatever you add or change is one until it is published.",
            found.filter(Q(mine=True) | Q(step=v.Step.SUBMITTED, made_by=self.me)).order_by("-made_at", "-pk"),
            slice(start, end),
            self._draft_in_words,
        )

    def _draft_in_words(self, revision: Revision) -> str:
        if revision.step == v.Step.SUBMITTED:
            return f"waits for a check since {_when(revision)}"
        by = "" if revision.made_by == self.me else f" by {revision.made_by}"
        return f"{revision.get_step_display()}{by}, {_when(revision)}"

    def _changed(self, start: int, end: int) -> Shelf:
        return self._from_revisions(
            "changed",
            "Changed lately",
            "Nothing has been changed yet.",
            Revision.objects.defer("data").filter(kind__in=self.kinds).order_by("-made_at", "-pk"),
            slice(start, end),
            _step_in_words,
        )

    # --- reviews

    def _reviews(self, name: str, heading: str, empty: str, when: Q, start: int, end: int) -> Shelf:
        parts = [
            model._default_manager.exclude(status=v.Status.ARCHIVED)
            .filter(when)
            .order_by()
            .values_list(Value(history.KINDS[model]), "pk", "review_due")
            for model in self._with_reviews
        ]
        found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        rows = found.order_by("review_due", "pk")[start:end]
        items = [Item(kind, pk, detail=date_format(due, "j F Y")) for kind, pk, due in rows]
        return Shelf(name, heading, empty, items, found.count())

    def _overdue(self, start: int, end: int) -> Shelf:
        when = Q(review_due__lt=timezone.localdate())
        return self._reviews("overdue", "Reviews overdue", "No review is overdue.", when, start, end)

    def _due(self, start: int, end: int) -> Shelf:
        today = timezone.localdate()
        heading, empty = f"Reviews due in {SOON.days} days", f"No review falls due in the next {SOON.days} days."
        return self._reviews("due", heading, empty, Q(review_due__range=(today, today + SOON)), start, end)

    # --- what has to be looked up

    def _blanks(self, start: int, end: int) -> Shelf:
        newest = _changed_last(Trial.objects.all())
        found = with_unchecked(Trial.objects.filter(pk__in=newest[:LOOKED_AT])).filter(unchecked__gt=0)
        fullest = list(found.order_by("-unchecked", "slug").values_list("pk", "unchecked"))
        items = [
            Item(v.RecordKind.TRIAL, pk, detail="1 value" if unchecked == 1 else f"{unchecked} values")
            for pk, unchecked in fullest[start:end]
        ]
        empty, note = "Every blank has its reason.", _only_some(newest)
        return Shelf("blanks", "Blanks not yet checked", empty, items, len(fullest), note)

    def _disagreements(self, start: int, end: int) -> Shelf:
        newest = _changed_last(
            Trial.objects.filter(Exists(Trial.registrations.rel.related_model.objects.filter(trial=OuterRef("pk"))))
        )
        looked_at = Trial.objects.filter(pk__in=newest[:LOOKED_AT]).prefetch_related("registrations", "arms")
        differing = [(trial, found) for trial in looked_at if (found := disagreements(trial))]
        differing.sort(key=lambda pair: (-len(pair[1]), pair[0].slug))
        items = [
            Item(
                v.RecordKind.TRIAL,
                trial.pk,
                detail=", ".join(dict.fromkeys(each.about.lower() for each in found)),
                lines=[str(each) for each in found],
            )
            for trial, found in differing[start:end]
        ]
        heading = "Paper and registry differ"
        empty = "Papers and registries agree, as far as we have entered them."
        return Shelf("disagreements", heading, empty, items, len(differing), _only_some(newest))


def _changed_last(studies: Any) -> list[int]:
    """The keys of as many of these studies as are looked at one by one, and one more if there are more."""
    of_use = studies.exclude(status=v.Status.ARCHIVED)
    return list(of_use.order_by("-updated", "slug").values_list("pk", flat=True)[: LOOKED_AT + 1])


def _only_some(newest: list[int]) -> str:
    return f"Of the {LOOKED_AT} studies changed last." if len(newest) > LOOKED_AT else ""


def _named(shelves: list[Shelf]) -> list[Shelf]:
    """Fill in what each record that is still there is called, and where it is edited: one query for each kind."""
    items = [item for shelf in shelves for item in shelf.items]
    for kind, model in history.MODELS.items():
        there = model._default_manager.in_bulk({item.record_id for item in items if item.kind == kind})
        for item in items:
            if item.kind == kind and item.record_id in there:
                item.title = called(there[item.record_id])
                item.address = reverse(f"admin:trials_{model._meta.model_name}_change", args=[item.record_id])
    return shelves


def called(record: Any) -> str:
    """What a record is called where its kind has to be told: Dilogo 2021; Page: Methods; Term: placebo."""
    if isinstance(record, Trial):
        return record.short_name
    return f"{'Page' if isinstance(record, Page) else 'Term'}: {record}"


def _step_in_words(revision: Revision) -> str:
    by = "" if revision.step == v.Step.LOADED else f" by {revision.made_by}"
    return f"{revision.get_step_display()}{by}, {_when(revision)}"


def _when(revision: Revision) -> str:
    return date_format(localtime(revision.made_at), "j F Y, H:i")


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
