"""The values that narrow the list, each with the address of the same list without it."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.http import QueryDict
from django.urls import reverse

from trials import vocabulary as v
from trials.listing.filters import FACETS, EvidenceFilter, TrialFilter

PICKED = "trial"  # the parameter that holds the studies ticked for a comparison, which narrow nothing
# The pages whose studies are filtered, by the names of their addresses, with the parameters that each knows.
LIST, EVIDENCE = "trials:trial-list", "trials:evidence"
PARAMETERS = {LIST: (*TrialFilter.base_filters, PICKED), EVIDENCE: tuple(EvidenceFilter.base_filters)}
DEFAULTS = {"sort": "newest", "view": "list"}  # how the list is sorted and shown unless the address says otherwise
COUNT = "#count"  # the number of studies on the page of the list: what a reader who changed the list looks for


class ActiveFilter(NamedTuple):
    name: str
    label: str
    remove_url: str

    @property
    def in_sentence(self) -> str:
        """The label as it reads inside a sentence: “lanzoni”, randomised controlled trial, COVID-19, Brazil."""
        if self.name == "q":
            return f"“{self.label.removeprefix('Search: ')}”"
        proper = self.name == "country" or not self.label[1:2].islower()
        return self.label if proper else self.label[0].lower() + self.label[1:]


def active_filters(filterset: TrialFilter, query: QueryDict, view: str = LIST) -> list[ActiveFilter]:
    """Return one for each value that narrows the studies of a page. `query` is the query of the request."""
    chosen = filterset.chosen
    found = []

    def url(**changes: Any) -> str:
        return list_url(query, view, page=None, **changes)

    if "q" in chosen:
        found.append(ActiveFilter("q", f"Search: {chosen['q']}", url(q=None)))
    for name in FACETS:
        labels = dict(filterset.filters[name].extra["choices"])
        for code in dict.fromkeys(chosen.get(name, [])):
            label = str(labels[code])
            if name in ("masking", "phase") and code in ("not-reported", "na"):
                label = f"{name.capitalize()}: {label.lower()}"
            elif name == "disagree" and code != v.Difference.TIMING:
                label = f"Differ on: {label.lower()}"
            others = [each for each in query.getlist(name) if each != code]
            found.append(ActiveFilter(name, label, url(**{name: others})))
    for name, words in (("year_min", "From"), ("year_max", "Up to")):
        if name in chosen:
            found.append(ActiveFilter(name, f"{words} {chosen[name]}", url(**{name: None})))
    return found


def clear_all_url(query: QueryDict, wrong: Collection[str]) -> str:
    """Return the address of the whole list, sorted and shown as it is now, with the same studies ticked.

    `wrong` names the parameters whose values are not valid.
    """
    unchanged = {"sort", "view", PICKED}.difference(wrong)
    return list_url(query, **{name: None for name in query if name not in unchanged})


def known_parameters(query: QueryDict, view: str = LIST) -> QueryDict:
    """Return the parameters that the page knows and that have a value."""
    known = QueryDict(mutable=True)
    for name in query:
        values = [value for value in query.getlist(name) if value.strip()]
        if name in PARAMETERS[view] and values:
            known.setlist(name, values)
    return known


def list_url(query: QueryDict, view: str = LIST, /, **changes: Any) -> str:
    """Return the address of the list, at its count, with these parameters changed.

    None, [] and the usual order or view remove one.
    """
    parameters = known_parameters(query, view)
    for name, value in changes.items():
        if isinstance(value, list):
            parameters.setlist(name, value)
        elif value in (None, DEFAULTS.get(name)):
            parameters.setlist(name, [])
        else:
            parameters.setlist(name, [value])
    encoded = parameters.urlencode()
    return (f"?{encoded}" if encoded else reverse(view)) + (COUNT if view == LIST else "")
