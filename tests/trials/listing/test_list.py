"""A list is what going through the studies one by one gives: filters, counts, totals, order and pages."""

import random
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.trials.listing.studies import save, study
from trials.listing.facets import Counts
from trials.listing.filters import TrialFilter
from trials.listing.search import searchable
from trials.listing.totals import Totals
from trials.models import Trial
from trials.presenters.trial_list import TrialList

pytestmark = pytest.mark.django_db

VALUES = {
    "design": ["randomised", "controlled", "single-arm", "case-series"],
    "masking": ["", "open", "double"],
    "cause": ["", "covid-19", "other"],
    "phase": ["", "1", "1-2", "not-reported"],
    "cells": ["placenta", "adipose", "other"],
    "registered": ["", "before", "after", "none"],
    "disagree": ["masking", "people", "timing"],
    "country": ["BR", "FR", "ID", "IR", "TR", "TW", "US"],
}
COLUMNS = {name: name for name in VALUES} | {"cells": "cell_sources", "country": "countries"}
COLUMNS |= {"registered": "registered_when", "disagree": "differences"}
YEARS = ["1900", "1999", "2019", "2020-02", "2020-11-05", "2021", "2100-12-31"]
WORDS = ["lung", "lungs", "cells", "blood", "a", "50%", "gene_x"]
# Search -> for each of its words those of WORDS that it finds.
SEARCHES: dict[str, list[set[str]]] = {
    "lung": [{"lung", "lungs"}],
    "lungs": [{"lung", "lungs"}],
    "cell": [{"cells"}],
    "ungs": [set()],
    "a": [{"a"}],
    "lun cells": [{"lung", "lungs"}, {"cells"}],
    "50": [{"50%"}],
    "gene_x": [{"gene_x"}],
    "nothing": [set()],
}
ORDERS = {
    "newest": [("publication_date", True), ("author_key", False), ("slug", False)],
    "oldest": [("publication_date", False), ("author_key", False), ("slug", False)],
    "largest": [("people", True), ("author_key", False), ("slug", False)],
    "smallest": [("people", False), ("author_key", False), ("slug", False)],
    "author": [("author_key", False), ("publication_date", False), ("slug", False)],
}


@pytest.fixture
def studies() -> list[Trial]:
    """Forty studies of every kind, the same ones each time; three of four are public."""
    chance = random.Random(4)

    def some(codes: list[str], share: float = 0.4) -> list[str]:
        return [code for code in codes if chance.random() < share]

    save(
        *(
            study(
                f"study-{n:02}",
                status="draft" if n % 4 == 3 else "published",
                publication_date=chance.choice(YEARS),
                search_text=searchable(some(WORDS) or ["none"]),
                author_key=chance.choice(["adas", "smith", "yip"]),
                cell_sources=some(VALUES["cells"]),
                countries=some(VALUES["country"], 0.2),
                differences=some(VALUES["disagree"]),
                registered_when=chance.choice(VALUES["registered"]),
                people=chance.randint(0, 30),
                **{name: chance.choice(VALUES[name]) for name in ("design", "masking", "cause", "phase")},
            )
            for n in range(40)
        )
    )
    return list(Trial.objects.filter(status="published"))


def codes(trial: Trial, name: str) -> list[str]:
    """Return the codes that a study has for a filter."""
    value = getattr(trial, COLUMNS[name])
    return value if isinstance(value, list) else [value]


def matches(trial: Trial, name: str, value: Any) -> bool:
    year = int(trial.publication_date[:4])
    match name:
        case "q":
            held = {word for word in WORDS if searchable([word]) in trial.search_text}
            return all(held & found for found in SEARCHES[value])
        case "year_min":
            return year >= int(value)
        case "year_max":
            return year <= int(value)
    return bool(set(codes(trial, name)) & set(value))


def matching(studies: list[Trial], chosen: dict[str, Any], without: tuple[str, ...] = ()) -> list[Trial]:
    return [trial for trial in studies if all(matches(trial, n, v) for n, v in chosen.items() if n not in without)]


def expected_totals(studies: list[Trial]) -> Totals:
    years = [int(trial.publication_date[:4]) for trial in studies]
    return Totals(
        studies=len(studies),
        people=sum(trial.people for trial in studies),
        countries=len({code for trial in studies for code in trial.countries}),
        first_year=min(years, default=None),
        last_year=max(years, default=None),
    )


queries = st.fixed_dictionaries(
    {},
    optional={
        **{
            name: st.lists(st.sampled_from([code for code in values if code]), min_size=1, max_size=2, unique=True)
            for name, values in VALUES.items()
        },
        "q": st.sampled_from(sorted(SEARCHES)),
        "year_min": st.sampled_from(["1998", "2019", "2020"]),
        "year_max": st.sampled_from(["2020", "2021", "2030"]),
    },
)
generated = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the studies are only read
)


def bound(chosen: dict[str, Any]) -> TrialFilter:
    return TrialFilter(QueryDict(urlencode(chosen, doseq=True)))


@generated
@given(chosen=queries, order=st.sampled_from(sorted(ORDERS)))
def test_list_holds_the_matching_studies_in_order(studies: list[Trial], chosen: dict[str, Any], order: str) -> None:
    expected = matching(studies, chosen)
    for column, descending in reversed(ORDERS[order]):
        expected.sort(key=lambda trial: getattr(trial, column), reverse=descending)
    assert list(bound(chosen | {"sort": order}).qs) == expected


@generated
@given(chosen=queries)
def test_totals_are_those_of_the_matching_studies(studies: list[Trial], chosen: dict[str, Any]) -> None:
    assert Counts(bound(chosen)).totals == expected_totals(matching(studies, chosen))


def searched(studies: list[Trial], chosen: dict[str, Any]) -> list[Trial]:
    """Return the studies whose values are listed: a search lists those of the studies that it finds."""
    return [trial for trial in studies if "q" not in chosen or matches(trial, "q", chosen["q"])]


@generated
@given(chosen=queries)
def test_counts_are_those_with_all_the_other_filters_on(studies: list[Trial], chosen: dict[str, Any]) -> None:
    for facet in Counts(bound(chosen)).facets:
        others = matching(studies, chosen, without=(facet.name,))
        every = {code for trial in searched(studies, chosen) for code in codes(trial, facet.name) if code}
        every |= {*chosen.get(facet.name, []), *({"design": VALUES["design"]}.get(facet.name, []))}
        assert {value.code: value.count for value in facet.values} == {
            code: sum(code in codes(trial, facet.name) for trial in others) for code in every
        }


@generated
@given(chosen=queries)
def test_years_are_counted_with_all_the_other_filters_on(studies: list[Trial], chosen: dict[str, Any]) -> None:
    counts = Counts(bound(chosen))
    for values, name in ((counts.first_years, "year_min"), (counts.last_years, "year_max")):
        others = matching(studies, chosen, without=(name,))
        every = {*(trial.publication_date[:4] for trial in searched(studies, chosen)), chosen.get(name)} - {None}
        assert {value.code: value.count for value in values} == {
            year: sum(matches(trial, name, year) for trial in others) for year in every
        }


@generated
@given(chosen=queries, order=st.sampled_from(sorted(ORDERS)))
def test_pages_together_are_the_list(studies: list[Trial], chosen: dict[str, Any], order: str) -> None:
    query = urlencode(chosen | {"sort": order}, doseq=True)
    count = len(matching(studies, chosen))
    pages = [TrialList(QueryDict(f"{query}&page={page}")) for page in range(1, 2 + max(count - 1, 0) // 20)]
    assert [card.trial for page in pages for card in page.cards] == list(bound(chosen | {"sort": order}).qs)
    assert TrialList(QueryDict(f"{query}&page={len(pages) + 1}")).status == 404
