"""The list of studies over HTTP: what it shows for which address, and where its links lead."""

import pytest
from django.test import Client

from tests.dom import Element, tree
from tests.factories import make_trial
from trials.models import Trial

eight = pytest.mark.usefixtures("eight_studies")

# The addresses of the studies, newest first.
ALL = [
    "rebelatto-2022",
    "monsel-2022",
    "kaffash-farkhad-2022",
    "adas-2021",
    "dilogo-2021",
    "hashemian-2021",
    "lanzoni-2021",
    "yip-2020",
]


def ask(client: Client, query: str, status: int = 200) -> Element:
    response = client.get(f"/trials/{query}")
    assert response.status_code == status
    return tree(response)


def shown(page: Element) -> list[str]:
    """The slugs of the studies on the page, in their order."""
    links = [a["href"] for a in page.one(id="results").all("a") if a["href"].startswith("/trials/")]
    return [href.removeprefix("/trials/").rstrip("/") for href in links if href != "/trials/"]


def chips(page: Element) -> dict[str, str]:
    return {a.text: a["href"] for a in page.all("a", class_="chip")}


def links(page: Element, label: str) -> dict[str, str]:
    """The links of the list or the navigation with this label: words -> address."""
    return {a.text: a["href"] for part in page.all(aria_label=label) for a in part.all("a")}


# --- What is shown --------------------------------------------------------------------------------------------


@eight
def test_list_shows_every_study_newest_first(client: Client) -> None:
    page = ask(client, "")
    assert shown(page) == ALL
    assert page.one("h1").text == "Studies"
    assert page.all("a", class_="chip") == []
    assert page.one("title").text == "Studies – ARDSinfo"


@eight
@pytest.mark.parametrize(
    ("query", "slugs", "chip_words"),
    [
        ("?q=lucia", ["rebelatto-2022"], ["Search: lucia ×"]),
        ("?q=turkey", ["adas-2021"], ["Search: turkey ×"]),
        (
            "?design=randomised",
            ["rebelatto-2022", "monsel-2022", "dilogo-2021", "lanzoni-2021"],
            ["Randomised controlled trial ×"],
        ),
        ("?masking=open", ["kaffash-farkhad-2022"], ["Open label ×"]),
        ("?masking=not-reported", ["adas-2021", "hashemian-2021", "yip-2020"], ["Masking: not reported ×"]),
        ("?cause=other", ["yip-2020"], ["Other causes ×"]),
        ("?cells=placenta", ["hashemian-2021"], ["Placenta ×"]),
        ("?country=TW", ["yip-2020"], ["Taiwan ×"]),
        ("?phase=2", ["monsel-2022"], ["Phase 2 ×"]),
        ("?phase=not-reported", ["adas-2021", "dilogo-2021"], ["Phase: not reported ×"]),
        ("?year_min=2022", ALL[:3], ["From 2022 ×"]),
        ("?year_max=2020", ["yip-2020"], ["Up to 2020 ×"]),
        (
            "?country=IR&country=TR&design=controlled",
            ["kaffash-farkhad-2022", "adas-2021"],
            ["Controlled, not randomised or not clearly reported ×", "Iran ×", "Turkey ×"],
        ),
        (
            "?design=randomised&design=randomised&country=BR",
            ["rebelatto-2022"],
            ["Randomised controlled trial ×", "Brazil ×"],
        ),
    ],
)
def test_list_with_a_filter_shows_its_studies_and_a_chip(client, query: str, slugs, chip_words) -> None:
    page = ask(client, query)
    assert shown(page) == slugs
    assert list(chips(page)) == chip_words
    assert page.one("meta", name="robots")["content"] == "noindex"


@eight
def test_chip_says_aloud_what_it_does(client: Client) -> None:
    (chip,) = ask(client, "?design=single-arm").all("a", class_="chip")
    assert chip["aria-label"] == "Remove: Single-arm trial"


@eight
@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("?sort=newest", ALL),
        (
            "?sort=oldest",
            [
                "yip-2020",
                "lanzoni-2021",
                "hashemian-2021",
                "dilogo-2021",
                "adas-2021",
                "kaffash-farkhad-2022",
                "monsel-2022",
                "rebelatto-2022",
            ],
        ),
        (
            "?sort=largest",  # 45, 40, 30, 24, 20, 17, 11, 9 people
            [
                "monsel-2022",
                "dilogo-2021",
                "adas-2021",
                "lanzoni-2021",
                "kaffash-farkhad-2022",
                "rebelatto-2022",
                "hashemian-2021",
                "yip-2020",
            ],
        ),
        (
            "?sort=author",
            [
                "adas-2021",
                "dilogo-2021",
                "hashemian-2021",
                "kaffash-farkhad-2022",
                "lanzoni-2021",
                "monsel-2022",
                "rebelatto-2022",
                "yip-2020",
            ],
        ),
    ],
)
def test_list_is_sorted(client: Client, query: str, slugs: list[str]) -> None:
    assert shown(ask(client, query)) == slugs
    assert shown(ask(client, query + "&view=table")) == slugs


@eight
def test_card_says_what_a_reader_compares(client: Client) -> None:
    (card,) = ask(client, "?q=lanzoni").all("li", class_="entry")
    assert card.one("h3").text == (
        "Umbilical cord mesenchymal stem cells for COVID-19 acute respiratory distress syndrome: "
        "A double-blind, phase 1/2a, randomized controlled trial"
    )
    assert card.all("p")[0].text == "Randomised controlled trial"
    assert card.all("p")[1].text == "Lanzoni G, et al. STEM CELLS Translational Medicine, 2021"
    assert [row.text for row in card.one("dl").all("div")] == [
        "People24",
        "CountryUnited States",
        "Maskingdouble masked",
        "Dose100 ± 20 × 10⁶ cells, 2 infusions",
        "Deaths2 of 12 given cells, 7 of 12 in the comparison group",
    ]


@eight
@pytest.mark.parametrize(
    ("author", "deaths"),
    [
        ("yip", "Deaths3 of 9 given cells; no comparison group"),
        ("kaffash", "Deathsno counts found"),
        ("adas", "Deaths3 of 10 given cells, 6 of 10 in the comparison group"),
    ],
)
def test_card_says_where_there_is_no_comparison_or_no_count(client: Client, author: str, deaths: str) -> None:
    assert ask(client, f"?q={author}").one("dl", class_="facts-line").all("div")[-1].text == deaths


@eight
def test_table_of_characteristics(client: Client) -> None:
    page = ask(client, "?view=table&year_max=2020")
    table = page.one("table", class_="characteristics")
    assert table.one("caption").text == "Characteristics of the studies"
    (row,) = table.one("tbody").all("tr")
    assert [cell.text for cell in row.children if isinstance(cell, Element)] == [
        "Yip 2020 Single-arm trial",
        "Not reported",
        "Taiwan",
        "Other causes",
        "Umbilical cord",
        "1.0 × 10⁶, 5.0 × 10⁶ or 1.0 × 10⁷ cells per kg, 1 infusion",
        "9",
        "3 of 9",
        "no group",
    ]
    assert page.all("ul", class_="cards") == []


@eight
def test_table_says_where_no_deaths_were_counted(client: Client) -> None:
    (row,) = ask(client, "?view=table&q=kaffash").one("tbody").all("tr")
    assert [cell.text for cell in row.all("td")[-3:]] == ["20", "none found", "none found"]


# --- What the studies add up to -------------------------------------------------------------------------------


@eight
@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "",
            "8 of 8 studies, 196 people, 7 countries "
            "Among the 5 studies that counted deaths in both groups: 25 of 74 people given cells died, "
            "34 of 72 in the comparison groups. "
            "In the 2 studies without a comparison group: 8 of 20 people given cells died. "
            "Counts are added up, not weighed. They do not show whether cells help. Why not",
        ),
        (
            "?design=randomised",
            "4 of 8 studies, 126 people, 4 countries "
            "Among the 4 studies that counted deaths in both groups: 22 of 64 people given cells died, "
            "28 of 62 in the comparison groups. "
            "Counts are added up, not weighed. They do not show whether cells help. Why not",
        ),
        (
            "?design=controlled",
            "2 of 8 studies, 50 people, 2 countries "
            "In the 1 study that counted deaths in both groups: 3 of 10 people given cells died, "
            "6 of 10 in the comparison groups. "
            "Counts are added up, not weighed. They do not show whether cells help. Why not",
        ),
        (
            "?design=single-arm",
            "1 of 8 studies, 9 people, 1 country "
            "In the 1 study without a comparison group: 3 of 9 people given cells died. "
            "Counts are added up, not weighed. They do not show whether cells help. Why not",
        ),
        (
            "?q=kaffash",
            "1 of 8 studies, 20 people, 1 country No deaths were counted in a way that could be added up here.",
        ),
        ("?q=ebola", "0 of 8 studies"),
    ],
)
def test_line_of_totals_in_exact_words(client: Client, query: str, words: str) -> None:
    assert ask(client, query).one(class_="adds-up").text == words


@eight
def test_line_of_totals_adds_up_all_pages_and_not_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trials.views.studies.PAGE_SIZE", 3)
    for number in ("1", "3"):
        assert ask(client, f"?page={number}").one(id="count").text == "8 of 8 studies, 196 people, 7 countries"


@eight
def test_line_of_totals_leads_to_the_reason_why_it_is_no_answer(client: Client) -> None:
    (why,) = (a for a in ask(client, "").all("a") if a.text == "Why not")
    assert why["href"] == "/methods/#why-added-up-numbers-are-not-an-answer"
    assert tree(client.get("/methods/")).one(id="why-added-up-numbers-are-not-an-answer").tag == "h2"


@eight
def test_list_without_a_match_says_how_to_go_on(client: Client) -> None:
    page = ask(client, "?q=ebola")
    assert shown(page) == []
    assert [words.text for words in page.one(class_="empty").all("p")] == [
        "No study matches all of these at once.",
        "Take a filter off above, search for fewer words, or show all studies.",
    ]


# --- The form -------------------------------------------------------------------------------------------------


@eight
def test_form_shows_what_is_chosen_and_keeps_how_the_list_is_shown(client: Client) -> None:
    form = ask(client, "?q=cells&design=randomised&country=FR&year_min=2021&sort=author&view=table&page=1").one(
        id="filters"
    )
    assert form.get("method") in ("", "get")
    assert form["action"] == "/trials/"
    assert [box["id"] for box in form.all("input", type="checkbox") if "checked" in box.attrs] == [
        "design-randomised",
        "country-FR",
    ]
    assert form.one(id="q")["value"] == "cells"
    assert [option["value"] for option in form.all("option") if "selected" in option.attrs] == ["2021"]
    hidden = [(field["name"], field["value"]) for field in form.all("input", type="hidden")]
    assert hidden == [("sort", "author"), ("view", "table")]  # and no page: a changed filter starts at the first


@eight
def test_value_that_would_give_nothing_cannot_be_ticked(client: Client) -> None:
    form = ask(client, "?design=randomised").one(id="filters")
    boxes = [box["id"] for box in form.all("input", type="checkbox") if "disabled" in box.attrs]
    assert boxes == [
        "masking-open",
        "masking-not-reported",
        "cause-other",
        "cells-placenta",
        "country-IR",
        "country-TW",
        "country-TR",
        "phase-1",
    ]
    assert [(o.parent and o.parent["id"], o["value"]) for o in form.all("option") if "disabled" in o.attrs] == [
        ("year_max", "2020")
    ]


@eight
def test_every_count_stands_beside_its_value(client: Client) -> None:
    form = ask(client, "").one(id="filters")
    labels = {label["for"]: label.text for label in form.all("label")}
    assert labels["design-randomised"] == "Randomised controlled trial 4 studies"
    assert labels["design-single-arm"] == "Single-arm trial 1 study"
    assert labels["country-IR"] == "Iran 2 studies"
    assert [option.text for option in form.one(id="year_min").all("option")] == [
        "any year",
        "2020 on (8)",
        "2021 on (7)",
        "2022 on (3)",
    ]


@eight
def test_design_is_the_first_filter_and_is_never_folded(client: Client) -> None:
    form = ask(client, "").one(id="filters")
    folded = form.one("details").all("legend")
    assert [legend.text for legend in form.all("legend") if legend not in folded] == ["Study design"]
    assert [legend.text for legend in folded] == [
        "Masking: who did not know the treatment",
        "Cause of ARDS",
        "Cells from",
        "Country",
        "Phase",
        "Year of publication",
    ]


@eight
def test_every_field_has_a_label(client: Client) -> None:
    form = ask(client, "").one(id="filters")
    fields = [f["id"] for f in (*form.all("input"), *form.all("select")) if f.get("type") != "hidden"]
    assert len(fields) == 25
    assert {label["for"] for label in form.all("label")} == set(fields)


@eight
def test_what_was_searched_for_comes_back_as_text(client: Client) -> None:
    hostile = '"><script>alert(1)</script>'
    response = client.get("/trials/", {"q": hostile})
    assert b"<script>alert" not in response.content
    page = tree(response)
    assert page.one(id="q")["value"] == hostile
    assert list(chips(page)) == [f"Search: {hostile} ×"]


# --- Links that keep the reader's place -----------------------------------------------------------------------


@eight
def test_chip_takes_one_value_away_and_keeps_the_rest(client: Client) -> None:
    query = (
        "?design=randomised&design=controlled&country=FR&year_min=2021&q=a%26b+c%C3%A9&sort=author&view=table&page=1"
    )
    page = ask(client, query)
    assert chips(page) == {
        "Search: a&b cé ×": "?design=randomised&design=controlled&country=FR&year_min=2021&sort=author&view=table",
        "Randomised controlled trial ×": (
            "?design=controlled&country=FR&year_min=2021&q=a%26b+c%C3%A9&sort=author&view=table"
        ),
        "Controlled, not randomised or not clearly reported ×": (
            "?design=randomised&country=FR&year_min=2021&q=a%26b+c%C3%A9&sort=author&view=table"
        ),
        "France ×": "?design=randomised&design=controlled&year_min=2021&q=a%26b+c%C3%A9&sort=author&view=table",
        "From 2021 ×": "?design=randomised&design=controlled&country=FR&q=a%26b+c%C3%A9&sort=author&view=table",
    }
    assert links(page, "Filters that are on")["Clear all"] == "?sort=author&view=table"


@eight
def test_chip_of_the_last_filter_leads_to_the_whole_list(client: Client) -> None:
    page = ask(client, "?design=single-arm")
    assert chips(page) == {"Single-arm trial ×": "?"}
    assert shown(ask(client, "?")) == ALL


@eight
def test_sort_and_view_links_keep_the_filters(client: Client) -> None:
    page = ask(
        client, "?design=randomised&q=c%C3%A9lls+for&design=controlled&view=table".replace("c%C3%A9lls+for", "cell")
    )
    assert links(page, "Sort by") == {
        "Oldest": "?design=randomised&design=controlled&q=cell&view=table&sort=oldest",
        "Largest": "?design=randomised&design=controlled&q=cell&view=table&sort=largest",
        "First author": "?design=randomised&design=controlled&q=cell&view=table&sort=author",
    }
    assert links(page, "Show as") == {"List": "?design=randomised&design=controlled&q=cell&view=list"}


@pytest.fixture
def forty_five(db: None) -> None:
    """study-01 to study-45: 30 randomised, of which the first 25 in Indonesia; 15 controlled."""
    for number in range(1, 46):
        make_trial(
            slug=f"study-{number:02}",
            title=f"Study of cells {number:02}",
            design="randomised" if number <= 30 else "controlled",
            countries=("ID",) if number <= 25 else ("TR",),
            publication_date=str(2100 - number),
        )


@pytest.mark.usefixtures("forty_five")
def test_pages_of_twenty(client: Client) -> None:
    first = ask(client, "")
    assert shown(first) == [f"study-{number:02}" for number in range(1, 21)]
    assert links(first, "Pages") == {"Page 2": "?page=2", "Page 3": "?page=3", "Next": "?page=2"}
    assert shown(ask(client, "?page=2")) == [f"study-{number:02}" for number in range(21, 41)]
    last = ask(client, "?page=3")
    assert shown(last) == [f"study-{number:02}" for number in range(41, 46)]
    assert links(last, "Pages") == {"Previous": "?page=2", "Page 1": "?page=1", "Page 2": "?page=2"}
    assert last.one("title").text == "Studies, page 3 – ARDSinfo"
    assert last.one("strong", aria_current="page").text == "Page 3"


@pytest.mark.usefixtures("forty_five")
def test_filter_then_page_two_then_one_chip_away(client: Client) -> None:
    query = "?design=randomised&country=ID&q=study+cells&sort=oldest&view=table"
    first = ask(client, query)
    assert first.one(id="count").text == "25 of 45 studies, 500 people, 1 country"
    second = links(first, "Pages")["Next"]
    assert second == "?design=randomised&country=ID&q=study+cells&sort=oldest&view=table&page=2"

    page = ask(client, second)
    assert shown(page) == [f"study-{number:02}" for number in range(5, 0, -1)]
    assert list(chips(page)) == ["Search: study cells ×", "Randomised controlled trial ×", "Country ID ×"]
    assert links(page, "Sort by")["Newest"] == "?design=randomised&country=ID&q=study+cells&sort=newest&view=table"
    assert links(page, "Show as")["List"] == (
        "?design=randomised&country=ID&q=study+cells&sort=oldest&view=list&page=2"
    )

    wider = chips(page)["Country ID ×"]
    assert wider == "?design=randomised&q=study+cells&sort=oldest&view=table"
    page = ask(client, wider)
    assert page.one(id="count").text == "30 of 45 studies, 600 people, 2 countries"
    assert shown(page)[:2] == ["study-30", "study-29"]


@pytest.mark.usefixtures("forty_five")
def test_page_beyond_the_last_is_not_found_and_says_so(client: Client) -> None:
    page = ask(client, "?design=controlled&page=2", status=404)
    assert shown(page) == []
    assert page.one(class_="problem").text == ("There is no such page This list has 1 page. Go to the first.")
    assert page.one(class_="problem").one("a")["href"] == "?design=controlled"
    assert page.all(class_="empty") == []
    page = ask(client, "?page=4", status=404)
    assert "This list has 3 pages." in page.one(class_="problem").text
    assert "Study of cells" not in page.text


@eight
def test_first_page_of_nothing_is_there(client: Client) -> None:
    assert shown(ask(client, "?q=ebola&page=1")) == []


# --- Wrong values ---------------------------------------------------------------------------------------------


@eight
@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "?design=nonsense",
            "Study design (design): “nonsense” is not one of the values: "
            "randomised, controlled, single-arm, case-series.",
        ),
        ("?page=-3", "Page (page): “-3” is not a whole number from 1 to 999999999."),
        ("?year_min=abc", "Published from (year_min): “abc” is not a whole number from 1900 to 2100."),
        (
            "?year_min=2022&year_max=2020",
            "Published up to (year_max): 2020 is before 2022, the first year asked for.",
        ),
        ("?q=" + "x" * 10_000, f"Search (q): “{'x' * 60}…” has 10,000 characters. At most 200 can be searched."),
        ("?sort=best", "Sort (sort): “best” is not one of newest, oldest, largest, author."),
        ("?view=%3Cb%3E", "View (view): “<b>” is not one of list, table."),
        ("?page=1&page=2", "Page (page): It is given 2 times. Give it once."),
    ],
    ids=lambda value: value[:20],
)
def test_wrong_value_is_named_and_no_study_is_shown(client: Client, query: str, message: str) -> None:
    page = ask(client, query, status=400)
    problem = page.one(class_="problem")
    assert problem["role"] == "alert"
    assert problem.one("h2").text == "No studies shown: the address asks for something we do not have"
    assert [item.text for item in problem.all("li")] == [message]
    assert shown(page) == []
    html = page.text
    assert [title for title in Trial.objects.values_list("title", flat=True) if title in html] == []
    assert page.one("meta", name="robots")["content"] == "noindex"


@eight
def test_every_wrong_value_is_named_and_the_good_filters_stay(client: Client) -> None:
    page = ask(client, "?design=randomised&phase=9&country=XX&page=2", status=400)
    assert [code.text for code in page.one(class_="problem").all("code")] == ["country", "phase"]
    assert chips(page) == {"Randomised controlled trial ×": "?phase=9&country=XX"}


@eight
def test_problem_page_does_not_repeat_ten_thousand_characters(client: Client) -> None:
    response = client.get("/trials/", {"q": "x" * 10_000})
    assert b"x" * 61 not in response.content


# --- Methods --------------------------------------------------------------------------------------------------


@eight
def test_list_answers_head_with_no_body_and_refuses_to_be_written_to(client: Client) -> None:
    head = client.head("/trials/?design=randomised")
    assert (head.status_code, head.content) == (200, b"")
    for method in ("post", "put", "patch", "delete"):
        response = getattr(client, method)("/trials/")
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD"
