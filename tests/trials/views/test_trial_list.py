"""The page of the list: what it shows for which address, and where its links lead."""

import pytest
from django.test import Client

from tests.dom import Element, tree
from tests.trials.listing.studies import save, study
from trials.models import Trial

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
    return [href.removeprefix("/trials/").rstrip("/") for href in links if href != "/trials/"]


def active_filters(page: Element) -> dict[str, str]:
    return {a.text: a["href"] for a in page.all("a", class_="active-filter")}


def links(page: Element, label: str) -> dict[str, str]:
    """Return words -> address of the links in the list or navigation with this label."""
    return {a.text: a["href"] for part in page.all(aria_label=label) for a in part.all("a")}


# --- The studies


@pytest.mark.usefixtures("three_studies")
def test_list_shows_every_study_newest_first(client: Client) -> None:
    page = get(client)
    assert slugs(page) == ["kaffash-2022", "adas-2021", "yip-2020"]
    assert page.one("title").text == "Studies – ARDSinfo"
    assert page.all("meta", name="robots") == []


@pytest.mark.usefixtures("three_studies")
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("oldest", ["yip-2020", "adas-2021", "kaffash-2022"]),
        ("largest", ["adas-2021", "kaffash-2022", "yip-2020"]),
        ("author", ["adas-2021", "kaffash-2022", "yip-2020"]),
    ],
)
def test_cards_and_table_are_sorted(client: Client, sort: str, expected: list[str]) -> None:
    assert slugs(get(client, f"?sort={sort}")) == expected
    assert slugs(get(client, f"?sort={sort}&view=table")) == expected


@pytest.mark.usefixtures("three_studies")
def test_card_shows_what_a_reader_compares(client: Client) -> None:
    adas = get(client, "?q=adas").one("li", class_="entry")
    assert [paragraph.text for paragraph in adas.all("p")] == [
        "Controlled, not randomised or not clearly reported",
        "Adaş G, et al. Journal of Trials, 2021",
    ]
    assert adas.one("h3").one("a").children == ["Cells for COVID-19 <em>ARDS</em>"]
    yip = get(client, "?q=yip").one("li", class_="entry")
    assert [(row.one("dt").text, row.one("dd").text) for row in yip.one("dl").all("div")] == [
        ("People", "9"),
        ("Dose", "1.0 × 10⁶ cells per kg, 1 infusion"),
        ("Deaths", "3 of 9 given cells; no comparison group"),
    ]


@pytest.mark.usefixtures("three_studies")
@pytest.mark.parametrize(
    ("query", "deaths"),
    [("?q=adas", "3 of 10 given cells, 6 of 10 in the comparison group"), ("?q=kaffash", "no counts found")],
)
def test_card_shows_the_deaths_of_both_groups_or_that_there_are_no_counts(client, query: str, deaths: str) -> None:
    assert get(client, query).one("dl", class_="card-facts").all("dd")[-1].text == deaths


@pytest.mark.usefixtures("three_studies")
def test_table_shows_the_characteristics(client: Client) -> None:
    page = get(client, "?view=table&sort=oldest")
    rows = [[cell.text for cell in row.children if isinstance(cell, Element)] for row in page.one("tbody").all("tr")]
    assert rows[0] == [
        "Yip 2020 Single-arm trial",
        "not yet checked",
        "not yet checked",
        "Other causes",
        "Umbilical cord or placenta",
        "1.0 × 10⁶ cells per kg, 1 infusion",
        "9",
        "3 of 9",
        "no group",
    ]
    assert rows[1][-2:] == ["3 of 10", "6 of 10"]
    assert rows[2][-2:] == ["none found", "none found"]
    assert page.all("ul", class_="cards") == []


@pytest.mark.parametrize("status", ["draft", "in-review", "archived"])
def test_study_that_is_not_public_is_never_shown(client: Client, status: str) -> None:
    save(study("secret-2021", status=status, title="Secret", masking="triple", countries=["GB"]))
    for query in ("", "?q=secret", "?design=randomised", "?country=GB", "?view=table", "?page=2", "?q=x&design=x"):
        response = client.get(f"/trials/{query}")
        assert b"secret-2021" not in response.content
        assert b"Secret" not in response.content
    assert "0 of 0 studies" in get(client).text


# --- What they add up to


@pytest.mark.usefixtures("three_studies")
@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "",
            "3 of 3 studies, 59 people, 2 countries "
            "In the 1 study that counted deaths in both groups: 3 of 10 people given cells died, "
            "6 of 10 in the comparison groups. "
            "In the 1 study without a comparison group: 3 of 9 people given cells died. "
            "Counts are added up, not weighed. They do not show whether cells help. Why not",
        ),
        (
            "?q=kaffash",
            "1 of 3 studies, 20 people, 2 countries No deaths were counted in a way that could be added up here.",
        ),
        ("?q=ebola", "0 of 3 studies"),
    ],
)
def test_totals_are_in_exact_words(client: Client, query: str, words: str) -> None:
    assert get(client, query).one(class_="totals").text == words


@pytest.mark.usefixtures("three_studies")
def test_list_without_a_match_says_what_to_do(client: Client) -> None:
    page = get(client, "?q=ebola")
    assert slugs(page) == []
    assert page.one(class_="empty").text == (
        "No study matches all of these at once. Take a filter off above, search for fewer words, or show all studies."
    )


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
    assert labels["design-single-arm"] == "Single-arm trial 1 study"
    assert labels["country-TR"] == "Turkey 0 studies"
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
        "any year", "2020 on (1)", "2021 on (0)", "2022 on (0)",
    ]  # fmt: skip


@pytest.mark.usefixtures("three_studies")
def test_only_the_design_is_never_folded_away(client: Client) -> None:
    form = get(client).one(id="filters")
    assert [legend.text for legend in form.one("details").all("legend")] == [
        "Masking: who did not know the treatment",
        "Cause of ARDS",
        "Cells from",
        "Country",
        "Phase",
        "Year of publication",
    ]
    assert form.all("legend")[0].text == "Study design"


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
        "Search: a&b cé ×": "?design=controlled&masking=not-reported&sort=author&year_min=2021",
        "Controlled, not randomised or not clearly reported ×": (
            "?masking=not-reported&q=a%26b+c%C3%A9&sort=author&year_min=2021"
        ),
        "Masking: not reported ×": "?design=controlled&q=a%26b+c%C3%A9&sort=author&year_min=2021",
        "From 2021 ×": "?design=controlled&masking=not-reported&q=a%26b+c%C3%A9&sort=author",
    }
    assert links(page, "Filters that are on")["Clear all"] == "?sort=author"
    assert page.all("a", class_="active-filter")[1]["aria-label"] == (
        "Remove: Controlled, not randomised or not clearly reported"
    )
    assert page.one("title").text == "Studies: 4 filters on – ARDSinfo"
    assert page.one("meta", name="robots")["content"] == "noindex"
    assert page.one("summary").text == "More filters (2 on)"


@pytest.mark.usefixtures("three_studies")
def test_last_active_filter_leads_to_the_whole_list(client: Client) -> None:
    assert active_filters(get(client, "?design=single-arm&design=single-arm")) == {"Single-arm trial ×": "?"}


@pytest.mark.usefixtures("three_studies")
def test_sort_and_view_links_keep_the_filters(client: Client) -> None:
    page = get(client, "?design=single-arm&design=controlled&view=table")
    assert links(page, "Sort by")["Oldest"] == "?design=single-arm&design=controlled&view=table&sort=oldest"
    assert links(page, "Show as") == {"List": "?design=single-arm&design=controlled&view=list"}


@pytest.mark.usefixtures("many_studies")
def test_list_has_pages_of_twenty(client: Client) -> None:
    first = get(client)
    assert slugs(first) == [f"study-{number:02}" for number in range(1, 21)]
    assert links(first, "Pages") == {"Page 2": "?page=2", "Page 3": "?page=3", "Next": "?page=2"}
    last = get(client, "?page=3")
    assert slugs(last) == [f"study-{number:02}" for number in range(41, 46)]
    assert last.one("title").text == "Studies, page 3 – ARDSinfo"
    assert last.one(id="count").text.startswith("45 of 45 studies")


@pytest.mark.usefixtures("many_studies")
def test_filters_are_kept_from_page_to_page(client: Client) -> None:
    first = get(client, "?design=randomised&country=ID&q=study+cells&sort=oldest&view=table")
    second = links(first, "Pages")["Next"]
    assert second == "?country=ID&design=randomised&q=study+cells&sort=oldest&view=table&page=2"
    page = get(client, second)
    assert slugs(page) == [f"study-{number:02}" for number in range(5, 0, -1)]
    assert active_filters(page)["Indonesia ×"] == "?design=randomised&q=study+cells&sort=oldest&view=table"


# --- Wrong addresses


@pytest.mark.usefixtures("many_studies")
def test_page_beyond_the_last_is_not_found(client: Client) -> None:
    page = get(client, "?design=controlled&page=2", status=404)
    assert slugs(page) == []
    assert page.one(class_="problem").text == "There is no such page This list has 1 page. Go to the first."
    assert page.one(class_="problem").one("a")["href"] == "?design=controlled"
    assert page.all(class_="empty") == []


@pytest.mark.usefixtures("three_studies")
@pytest.mark.parametrize(
    ("query", "messages"),
    [
        (
            "?design=nonsense",
            ["Study design (design): “nonsense” is not one of randomised, controlled, single-arm, case-series."],
        ),
        ("?view=%3Cb%3E", ["View (view): “<b>” is not one of list, table."]),
        (
            "?page=2&page=3&phase=9",
            [
                "Phase (phase): “9” is not one of early-1, 1, 1-2, 2, 2-3, 3, 4, na, not-reported.",
                "Page (page): It is given 2 times. Give it once.",
            ],
        ),
        (
            "?year_min=2022&year_max=2020",
            ["Published up to (year_max): 2020 is before 2022, the first year asked for."],
        ),
    ],
)
def test_wrong_value_is_named_and_no_study_is_shown(client: Client, query: str, messages: list[str]) -> None:
    page = get(client, query, status=400)
    assert page.one(class_="problem")["role"] == "alert"
    assert [item.text for item in page.one(class_="problem").all("li")] == messages
    assert slugs(page) == []
    assert "Title of" not in page.text
    assert page.one("meta", name="robots")["content"] == "noindex"


@pytest.mark.usefixtures("three_studies")
def test_valid_filters_stay_on_when_another_is_wrong(client: Client) -> None:
    page = get(client, "?design=controlled&country=XX&page=2", status=400)
    assert active_filters(page) == {"Controlled, not randomised or not clearly reported ×": "?country=XX"}


@pytest.mark.parametrize("parameter", ["q", "design", "page", "sort"])
def test_long_value_is_not_repeated(client: Client, parameter: str) -> None:
    response = client.get("/trials/", {parameter: "x" * 10_000})
    assert response.status_code == 400
    assert b"x" * 61 not in response.content


@pytest.mark.usefixtures("three_studies")
def test_list_answers_get_and_head_only(client: Client) -> None:
    assert client.head("/trials/?design=randomised").status_code == 200
    assert [getattr(client, method)("/trials/").status_code for method in ("post", "put", "patch", "delete")] == [
        405
    ] * 4


# --- Queries


@pytest.mark.parametrize(
    "query", ["", "?view=table&sort=largest", "?design=randomised&country=ID&q=study&year_min=1990", "?design=nonsense"]
)
def test_number_of_queries_is_constant(client, django_assert_max_num_queries, many_studies, query: str) -> None:
    Trial.objects.filter(slug__gt="study-03").update(status="draft")
    with django_assert_max_num_queries(11):  # one of them reads the content version
        client.get(f"/trials/{query}")
    Trial.objects.update(status="published")
    with django_assert_max_num_queries(11):  # one of them reads the content version
        client.get(f"/trials/{query}")
