"""The one statement behind the list gives what going through the studies one by one would give, whatever is asked."""

import random
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_country
from trials.filters import TrialFilter
from trials.listing import listing
from trials.models import Trial

pytestmark = pytest.mark.django_db

DESIGNS = ["randomised", "controlled", "single-arm", "case-series"]
MASKINGS = ["", "open", "double"]
CAUSES = ["", "covid-19", "other"]
PHASES = ["", "1", "1-2", "not-reported"]
CELLS = ["placenta", "adipose", "other"]
COUNTRIES = ["BR", "FR", "ID", "IR", "TR", "TW", "US"]
YEARS = ["1900", "1999", "2019", "2020-02", "2020-11-05", "2021", "2100-12-31"]
WORDS = ["lung", "lungs", "cells", "blood", "a", "é"]
COLUMNS = {
    "design": "design",
    "masking": "masking",
    "cause": "cause",
    "cells": "cell_sources",
    "country": "country_codes",
    "phase": "phase",
}
ORDERS = {
    "newest": [("publication_date", True), ("author_key", False), ("slug", False)],
    "oldest": [("publication_date", False), ("author_key", False), ("slug", False)],
    "largest": [("people", True), ("author_key", False), ("slug", False)],
    "author": [("author_key", False), ("publication_date", False), ("slug", False)],
}


def joined(codes: list[str]) -> str:
    return f",{','.join(codes)}," if codes else ""


@pytest.fixture
def studies() -> list[Trial]:
    """Forty studies of every kind, the same ones each time; three of four are public."""
    for code in COUNTRIES:
        make_country(code=code)
    chance = random.Random(4)

    def some(codes: list[str], often: float = 0.4) -> list[str]:
        return [code for code in codes if chance.random() < often]

    def number() -> int | None:
        return chance.choice([None, chance.randint(0, 9)])

    made = []
    for n in range(40):
        out_of, comparison_out_of = number(), number()
        made.append(
            Trial(
                slug=f"study-{n:02}",
                status="draft" if n % 4 == 3 else "published",
                last_reviewed="2026-01-01",
                title=f"Study {n}",
                design=chance.choice(DESIGNS),
                masking=chance.choice(MASKINGS),
                cause=chance.choice(CAUSES),
                phase=chance.choice(PHASES),
                publication_date=chance.choice(YEARS),
                search_text=" ".join(some(WORDS)),
                author_key=chance.choice(["adas", "smith", "yip"]),
                cell_sources=joined(some(CELLS)),
                country_codes=joined(some(COUNTRIES, 0.2)),
                people=chance.randint(0, 30),
                comparison_people=number(),
                cells_out_of=out_of,
                cells_deaths=out_of and chance.randint(0, out_of),
                comparison_out_of=comparison_out_of,
                comparison_deaths=comparison_out_of and chance.randint(0, comparison_out_of),
            )
        )
    Trial.objects.bulk_create(made)
    return list(Trial.objects.filter(status="published"))


def codes(study: Trial, name: str) -> list[str]:
    """What the study has of this filter."""
    value = getattr(study, COLUMNS[name])
    return [code for code in value.split(",") if code] if name in ("cells", "country") else [value]


def fits(study: Trial, name: str, value: str | list[str]) -> bool:
    year = int(study.publication_date[:4])
    match name:
        case "q":
            return all(word in study.search_text for word in value.split())
        case "year_min":
            return year >= int(value)
        case "year_max":
            return year <= int(value)
    return bool(set(codes(study, name)) & set(value))


def kept(studies: list[Trial], chosen: dict[str, str | list[str]], without: str = "") -> list[Trial]:
    return [study for study in studies if all(fits(study, *each) for each in chosen.items() if each[0] != without)]


def added(studies: list[Trial], *names: str) -> tuple[int, ...]:
    return (len(studies), *(sum(getattr(study, name) for study in studies) for name in names))


some_of = {
    name: st.lists(st.sampled_from([c for c in values if c]), min_size=1, max_size=2, unique=True)
    for name, values in zip(COLUMNS, (DESIGNS, MASKINGS, CAUSES, CELLS, COUNTRIES, PHASES), strict=True)
}
asked = st.fixed_dictionaries(
    {},
    optional={
        **some_of,
        "q": st.sampled_from(["lung", "lungs", "cell", "ung oo", "a", "lo lung", "nothing"]),
        "year_min": st.sampled_from(["1998", "2019", "2020"]),
        "year_max": st.sampled_from(["2020", "2021", "2030"]),
    },
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the studies are only read
)
@given(chosen=asked, order=st.sampled_from(sorted(ORDERS)), start=st.sampled_from([0, 0, 3, 50]))
def test_it_is_what_the_studies_one_by_one_give(studies, chosen, order: str, start: int) -> None:
    filterset = TrialFilter(QueryDict(urlencode(chosen, doseq=True)), queryset=Trial.objects.public())
    assert filterset.is_valid()
    there = listing(filterset, order, start, start + 5)
    left = kept(studies, chosen)

    totals = there.totals
    years = [int(study.publication_date[:4]) for study in left]
    both = [s for s in left if s.cells_out_of is not None and s.comparison_out_of is not None]
    alone = [s for s in left if s.cells_out_of is not None and s.comparison_people is None]
    assert (totals.studies, totals.people) == (len(left), sum(study.people for study in left))
    assert totals.countries == len({code for study in left for code in codes(study, "country")})
    assert (totals.first_year, totals.last_year) == (min(years, default=None), max(years, default=None))
    assert totals.randomised == sum(study.design == "randomised" for study in left)
    compared, uncompared = totals.compared, totals.uncompared
    assert added(both, "cells_deaths", "cells_out_of", "comparison_deaths", "comparison_out_of") == (
        compared.studies,
        compared.cells_deaths,
        compared.cells_people,
        compared.comparison_deaths,
        compared.comparison_people,
    )
    assert added(alone, "cells_deaths", "cells_out_of") == (
        uncompared.studies,
        uncompared.cells_deaths,
        uncompared.cells_people,
    )
    assert there.all_studies == len(studies) == 30

    for name in COLUMNS:
        others = kept(studies, chosen, without=name)
        every = {code for study in studies for code in codes(study, name)}
        assert there.counts[name] == {code: sum(code in codes(study, name) for study in others) for code in every}
    for name in ("year_min", "year_max"):
        others = kept(studies, chosen, without=name)
        every = {study.publication_date[:4] for study in studies}
        assert there.counts.get(name, there.counts["year_min"]) == {
            year: sum(study.publication_date[:4] == year for study in others) for year in every
        }

    in_order = left
    for column, downwards in reversed(ORDERS[order]):
        in_order = sorted(in_order, key=lambda study, column=column: getattr(study, column), reverse=downwards)
    shown = Trial.objects.listed(there.keys)
    assert [study.slug for study in shown] == [study.slug for study in in_order[start : start + 5]]


def test_what_is_wrong_finds_nothing_and_the_counts_are_those_without_it(studies) -> None:
    wrong = TrialFilter(QueryDict("design=nonsense&phase=1&page=0"), queryset=Trial.objects.public())
    right = TrialFilter(QueryDict("phase=1"), queryset=Trial.objects.public())
    there, without = listing(wrong, "newest", 0, 5), listing(right, "newest", 0, 5)
    assert len(without.keys) == 5
    assert (there.keys, there.totals.studies, there.totals.people) == ([], 0, 0)
    assert (there.counts, there.all_studies) == (without.counts, 30)


def test_a_page_may_be_asked_for_that_no_database_could_number(studies) -> None:
    every = TrialFilter(QueryDict(), queryset=Trial.objects.public())
    assert listing(every, "newest", 999_999_998 * 20, 999_999_999 * 20).keys == []


def test_no_study_at_all() -> None:
    for query in ("", "q=lung&design=randomised", "q=%25"):
        there = listing(TrialFilter(QueryDict(query), queryset=Trial.objects.public()), "newest", 0, 20)
        assert (there.totals.studies, there.totals.first_year, there.all_studies, there.keys) == (0, None, 0, [])
        assert not any(there.counts.values())


def test_a_study_that_is_withdrawn_before_it_is_fetched_is_not_shown(studies) -> None:
    every = TrialFilter(QueryDict(), queryset=Trial.objects.public())
    there = listing(every, "newest", 0, 30)
    withdrawn = Trial.objects.public().first()
    assert withdrawn.pk in there.keys
    Trial.objects.filter(pk=withdrawn.pk).update(status="draft")
    shown = Trial.objects.listed(there.keys)
    assert len(shown) == 29
    assert withdrawn not in shown
