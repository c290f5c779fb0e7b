"""The parameters of the list: what is accepted, and what is an error that matches no study."""

import pytest
from django.http import QueryDict

from tests.trials.listing.studies import save, study
from trials.listing.filters import TrialFilter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_studies() -> None:
    save(
        study("adas-2021", design="controlled", countries=["TR"], publication_date="2021-06-28", people=30),
        study("monsel-2022", countries=["FR", "ID"], publication_date="2022-02-21", people=45),
        study("yip-2020", design="single-arm", countries=["TW"], publication_date="2020", people=9),
    )


def slugs(query: str) -> list[str]:
    return [trial.slug for trial in TrialFilter(QueryDict(query)).qs]


ALL = ["monsel-2022", "adas-2021", "yip-2020"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("design=controlled&design=controlled", ["adas-2021"]),
        ("year_min=+2022+", ["monsel-2022"]),
        # an empty value filters nothing
        ("design=&design=single-arm", ["yip-2020"]),
        ("q=&year_min=&year_max=&country=&cells=&phase=&masking=&cause=&sort=&view=&page=", ALL),
        ("q=+++", ALL),
        # an unknown parameter is ignored, and the page and the view do not change what is on the list
        ("utm_source=newsletter&Design=randomised", ALL),
        ("view=table&page=7", ALL),
    ],
)
def test_filter_keeps(query: str, expected: list[str]) -> None:
    assert slugs(query) == expected


@pytest.mark.parametrize(
    ("query", "parameter", "message"),
    [
        (
            "design=nonsense",
            "design",
            "“nonsense” is not a valid choice. Valid choices: randomised, controlled, single-arm, case-series.",
        ),
        ("cause=other%00", "cause", "“other␀” is not a valid choice. Valid choices: covid-19, other, mixed."),
        (
            "country=XX",
            "country",
            "“XX” is not a valid choice. Valid choices: AF, AL, DZ, AS, AD, AO, AI, AQ, AG, AR and 239 more.",
        ),
        ("year_min=abc", "year_min", "“abc” is not a whole number from 1900 to 2100."),
        ("year_max=2021.5", "year_max", "“2021.5” is not a whole number from 1900 to 2100."),
        ("year_min=2022&year_max=2020", "year_max", "2020 is before 2022, the first year chosen."),
        ("view=grid", "view", "“grid” is not a valid choice. Valid choices: list, table."),
        ("page=0", "page", "“0” is not a whole number from 1 to 999999999."),
        ("page=1e3", "page", "“1e3” is not a whole number from 1 to 999999999."),
        ("page=" + "9" * 5000, "page", f"“{'9' * 60}…” is not a whole number from 1 to 999999999."),
        ("q=" + "x" * 201, "q", f"“{'x' * 60}…” is longer than 200 characters."),
        ("q=a%00b", "q", "“a␀b” contains a character that is not allowed."),
        ("q=lucia&q=adas", "q", "The address contains this twice."),
        ("sort=newest&sort=oldest&sort=author", "sort", "The address contains this 3 times."),
    ],
    ids=lambda value: value[:30],
)
def test_wrong_value_is_named_and_matches_no_study(query: str, parameter: str, message: str) -> None:
    filterset = TrialFilter(QueryDict(query))
    assert [(name, text) for name, _, text in filterset.problems] == [(parameter, message)]
    assert list(filterset.qs) == []


def test_every_wrong_value_is_named_and_the_valid_ones_are_still_known() -> None:
    filterset = TrialFilter(QueryDict("design=controlled&country=XX&page=-3&year_min=abc"))
    assert [name for name, _, _ in filterset.problems] == ["country", "year_min", "page"]
    assert filterset.chosen == {"design": ["controlled"]}
    assert [trial.slug for trial in filterset.without()] == ["adas-2021"]
