"""Finds the studies that a record may be of."""

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from trials import vocabulary as v
from trials.importers.records import ImportedRecord
from trials.listing.search import fold
from trials.models import Registration, Trial

# Words that two titles share, of all that either has. Of the eight first studies the two most alike share 0.43; one
# word of fourteen spelt otherwise ("randomized") leaves 0.87, two leave 0.75.
SAME_TITLE = 0.75
KINDS = {"doi": "DOI", "pmid": "PubMed ID", "pmcid": "PubMed Central ID", "registration": "registration"}


@dataclass
class Match:
    """A study that is here already, and why it may be the same. `likeness` is that of the titles, from 0 to 1."""

    trial_id: int
    name: str
    title: str
    status: str
    identifiers: list[tuple[str, str]]
    likeness: float

    @property
    def reasons(self) -> list[str]:
        found = [f"the same {KINDS[kind]}, {text}" for kind, text in self.identifiers]
        if self.likeness == 1:
            found.append("the same title")
        elif self.likeness >= SAME_TITLE:
            found.append(f"nearly the same title ({self.likeness:.0%} of the words)")
        return found


def words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", fold(title)))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return Jaccard's index: 1 for the same words in any order, 0 for none in common."""
    return len(one & other) / len(one | other) if one and other else 0.0


class _Index:
    """The records by their identifiers and by some words of their titles.

    A title that shares SAME_TITLE of all words with another shares at least one of any k of its n words, where k is
    n - ceil(SAME_TITLE * n) + 1. The longest are taken, since long words are rare.
    """

    def __init__(self, records: Sequence[ImportedRecord]) -> None:
        self.words = {record.number: words(record.title) for record in records}
        self.by_word: dict[str, set[int]] = defaultdict(set)
        self.by_identifier: dict[tuple[str, str], set[int]] = defaultdict(set)
        for record in records:
            title = self.words[record.number]
            for word in sorted(title, key=lambda word: (-len(word), word))[: self._enough(len(title))]:
                self.by_word[word].add(record.number)
            for identifier in record.identifiers():
                self.by_identifier[identifier].add(record.number)

    @staticmethod
    def _enough(count: int) -> int:
        return count - math.ceil(SAME_TITLE * count) + 1 if count else 0

    def alike(self, title: frozenset[str]) -> dict[int, float]:
        """Return the numbers of the records with nearly this title, and how alike each is."""
        near = {number for word in title & self.by_word.keys() for number in self.by_word[word]}
        degrees = {number: likeness(title, self.words[number]) for number in near}
        return {number: degree for number, degree in degrees.items() if degree >= SAME_TITLE}


def matches(records: Sequence[ImportedRecord]) -> dict[int, list[Match]]:
    """Return the studies that each record may be of, by its number; those with the same identifiers come first.

    Every study is looked at, whatever its status, with its draft. That takes two queries.
    """
    index = _Index(records)
    found: dict[int, dict[int, Match]] = {record.number: {} for record in records}
    registered: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for pk, identifier in Registration.objects.values_list("trial_id", "identifier"):
        if (known := ("registration", identifier.upper())) in index.by_identifier:
            registered[pk].append(known)
    fields = ("pk", "draft_of_id", "authors", "publication_date", "title", "status", "doi", "pmid", "pmcid")
    for pk, draft_of, authors, date, title, status, *identifiers in (
        Trial.objects.order_by("pk").values_list(*fields).iterator()
    ):
        doi, pmid, pmcid = (text or "" for text in identifiers)
        known_by = [("doi", doi.lower()), ("pmid", pmid), ("pmcid", pmcid.upper()), *registered.get(pk, [])]
        known_by = [known for known in known_by if known in index.by_identifier]
        alike = index.alike(words(title))
        name = f"{authors.splitlines()[0].partition(',')[0].strip()} {date[:4]}"
        for number in {*alike, *(number for known in known_by for number in index.by_identifier[known])}:
            new = Match(draft_of or pk, name, title, v.Status(status).label, [], 0.0)
            match = found[number].setdefault(new.trial_id, new)  # a study and its draft are one
            shared = [known for known in known_by if number in index.by_identifier[known]]
            match.identifiers += [known for known in shared if known not in match.identifiers]
            match.likeness = max(match.likeness, alike.get(number, 0.0))
    return {
        number: sorted(by_study.values(), key=lambda match: (not match.identifiers, -match.likeness, match.trial_id))
        for number, by_study in found.items()
    }


def repeats(records: Sequence[ImportedRecord]) -> dict[int, int]:
    """Return number -> number of an earlier record that is of the same study."""
    index = _Index(records)
    found = {}
    for record in records:
        same = {number for known in record.identifiers() for number in index.by_identifier[known]}
        earlier = [number for number in same | index.alike(index.words[record.number]).keys() if number < record.number]
        if earlier:
            found[record.number] = min(earlier)
    return found
