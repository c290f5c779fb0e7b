"""Readers' ways through the public pages, from the front page to what they came for, on a phone and on a desktop."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.tools import FOLDED_FILTERS, PUBLIC_PAGES

SIZES = {"phone": {"width": 360, "height": 640}, "desktop": {"width": 1280, "height": 800}}

# What has the focus: whether it is seen, uncovered, and marked as focused, it or the words that it belongs to.
FOCUS = """() => {
    const focused = document.activeElement;
    const marked = [focused, focused.closest('label')?.firstElementChild].some(
        each => each && getComputedStyle(each).outlineStyle !== 'none');
    const box = focused.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const onTop = document.elementFromPoint(x, y);
    const uncovered = onTop === focused || focused.contains(onTop) || onTop?.contains(focused);
    return focused === document.body || (marked && uncovered) ? null : focused.outerHTML.slice(0, 200);
}"""


@pytest.fixture(params=SIZES.values(), ids=SIZES)
def reader(request: pytest.FixtureRequest, page: Page, site_address: str) -> Page:
    """A page that shows the overview."""
    page.set_viewport_size(request.param)
    page.goto(site_address)
    return page


def main_link(page: Page, address: str) -> Locator:
    return page.get_by_role("main").locator(f'a[href="{address}"]').first


def tab_to(page: Page, place: Locator, most: int) -> None:
    """Press Tab until this place has the focus, at most so many times. What has the focus on the way is seen."""
    stops = 0
    while not place.evaluate("each => each === document.activeElement"):
        page.keyboard.press("Tab")
        stops += 1
        assert page.evaluate(FOCUS) is None
        assert stops <= most, place


def test_relative_finds_the_short_answer_and_what_to_ask(reader: Page) -> None:
    expect(reader.locator(".short-answer h2")).to_be_in_viewport()
    expect(reader.locator(".short-answer p").first).to_be_in_viewport()
    reader.get_by_role("navigation", name="Main").get_by_role("link", name="For relatives").click()
    expect(reader).to_have_url(re.compile(r"/relatives/$"))
    question = "#what-you-can-ask-the-hospital-team"
    reader.get_by_role("navigation", name="On this page").locator(f'a[href="{question}"]').click()
    expect(reader.locator(question)).to_be_in_viewport()
    expect(reader.locator(f"{question} ~ ul").first).to_be_in_viewport()


def test_physician_sees_the_deaths_of_each_randomised_study_with_day_and_comparison(reader: Page) -> None:
    main_link(reader, "/trials/?design=randomised").click()
    studies = reader.locator(".entry")
    expect(studies.locator(".deaths")).to_have_text(
        [
            re.compile(r"5 of 11 given cells.* 1 of 6 in the comparison group.*; day not stated"),
            re.compile(r"5 of 21 given cells.* 4 of 24 in the comparison group.*; during follow-up \(day not stated\)"),
            re.compile(r"10 of 20 given cells.* 16 of 20 in the comparison group.*; day not stated"),
            re.compile(r"2 of 12 given cells.* 7 of 12 in the comparison group.*; by day 31"),
        ]
    )
    reader.locator("#results").get_by_role("link", name="Table", exact=True).click()
    expect(reader.locator('[data-label="Compared with"]')).to_have_text(["Placebo"] * 4)
    reader.get_by_role("rowheader").get_by_role("link", name="Lanzoni 2021").click()
    deaths = reader.get_by_role("row", name=re.compile("2 of 12")).first
    deaths.scroll_into_view_if_needed()
    expect(deaths).to_be_in_viewport()


def test_librarian_finds_a_study_by_a_pasted_doi_address(reader: Page) -> None:
    address = "https://doi.org/10.1002/sctm.20-0472"
    search = reader.get_by_role("searchbox")
    search.fill(address)
    search.press("Enter")
    expect(reader.locator("#count")).to_contain_text("1 of 8")
    reader.locator(".entry h3").get_by_role("link").click()
    expect(reader).to_have_url(re.compile(r"/trials/lanzoni-2021/$"))
    expect(reader.get_by_role("link", name="10.1002/sctm.20-0472").first).to_have_attribute("href", address)


def test_reader_with_a_keyboard_alone_filters_the_list_and_opens_a_source(reader: Page) -> None:
    tab_to(reader, reader.locator('nav a[href="/trials/"]'), most=6)
    reader.keyboard.press("Enter")
    reader.wait_for_url(re.compile(r"/trials/$"))
    tab_to(reader, reader.get_by_role("link", name="Skip to the main text"), most=1)
    reader.keyboard.press("Enter")
    expect(reader.locator("#main")).to_be_focused()
    for folded in reader.locator(FOLDED_FILTERS).all():
        tab_to(reader, folded, most=12)
        reader.keyboard.press("Enter")
    tab_to(reader, reader.locator("#design-randomised"), most=12)
    reader.keyboard.press("Space")
    expect(reader.locator("#count")).to_contain_text("4 of 8")
    tab_to(reader, reader.locator("#show"), most=40)
    reader.keyboard.press("Enter")
    expect(reader.locator("#count")).to_be_focused()
    tab_to(reader, reader.locator('.entry a[href="/trials/lanzoni-2021/"]'), most=60)
    reader.keyboard.press("Enter")
    expect(reader).to_have_url(re.compile(r"/trials/lanzoni-2021/$"))
    number = reader.locator("#results ~ * button.source-number, section button.source-number").first
    tab_to(reader, number, most=40)
    reader.keyboard.press("Enter")
    expect(reader.locator(".source-box:popover-open")).to_be_visible()
    reader.keyboard.press("Escape")
    expect(reader.locator(".source-box:popover-open")).to_have_count(0)
    expect(number).to_be_focused()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_reader_without_scripts_searches_filters_and_opens_a_source(
    new_context: Any, site_address: str, size: Any
) -> None:
    page = new_context(java_script_enabled=False, viewport=size).new_page()
    page.goto(site_address)
    page.get_by_role("searchbox").fill("umbilical")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#count")).to_contain_text("8 of 8")
    page.wait_for_load_state()
    for folded in page.locator(FOLDED_FILTERS).all():
        folded.click()
    page.locator("#design-randomised").check()
    page.locator("#show").click()
    expect(page.locator("#count")).to_contain_text("4 of 8")
    expect(page.locator("#count")).to_be_in_viewport()
    page.locator('.entry a[href="/trials/lanzoni-2021/"]').click()
    page.locator("button.source-number").first.click()
    expect(page.locator(".source-box:popover-open")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("details", has=page.locator("#value-doi")).locator("summary").click()
    expect(page.locator("#value-doi")).to_be_visible()


def test_no_page_scrolls_sideways_with_text_of_twice_the_size(page: Page, site_address: str) -> None:
    """On a phone only the text grows. On a desktop the whole page does: it has half as many pixels."""
    for address in PUBLIC_PAGES.values():
        page.set_viewport_size({"width": 640, "height": 400})
        page.goto(site_address + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, address
        page.set_viewport_size(SIZES["phone"])
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


def test_change_of_a_folded_entry_leads_to_the_entry_unfolded(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/changes/")
    page.locator('.change h3 a[href^="/reviews/#"]').first.click()
    expect(page.locator(":target")).to_be_in_viewport()


def test_reader_opens_and_closes_an_explanation_with_the_keyboard(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/about/")
    term = page.locator("button.term").first
    definition = page.locator(f"#{term.get_attribute('popovertarget')}")
    expect(definition).to_be_hidden()
    term.focus()
    page.keyboard.press("Enter")
    expect(definition).to_be_visible()
    page.keyboard.press("Escape")
    expect(definition).to_be_hidden()
    expect(term).to_be_focused()


def test_printed_study_shows_its_address_and_no_navigation(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/trials/lanzoni-2021/")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.locator(".previous-next")).to_be_hidden()
    expect(page.locator("footer .print-only")).to_contain_text("/trials/lanzoni-2021/")
