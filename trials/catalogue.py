"""What lists look at of every public study: kept in the memory of each process, column by column.

With this a list of 100,000 studies is filtered, counted, added up and sorted in some 20 milliseconds, whatever the
database. Studies are read in blocks of keys that lie together. The database gives a block a new token in the same
transaction as every write of a study in it (trials/triggers.py), so a block that still has its token is as it was read,
and any other is read again before it is used: nothing that was written before a request is missing from its answer.
"""

import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import chain, compress, repeat
from operator import contains, itemgetter
from sys import intern
from typing import Any

from django.db import Error, connection

from trials.digest import SEVERAL, split
from trials.models import BlockVersion
from trials.models.housekeeping import BLOCK
from trials.search import keys_with, words_of
from trials.summary import ADDED
from trials.vocabulary import Status

# Few studies differ in these, so they are kept, filtered and counted as one value: its parts, with BAR between them.
PROFILE = ("design", "masking", "cause", "phase", "cell_sources")
BAR = "\x1f"  # which no text has
WORDS = {
    "profile": f" || '{BAR}' || ".join(PROFILE),
    "country_codes": "country_codes",
    "publication_date": "publication_date",
    "author_key": "author_key",
}
PLAIN = {"id": "id", **WORDS, "people": "people", "slug": "slug", "search_text": "search_text"}
COUNTED = ("profile", "country_codes", "publication_date", "people")  # how many studies have each value
FEW = 1000  # studies
GREATEST_KEY = 2**63 - 1  # that a database takes

# Column -> the value of each study of a block, by key. A tuple, which the garbage collector need not look through.
Block = Mapping[str, tuple[Any, ...]]
# For each block, for each of its studies in turn: 1 or 0, whether it is selected. None selects all.
Selection = tuple[bytes, ...] | None


class Catalogue:
    """The public studies at one moment. It is never changed."""

    def __init__(
        self,
        tokens: Mapping[int, str],
        blocks: Mapping[int, Block],
        counts: Mapping[str, Counter[Any]],
        sums: int,
    ) -> None:
        self.tokens = tokens  # number of a block -> its token
        self.numbered = blocks
        self.blocks = [blocks[number] for number in sorted(blocks)]
        self.counts = counts  # column -> value -> how many studies have it
        self.sums = sums  # of the column of this name

    def __len__(self) -> int:
        return sum(len(block["id"]) for block in self.blocks)

    @cached_property
    def values(self) -> dict[str, Collection[str]]:
        """Column of a filter -> the values that any study has."""
        parts = [parts_of(profile) for profile in self.counts["profile"]]
        of_parts: dict[str, Collection[str]] = {name: {each[n] for each in parts} for n, name in enumerate(PROFILE)}
        return of_parts | {name: self.counts[name].keys() for name in ("country_codes", "publication_date")}

    @cached_property
    def no_counts(self) -> dict[str, dict[str, int]]:
        """Column of a filter -> each code that any study is counted for -> 0."""
        return {name: by_code(name, dict.fromkeys(values, 0)) for name, values in self.values.items()}

    def of(self, column: str, selection: Selection) -> Iterable[Any]:
        """The values of the studies selected."""
        return chain.from_iterable(map(chosen, map(itemgetter(column), self.blocks), selection or repeat(None)))

    def counted(self, column: str, selection: Selection) -> Counter[Any]:
        """Value -> how many of the studies selected have it. Not to be changed."""
        if selection is None and column in self.counts:
            return self.counts[column]
        return Counter(self.of(column, selection))

    def added_up(self, selection: Selection) -> dict[str, int]:
        """What the studies selected add up to, by the names in `trials.summary.ADDED`."""
        return _unpacked(self.sums if selection is None else sum(self.of("sums", selection)))

    def where(self, column: str, wanted: Collection[Any]) -> tuple[bytes, ...]:
        """The selection of the studies whose value is one of those wanted, which had best be a set."""
        return tuple(bytes(map(wanted.__contains__, block[column])) for block in self.blocks)

    def with_words(self, query: str) -> tuple[bytes, ...]:
        """The selection of the studies that have every word of a search, or what is part of a word there."""
        words = sorted(words_of(query), key=len, reverse=True)
        # The index is fastest with few studies, and looking through the texts here with many.
        keys = keys_with(words, FEW) if words else set()
        if keys is not None:
            return self.where("id", keys)
        return tuple(_having(words, block["search_text"]) for block in self.blocks)

    def renewed(self, tokens: Mapping[int, str]) -> "Catalogue":
        """The catalogue with these tokens: each block that has another one than here is read."""
        counts = {name: counted.copy() for name, counted in self.counts.items()}
        blocks, sums = {}, self.sums
        for number in self.tokens.keys() | tokens.keys():
            if self.tokens.get(number) == tokens.get(number):
                blocks[number] = self.numbered[number]
                continue
            old = self.numbered.get(number, _EMPTY)
            new = read(number) if number in tokens else _EMPTY
            for name, counted in counts.items():
                counted.subtract(old[name])
                counted.update(new[name])
                for value in set(old[name]):
                    if not counted[value]:
                        del counted[value]
            sums += sum(new["sums"]) - sum(old["sums"])
            if number in tokens:
                blocks[number] = new
        return Catalogue(tokens, blocks, counts, sums)


def _having(words: list[str], texts: tuple[str, ...]) -> bytes:
    first, *others = words
    found = bytes(map(contains, texts, repeat(first)))
    for word in others:
        if 1 not in found:
            break
        found = bytes([there and word in text for there, text in zip(found, texts, strict=True)])
    return found


@lru_cache(10_000)
def parts_of(profile: str) -> list[str]:
    """The values of a profile, in the order of PROFILE."""
    return profile.split(BAR)


def chosen(values: tuple[Any, ...], selected: bytes | None) -> Iterable[Any]:
    """Those of the values of a block that are selected."""
    return values if selected is None else compress(values, selected)


def by_code(column: str, numbers: Mapping[str, int]) -> dict[str, int]:
    """Value -> number, added up by what a study with this value is counted for: each of several codes; its year."""
    found: defaultdict[str, int] = defaultdict(int)
    if column == "publication_date":
        for date, number in numbers.items():
            found[date[:4]] += number
    else:
        for value, number in numbers.items():
            for code in split(value) if column in SEVERAL else [value]:
                found[code] += number
    return dict(found)


# The numbers of a study that are added up stand side by side in one, 64 bits each: so one addition adds them all.
_NUMBERS = struct.Struct(f"<{len(ADDED)}Q")


def _packed(numbers: tuple[int, ...]) -> int:
    return int.from_bytes(_NUMBERS.pack(*numbers), "little")


def _unpacked(number: int) -> dict[str, int]:
    return dict(zip(ADDED, _NUMBERS.unpack(number.to_bytes(_NUMBERS.size, "little")), strict=True))


def read(number: int) -> Block:
    """The public studies of this block."""
    with connection.cursor() as cursor:
        # By their keys alone: with a second condition either database may think another way shorter, and be wrong.
        cursor.execute(
            f"SELECT {', '.join((*PLAIN.values(), *ADDED.values()))}, status FROM trials_trial "  # noqa: S608
            "WHERE id BETWEEN %s AND %s ORDER BY id",
            [number * BLOCK, min((number + 1) * BLOCK - 1, GREATEST_KEY)],
        )
        rows = [row for row in cursor.fetchall() if row[-1] == Status.PUBLISHED]
    block = {name: tuple(row[place] for row in rows) for place, name in enumerate(PLAIN)}
    block |= {name: tuple(map(intern, block[name])) for name in WORDS}
    return {**block, "sums": tuple(_packed(row[len(PLAIN) : -1]) for row in rows)}


_EMPTY: Block = dict.fromkeys((*PLAIN, "sums"), ())
_NOTHING = Catalogue({}, {}, {name: Counter() for name in COUNTED}, 0)
TRIES = 5
_lock = threading.Lock()
_known = _NOTHING


def catalogue() -> Catalogue:
    """The public studies as the database has them now."""
    global _known
    with _lock:
        # What is written while blocks are read may be in one of them and not in another: then once more. But whoever
        # writes all the time shall not keep readers waiting: the next one of them finds that the tokens are older.
        for _ in range(TRIES):
            tokens = dict(BlockVersion.objects.values_list("block", "token"))
            if tokens == _known.tokens:
                break
            _known = _known.renewed(tokens)
        return _known


def warm() -> None:
    """Read the studies before anybody asks for a list, where the database answers."""
    with suppress(Error):  # requests will say what is wrong with it
        catalogue()
    connection.close()


def forget() -> None:
    """Know no study any more."""
    global _known
    with _lock:
        _known = _NOTHING
