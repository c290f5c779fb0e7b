"""The page of the list: its title, and the addresses that sort it and show it another way."""

import pytest
from django.http import QueryDict

from tests.trials.listing.studies import save, study
from trials.presenters.trial_list import TrialList

pytestmark = pytest.mark.django_db
AUTHOR, LARGEST = "?sort=author#count", "?sort=largest#count"


@pytest.fixture(autouse=True)
def one_study() -> None:
    save(study("rebelatto-2022", countries=["BR"]))


def shown(query: str = "") -> TrialList:
    return TrialList(QueryDict(query))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "Studies"),
        ("sort=oldest&view=table", "Studies"),
        ("design=randomised&country=BR", "Studies: randomised controlled trial, Brazil"),
        ("q=Lanzoni+2021", "Studies: “Lanzoni 2021”"),
        ("cause=covid-19&phase=1", "Studies: COVID-19, phase 1"),
        ("masking=open&phase=not-reported", "Studies: open label, phase: not reported"),
        (
            "q=cells&design=randomised&country=BR&year_min=2021",
            "Studies: “cells”, randomised controlled trial and 2 more",
        ),
    ],
)
def test_title_names_the_filters(query: str, title: str) -> None:
    assert shown(query).title == title


def test_sorts_and_views_lead_to_the_count_of_the_same_list() -> None:
    trials = shown("q=title&sort=largest&page=1&colour=red&year_min=")
    assert [(option.label, option.url, option.current) for option in trials.options["Sort by"]] == [
        ("Newest", "?q=title#count", False),
        ("Oldest", "?q=title&sort=oldest#count", False),
        ("Largest", "?q=title&sort=largest#count", True),
        ("Smallest", "?q=title&sort=smallest#count", False),
        ("First author", "?q=title&sort=author#count", False),
    ]
    assert [(option.label, option.url, option.current) for option in trials.options["Show as"]] == [
        ("List", "?q=title&sort=largest&page=1#count", True),
        ("Table", "?q=title&sort=largest&page=1&view=table#count", False),
    ]


@pytest.mark.parametrize(
    ("sort", "study", "year", "people"),
    [
        ("newest", ("", AUTHOR), ("descending", "?sort=oldest#count"), ("", LARGEST)),
        ("oldest", ("", AUTHOR), ("ascending", "/trials/#count"), ("", LARGEST)),
        ("largest", ("", AUTHOR), ("", "/trials/#count"), ("descending", "?sort=smallest#count")),
        ("smallest", ("", AUTHOR), ("", "/trials/#count"), ("ascending", LARGEST)),
        ("author", ("ascending", "/trials/#count"), ("", "/trials/#count"), ("", LARGEST)),
    ],
)
def test_heads_of_columns_sort_and_say_how_the_list_is_sorted(
    sort: str, study: tuple[str, str], year: tuple[str, str], people: tuple[str, str]
) -> None:
    headers = shown(f"sort={sort}").headers
    assert headers == {"study": study, "year": year, "people": people}


@pytest.mark.parametrize(
    ("query", "ignored"),
    [
        ("", ""),
        ("q=cells&page=1", ""),
        ("colour=red", "“colour”"),
        ("colour=red&Design=x", "“colour” and “Design”"),
        ("a=&b=&c=", "“a”, “b” and “c”"),
        ("a=&b=&c=&d=&e=&f=&g=", "“a”, “b”, “c”, “d”, “e” and 2 more"),
        (f"{'x' * 61}=1", f"“{'x' * 60}…”"),
    ],
)
def test_names_that_the_page_does_not_know_are_named(query: str, ignored: str) -> None:
    assert shown(query).ignored == ignored


def test_address_for_print_holds_what_the_page_knows() -> None:
    assert shown("country=BR&colour=red&q=").address.endswith("/trials/?country=BR")
    assert shown().address.endswith("/trials/")
