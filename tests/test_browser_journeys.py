"""What visitors do, in a real browser: with a mouse, a keyboard alone, no JavaScript, on a phone, on paper."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.factories import make_trial
from tests.tools import PUBLIC_PAGES

ALL = "8 of 8 studies, 196 people, 7 countries"
RANDOMISED = "4 of 8 studies, 126 people, 4 countries"
MONSEL = (
    "Treatment of COVID-19-associated ARDS with mesenchymal stromal cells: a multicenter randomized double-blind trial"
)
PHONE = {"width": 320, "height": 568}
DESK = {"width": 1280, "height": 800}

without_javascript = pytest.mark.browser_context_args(java_script_enabled=False)


def count(page: Page) -> Locator:
    return page.locator("#count")


def authors(page: Page) -> list[str]:
    """The first author of each study on the list, in order."""
    return [text.split(",")[0] for text in page.locator(".cards > li > p.soft").all_inner_texts()]


def ticked(page: Page) -> list[str]:
    return [box.get_attribute("value") or "" for box in page.locator("#filters input:checked").all()]


def mark(page: Page) -> None:
    """Leave a mark that a reload takes away."""
    page.evaluate("window.marked = true; document.getElementById('announce').marked = true")


def is_marked(page: Page) -> bool:
    return page.evaluate("Boolean(window.marked && document.getElementById('announce').marked)")


# --- Filtering --------------------------------------------------------------------------------------------------


@pytest.mark.browser_context_args(viewport=PHONE)
def test_ticking_a_design_changes_the_results_and_keeps_the_place(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/")
    expect(count(page)).to_have_text(ALL)
    expect(page.get_by_role("status")).to_be_empty()
    mark(page)
    box = page.get_by_role("checkbox", name="Randomised controlled trial 4 studies")
    late: list[Route] = []
    page.route("**/trials/?*", lambda route: late.append(route))
    with page.expect_request("**/trials/?*"):
        box.check()
    page.evaluate("scrollTo(0, 900)")  # on to the results while the answer is on its way, the box out of sight
    late[0].continue_()

    expect(count(page)).to_have_text(RANDOMISED)
    expect(page).to_have_url(live_studies + "/trials/?design=randomised")
    expect(page).to_have_title("Studies: 1 filter on – ARDSinfo")
    expect(page.get_by_role("status")).to_have_text(RANDOMISED)
    expect(page.get_by_text("22 of 64 people given cells died, 28 of 62 in the comparison groups")).to_be_visible()
    assert authors(page) == ["Rebelatto CLK", "Monsel A", "Dilogo IH", "Lanzoni G"]
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    assert page.evaluate("scrollY") == 900
    assert is_marked(page)


def test_filter_survives_a_visit_to_a_study_and_a_chip_takes_it_off(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/")
    page.get_by_role("checkbox", name="Randomised controlled trial").check()
    expect(count(page)).to_have_text(RANDOMISED)
    page.get_by_role("link", name=MONSEL).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(MONSEL)
    expect(page).to_have_url(live_studies + "/trials/monsel-2022/")

    page.go_back()
    expect(page).to_have_url(live_studies + "/trials/?design=randomised")
    expect(count(page)).to_have_text(RANDOMISED)
    assert ticked(page) == ["randomised"]

    page.get_by_role("link", name="Remove: Randomised controlled trial").click()
    expect(count(page)).to_have_text(ALL)
    assert page.url in (live_studies + "/trials/", live_studies + "/trials/?")
    assert ticked(page) == []
    expect(page.get_by_role("list", name="Filters that are on")).to_have_count(0)


def test_one_chip_of_two_leaves_the_other(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/?design=randomised&country=ID&sort=largest")
    page.get_by_role("link", name="Remove: Randomised controlled trial").click()
    expect(page).to_have_url(live_studies + "/trials/?country=ID&sort=largest")
    expect(count(page)).to_have_text("1 of 8 studies, 40 people, 1 country")
    assert ticked(page) == ["ID"]


def test_search_is_submitted_and_keeps_the_filters(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/?design=controlled")
    mark(page)
    field = page.get_by_role("searchbox", name="Search")
    field.fill("adas")
    field.press("Enter")
    expect(count(page)).to_have_text("1 of 8 studies, 30 people, 1 country")
    expect(page).to_have_url(live_studies + "/trials/?q=adas&design=controlled")
    expect(field).to_be_focused()
    expect(field).to_have_value("adas")
    assert is_marked(page)


def test_two_boxes_in_quick_succession_end_in_the_last_state(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/")
    late: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if "single-arm" in route.request.url:
            route.continue_()
        else:
            late.append(route)

    page.route("**/trials/?*", hold_the_first)
    page.get_by_role("checkbox", name="Randomised controlled trial").check()
    page.get_by_role("checkbox", name="Single-arm trial").check()
    expect(count(page)).to_have_text("5 of 8 studies, 135 people, 5 countries")
    assert [route.request.url for route in late] == [live_studies + "/trials/?design=randomised"]

    late[0].continue_()  # the first answer comes after the second
    page.wait_for_timeout(500)
    expect(count(page)).to_have_text("5 of 8 studies, 135 people, 5 countries")
    expect(page).to_have_url(live_studies + "/trials/?design=randomised&design=single-arm")
    assert ticked(page) == ["randomised", "single-arm"]
    assert authors(page) == ["Rebelatto CLK", "Monsel A", "Dilogo IH", "Lanzoni G", "Yip HK"]


def test_back_and_forward_go_through_the_filters(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/")
    mark(page)
    page.get_by_role("checkbox", name="Randomised controlled trial").check()
    expect(count(page)).to_have_text(RANDOMISED)
    page.get_by_role("checkbox", name="Case series").check()
    expect(count(page)).to_have_text("5 of 8 studies, 137 people, 5 countries")

    for step, address, words, boxes in (
        (page.go_back, "/trials/?design=randomised", RANDOMISED, ["randomised"]),
        (page.go_back, "/trials/", ALL, []),
        (page.go_forward, "/trials/?design=randomised", RANDOMISED, ["randomised"]),
    ):
        step()
        expect(count(page)).to_have_text(words)
        expect(page).to_have_url(live_studies + address)
        assert ticked(page) == boxes
    assert is_marked(page)


def test_back_and_forward_in_quick_succession_end_where_the_address_says(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/")
    page.get_by_role("checkbox", name="Randomised controlled trial").check()
    expect(count(page)).to_have_text(RANDOMISED)
    late: list[Route] = []
    page.route(live_studies + "/trials/", lambda route: late.append(route))  # the whole list, asked for on the way back
    with page.expect_request(live_studies + "/trials/"):
        page.evaluate("history.back()")
    with page.expect_response("**/trials/?design=randomised"):
        page.evaluate("history.forward()")
    late[0].continue_()
    page.wait_for_timeout(300)
    expect(page).to_have_url(live_studies + "/trials/?design=randomised")
    expect(count(page)).to_have_text(RANDOMISED)
    assert ticked(page) == ["randomised"]


@pytest.mark.browser_context_args(viewport=PHONE)
def test_unfolded_filters_stay_unfolded(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/")
    page.get_by_text("More filters").click()
    turkey = page.get_by_role("checkbox", name="Turkey")
    turkey.check()
    expect(count(page)).to_have_text("1 of 8 studies, 30 people, 1 country")
    expect(turkey).to_be_visible()
    expect(turkey).to_be_focused()
    expect(page.get_by_text("More filters (1 on)")).to_be_visible()


def test_a_leap_within_the_page_asks_for_nothing(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.resource_type == "fetch" else None)
    page.get_by_role("link", name="Skip to the main text").press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.wait_for_timeout(300)
    assert asked == []
    expect(page.get_by_role("status")).to_be_empty()


def test_a_box_let_go_that_cannot_be_chosen_again_hands_on_the_focus(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/?design=single-arm&country=ID")
    expect(count(page)).to_have_text("0 of 8 studies")
    page.get_by_role("checkbox", name="Single-arm trial").uncheck()
    expect(count(page)).to_have_text("1 of 8 studies, 40 people, 1 country")
    expect(page.get_by_role("checkbox", name="Single-arm trial")).to_be_disabled()
    expect(page.get_by_role("checkbox", name="Randomised controlled trial")).to_be_focused()


@pytest.mark.parametrize("kind", ["error", "no answer"])
def test_a_failed_request_falls_back_to_a_page_load(page: Page, live_studies: str, kind: str) -> None:
    page.goto(live_studies + "/trials/")
    mark(page)

    def fail(route: Route) -> None:
        if route.request.resource_type != "fetch":
            route.continue_()
        elif kind == "error":
            route.fulfill(status=500, content_type="text/html", body="<!doctype html><h1>Something went wrong</h1>")
        else:
            route.abort()

    page.route("**/trials/?*", fail)
    page.get_by_role("checkbox", name="Randomised controlled trial").check()
    expect(count(page)).to_have_text(RANDOMISED)
    expect(page).to_have_url(live_studies + "/trials/?design=randomised")
    assert ticked(page) == ["randomised"]
    assert not is_marked(page)


# --- A keyboard alone -------------------------------------------------------------------------------------------


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus. Every stop on the way must be in sight, with a ring around it."""
    for _ in range(120):
        page.keyboard.press("Tab")
        name, ring, top, bottom = page.evaluate(
            """() => {
                const here = document.activeElement, box = here.getBoundingClientRect(), look = getComputedStyle(here);
                return [here.outerHTML, `${look.outlineStyle} ${look.outlineWidth}`, box.top, box.bottom];
            }"""
        )
        assert ring == "solid 3px", name
        assert bottom > 0, name
        assert top < page.evaluate("innerHeight"), name
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def follow(page: Page) -> None:
    """Press Enter on a link to another page, and wait until it is there whole."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_keyboard_alone_goes_all_the_way(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the main text")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    tab_to(page, page.get_by_role("navigation", name="Main").get_by_role("link", name="Studies"))
    follow(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Studies")

    # The skip link leads past the header to the filters.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox", name="Search")).to_be_focused()
    tab_to(page, page.get_by_role("checkbox", name="Randomised controlled trial"))
    page.keyboard.press("Space")
    expect(count(page)).to_have_text(RANDOMISED)
    expect(page.get_by_role("checkbox", name="Randomised controlled trial")).to_be_focused()

    tab_to(page, page.get_by_role("link", name="Remove: Randomised controlled trial"))
    follow(page)
    expect(count(page)).to_have_text(ALL)
    tab_to(page, page.get_by_role("link", name=MONSEL))
    follow(page)
    expect(page).to_have_url(live_studies + "/trials/monsel-2022/")

    # From a value to its source, and back to the value.
    number = page.locator("#value-title").get_by_role("link", name=re.compile("^Source 1 for "))
    tab_to(page, number)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"#source-\d+$"))
    entry = page.locator(":target")
    expect(entry).to_be_in_viewport()
    expect(entry).to_be_focused()
    expect(entry).to_have_accessible_name(re.compile("^Back to "))
    page.keyboard.press("Enter")
    expect(page).to_have_url(live_studies + "/trials/monsel-2022/#value-title")
    expect(page.locator("#value-title")).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(number).to_be_focused()


def test_keyboard_alone_opens_and_closes_an_explanation(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/monsel-2022/")
    word = page.locator(".in-short").get_by_role("button", name="ARDS", exact=True)
    meaning = page.get_by_text("A life-threatening condition")
    expect(meaning).to_be_hidden()
    tab_to(page, word)
    page.keyboard.press("Enter")
    expect(meaning).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".definition:popover-open").get_by_role("link", name="In the glossary")).to_be_focused()
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    expect(word).to_be_focused()


# --- Without JavaScript -----------------------------------------------------------------------------------------


@without_javascript
def test_without_javascript_the_button_filters_and_everything_is_reached(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Studies").click()
    page.get_by_role("checkbox", name="Randomised controlled trial").check()
    expect(count(page)).to_have_text(ALL)  # nothing happens before the button
    page.get_by_role("button", name="Show the studies").click()
    expect(count(page)).to_have_text(RANDOMISED)
    assert authors(page) == ["Rebelatto CLK", "Monsel A", "Dilogo IH", "Lanzoni G"]
    assert ticked(page) == ["randomised"]

    page.get_by_role("link", name=MONSEL).click()
    page.get_by_role("link", name=re.compile("^Source 1 for ")).first.click()
    expect(page.locator(":target")).to_be_in_viewport()
    page.locator(".in-short").get_by_role("button", name="ARDS", exact=True).click()
    expect(page.get_by_text("A life-threatening condition")).to_be_visible()

    page.goto(live_studies + "/trials/?design=randomised&view=table&sort=largest")
    page.get_by_role("link", name="Remove: Randomised controlled trial").click()
    expect(count(page)).to_have_text(ALL)
    assert page.url == live_studies + "/trials/?view=table&sort=largest"
    assert page.locator(".characteristics tbody th a").all_inner_texts()[:2] == ["Monsel 2022", "Dilogo 2021"]


@without_javascript
@pytest.mark.browser_context_args(viewport=PHONE, java_script_enabled=False)
def test_without_javascript_the_other_filters_unfold_on_a_phone(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/")
    turkey = page.get_by_role("checkbox", name="Turkey")
    expect(turkey).to_be_hidden()
    page.get_by_text("More filters").click()
    turkey.check()
    page.get_by_label("From").select_option("2021")
    page.get_by_role("button", name="Show the studies").click()
    expect(count(page)).to_have_text("1 of 8 studies, 30 people, 1 country")
    expect(page.get_by_text("More filters (2 on)")).to_be_visible()
    expect(page.get_by_role("list", name="Filters that are on").get_by_role("link")).to_have_text(
        [re.compile("Turkey"), re.compile("From 2021"), "Clear all"]
    )


# --- Widths -----------------------------------------------------------------------------------------------------


@pytest.mark.browser_context_args(viewport=PHONE)
def test_the_count_stands_near_the_top_of_a_phone(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/")
    expect(page.get_by_role("group", name="Study design")).to_be_visible()
    expect(page.get_by_role("group", name="Phase")).to_be_hidden()
    box = count(page).bounding_box()
    assert box
    assert box["y"] + box["height"] < 852  # one screen and a half of 568


@pytest.mark.parametrize(("width", "beside"), [(959, False), (960, True), (1280, True)])
def test_filters_stand_beside_the_results_from_60rem_up(
    page: Page, live_studies: str, width: int, beside: bool
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_studies + "/trials/")
    filters, results = page.locator("#filters").bounding_box(), page.locator("#results").bounding_box()
    assert filters
    assert results
    if beside:
        assert filters["x"] + filters["width"] < results["x"]
        assert abs(filters["y"] - results["y"]) < 1
    else:
        assert filters["x"] == results["x"]
        assert filters["y"] + filters["height"] < results["y"]
    expect(page.get_by_role("group", name="Phase")).to_be_visible(visible=beside)
    expect(page.get_by_text("More filters")).to_be_visible(visible=not beside)


@pytest.mark.browser_context_args(viewport=PHONE)
def test_no_page_scrolls_sideways_on_a_phone(page: Page, live_studies: str, settings) -> None:
    for number in range(13):
        make_trial(slug=f"made-{number}", rows=False)
    wide = {}

    def measure(address: str) -> None:
        page.goto(live_studies + address)
        page.evaluate("scrollTo(1000, 0)")
        width, moved = page.evaluate("[document.documentElement.scrollWidth, scrollX]")
        if (width, moved) != (320, 0):
            wide[address] = width

    for address in (*PUBLIC_PAGES.values(), "/trials/?page=2", "/nothing-here/"):
        measure(address)
    settings.MAINTENANCE = True
    measure("/")
    assert wide == {}


# --- Calm, and paper --------------------------------------------------------------------------------------------

LAYOUT_SHIFT = """() => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => { for (const shift of list.getEntries()) sum += shift.value; })
        .observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(sum), 300);
})"""


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("address", ["/", "/trials/", "/trials/lanzoni-2021/"], ids=["overview", "list", "study"])
def test_nothing_moves_while_a_page_loads(page: Page, live_studies: str, address: str, size: dict[str, int]) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(live_studies + address)
    assert page.evaluate(LAYOUT_SHIFT) < 0.01
    # The measure itself: text pushed down is seen.
    page.evaluate(
        "document.getElementById('main').prepend(Object.assign(document.createElement('h2'), "
        "{innerHTML: 'Pushed<br>in<br>later'}))"
    )
    assert page.evaluate(LAYOUT_SHIFT) > 0.01


@pytest.mark.parametrize(("wish", "seconds"), [("reduce", "0s"), ("no-preference", "0.12s")])
def test_colours_change_at_once_for_those_who_want_no_motion(
    page: Page, live_studies: str, wish: str, seconds: str
) -> None:
    page.emulate_media(reduced_motion=wish)  # type: ignore[arg-type]
    page.goto(live_studies + "/trials/")
    for selector in ("#filters button", "#main a", "header a"):
        lasting = page.locator(selector).first.evaluate("element => getComputedStyle(element).transitionDuration")
        assert set(lasting.split(", ")) == {seconds}, selector
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_print_shows_the_record_and_its_sources_and_no_navigation(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/monsel-2022/")
    page.emulate_media(media="print")
    for gone in (
        page.get_by_role("link", name="Skip to the main text"),
        page.get_by_role("navigation", name="Main"),
        page.get_by_role("search"),
        page.get_by_role("navigation", name="You are here"),
        page.get_by_role("navigation", name="Other studies"),
    ):
        expect(gone).to_be_hidden()
    for there in (
        page.get_by_role("heading", level=1, name=MONSEL),
        page.get_by_role("heading", name="Key facts"),
        page.get_by_role("cell", name="5 of 21"),
        page.get_by_role("heading", name="Where each value comes from"),
        page.locator(".sources > li").last,
        page.get_by_text("http://127.0.0.1:8000/trials/monsel-2022/"),  # where the paper copy came from
    ):
        expect(there).to_be_visible()


def test_print_unfolds_the_authors(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/lanzoni-2021/")
    unfolded = "document.querySelector('.authors details').getBoundingClientRect().height > 100"
    assert not page.evaluate(unfolded)
    page.emulate_media(media="print")
    assert page.evaluate(unfolded)


def test_print_shows_the_list_without_its_filters(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/?design=randomised")
    page.emulate_media(media="print")
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.get_by_role("list", name="Sort by")).to_be_hidden()
    expect(count(page)).to_be_visible()
    assert authors(page) == ["Rebelatto CLK", "Monsel A", "Dilogo IH", "Lanzoni G"]
