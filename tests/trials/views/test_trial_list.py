"""The page of the list: what it shows for which address, and where its links lead."""

from typing import Any

import pytest
from django.test import Client
from django.utils.formats import date_format
from django.utils.timezone import localdate

from tests.dom import Element, tree
from tests.factories import edited, judgement, notice, publish, published_trial, submit
from tests.trials.listing.studies import save, study
from trials.models import GlossaryTerm, Trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def three_studies() -> None:
    save(
        study(
            "adas-2021",
            title="Cells for COVID-19 <em>ARDS</em>",
            authors="Adaş, Gökhan\nBrown, Ann",
            design="controlled",
            countries=["TR"],
            people=30,
            cells_people=10,
            cells_deaths=3,
            cells_out_of=10,
            comparison_people=10,
            comparison_deaths=6,
            comparison_out_of=10,
            deaths_time="day not stated",
            heading="Cells for 30 people in Turkey",
            plain_summary="Adas et al. gave cells to 10 of 30 people. Three died.",
            severity="Critical",
            control="standard-care",
        ),
        study(
            "kaffash-2022",
            authors="Kaffash, Nima",
            design="controlled",
            masking="not-reported",
            countries=["IR", "TR"],
            publication_date="2022",
            people=20,
            cells_people=10,
            comparison_people=10,
        ),
        study(
            "yip-2020",
            authors="Yip, Hon-Kan",
            design="single-arm",
            masking="",
            phase="",
            cause="other",
            publication_date="2020",
            dose="1.0 × 10⁶",
            dose_unit="cells-per-kg",
            infusions=1,
            cell_sources=["umbilical-cord", "placenta"],
            people=9,
            cells_people=9,
            cells_deaths=3,
            cells_out_of=9,
            deaths_time="in hospital",
            control="none",
        ),
    )


@pytest.fixture
def many_studies() -> None:
    """study-01 to study-45: 30 randomised, of which the first 25 in Indonesia; 15 controlled."""
    save(
        *(
            study(
                f"study-{number:02}",
                title="Study of cells",
                design="randomised" if number <= 30 else "controlled",
                countries=["ID"] if number <= 25 else ["TR"],
                publication_date=str(2100 - number),
            )
            for number in range(1, 46)
        )
    )


def get(client: Client, query: str = "", status: int = 200) -> Element:
    response = client.get(f"/trials/{query}")
    assert response.status_code == status
    return tree(response)


def slugs(page: Element) -> list[str]:
    """Return the slugs of the studies on the page, in their order."""
    links = [a["href"] for a in page.one(id="results").all("a") if a["href"].startswith("/trials/")]
    return [href.removeprefix("/trials/").rstrip("/") for href in links if not href.startswith("/trials/#")]


def active_filters(page: Element) -> dict[str, str]:
    return {a.text: a["href"] for a in page.all("a", class_="active-filter")}


def links(page: Element, label: str) -> dict[str, str]:
    """Return words -> address of the links in the list or navigation with this label."""
    return {a.text: a["href"] for part in page.all(aria_label=label) for a in part.all("a")}


def ticked(page: Element) -> set[str]:
    """Return the slugs of the studies that are ticked for a comparison."""
    return {box["value"] for box in page.all("input", name="trial") if "checked" in box.attrs}


# --- The studies


@pytest.mark.usefixtures("three_studies")
def test_list_shows_every_study_newest_first(client: Client) -> None:
    page = get(client)
    assert slugs(page) == ["kaffash-2022", "adas-2021", "yip-2020"]
    assert page.one("title").text == "Studies – ARDSinfo"
    assert page.all("meta", name="robots") == []


@pytest.mark.usefixtures("three_studies")
def test_card_shows_what_a_reader_compares(client: Client) -> None:
    adas = get(client, "?q=adas").one("li", class_="entry")
    assert (adas.one("h3").one("a").text, adas.one("h3").one("a")["href"]) == (
        "Cells for 30 people in Turkey",
        "/trials/adas-2021/",
    )
    assert [paragraph.text for paragraph in adas.all("p")] == [
        "Gökhan Adaş et al. Cells for COVID-19 <em>ARDS</em> Journal of Trials, 2021",
        "Adas et al. gave cells to 10 of 30 people.",
        "Controlled, but not clearly randomised",
        "Deaths: 3 of 10 given cells (30 per 100), 6 of 10 in the comparison group (60 per 100); day not stated",
    ]
    assert adas.one("q").children == ["Cells for COVID-19 <em>ARDS</em>"]
    assert adas.one("bdi").text == "Gökhan Adaş"
    yip = get(client, "?q=yip").one("li", class_="entry")
    assert yip.one("h3").text == "Yip 2020"
    assert [(row.one("dt").text, row.one("dd").text) for row in yip.one("dl").all("div")] == [
        ("People", "9"),
        ("Dose", "1.0 × 10⁶ cells per kg, 1 infusion"),
    ]


@pytest.mark.usefixtures("three_studies")
@pytest.mark.parametrize("view", ["list", "table"])
def test_studies_are_ticked_for_the_comparison_in_the_form_of_the_filters(client: Client, view: str) -> None:
    page = get(client, f"?view={view}&sort=author&trial=yip-2020&trial=nothing&trial=%00")
    boxes = page.all("input", name="trial")
    assert [(box["value"], box["form"], "checked" in box.attrs) for box in boxes] == [
        ("adas-2021", "filters", False),
        ("kaffash-2022", "filters", False),
        ("yip-2020", "filters", True),
    ]
    button = page.one(id="compare").one("button")
    assert (button["form"], button["formaction"]) == ("filters", "/trials/compare/")
    assert page.all(class_="ignored") == []


@pytest.mark.usefixtures("many_studies")
def test_ticked_studies_stay_ticked_on_other_pages_and_with_other_filters(client: Client) -> None:
    page = get(client, "?design=randomised&trial=study-01&trial=study-40&page=2")
    (keep,) = page.one(id="compare").all("button", name="page")
    assert (keep["value"], keep["form"]) == ("2", "filters")
    assert ticked(page) == {"study-01", "study-40"}
    assert "not on this page" in page.one(id="compare").text
    ticks = "trial=study-01&trial=study-40"
    assert links(page, "Pages")["Page 1"] == f"?design=randomised&page=1&{ticks}#count"
    assert links(page, "Sort by")["Oldest"] == f"?design=randomised&{ticks}&sort=oldest#count"
    assert active_filters(page) == {"Randomised controlled trial ×": f"?{ticks}#count"}
    assert links(page, "Filters that are on")["Clear all"] == f"?{ticks}#count"
    assert ticked(get(client, f"?q=nothing+of+this&{ticks}")) == {"study-01", "study-40"}


@pytest.mark.usefixtures("three_studies")
def test_cards_and_table_say_in_the_same_words_that_deaths_are_not_reported(client: Client) -> None:
    assert get(client, "?q=kaffash").one("p", class_="deaths").text == "deaths not reported"
    assert get(client, "?q=kaffash&view=table").all("td")[-2].text == "deaths not reported"
    assert "no comparison group" in get(client, "?q=yip").one("p", class_="deaths").text
    assert "no comparison group" in [cell.text for cell in get(client, "?q=yip&view=table").all("td")]


@pytest.mark.usefixtures("three_studies")
def test_deaths_are_never_added_up_over_studies(client: Client) -> None:
    for query in ("", "?view=table", "?design=controlled"):
        assert "6 of 19" not in get(client, query).text
        assert get(client, query).one(id="count").text.count(" of ") == 1


@pytest.mark.usefixtures("three_studies")
def test_table_shows_the_characteristics(client: Client) -> None:
    page = get(client, "?view=table&sort=oldest")
    rows = [[cell.text for cell in row.children if isinstance(cell, Element)] for row in page.one("tbody").all("tr")]
    assert rows[0] == [
        "Yip 2020 Single-arm trial Compare Yip 2020",
        "2020",
        "9",
        "not yet checked",
        "Other causes",
        "not yet checked",
        "not yet checked",
        "No comparison group",
        "Umbilical cord or placenta",
        "1.0 × 10⁶ cells per kg, 1 infusion",
        "3 of 9, 33 per 100",
        "no comparison group",
        "in hospital",
        "none known",
    ]
    assert rows[1][5:8] == ["Critical", "Double masked", "Standard care alone"]
    assert rows[1][-4:] == ["3 of 10, 30 per 100", "6 of 10, 60 per 100", "day not stated", "none known"]
    assert page.all("ul", class_="cards") == []


# --- How many


@pytest.mark.usefixtures("three_studies")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "3 of 3 studies, 59 people, 2 countries"),
        ("?q=kaffash", "1 of 3 studies, 20 people, 2 countries"),
        ("?q=ebola", "0 of 3 studies"),
    ],
)
def test_first_line_says_how_many_studies_people_and_countries(client: Client, query: str, words: str) -> None:
    count = get(client, query).one("h2", id="count")
    assert count.text == words
    assert count["tabindex"] == "-1"
    assert count["data-studies"] == words[0]


@pytest.mark.usefixtures("three_studies")
def test_list_without_a_match_leads_to_lists_with_some(client: Client) -> None:
    block = get(client, "?q=kafash+title&country=TR&page=1").one(class_="empty")
    assert block.text == (
        "No studies match your search. Try fewer words or remove a filter. Did you mean kaffash title (1 study)? "
        "Search without kafash: 1 study Show all studies"
    )
    links = {link.text: link["href"] for link in block.all("a")}
    assert links == {
        "kaffash title": "?country=TR&q=kaffash+title#count",
        "Search without kafash": "?country=TR&q=title#count",
        "Show all studies": "/trials/#count",
    }
    for address in links.values():
        assert len(slugs(get(client, address.removeprefix("/trials/").removesuffix("#count")))) >= 1


@pytest.mark.usefixtures("three_studies")
def test_list_says_which_synonyms_were_searched_for(client: Client) -> None:
    GlossaryTerm.objects.create(
        status="published", slug="cell", term="Cell", meaning="Cell.", search_words="cell, kaffash, <b>"
    )
    page = get(client, "?q=cells")
    assert slugs(page) == ["kaffash-2022", "adas-2021"]
    assert page.one(class_="searched-for").text == "Also searched for: kaffash, <b>."
    assert not get(client, "?q=yip").all(class_="searched-for")
    page = get(client, "?q=NOT+cell")
    assert page.one(class_="searched-for").text == "Left out: studies with cell, kaffash, <b>."


# --- The form


@pytest.mark.usefixtures("three_studies")
def test_form_shows_what_is_chosen_and_keeps_the_order_and_the_view(client: Client) -> None:
    query = "?q=title&design=controlled&country=TR&year_min=2021&sort=author&view=table&page=1"
    form = get(client, query).one(id="filters")
    boxes = form.all("input", type="checkbox")
    assert [box["id"] for box in boxes if "checked" in box.attrs] == ["design-controlled", "country-TR"]
    assert form.one(id="q")["value"] == "title"
    assert [option["value"] for option in form.all("option") if "selected" in option.attrs] == ["2021"]
    hidden = [(field["name"], field["value"]) for field in form.all("input", type="hidden")]
    assert hidden == [("sort", "author"), ("view", "table")]


@pytest.mark.usefixtures("three_studies")
def test_every_field_has_a_label_with_its_count(client: Client) -> None:
    form = get(client, "?design=single-arm").one(id="filters")
    labels = {label["for"]: label.text for label in form.all("label")}
    fields = [field["id"] for field in (*form.all("input"), *form.all("select"))]
    assert sorted(labels) == sorted(fields)
    assert labels["design-single-arm"] == "Single-arm trial, 1 study"
    assert labels["country-TR"] == "Turkey, 0 studies"
    assert [box["id"] for box in form.all("input", type="checkbox") if "disabled" in box.attrs] == [
        "design-randomised",
        "design-case-series",
        "masking-double",
        "masking-not-reported",
        "cause-covid-19",
        "country-IR",
        "country-TR",
        "phase-2",
    ]
    assert [option.text for option in form.one(id="year_min").all("option")] == [
        "any year", "2020 or later (1)", "2021 or later (0)", "2022 or later (0)",
    ]  # fmt: skip


@pytest.mark.usefixtures("three_studies")
def test_hostile_search_comes_back_as_text(client: Client) -> None:
    hostile = '"><script>alert(1)</script>'
    response = client.get("/trials/", {"q": hostile})
    assert b"<script>alert" not in response.content
    page = tree(response)
    assert page.one(id="q")["value"] == hostile
    assert list(active_filters(page)) == [f"Search: {hostile} ×"]


# --- Links that keep the reader's place. The parameters are sorted, so that one page is cached for all their orders.


@pytest.mark.usefixtures("three_studies")
def test_active_filter_removes_one_value_and_keeps_the_rest(client: Client) -> None:
    page = get(client, "?design=controlled&masking=not-reported&year_min=2021&q=a%26b+c%C3%A9&sort=author&page=1")
    assert active_filters(page) == {
        "Search: a&b cé ×": "?design=controlled&masking=not-reported&sort=author&year_min=2021#count",
        "Controlled, but not clearly randomised ×": (
            "?masking=not-reported&q=a%26b+c%C3%A9&sort=author&year_min=2021#count"
        ),
        "Masking: not reported ×": "?design=controlled&q=a%26b+c%C3%A9&sort=author&year_min=2021#count",
        "From 2021 ×": "?design=controlled&masking=not-reported&q=a%26b+c%C3%A9&sort=author#count",
    }
    assert links(page, "Filters that are on")["Clear all"] == "?sort=author#count"
    assert page.all("a", class_="active-filter")[1]["aria-label"] == ("Remove: Controlled, but not clearly randomised")
    assert page.one("meta", name="robots")["content"] == "noindex"
    assert page.one("title").text == "Studies: “a&b cé”, controlled, but not clearly randomised and 2 more – ARDSinfo"


@pytest.mark.usefixtures("three_studies")
def test_last_active_filter_leads_to_the_whole_list(client: Client) -> None:
    page = get(client, "?design=single-arm&design=single-arm")
    assert active_filters(page) == {"Single-arm trial ×": "/trials/#count"}
    assert links(page, "Filters that are on")["Clear all"] == "/trials/#count"
    assert page.one(id="filters")["action"] == "/trials/#count"


@pytest.mark.usefixtures("many_studies")
def test_filters_are_kept_from_page_to_page(client: Client) -> None:
    first = get(client, "?design=randomised&country=ID&q=study+cells&sort=oldest&view=table")
    second = links(first, "Pages")["Next"]
    assert second == "?country=ID&design=randomised&q=study+cells&sort=oldest&view=table&page=2#count"
    page = get(client, second)
    assert slugs(page) == [f"study-{number:02}" for number in range(5, 0, -1)]
    assert active_filters(page)["Indonesia ×"] == "?design=randomised&q=study+cells&sort=oldest&view=table#count"


# --- Wrong addresses


@pytest.mark.usefixtures("many_studies")
def test_page_beyond_the_last_is_not_found(client: Client) -> None:
    page = get(client, "?design=controlled&page=2", status=404)
    assert slugs(page) == []
    assert page.one(class_="problem").text == "There is no such page This list has 1 page. Go to the first."
    assert page.one(class_="problem").one("a")["href"] == "?design=controlled#count"
    assert page.all(class_="empty") == []


@pytest.mark.usefixtures("three_studies")
def test_wrong_value_is_named_and_no_study_is_shown(client: Client) -> None:
    page = get(client, "?design=controlled&view=%3Cb%3E", status=400)
    assert page.one(class_="problem")["role"] == "alert"
    assert [item.text for item in page.one(class_="problem").all("li")] == [
        "View (view): “<b>” is not a valid choice. Valid choices: list, table."
    ]
    assert slugs(page) == []
    assert "Title of" not in page.text
    assert active_filters(page) == {"Controlled, but not clearly randomised ×": "?view=%3Cb%3E#count"}
    assert page.one("meta", name="robots")["content"] == "noindex"


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("?design=unknown&trial=adas-2021&view=table", "?trial=adas-2021&view=table#count"),
        ("?trial=adas-2021&sort=unknown&view=table", "?trial=adas-2021&view=table#count"),
        ("?view=unknown", "/trials/#count"),
    ],
)
def test_way_out_of_a_wrong_value_keeps_what_is_valid(client: Client, query: str, address: str) -> None:
    links = get(client, query, status=400).one(class_="problem").all("a")
    assert [(link.text, link["href"]) for link in links] == [("show all studies", address)]


@pytest.mark.usefixtures("three_studies")
def test_unknown_parameter_is_ignored_and_named(client: Client) -> None:
    page = get(client, "?utm_source=%3Cb%3E&Design=randomised&q=adas")
    assert slugs(page) == ["adas-2021"]
    assert (
        page.one(class_="ignored").text
        == "This page ignored “Design” and “utm_source”, because it has no such filters."
    )
    assert links(page, "Sort by")["Oldest"] == "?q=adas&sort=oldest#count"
    assert get(client, "?q=adas").all(class_="ignored") == []


def test_print_names_the_filters_the_date_of_the_newest_change_and_the_address(client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://ardsinfo.example"
    published_trial(countries=["BR"])
    today = date_format(localdate(), "j F Y")
    assert get(client, "?design=randomised&country=BR&sort=oldest").one(class_="list-print").text == (
        f"Only these studies: randomised controlled trial; Brazil. As of {today}. "
        "https://ardsinfo.example/trials/?country=BR&design=randomised&sort=oldest"
    )


# --- Queries


@pytest.mark.parametrize(
    "query", ["", "?view=table&sort=largest", "?design=randomised&country=ID&q=study&year_min=1990", "?design=nonsense"]
)
def test_number_of_queries_is_constant(client, django_assert_max_num_queries, many_studies, query: str) -> None:
    Trial.objects.filter(slug__gt="study-03").update(status="draft")
    with django_assert_max_num_queries(13):  # one of them reads the content version, one the synonyms of a search
        client.get(f"/trials/{query}")
    Trial.objects.update(status="published")
    with django_assert_max_num_queries(13):  # one of them reads the content version, one the synonyms of a search
        client.get(f"/trials/{query}")


@pytest.mark.parametrize("query", ["", "?view=table", "?notice=retraction", "?notice=correction&notice=retraction"])
def test_notice_is_marked_in_the_list(client: Client, query: str) -> None:
    published_trial(notices=[notice(kind="retraction")])
    published_trial(slug="brown-2022", authors="Brown, Ann")
    page = client.get(f"/trials/{query}").content.decode()
    assert page.count('<strong class="notice-mark">Retraction</strong>') == 1
    assert ("/trials/brown-2022/" in page) is ("notice" not in query)


def test_filter_of_notices_is_there_once_the_public_version_of_a_study_has_one(client: Client) -> None:
    draft = edited(published_trial(), lambda document: document.update(notices=[notice(position=1)]))
    assert "Notice after publication" not in client.get("/trials/").content.decode()
    submit(draft)
    publish(draft)
    assert "Notice after publication" in client.get("/trials/").content.decode()


@pytest.mark.parametrize("address", ["/trials/?view=table", "/evidence/"])
def test_table_names_the_judgement_and_its_judge(client: Client, address: str) -> None:
    published_trial(judgements=[judgement(verdict="some-concerns")])
    (cell,) = [each for each in tree(client.get(address)).all("td") if each.get("data-label") == "Risk of bias"]
    assert cell.text == "S some concerns (A review)"
