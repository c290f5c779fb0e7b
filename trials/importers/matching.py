"""Finds the studies, and the earlier records of a file, that a record may be of."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from trials.importers.records import ImportedRecord
from trials.listing.search import fold
from trials.models import Trial

# Words that two titles share, of all that either has. Of the eight first studies the two most alike share 0.43; one
# word of fourteen spelt otherwise ("randomized") leaves 0.87, two leave 0.75.
SAME_TITLE = 0.75
KINDS = {"doi": "DOI", "pmid": "PubMed ID", "pmcid": "PubMed Central ID", "registration": "registration"}


class Entry(NamedTuple):
    """What a study or a record is known by."""

    words: frozenset[str]  # of the title
    identifiers: set[tuple[str, str]]  # (kind, identifier)

    @classmethod
    def of(cls, title: str, identifiers: Iterable[tuple[str, str]]) -> "Entry":
        return cls(frozenset(re.findall(r"[^\W_]+", fold(title))), {(kind, text) for kind, text in identifiers if text})


@dataclass
class Match:
    """Why a study, or an earlier record, may be the same. `likeness` is that of the titles, from 0 to 1.

    `other` is the kind of identifier that both have and that differs: then a title that is only alike proves little.
    """

    key: int  # of the study, which is one with its draft, or the number of the record
    trial: Trial | None = None
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    likeness: float = 0.0
    other: str = ""

    @property
    def is_doubtful(self) -> bool:
        return bool(self.other) and not self.identifiers and self.likeness < 1

    @property
    def reasons(self) -> list[str]:
        found = [f"the same {KINDS[kind]}, {text}" for kind, text in self.identifiers]
        if self.likeness >= SAME_TITLE:
            found.append("the same title" if self.likeness == 1 else "nearly the same title")
        if self.other and not self.identifiers:
            found.append(f"another {KINDS[self.other]}")
        return found

    def compare(self, one: Entry, other: Entry) -> bool:
        """Add what the two have in common. Return False if that is too little."""
        shared, every = one.identifiers & other.identifiers, one.words | other.words
        likeness = len(one.words & other.words) / len(every) if every else 0.0  # Jaccard's index
        if not shared and likeness < SAME_TITLE:
            return False
        self.identifiers += sorted(shared.difference(self.identifiers))
        self.likeness = max(self.likeness, likeness)
        self.other = next((kind for kind in ("doi", "pmid") if _differ(kind, one, other)), "")
        return True


def _differ(kind: str, one: Entry, other: Entry) -> bool:
    """Tell whether both have identifiers of a kind, and none in common."""
    mine, theirs = ({text for name, text in entry.identifiers if name == kind} for entry in (one, other))
    return bool(mine and theirs and not mine & theirs)


def matches(records: Sequence[ImportedRecord]) -> dict[int, list[Match]]:
    """Return the studies, of any status, that each record may be of, by its number; the same identifiers come first."""
    entries = {record.number: Entry.of(record.title, record.identifiers()) for record in records}
    found: dict[int, dict[int, Match]] = {number: {} for number in entries}
    fields = ("authors", "publication_date", "title", "status", "draft_of", "doi", "pmid", "pmcid")
    for trial in Trial.objects.only(*fields).prefetch_related("registrations").order_by("pk"):
        ids = [("doi", (trial.doi or "").lower()), ("pmid", trial.pmid or ""), ("pmcid", (trial.pmcid or "").upper())]
        ids += [("registration", row.identifier.upper()) for row in trial.registrations.all()]
        study, key = Entry.of(trial.title, ids), trial.draft_of_id or trial.pk
        for number, entry in entries.items():
            match = found[number].get(key) or Match(key, trial)
            if match.compare(study, entry):
                found[number][key] = match
    return {number: sorted(by_study.values(), key=_order) for number, by_study in found.items()}


def _order(match: Match) -> tuple[bool, float, int]:
    return not match.identifiers, -match.likeness, match.key


def repeats(records: Sequence[ImportedRecord]) -> dict[int, Match]:
    """Return, by its number, the earlier record that a record is perhaps a repeat of, best a certain one."""
    found: dict[int, Match] = {}
    earlier: dict[int, Entry] = {}
    for record in records:
        entry, same = Entry.of(record.title, record.identifiers()), []
        for number, other in earlier.items():
            match = Match(number)
            if match.compare(entry, other):
                same.append(match)
        if same:
            found[record.number] = min(same, key=lambda match: (match.is_doubtful, match.key))
        earlier[record.number] = entry
    return found
