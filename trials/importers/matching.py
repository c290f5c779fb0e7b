"""Which study that is here already a record may be."""

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from trials import vocabulary as v
from trials.importers.found import Found
from trials.models import Registration, Trial
from trials.search import fold

# Words that two titles share, of all that either has. Of the eight first studies the two most alike share 0.43; one
# word of fourteen spelt otherwise ("randomised") leaves 0.87, two leave 0.75. So 0.75 lets a title be spelt by another
# house, and keeps different studies of one kind apart. Whoever adds a single study sees the match and decides.
SAME_TITLE = 0.75
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


class Known:
    """Every study that is here, whatever its status: two queries, however many records are then looked up."""

    def __init__(self) -> None:
        self.trials: dict[int, tuple[str, str, str]] = {}
        self.words: dict[int, frozenset[str]] = {}
        self.by_word: dict[str, set[int]] = defaultdict(set)
        self.by_identifier: dict[tuple[str, str], set[int]] = defaultdict(set)
        fields = ("pk", "authors", "publication_date", "title", "status", "doi", "pmid", "pmcid")
        for pk, authors, date, title, status, *identifiers in Trial.objects.order_by("pk").values_list(*fields):
            name = f"{authors.partition(chr(10))[0].partition(',')[0].strip()} {date[:4]}".strip()
            self._add(pk, name, title, status, zip(("doi", "pmid", "pmcid"), identifiers, strict=True))
        for pk, identifier in Registration.objects.values_list("trial_id", "identifier"):
            self.by_identifier["registration", identifier.upper()].add(pk)

    def _add(self, pk: int, name: str, title: str, status: str, identifiers: "zip[tuple[str, str]]") -> None:
        self.trials[pk] = (name, title, status)
        self.words[pk] = words(title)
        for word in self.words[pk]:
            self.by_word[word].add(pk)
        for kind, identifier in identifiers:
            if identifier:
                self.by_identifier[kind, identifier.lower() if kind == "doi" else identifier.upper()].add(pk)

    def add(self, trial: Trial, found: Found) -> None:
        """Take in a study that has just been made of `found`."""
        self._add(trial.pk, trial.short_name, trial.title, trial.status, zip((), (), strict=True))
        for identifier in found.identifiers():
            self.by_identifier[identifier].add(trial.pk)

    def matches(self, found: Found) -> list[Match]:
        """The studies that `found` may be, the most certain first."""
        reasons: dict[int, list[str]] = defaultdict(list)
        certain: set[int] = set()
        for kind, identifier in sorted(found.identifiers()):
            for pk in self.by_identifier.get((kind, identifier), ()):
                reasons[pk].append(f"the same {KINDS[kind]}, {identifier}")
                certain.add(pk)
        mine = words(str(found.get("title") or ""))
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
        """Whoever shares SAME_TITLE of the words shares one of the rarest few, so that only these are looked at."""
        rarest = sorted(mine, key=lambda word: (len(self.by_word.get(word, ())), word))
        few = len(mine) - math.ceil(SAME_TITLE * len(mine)) + 1
        return {pk for word in rarest[:few] for pk in self.by_word.get(word, ())}
