"""The front page: what the site is, the numbers as they are now, the picture with its table, the studies by design."""

import datetime

import pytest
from django.test import Client

from tests.dom import Element, tree
from tests.factories import make_page, make_trial

eight = pytest.mark.usefixtures("eight_studies")


@pytest.fixture
def front(eight_studies: None, client: Client) -> Element:
    return tree(client.get("/"))


def numbers(page: Element) -> list[tuple[str, str]]:
    return [(row.one("dt").text, row.one("dd").text) for row in page.one("dl", class_="numbers").all("div")]


def test_heading_uses_the_medical_term(front: Element) -> None:
    assert front.one("h1").text == "Mesenchymal stem cells for acute respiratory distress syndrome"
    assert front.one(class_="lead").text.endswith("Nobody can yet say whether these cells help.")


def test_numbers_of_the_eight_studies(front: Element) -> None:
    assert numbers(front) == [
        ("published studies", "8"),
        ("people in all groups", "196"),
        ("randomised", "4 of 8"),
        ("countries", "7"),
        ("years of publication", "2020–2022"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        "life-threatening condition",
        "extensive inflammation of the lungs",
        "severe infection",
        "trauma",
        "critical illness",
        "Breathing becomes seriously difficult",
        "risk of death is high",
        "mainly supportive",
        "mechanical ventilation",
        "No specific cure exists",
        "modulating",
        "supporting lung repair",
        "immune regulation and tissue repair",
        "preliminary",
        "wider effort in respiratory and critical-care medicine",
    ],
)
def test_overview_states(front: Element, words: str) -> None:
    assert words in front.one(class_="overview-prose").text


def test_overview_is_no_advice_and_says_who_runs_it_and_when_it_was_reviewed(front: Element) -> None:
    assert front.one("main").one("p", class_="note").text == (
        "Not medical advice. This page describes research and recommends no treatment. "
        "It is run by the ARDSinfo project. Last reviewed 22 November 2026; next review due 22 May 2027."
    )
    assert front.one("main").one("p", class_="note").one("a")["href"] == "/about/"


def test_studies_stand_under_their_design_with_a_link_to_the_filtered_list(front: Element) -> None:
    found = {}
    for group in front.all("section", class_="design-group"):
        heading = group.one("h3")
        studies = [a["href"] for a in group.one("ul").all("a")]
        found[heading.one("a")["href"]] = (heading.one("span", class_="design").text, heading.one("a").text, studies)
    assert found == {
        "/trials/?design=randomised": (
            "Randomised controlled trial",
            "4 in the list: Randomised controlled trial",
            ["/trials/monsel-2022/", "/trials/dilogo-2021/", "/trials/lanzoni-2021/", "/trials/rebelatto-2022/"],
        ),
        "/trials/?design=controlled": (
            "Controlled, not randomised or not clearly reported",
            "2 in the list: Controlled, not randomised or not clearly reported",
            ["/trials/adas-2021/", "/trials/kaffash-farkhad-2022/"],
        ),
        "/trials/?design=single-arm": ("Single-arm trial", "1 in the list: Single-arm trial", ["/trials/yip-2020/"]),
        "/trials/?design=case-series": (
            "Case series (not a trial)",
            "1 in the list: Case series (not a trial)",
            ["/trials/hashemian-2021/"],
        ),
    }


@eight
@pytest.mark.parametrize(
    ("design", "count"), [("randomised", 4), ("controlled", 2), ("single-arm", 1), ("case-series", 1)]
)
def test_design_link_leads_to_as_many_studies_as_it_says(client: Client, design: str, count: int) -> None:
    heading = tree(client.get(f"/trials/?design={design}")).one(id="count").text
    assert heading.startswith(f"{count} of 8 studies")


def test_picture_and_table_hold_the_same_numbers(front: Element) -> None:
    rows = [[cell.text for cell in row.children if isinstance(cell, Element)] for row in front.one("tbody").all("tr")]
    assert rows == [
        ["Monsel 2022", "21", "24", "–", "45"],
        ["Dilogo 2021", "20", "20", "–", "40"],
        ["Lanzoni 2021", "12", "12", "–", "24"],
        ["Rebelatto 2022", "11", "6", "–", "17"],
        ["Adas 2021", "10", "10", "10", "30"],
        ["Kaffash Farkhad 2022", "10", "10", "–", "20"],
        ["Yip 2020", "9", "–", "–", "9"],
        ["Hashemian 2021", "11", "–", "–", "11"],
    ]
    picture = front.one("svg", role="img")
    drawn = [
        (bar.one("text", x="20").text, bar.one("text", class_="count").text) for bar in picture.all("svg", height="52")
    ]
    assert drawn == [(row[0], row[4]) for row in rows]
    assert picture["aria-labelledby"] == "picture-title picture-desc"
    assert front.one(id="picture-title").text == "People in each study"


def test_bars_are_as_long_as_the_groups_are_large(front: Element) -> None:
    bars = front.one("svg", role="img").all("svg", height="52")
    adas = [(rect["class"], rect["x"], rect["width"]) for rect in bars[4].all("rect")]
    # 10 of 45 people, the most in one study, are 22.22 per cent
    assert adas == [
        ("bar-cells", "0.00%", "22.22%"),
        ("bar-comparison", "22.22%", "22.22%"),
        ("bar-other", "44.44%", "22.22%"),
    ]
    assert [(rect["x"], rect["width"]) for rect in bars[0].all("rect")] == [("0.00%", "46.67%"), ("46.67%", "53.33%")]


@eight
def test_numbers_follow_the_records(client: Client) -> None:
    make_trial(countries=("GB",), publication_date="2024-05")  # 20 people
    page = tree(client.get("/"))
    assert numbers(page) == [
        ("published studies", "9"),
        ("people in all groups", "216"),
        ("randomised", "5 of 9"),
        ("countries", "8"),
        ("years of publication", "2020–2024"),
    ]
    assert "Smith 2021" not in page.text
    assert "Smith 2024" in page.one("svg", role="img").text


@pytest.mark.django_db
def test_overview_without_studies_counts_nothing_and_draws_nothing(client: Client) -> None:
    make_page(slug="overview", title="Overview", body="Words.")
    page = tree(client.get("/"))
    assert numbers(page) == [
        ("published studies", "0"),
        ("people in all groups", "0"),
        ("randomised", "0 of 0"),
        ("countries", "0"),
        ("year of publication", "–"),
    ]
    assert page.all("svg", role="img") == []


@pytest.mark.django_db
def test_overview_of_one_study_speaks_of_one(client: Client) -> None:
    make_page(slug="overview", title="Overview", body="Words.")
    make_trial(countries=("ID",))
    assert numbers(tree(client.get("/"))) == [
        ("published study", "1"),
        ("people in all groups", "20"),
        ("randomised", "1 of 1"),
        ("country", "1"),
        ("year of publication", "2021"),
    ]


@pytest.mark.django_db
def test_picture_shows_the_twelve_largest_and_says_so(client: Client) -> None:
    make_page(slug="overview", title="Overview", body="Words.")
    for number in range(13):
        make_trial(slug=f"study-{number}", authors=f"Author{number:02}, A", rows=number > 0)
    page = tree(client.get("/"))
    assert "The 12 largest of 13 studies." in page.one("figcaption").text
    assert "Author00" not in page.one("svg", role="img").text
    assert "13 in the list" in page.one(id="by-design").parent.text


@pytest.mark.django_db
def test_overview_shows_what_staff_wrote_and_when_they_reviewed_it(client: Client) -> None:
    make_page(
        slug="overview",
        title="A new title",
        lead="A new lead.",
        description="A new description.",
        body="## A part\n\nNew *words*.",
        last_reviewed=datetime.date(2027, 1, 2),
        review_due=datetime.date(2027, 7, 3),
    )
    page = tree(client.get("/"))
    assert page.one("h1").text == "A new title"
    assert page.one(class_="lead").text == "A new lead."
    assert page.one("h2", id="a-part").text == "A part"
    assert page.one("em").text == "words"
    assert page.one("meta", name="description")["content"] == "A new description."
    assert "Page last reviewed: 2 January 2027" in page.one("footer").text
    assert "Next review due: 3 July 2027" in page.one("footer").text


@pytest.mark.django_db
def test_overview_that_nobody_wrote_is_not_found(client: Client) -> None:
    assert client.get("/").status_code == 404
