"""What the list shows of the studies found: how many, what they add up to, which stand on the page, and how many there
would be with each value of each filter."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce
from heapq import nlargest, nsmallest
from itertools import compress, repeat
from typing import Any

from trials import vocabulary as v
from trials.catalogue import PROFILE, Catalogue, Selection, by_code, catalogue, chosen, parts_of
from trials.filters import TrialFilter
from trials.models.trial import ORDERS
from trials.summary import NOTHING, Totals, deaths

# The filters with counts, in the order of the page; the years come after them.
FACETS = ("design", "masking", "cause", "cells", "country", "phase")
YEARS = ("year_min", "year_max")

Counts = dict[str, dict[str, int]]  # filter -> code -> number of studies


@dataclass(frozen=True)
class Listing:
    totals: Totals
    # Of each value that a public study has. A filter that is on is counted among the studies that the others leave.
    counts: Counts
    keys: list[int]  # of the studies on the page, in order
    all_studies: int  # how many are public


def listing(filterset: TrialFilter, order: str, start: int, end: int) -> Listing:
    """What the list shows, and the keys of the studies from place `start` to before place `end` of it in this order.

    Where a value is wrong, no study is found, and the counts are taken as if it had not been given.
    """
    found = _Found(catalogue(), filterset)
    counts = {name: found.counts(name) for name in (*FACETS, *YEARS)}
    if not filterset.is_valid():
        return Listing(NOTHING, counts, [], len(found.studies))
    return Listing(found.totals(), counts, found.page(order, start, end), len(found.studies))


class _Found:
    """The studies that the filters leave."""

    def __init__(self, studies: Catalogue, filterset: TrialFilter) -> None:
        self.studies = studies
        self.counted = cache(studies.counted)
        # Column, selection -> code -> how many of the studies selected have it.
        self.by_code = cache(lambda column, selection: by_code(column, self.counted(column, selection)))
        self.columns = {name: str(each.field_name) for name, each in filterset.filters.items()}
        wanted = {
            name: each.wanted(studies.values[self.columns[name]], filterset.chosen[name])
            for name, each in filterset.on.items()
        }
        # Of a few filters, the profiles say all. By the name of another: the studies that it leaves.
        of_profile = {name: PROFILE.index(self.columns[name]) for name in wanted if self.columns[name] in PROFILE}
        self.kept = {name: studies.where(self.columns[name], wanted[name]) for name in wanted if name not in of_profile}
        if "q" in filterset.chosen:
            self.kept["q"] = studies.with_words(filterset.chosen["q"])
        numbers = self.counted("profile", _all_of(self.kept.values()))
        # (parts of the profile, how many of the studies that the other filters leave have it, the filters it fails)
        self.profiles: list[tuple[list[str], int, list[str]]] = []
        fitting = set()
        for profile in studies.counts["profile"]:
            parts = parts_of(profile)
            failed = [name for name, place in of_profile.items() if parts[place] not in wanted[name]]
            self.profiles.append((parts, numbers[profile], failed))
            if not failed:
                fitting.add(profile)
        if of_profile:
            self.kept["profile"] = studies.where("profile", fitting)
        self.selection = _all_of(self.kept.values())

    def counts(self, name: str) -> dict[str, int]:
        """Code -> how many studies that the other filters leave have it; of each code that any public study has."""
        column = self.columns[name]
        if column not in PROFILE:
            left = _all_of(kept for other, kept in self.kept.items() if other != name)
            return self.studies.no_counts[column] | self.by_code(column, left)
        numbers: Counter[str] = Counter()
        for parts, number, failed in self.profiles:
            if not failed or failed == [name]:
                numbers[parts[PROFILE.index(column)]] += number
        return self.studies.no_counts[column] | by_code(column, numbers)

    def totals(self) -> Totals:
        added_up = self.studies.added_up(self.selection)
        dates = self.counted("publication_date", self.selection)
        design = PROFILE.index("design")
        return Totals(
            studies=dates.total(),
            people=added_up["people"],
            countries=len(self.by_code("country_codes", self.selection)),
            first_year=int(min(dates)[:4]) if dates else None,
            last_year=int(max(dates)[:4]) if dates else None,
            randomised=sum(
                number
                for parts, number, failed in self.profiles
                if not failed and parts[design] == v.Design.RANDOMISED.value
            ),
            compared=deaths("compared", added_up),
            uncompared=deaths("uncompared", added_up),
        )

    def page(self, order: str, start: int, end: int) -> list[int]:
        """The keys from place `start` to before place `end`, in this order.

        How many have each value of its first column says which values stand there: only their studies are sorted.
        """
        first, *rest = ORDERS[order]
        column = first.removeprefix("-")
        numbers = self.counted(column, self.selection)
        place, before = 0, 0
        rank: dict[Any, int] = {}  # of the values whose studies stand there
        first_ones = nlargest if first.startswith("-") else nsmallest
        for value in first_ones(end, numbers):
            if place >= end:
                break
            if place + numbers[value] > start:
                rank[value] = len(rank)
            else:
                before = place + numbers[value]
            place += numbers[value]
        is_there = set(rank).__contains__
        rows: list[tuple[Any, ...]] = []
        for block, selected in zip(self.studies.blocks, self.selection or repeat(None), strict=False):
            stands = bytes(map(is_there, chosen(block[column], selected)))
            if 1 in stands:
                those = [list(compress(chosen(block[name], selected), stands)) for name in (column, *rest, "id")]
                rows += zip(map(rank.__getitem__, those[0]), *those[1:], strict=True)
        return [key for *_, key in sorted(rows)[start - before : end - before]]


def _all_of(selections: Iterable[tuple[bytes, ...]]) -> Selection:
    """The studies that are in each of these selections. None where all are: of all of them much is known already."""
    selection = reduce(_both, selections) if (selections := [*selections]) else ()
    return selection if any(0 in each for each in selection) else None


def _both(one: tuple[bytes, ...], other: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple((int.from_bytes(a) & int.from_bytes(b)).to_bytes(len(a)) for a, b in zip(one, other, strict=True))
