"""The filters that are on, each with the address of the same list without it."""

from dataclasses import dataclass

from django.http import QueryDict

from trials.filters import TrialFilter
from trials.listing import FACETS


@dataclass(frozen=True)
class Chip:
    name: str
    words: str
    remove: str  # the address without this one value: "?…" or "?" alone


def _without(query: QueryDict, name: str, value: str) -> str:
    left = query.copy()
    left.setlist(name, [other for other in left.getlist(name) if other.strip() != value])
    left.pop("page", None)  # another list, so its first page
    for key in list(left):
        if left.getlist(key) in ([], [""]):
            del left[key]
    return f"?{left.urlencode()}"


def clear_all(query: QueryDict) -> str:
    """The address of the whole list, sorted and shown as it is now."""
    kept = query.copy()
    for name in list(kept):
        if name not in ("sort", "view"):
            del kept[name]
    return f"?{kept.urlencode()}"


def chips(filterset: TrialFilter, query: QueryDict) -> list[Chip]:
    """One for each value that narrows the list. `query` is the address as it was asked for."""
    chosen = filterset.chosen
    found = []
    if "q" in chosen:
        found.append(Chip("q", f"Search: {chosen['q']}", _without(query, "q", chosen["q"])))
    for name in FACETS:
        labels = dict(filterset.form.fields[name].choices)
        for code in dict.fromkeys(chosen.get(name, [])):
            label = str(labels[code])
            if name in ("masking", "phase") and code in ("not-reported", "na"):
                label = f"{name.capitalize()}: {label.lower()}"
            found.append(Chip(name, label, _without(query, name, code)))
    for name, words in (("year_min", "From {}"), ("year_max", "Up to {}")):
        if name in chosen:
            found.append(Chip(name, words.format(chosen[name]), _without(query, name, str(query[name]).strip())))
    return found
