"""Finds the studies that a record may be of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from trials.importers.records import ImportedRecord
from trials.listing.search import fold
from trials.models import Trial

# Words that two titles share, of all that either has. Of the eight first studies the two most alike share 0.43; one
# word of fourteen spelt otherwise ("randomized") leaves 0.87, two leave 0.75.
SAME_TITLE = 0.75
KINDS = {"doi": "DOI", "pmid": "PubMed ID", "pmcid": "PubMed Central ID", "registration": "registration"}


@dataclass
class Match:
    """A study that is here already, and why it may be the same. `likeness` is that of the titles, from 0 to 1.

    `other` is the kind of identifier that both have and that differs: then a title that is only alike proves little.
    """

    trial_id: int  # a study and its draft are one
    trial: Trial
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    likeness: float = 0.0
    other: str = ""

    @property
    def is_doubtful(self) -> bool:
        return bool(self.other) and not self.identifiers and self.likeness < 1

    @property
    def lead(self) -> str:
        return "Perhaps the same" if self.is_doubtful else "May be here already"

    @property
    def reasons(self) -> list[str]:
        found = [f"the same {KINDS[kind]}, {text}" for kind, text in self.identifiers]
        if self.likeness >= SAME_TITLE:
            found.append(title_reason(self.likeness))
        if self.other and not self.identifiers:
            found.append(f"another {KINDS[self.other]}")
        return found


@dataclass(frozen=True)
class Repeat:
    """An earlier record of the same file that is, or is perhaps, of the same study."""

    number: int
    reason: str
    is_doubtful: bool


def title_reason(likeness: float) -> str:
    return "the same title" if likeness == 1 else "nearly the same title"


def different(one: set[tuple[str, str]], other: set[tuple[str, str]]) -> str:
    """Return "doi" or "pmid" if both have one and none in common; "" if neither kind differs."""
    for kind in ("doi", "pmid"):
        mine, theirs = ({text for name, text in ids if name == kind and text} for ids in (one, other))
        if mine and theirs and not mine & theirs:
            return kind
    return ""


def words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", fold(title)))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return Jaccard's index: 1 for the same words in any order, 0 for none in common."""
    return len(one & other) / len(one | other) if one and other else 0.0


def matches(records: Sequence[ImportedRecord]) -> dict[int, list[Match]]:
    """Return the studies, of any status, that each record may be of, by its number; the same identifiers come first."""
    known = [(record.number, words(record.title), record.identifiers()) for record in records]
    found: dict[int, dict[int, Match]] = {record.number: {} for record in records}
    fields = ("authors", "publication_date", "title", "status", "draft_of", "doi", "pmid", "pmcid")
    for trial in Trial.objects.only(*fields).prefetch_related("registrations").order_by("pk"):
        ids = [("doi", (trial.doi or "").lower()), ("pmid", trial.pmid or ""), ("pmcid", (trial.pmcid or "").upper())]
        ids += [("registration", row.identifier.upper()) for row in trial.registrations.all()]
        title = words(trial.title)
        for number, record_title, record_ids in known:
            shared = [each for each in ids if each in record_ids]
            degree = likeness(title, record_title)
            if shared or degree >= SAME_TITLE:
                pk = trial.draft_of_id or trial.pk
                match = found[number].setdefault(pk, Match(pk, trial))
                match.identifiers += [each for each in shared if each not in match.identifiers]
                match.likeness = max(match.likeness, degree)
                match.other = different(record_ids, set(ids))
    return {
        number: sorted(by_study.values(), key=lambda match: (not match.identifiers, -match.likeness, match.trial_id))
        for number, by_study in found.items()
    }


def repeats(records: Sequence[ImportedRecord]) -> dict[int, Repeat]:
    """Return, by its number, the earlier record that a record is perhaps a repeat of, best a certain one."""
    found: dict[int, Repeat] = {}
    earlier: list[tuple[int, frozenset[str], set[tuple[str, str]]]] = []
    for record in records:
        title, identifiers = words(record.title), record.identifiers()
        same = []
        for number, other, ids in earlier:
            degree = likeness(title, other)
            if shared := sorted(identifiers & ids):
                same.append(Repeat(number, f"the same {KINDS[shared[0][0]]}", is_doubtful=False))
            elif degree >= SAME_TITLE:
                kind = different(identifiers, ids)
                reason = title_reason(degree) + (f", another {KINDS[kind]}" if kind else "")
                same.append(Repeat(number, reason, is_doubtful=bool(kind) and degree < 1))
        if same:
            found[record.number] = min(same, key=lambda repeat: (repeat.is_doubtful, repeat.number))
        earlier.append((record.number, title, identifiers))
    return found
