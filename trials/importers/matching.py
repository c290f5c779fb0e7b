"""Which study that is here already a record may be."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from trials import vocabulary as v
from trials.importers.found import Found
from trials.models import Registration, Trial
from trials.search import any_condition, fold, how_many_have
from trials.search_index import LETTERS

# Words that two titles share, of all that either has. Of the eight first studies the two most alike share 0.43; one
# word of fourteen spelt otherwise ("randomised") leaves 0.87, two leave 0.75. So 0.75 lets a title be spelt by another
# house, and keeps different studies of one kind apart. Whoever adds a single study sees the match and decides.
SAME_TITLE = 0.75
Identifier = tuple[str, str]  # kind and identifier, as Found.identifiers gives them
COMMON = 200  # studies; which of the words that more have is the rarest is not asked
KINDS = {"doi": "DOI", "pmid": "PubMed ID", "pmcid": "PubMed Central ID", "registration": "registration"}


@dataclass(frozen=True)
class Match:
    """A study that is here already, and why it may be the same."""

    trial_id: int
    name: str
    title: str
    status: str
    reasons: tuple[str, ...]
    certain: bool  # by an identifier, not by the title alone


def words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", fold(title)))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard's index: 1 for the same words in whatever order, 0 for none in common."""
    return len(one & other) / len(one | other) if one and other else 0.0


def title_words(found: Found) -> frozenset[str]:
    return words(str(found.get("title") or ""))


def few(mine: frozenset[str]) -> int:
    """Of so many of its words, whichever they are, a title shares one with each that shares SAME_TITLE of all."""
    return len(mine) - math.ceil(SAME_TITLE * len(mine)) + 1 if mine else 0


def telling_words(records: Sequence[Found]) -> dict[str, set[frozenset[str]]]:
    """The rarest few words of each title, by the studies that are here, and the words of the titles they stand in."""
    titles = {title_words(found) for found in records}
    indexed = {word for title in titles for word in title if len(word) >= LETTERS}
    counts = how_many_have(indexed, at_most=COMMON)
    telling: dict[str, set[frozenset[str]]] = defaultdict(set)
    for title in titles:
        for word in sorted(title, key=lambda word: (counts.get(word, COMMON + 1), word))[: few(title)]:
            telling[word].add(title)
    return telling


class Known:
    """The studies here, whatever their status, that any of these records may be; and those made of them meanwhile.

    The index of the search leads to what shares an identifier or a telling word with a record, in a few queries for all
    records together. Of these, what matches is kept.
    """

    def __init__(self, records: Sequence[Found]) -> None:
        self.trials: dict[int, tuple[str, str, str]] = {}
        self.words: dict[int, frozenset[str]] = {}
        self.by_word: dict[str, set[int]] = defaultdict(set)
        self.by_identifier: dict[Identifier, set[int]] = defaultdict(set)
        asked = {identifier for found in records for identifier in found.identifiers()}
        telling = telling_words(records)
        parts = {fold(identifier) for _, identifier in asked}
        registered: dict[int, set[Identifier]] = defaultdict(set)
        rows = Registration.objects.filter(trial__in=Trial.objects.filter(any_condition(parts)))
        for pk, identifier in rows.values_list("trial_id", "identifier"):
            registered[pk].add(("registration", identifier.upper()))
        studies = Trial.objects.filter(any_condition(parts | telling.keys())).order_by("pk")
        fields = ("pk", "authors", "publication_date", "title", "status", "doi", "pmid", "pmcid")
        for pk, authors, date, title, status, doi, pmid, pmcid in studies.values_list(*fields).iterator():
            its_words = words(title)
            near = {mine for word in its_words & telling.keys() for mine in telling[word]}
            identifiers = {("doi", (doi or "").lower()), ("pmid", pmid or ""), ("pmcid", (pmcid or "").upper())}
            identifiers = (identifiers | registered[pk]) & asked
            if identifiers or any(likeness(mine, its_words) >= SAME_TITLE for mine in near):
                name = f"{authors.partition(chr(10))[0].partition(',')[0].strip()} {date[:4]}".strip()
                self._add(pk, name, title, status, identifiers)

    def _add(self, pk: int, name: str, title: str, status: str, identifiers: set[Identifier]) -> None:
        self.trials[pk] = (name, title, status)
        self.words[pk] = words(title)
        for word in self.words[pk]:
            self.by_word[word].add(pk)
        for identifier in identifiers:
            self.by_identifier[identifier].add(pk)

    def add(self, trial: Trial, found: Found) -> None:
        """Take in a study that has just been made of `found`."""
        self._add(trial.pk, trial.short_name, trial.title, trial.status, found.identifiers())

    def matches(self, found: Found) -> list[Match]:
        """The studies that `found` may be, the most certain first."""
        reasons: dict[int, list[str]] = defaultdict(list)
        certain: set[int] = set()
        for kind, identifier in sorted(found.identifiers()):
            for pk in self.by_identifier.get((kind, identifier), ()):
                reasons[pk].append(f"the same {KINDS[kind]}, {identifier}")
                certain.add(pk)
        mine = title_words(found)
        likely: Counter[int] = Counter()
        for pk in self._with_shared_words(mine):
            degree = likeness(mine, self.words[pk])
            if degree >= SAME_TITLE:
                reasons[pk].append(
                    "the same title" if degree == 1 else f"nearly the same title ({degree:.0%} of the words)"
                )
                likely[pk] = round(degree * 100)
        order = sorted(reasons, key=lambda pk: (pk not in certain, -likely[pk], pk))
        return [
            Match(pk, name, title, v.Status(status).label, tuple(reasons[pk]), pk in certain)
            for pk in order
            for name, title, status in [self.trials[pk]]
        ]

    def _with_shared_words(self, mine: frozenset[str]) -> set[int]:
        """Whoever shares one of the rarest few words, so that only these are looked at."""
        rarest = sorted(mine, key=lambda word: (len(self.by_word.get(word, ())), word))
        return {pk for word in rarest[: few(mine)] for pk in self.by_word.get(word, ())}
