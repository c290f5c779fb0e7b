"""The front page of the admin: what waits for a check, drafts, changes, reviews and values to look up.

Each list is worked out when it is read, in a number of queries that does not grow with the number of records. A user
sees only the kinds of records that they may look at.
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

from trials import vocabulary as v
from trials.models import Page, Registration, Revision, Trial
from trials.quality.disagreements import disagreements
from trials.quality.unchecked import with_unchecked
from trials.workflow.documents import KINDS, MODELS
from trials.workflow.revisions import WRITING

ON_DASHBOARD = 10
SOON = datetime.timedelta(days=60)
MOST_STUDIES = 500  # whose blanks and disagreements are looked at, since each study takes some time


@dataclass
class Item:
    """One line about one record. `address` is empty for a record that was deleted."""

    kind: str
    record_id: int
    title: str = ""
    address: str = ""
    detail: str = ""
    lines: list[str] = field(default_factory=list)


@dataclass
class Section:
    """One list: its first lines, how many there are in all, and what is shown when there are none."""

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
        return reverse("admin:dashboard-section", args=[self.name])


class Dashboard:
    """The lists of one user. `section` raises KeyError for a list that the user does not have."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.me = user.get_username()
        may = {kind: self._rights(model) for kind, model in MODELS.items()}
        self.kinds = [kind for kind, rights in may.items() if {"view", "change"} & rights]
        self.may_publish = [kind for kind in self.kinds if "publish" in may[kind]]
        self.may_write = [kind for kind in self.kinds if {"add", "change"} & may[kind]]
        sections: list[tuple[bool, str, Callable[[int, int], Section]]] = [
            (bool(self.may_publish), "waiting", self._waiting),
            (bool(self.may_write), "drafts", self._drafts),
            (bool(self.kinds), "changed", self._changed),
            (bool(self._with_reviews), "overdue", self._overdue),
            (bool(self._with_reviews), "due", self._due),
            (v.RecordKind.TRIAL in self.kinds, "blanks", self._blanks),
            (v.RecordKind.TRIAL in self.kinds, "disagreements", self._disagreements),
        ]
        self.makers = {name: maker for allowed, name, maker in sections if allowed}

    def _rights(self, model: Any) -> set[str]:
        actions = ("view", "add", "change", "publish")
        return {right for right in actions if self.user.has_perm(f"trials.{right}_{model._meta.model_name}")}

    @property
    def _with_reviews(self) -> list[Any]:
        return [model for model in (Trial, Page) if KINDS[model] in self.kinds]

    def sections(self) -> list[Section]:
        return _named([maker(0, ON_DASHBOARD) for maker in self.makers.values()])

    def section(self, name: str, start: int, end: int) -> Section:
        return _named([self.makers[name](start, end)])[0]

    # --- the newest revision of each record

    def _newest(self) -> Any:
        """Return the newest revision of every record. `mine`: whether this user wrote part of what is not live."""
        of_record = Revision.objects.filter(kind=OuterRef("kind"), record_id=OuterRef("record_id"))
        exists: Any = reduce(
            or_, (Q(Exists(MODELS[kind]._default_manager.filter(pk=OuterRef("record_id"))), kind=kind)
                  for kind in self.kinds), Q(pk__in=[])
        )  # fmt: skip
        mine = of_record.filter(made_by=self.me, step__in=WRITING, number__gt=OuterRef("began_after"))
        began = of_record.filter(Q(live=True) | Q(step=v.Step.WITHDRAWN)).order_by("-number")
        return (
            Revision.objects.defer("data")
            .filter(~Exists(of_record.filter(number__gt=OuterRef("number"))))
            .filter(exists)
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
        detail: Callable[[Revision], str],
    ) -> Section:
        items = [
            Item(each.kind, each.record_id, f"{each.name} (deleted)", "", detail(each), _lines(each.reason))
            for each in found[part]
        ]
        return Section(name, heading, empty, items, found.count())

    def _waiting(self, start: int, end: int) -> Section:
        found = self._newest().filter(live=False, step=v.Step.SUBMITTED, kind__in=self.may_publish, mine=False)
        return self._from_revisions(
            "waiting",
            "Waiting for my check",
            "Nothing waits for your check.",
            found.order_by("made_at", "pk"),
            slice(start, end),
            lambda revision: f"submitted by {revision.made_by}, {_when(revision)}",
        )

    def _drafts(self, start: int, end: int) -> Section:
        found = self._newest().pending()
        return self._from_revisions(
            "drafts",
            "My drafts",
            "You have no draft. What you add or change is a draft until it is published.",
            found.filter(Q(mine=True) | Q(step=v.Step.SUBMITTED, made_by=self.me)).order_by("-made_at", "-pk"),
            slice(start, end),
            self._draft_in_words,
        )

    def _draft_in_words(self, revision: Revision) -> str:
        if revision.step == v.Step.SUBMITTED:
            return f"waiting for a check since {_when(revision)}"
        by = "" if revision.made_by == self.me else f" by {revision.made_by}"
        return f"{revision.get_step_display()}{by}, {_when(revision)}"

    def _changed(self, start: int, end: int) -> Section:
        return self._from_revisions(
            "changed",
            "Changed recently",
            "Nothing has been changed yet.",
            Revision.objects.defer("data").filter(kind__in=self.kinds).order_by("-made_at", "-pk"),
            slice(start, end),
            _step_in_words,
        )

    # --- reviews

    def _reviews(self, name: str, heading: str, empty: str, when: Q, start: int, end: int) -> Section:
        parts = [
            model._default_manager.originals()
            .exclude(status=v.Status.ARCHIVED)
            .filter(when)
            .order_by()
            .values_list(Value(KINDS[model]), "pk", "review_due")
            for model in self._with_reviews
        ]
        found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        rows = found.order_by("review_due", "pk")[start:end]
        items = [Item(kind, pk, detail=date_format(due, "j F Y")) for kind, pk, due in rows]
        return Section(name, heading, empty, items, found.count())

    def _overdue(self, start: int, end: int) -> Section:
        when = Q(review_due__lt=timezone.localdate())
        return self._reviews("overdue", "Reviews overdue", "No review is overdue.", when, start, end)

    def _due(self, start: int, end: int) -> Section:
        today = timezone.localdate()
        heading, empty = f"Reviews due in {SOON.days} days", f"No review falls due in the next {SOON.days} days."
        return self._reviews("due", heading, empty, Q(review_due__range=(today, today + SOON)), start, end)

    # --- what has to be looked up

    def _blanks(self, start: int, end: int) -> Section:
        newest = _changed_last(Trial.objects.originals())
        found = with_unchecked(Trial.objects.filter(pk__in=newest[:MOST_STUDIES])).filter(unchecked__gt=0)
        fullest = list(found.order_by("-unchecked", "slug").values_list("pk", "unchecked"))
        items = [
            Item(v.RecordKind.TRIAL, pk, detail="1 value" if unchecked == 1 else f"{unchecked} values")
            for pk, unchecked in fullest[start:end]
        ]
        empty, note = "Every blank has its reason.", _limit_note(newest)
        return Section("blanks", "Blanks not yet checked", empty, items, len(fullest), note)

    def _disagreements(self, start: int, end: int) -> Section:
        newest = _changed_last(
            Trial.objects.originals().filter(Exists(Registration.objects.filter(trial=OuterRef("pk"))))
        )
        looked_at = Trial.objects.filter(pk__in=newest[:MOST_STUDIES]).prefetch_related(
            "registrations", "arms", "counts"
        )
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
        return Section("disagreements", heading, empty, items, len(differing), _limit_note(newest))


def _changed_last(studies: Any) -> list[int]:
    """Return the primary keys of the studies to look at, and one more if there are more."""
    current = studies.exclude(status=v.Status.ARCHIVED)
    return list(current.order_by("-updated", "slug").values_list("pk", flat=True)[: MOST_STUDIES + 1])


def _limit_note(newest: list[int]) -> str:
    return f"Of the {MOST_STUDIES} studies changed last." if len(newest) > MOST_STUDIES else ""


def _named(sections: list[Section]) -> list[Section]:
    """Fill in the name of each record and the address of its form, in two queries for each kind."""
    items = [item for section in sections for item in section.items]
    for kind, model in MODELS.items():
        pks = {item.record_id for item in items if item.kind == kind}
        manager: Any = model._default_manager
        records = manager.in_bulk(pks)
        drafts = dict(manager.filter(draft_of__in=pks).values_list("draft_of", "pk"))
        for item in items:
            if item.kind == kind and item.record_id in records:
                item.title = record_name(records[item.record_id])
                pk = drafts.get(item.record_id, item.record_id)
                item.address = reverse(f"admin:trials_{model._meta.model_name}_change", args=[pk])
    return sections


def record_name(record: Any) -> str:
    """Return a name that also says the kind of the record: Dilogo 2021; Page: Methods; Term: placebo."""
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
