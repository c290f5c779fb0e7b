"""Each filter keeps exactly the studies it should, and a wrong value keeps none and says what is wrong."""

import pytest
from django.http import QueryDict

from tests.factories import make_arm, make_trial
from trials.filters import TrialFilter
from trials.listing import listing
from trials.models import Trial

COUNTRIES = "BR, FR, ID, IR, TW, TR, US"


def bound(query: str) -> TrialFilter:
    return TrialFilter(QueryDict(query), queryset=Trial.objects.public())


def found(query: str) -> list[str]:
    """The studies, newest first, by the names of their first authors."""
    filterset = bound(query)
    assert filterset.problems == []
    return [trial.author_key for trial in Trial.objects.listed(keys(filterset))]


def keys(filterset: TrialFilter) -> list[int]:
    return listing(filterset, "newest", 0, 100).keys


# Every study, newest first. Publication: 2022-03-21, 2022-02-21, 2022, 2021-06-28, 2021-06-08, 2021-01-29,
# 2021-01-05, 2020.
ALL = ["rebelatto", "monsel", "kaffash farkhad", "adas", "dilogo", "hashemian", "lanzoni", "yip"]


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize(
    ("query", "studies"),
    [
        ("", ALL),
        # each filter alone
        ("design=randomised", ["rebelatto", "monsel", "dilogo", "lanzoni"]),
        ("design=controlled", ["kaffash farkhad", "adas"]),
        ("design=single-arm", ["yip"]),
        ("design=case-series", ["hashemian"]),
        ("masking=open", ["kaffash farkhad"]),
        ("masking=single", []),
        ("masking=double", ["rebelatto", "monsel", "dilogo", "lanzoni"]),
        ("masking=triple", []),
        ("masking=quadruple", []),
        ("masking=not-reported", ["adas", "hashemian", "yip"]),
        ("cause=covid-19", ["rebelatto", "monsel", "kaffash farkhad", "adas", "dilogo", "hashemian", "lanzoni"]),
        ("cause=other", ["yip"]),
        ("cause=mixed", []),
        ("cells=umbilical-cord", ALL),
        ("cells=placenta", ["hashemian"]),
        ("cells=bone-marrow", []),
        ("country=BR", ["rebelatto"]),
        ("country=FR", ["monsel"]),
        ("country=ID", ["dilogo"]),
        ("country=IR", ["kaffash farkhad", "hashemian"]),
        ("country=TR", ["adas"]),
        ("country=TW", ["yip"]),
        ("country=US", ["lanzoni"]),
        ("phase=1", ["kaffash farkhad", "hashemian", "yip"]),
        ("phase=1-2", ["rebelatto", "lanzoni"]),
        ("phase=2", ["monsel"]),
        ("phase=3", []),
        ("phase=not-reported", ["adas", "dilogo"]),
        ("year_min=2022", ["rebelatto", "monsel", "kaffash farkhad"]),
        ("year_min=2021", ["rebelatto", "monsel", "kaffash farkhad", "adas", "dilogo", "hashemian", "lanzoni"]),
        ("year_min=2023", []),
        ("year_max=2020", ["yip"]),
        ("year_max=2021", ["adas", "dilogo", "hashemian", "lanzoni", "yip"]),
        ("year_max=2019", []),
        ("year_min=2021&year_max=2021", ["adas", "dilogo", "hashemian", "lanzoni"]),
        ("q=lucia", ["rebelatto"]),
        # "or" within one filter
        ("design=single-arm&design=case-series", ["hashemian", "yip"]),
        ("design=controlled&design=controlled", ["kaffash farkhad", "adas"]),
        ("country=TR&country=BR&country=TW", ["rebelatto", "adas", "yip"]),
        ("cells=placenta&cells=umbilical-cord", ALL),
        ("masking=open&masking=not-reported", ["kaffash farkhad", "adas", "hashemian", "yip"]),
        ("phase=1&phase=2", ["monsel", "kaffash farkhad", "hashemian", "yip"]),
        ("cause=other&cause=covid-19", ALL),
        # "and" across filters
        ("design=randomised&phase=1-2", ["rebelatto", "lanzoni"]),
        ("design=randomised&phase=1-2&country=US", ["lanzoni"]),
        ("country=IR&design=controlled", ["kaffash farkhad"]),
        ("country=IR&design=randomised", []),
        ("design=randomised&design=controlled&year_max=2021", ["adas", "dilogo", "lanzoni"]),
        ("q=iran&cells=placenta", ["hashemian"]),
        ("q=lucia&design=case-series", []),
        # an empty value is no filter
        ("design=", ALL),
        ("design=&design=", ALL),
        ("design=&design=single-arm", ["yip"]),
        ("q=&year_min=&year_max=&country=&cells=&phase=&masking=&cause=&sort=&view=&page=", ALL),
        ("q=+++", ALL),
        ("year_min=++2022+", ["rebelatto", "monsel", "kaffash farkhad"]),
        # an unknown parameter is not ours
        ("utm_source=newsletter&Design=randomised&designs=x", ALL),
        # how the list is shown does not change what is on it
        ("sort=author&view=table&page=7", ALL),
        # a search for nothing that could be found
        ("q=%25", []),
    ],
)  # fmt: skip
def test_filter_keeps(query: str, studies: list[str]) -> None:
    assert found(query) == studies


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize(
    ("query", "parameter", "label", "message"),
    [
        (
            "design=nonsense",
            "design",
            "Study design",
            "“nonsense” is not one of the values: randomised, controlled, single-arm, case-series.",
        ),
        (
            "design=randomised&design=RANDOMISED",
            "design",
            "Study design",
            "“RANDOMISED” is not one of the values: randomised, controlled, single-arm, case-series.",
        ),
        (
            "design=randomised%00",
            "design",
            "Study design",
            "“randomised␀” is not one of the values: randomised, controlled, single-arm, case-series.",
        ),
        (
            "masking=blind",
            "masking",
            "Masking: who did not know the treatment",
            "“blind” is not one of the values: open, single, double, triple, quadruple, not-reported.",
        ),
        ("cause=flu", "cause", "Cause of ARDS", "“flu” is not one of the values: covid-19, other, mixed."),
        (
            "cells=blood",
            "cells",
            "Cells from",
            "“blood” is not one of the values: umbilical-cord, placenta, bone-marrow, adipose, menstrual-blood, other.",
        ),
        ("country=XX", "country", "Country", f"“XX” is not one of the values: {COUNTRIES}."),
        ("country=br", "country", "Country", f"“br” is not one of the values: {COUNTRIES}."),
        (
            "phase=5",
            "phase",
            "Phase",
            "“5” is not one of the values: early-1, 1, 1-2, 2, 2-3, 3, 4, na, not-reported.",
        ),
        ("year_min=abc", "year_min", "Published from", "“abc” is not a whole number from 1900 to 2100."),
        ("year_min=1899", "year_min", "Published from", "“1899” is not a whole number from 1900 to 2100."),
        ("year_max=2101", "year_max", "Published up to", "“2101” is not a whole number from 1900 to 2100."),
        ("year_max=2021.5", "year_max", "Published up to", "“2021.5” is not a whole number from 1900 to 2100."),
        ("year_min=2_021", "year_min", "Published from", "“2_021” is not a whole number from 1900 to 2100."),
        ("year_min=%2B2021", "year_min", "Published from", "“+2021” is not a whole number from 1900 to 2100."),
        ("year_min=२०२१", "year_min", "Published from", "“२०२१” is not a whole number from 1900 to 2100."),
        (
            "year_min=2022&year_max=2020",
            "year_max",
            "Published up to",
            "2020 is before 2022, the first year asked for.",
        ),
        ("sort=best", "sort", "Sort", "“best” is not one of newest, oldest, largest, author."),
        ("view=grid", "view", "View", "“grid” is not one of list, table."),
        ("page=-3", "page", "Page", "“-3” is not a whole number from 1 to 999999999."),
        ("page=0", "page", "Page", "“0” is not a whole number from 1 to 999999999."),
        ("page=last", "page", "Page", "“last” is not a whole number from 1 to 999999999."),
        ("page=1e3", "page", "Page", "“1e3” is not a whole number from 1 to 999999999."),
        (
            "page=" + "9" * 5000,
            "page",
            "Page",
            f"“{'9' * 60}…” is not a whole number from 1 to 999999999.",
        ),
        (
            "q=" + "x" * 10_000,
            "q",
            "Search",
            f"“{'x' * 60}…” has 10,000 characters. At most 200 can be searched.",
        ),
        ("q=" + "x" * 201, "q", "Search", f"“{'x' * 60}…” has 201 characters. At most 200 can be searched."),
        ("q=a%00b", "q", "Search", "The search holds a character that no text has (NUL)."),
        ("q=lucia&q=adas", "q", "Search", "It is given 2 times. Give it once."),
        ("year_min=2020&year_min=2021", "year_min", "Published from", "It is given 2 times. Give it once."),
        ("year_max=2020&year_max=2020", "year_max", "Published up to", "It is given 2 times. Give it once."),
        ("sort=newest&sort=oldest&sort=author", "sort", "Sort", "It is given 3 times. Give it once."),
        ("view=list&view=table", "view", "View", "It is given 2 times. Give it once."),
        ("page=1&page=2", "page", "Page", "It is given 2 times. Give it once."),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_filter_names_a_wrong_value_and_keeps_no_study(query: str, parameter: str, label: str, message: str) -> None:
    filterset = bound(query)
    assert filterset.problems == [(parameter, label, message)]
    assert keys(filterset) == []


@pytest.mark.usefixtures("eight_studies")
def test_filter_names_every_wrong_value_at_once_and_keeps_the_good_ones_in_mind() -> None:
    filterset = bound("design=randomised&country=XX&page=-3&year_min=abc")
    assert [parameter for parameter, _, _ in filterset.problems] == ["country", "year_min", "page"]
    assert filterset.chosen == {"design": ["randomised"]}
    assert keys(filterset) == []


@pytest.mark.django_db
def test_search_of_200_characters_is_allowed() -> None:
    make_trial(title="x" * 200)
    assert found("q=" + "x" * 200) == ["smith"]


@pytest.mark.django_db
def test_study_with_two_groups_of_one_tissue_stands_once() -> None:
    trial = make_trial()
    make_arm(trial, cell_source="umbilical-cord")
    assert found("cells=umbilical-cord") == ["smith"]


@pytest.mark.django_db
def test_study_in_two_countries_stands_once_and_under_both() -> None:
    make_trial(countries=("ID", "TR"))
    assert found("country=ID") == found("country=TR") == found("country=ID&country=TR") == ["smith"]


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["draft", "in-review", "archived"])
def test_filter_keeps_no_study_that_is_not_published(status: str) -> None:
    make_trial(status=status, countries=("ID",))
    for query in ("", "design=randomised", "country=ID", "q=smith", "cells=umbilical-cord", "year_min=2020"):
        assert found(query) == []
