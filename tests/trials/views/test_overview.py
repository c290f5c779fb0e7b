"""The overview: the numbers as they are now, the chart with its table, the studies by design."""

import datetime

import pytest
from django.test import Client

from tests.dom import Element, tree
from tests.trials.listing.studies import save, study
from trials.models import Page, Trial
from trials.presenters.overview import chart_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def overview_page() -> Page:
    return Page.objects.create(
        slug="overview",
        status="published",
        title="Cells for ARDS",
        lead="A lead.",
        description="A description.",
        body="## A part\n\nSome *words*.",
        last_reviewed=datetime.date(2026, 11, 22),
        review_due=datetime.date(2027, 5, 22),
    )


@pytest.fixture
def front(client: Client, overview_page: Page) -> Element:
    save(
        study(
            "adas-2021",
            authors="Adaş, Gökhan",
            design="controlled",
            countries=["TR"],
            people=30,
            cells_people=10,
            comparison_people=10,
            other_people=10,
        ),
        study(
            "monsel-2022", authors="Monsel, A", countries=["FR"], publication_date="2022", people=40, cells_people=40
        ),
        study("hidden-2023", status="draft", countries=["GB"], publication_date="2023", people=99),
    )
    return tree(client.get("/"))


def numbers(page: Element) -> list[tuple[str, str]]:
    return [(row.one("dt").text, row.one("dd").text) for row in page.one("dl", class_="numbers").all("div")]


def test_numbers_are_those_of_the_public_studies(front: Element) -> None:
    assert numbers(front) == [
        ("published studies", "2"),
        ("people in all groups", "70"),
        ("randomised", "1 of 2"),
        ("countries", "2"),
        ("years of publication", "2021–2022"),
    ]


def test_text_of_the_page_and_its_review_dates_are_shown(front: Element) -> None:
    assert front.one("h1").text == "Cells for ARDS"
    assert front.one(class_="lead").text == "A lead."
    assert front.one("h2", id="a-part").text == "A part"
    assert front.one("meta", name="description")["content"] == "A description."
    assert front.one("main").one("p", class_="note").text == (
        "Not medical advice. This page describes research and recommends no treatment. "
        "It is run by the ARDSinfo project. Last reviewed 22 November 2026; next review due 22 May 2027."
    )


def test_studies_are_listed_under_their_design_with_a_link_to_the_filtered_list(front: Element) -> None:
    groups = [
        (group.one("h3").one("a")["href"], group.one("h3").one("a").text, [a["href"] for a in group.one("ul").all("a")])
        for group in front.all("section", class_="design-group")
    ]
    assert groups == [
        ("/trials/?design=randomised", "1 in the list: Randomised controlled trial", ["/trials/monsel-2022/"]),
        (
            "/trials/?design=controlled",
            "1 in the list: Controlled, but not clearly randomised",
            ["/trials/adas-2021/"],
        ),
        ("/trials/?design=single-arm", "0 in the list: Single-arm trial", []),
        ("/trials/?design=case-series", "0 in the list: Case series (not a trial)", []),
    ]


def test_chart_and_table_hold_the_same_numbers(front: Element) -> None:
    rows = [[cell.text for cell in row.children if isinstance(cell, Element)] for row in front.one("tbody").all("tr")]
    assert rows == [["Monsel 2022", "40", "–", "–", "40"], ["Adaş 2021", "10", "10", "10", "30"]]
    bars = front.one("svg", role="img").all("svg", height="52")
    assert [(bar.one("text", x="20").text, bar.one("text", class_="count").text) for bar in bars] == [
        ("Monsel 2022", "40"),
        ("Adaş 2021", "30"),
    ]
    assert [(rect["class"], rect["x"], rect["width"]) for rect in bars[1].all("rect")] == [
        ("bar-cells", "0.00%", "25.00%"),
        ("bar-comparison", "25.00%", "25.00%"),
        ("bar-other", "50.00%", "25.00%"),
    ]


def test_empty_group_has_no_bar() -> None:
    assert chart_rows([(0, 5, 0), (10, 0, 0)]) == [
        {"y": 0, "bars": [{"kind": "comparison", "x": "0.00%", "width": "50.00%"}]},
        {"y": 52, "bars": [{"kind": "cells", "x": "0.00%", "width": "100.00%"}]},
    ]


def test_chart_shows_the_twelve_largest_and_says_so(client: Client, overview_page: Page) -> None:
    save(*(study(f"study-{n}", authors=f"Author{n:02}, A", people=n, cells_people=n) for n in range(13)))
    page = tree(client.get("/"))
    assert "The 12 largest of 13 studies." in page.one("figcaption").text
    assert "Author00" not in page.one("svg", role="img").text
    assert "13 in the list" in page.text


def test_overview_without_studies_counts_nothing_and_draws_nothing(client: Client, overview_page: Page) -> None:
    page = tree(client.get("/"))
    assert [number for _, number in numbers(page)] == ["0", "0", "0 of 0", "0", "–"]
    assert page.all("svg", role="img") == []


def test_overview_of_one_study_is_in_the_singular(client: Client, overview_page: Page) -> None:
    save(study("one-2021", people=1, countries=["FR"]))
    assert [label for label, _ in numbers(tree(client.get("/")))] == [
        "published study",
        "person in all groups",
        "randomised",
        "country",
        "year of publication",
    ]


def test_overview_that_is_not_public_is_not_found(client: Client, overview_page: Page) -> None:
    Page.objects.update(status="draft")
    assert client.get("/").status_code == 404


def test_number_of_queries_is_constant(client: Client, overview_page: Page, django_assert_max_num_queries) -> None:
    save(*(study(f"study-{n}", people=n) for n in range(30)))
    with django_assert_max_num_queries(8):
        client.get("/")
    Trial.objects.filter(people__gt=2).delete()
    with django_assert_max_num_queries(8):
        client.get("/")
