"""The overview: its text, the numbers as they are now, and the deaths in each study, sorted by design."""

import datetime
import re

import pytest
from django.test import Client

from tests.dom import Element, tree
from tests.trials.listing.studies import save, study
from trials.models import OtherStudy, Page, Trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def overview_page() -> Page:
    return Page.objects.create(
        slug="overview",
        status="published",
        title="Cells for ARDS",
        lead="A lead.",
        description="A description.",
        body="## A part\n\nSome *words*.\n\n## More\n\nThe rest.",
        last_reviewed=datetime.date(2026, 11, 22),
        review_due=datetime.date(2027, 5, 22),
    )


@pytest.fixture
def front(client: Client, overview_page: Page) -> Element:
    save(
        study("adas-2021", authors="Adaş, Gökhan", design="controlled", countries=["TR"], people=30, cells_people=10,
              comparison_people=10, other_people=10, cells_deaths=3, cells_out_of=10, comparison_deaths=6,
              comparison_out_of=10, deaths_time="by day 28", heading="Cells in Turkey"),
        study("monsel-2022", authors="Monsel, A", countries=["FR"], publication_date="2022", people=40,
              cells_people=40),
        study("hidden-2023", status="draft", countries=["GB"], publication_date="2023", people=99),
    )  # fmt: skip
    return tree(client.get("/"))


def introduction(page: Element) -> str:
    return page.one("section", class_="what-happened").all("p")[0].text


def test_numbers_are_those_of_the_public_studies(front: Element) -> None:
    assert introduction(front) == (
        "The list has 2 studies, published from 2021 to 2022, of which 1 was randomised. "
        "In all, 70 people were counted, in 2 countries."
    )


def test_text_of_the_page_surrounds_the_studies(front: Element) -> None:
    assert front.one("h1").text == "Cells for ARDS"
    assert front.one(class_="lead").text == "A lead."
    assert front.one(class_="short-answer").text == "A part Some words."
    assert front.one(class_="background").text == "More The rest."
    assert front.one("meta", name="description")["content"] == "A description."


def test_page_says_once_that_it_is_no_advice_and_when_it_was_reviewed(front: Element) -> None:
    assert front.text.count("Not medical advice") == 1
    assert "Page last reviewed: 22 November 2026 Next review due: 22 May 2027" in front.one("footer").text


def test_studies_are_listed_under_their_design_with_a_link_to_the_filtered_list(front: Element) -> None:
    groups = [
        (group.one("h3").one("a")["href"], [(a["href"], a.text) for a in group.one("ul").all("a")])
        for group in front.all("section", class_="design-group")
    ]
    assert groups == [
        ("/trials/?design=randomised", [("/trials/monsel-2022/", "Monsel 2022")]),
        ("/trials/?design=controlled", [("/trials/adas-2021/", "Cells in Turkey")]),
    ]


def test_deaths_are_not_added_up_over_studies(client: Client, overview_page: Page) -> None:
    groups = {"cells_people": 10, "comparison_people": 10, "cells_out_of": 10, "comparison_out_of": 10}
    save(*(study(f"study-{n}", cells_deaths=3, comparison_deaths=4, **groups) for n in range(2)))
    text = tree(client.get("/")).text
    assert [total for total in ("6 of 20", "8 of 20", "14 of 40") if total in text] == []


def test_twelve_largest_studies_are_shown_and_the_page_says_so(client: Client, overview_page: Page) -> None:
    save(*(study(f"study-{n}", authors=f"Author{n:02}, A", people=n, cells_people=n) for n in range(13)))
    page = tree(client.get("/"))
    assert "These are the 12 largest of the 13 studies." in page.one("section", class_="what-happened").text
    assert "Author00" not in page.text
    assert "13 on the list" in page.text


def test_overview_without_studies_has_its_text_alone(client: Client, overview_page: Page) -> None:
    page = tree(client.get("/"))
    assert page.all("section", class_="what-happened") == []
    assert page.one(class_="short-answer").text == "A part Some words."


def test_overview_of_one_study_is_in_the_singular(client: Client, overview_page: Page) -> None:
    save(study("one-2021", people=1, countries=["FR"]))
    assert introduction(tree(client.get("/"))) == (
        "The list has 1 study, published in 2021, of which 1 was randomised. "
        "In all, 1 person was counted, in 1 country."
    )


def test_text_that_is_not_public_is_not_shown(client: Client, overview_page: Page) -> None:
    Page.objects.update(status="draft")
    response = client.get("/")
    assert response.status_code == 200
    assert "Some words." not in response.content.decode()


def test_number_of_queries_is_constant(client: Client, overview_page: Page, django_assert_max_num_queries) -> None:
    save(*(study(f"study-{n}", people=n) for n in range(30)))
    with django_assert_max_num_queries(9):
        client.get("/")
    Trial.objects.filter(people__gt=2).delete()
    with django_assert_max_num_queries(9):
        client.get("/")


def test_eight_studies_show_the_counts_of_their_papers(client: Client, all_records: None) -> None:
    page = tree(client.get("/"))
    awaited = OtherStudy.objects.filter(reason="not-yet-reviewed", design="randomised")
    assert introduction(page) == (
        "The list has 8 studies, published from 2020 to 2022, of which 4 were randomised. "
        "In all, 196 people were counted, in 7 countries. "
        f"We know of {OtherStudy.objects.count()} more records of studies; "
        f"{awaited.count()} of them are randomised trials that we have not reviewed yet."
    )
    deaths = {}
    for entry in page.all("li", class_="entry"):
        words = entry.one("p", class_="deaths").text
        deaths[entry.one("a")["href"].split("/")[2]] = [*re.findall(r"\d+ of \d+", words), words.rpartition("; ")[2]]
    assert deaths == {
        "monsel-2022": ["5 of 21", "4 of 24", "during follow-up (day not stated)"],
        "dilogo-2021": ["10 of 20", "16 of 20", "day not stated"],
        "lanzoni-2021": ["2 of 12", "7 of 12", "by day 31"],
        "rebelatto-2022": ["5 of 11", "1 of 6", "day not stated"],
        "adas-2021": ["3 of 10", "6 of 10", "day not stated"],
        "kaffash-farkhad-2022": ["deaths not reported"],
        "yip-2020": ["3 of 9", "in hospital"],
        "hashemian-2021": ["5 of 11", "day not stated"],
    }


def test_links_of_the_overview_meet_their_page_and_heading(client: Client, all_records: None) -> None:
    links = [link["href"].partition("#") for link in tree(client.get("/")).one("main").all("a")]
    inside = {(path, fragment) for path, _, fragment in links if path.startswith("/")}
    pages = {path: client.get(path) for path, _ in inside}
    assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
    missing = [(path, name) for path, name in inside if name and not tree(pages[path]).all(id=name)]
    assert missing == []
