"""The values that narrow the list, each with the address of the same list without it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from trials.listing.filters import FACETS, TrialFilter


@dataclass(frozen=True)
class ActiveFilter:
    name: str
    label: str
    remove_url: str  # "?…" or "?" alone


def active_filters(filterset: TrialFilter, query: QueryDict) -> list[ActiveFilter]:
    """Return one for each value that narrows the list. `query` is the query of the request."""
    chosen = filterset.chosen
    found = []
    if "q" in chosen:
        found.append(ActiveFilter("q", f"Search: {chosen['q']}", _remove(query, "q")))
    for name in FACETS:
        labels = dict(filterset.filters[name].extra["choices"])
        for code in dict.fromkeys(chosen.get(name, [])):
            label = str(labels[code])
            if name in ("masking", "phase") and code in ("not-reported", "na"):
                label = f"{name.capitalize()}: {label.lower()}"
            found.append(ActiveFilter(name, label, _remove(query, name, code)))
    for name, words in (("year_min", "From"), ("year_max", "Up to")):
        if name in chosen:
            found.append(ActiveFilter(name, f"{words} {chosen[name]}", _remove(query, name)))
    return found


def clear_all_url(query: QueryDict) -> str:
    """Return the address of the whole list, sorted and shown as it is now."""
    kept = [(name, value) for name in query if name in ("sort", "view") for value in query.getlist(name)]
    return f"?{urlencode(kept)}"


def _remove(query: QueryDict, name: str, code: str = "") -> str:
    """Return the address of the first page of the list without this code of the parameter; with none, without any."""
    others = [(key, value) for key, values in query.lists() for value in values if value and key != "page"]
    return f"?{urlencode([(key, value) for key, value in others if key != name or (code and value != code)])}"
