"""The list in a browser: after every change of the list the reader sees how many studies there are.

Without JavaScript the form and the links lead to the count; with it the page stays and the count has the focus.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.tools import FOLDED_FILTERS, NO_FILE, SCRIPTS

SIZES = {"phone": {"width": 360, "height": 640}, "desktop": {"width": 1280, "height": 800}}


@pytest.fixture
def open_list(page: Page, site_address: str) -> Callable[..., Page]:
    def open_(size: Any, query: str = "") -> Page:
        page.set_viewport_size(size)
        page.goto(f"{site_address}/trials/{query}")
        for folded in page.locator(FOLDED_FILTERS).all():
            folded.click()
        return page

    return open_


def expect_count(page: Page, words: str) -> None:
    """Expect the count to be seen, with these words, and to have the focus."""
    count = page.locator("#count")
    expect(count).to_contain_text(words)
    expect(count).to_be_in_viewport(ratio=1)
    expect(count).to_be_focused()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(
    ("refused", "button"),
    [(NO_FILE, "Show 4 studies"), (SCRIPTS, "Show the studies")],
    ids=["scripts", "no scripts"],
)
def test_every_change_of_the_list_shows_the_count(
    page: Page, open_list: Any, size: Any, refused: str, button: str
) -> None:
    page.route(refused, lambda route: route.abort())
    open_list(size)
    page.get_by_role("checkbox", name="Randomised controlled trial, 4 studies", exact=True).check()
    page.get_by_role("button", name=button).click()
    expect_count(page, "4 of 8 studies")
    page.locator("#results").get_by_role("link", name="Oldest").click()
    expect(page).to_have_url(re.compile(r"\?design=randomised&sort=oldest(#count)?$"))
    expect_count(page, "4 of 8 studies")
    page.get_by_role("searchbox").fill("lanzoni")
    page.get_by_role("searchbox").press("Enter")
    expect_count(page, "1 of 8 studies")
    page.get_by_role("link", name="Remove: Search: lanzoni").click()
    expect_count(page, "4 of 8 studies")
    page.get_by_role("link", name="Table", exact=True).click()
    expect(page.get_by_role("table")).to_be_visible()
    expect_count(page, "4 of 8 studies")
    page.get_by_role("link", name="Clear all").click()
    expect_count(page, "8 of 8 studies")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_ticked_box_keeps_the_focus_with_the_count_in_view(open_list: Any, size: Any) -> None:
    page = open_list(size)
    box = page.get_by_role("checkbox", name="Iran, 2 studies", exact=True)
    box.check()
    expect(page.locator("#count")).to_contain_text("2 of 8 studies")
    expect(page.locator("#count")).to_be_in_viewport(ratio=1)
    expect(box).to_be_focused()
    expect(box).to_be_in_viewport()
    expect(page.get_by_role("status")).to_contain_text("2 of 8 studies")
    expect(page.get_by_role("button", name="Show 2 studies")).to_be_attached()


def test_cleared_search_box_shows_every_study(open_list: Any) -> None:
    page = open_list(SIZES["desktop"], query="?q=lanzoni")
    expect(page.get_by_role("button", name="Show 1 study")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("searchbox").dispatch_event("search", {"bubbles": True})  # as the × of the box does
    expect_count(page, "8 of 8 studies")
    assert "?" not in page.url


def test_back_returns_to_the_list_before(open_list: Any) -> None:
    page = open_list(SIZES["desktop"])
    page.get_by_label("Single-arm trial, 1 study").check()
    expect(page.locator("#count")).to_contain_text("1 of 8 studies")
    page.go_back()
    expect(page.locator("#count")).to_contain_text("8 of 8 studies")
    expect(page.get_by_label("Single-arm trial, 1 study")).not_to_be_checked()


def test_first_study_begins_within_a_screen_and_a_half_of_a_phone(open_list: Any) -> None:
    page = open_list(SIZES["phone"])
    page.locator(".filter-fold summary").click()
    box = page.locator(".entry").first.bounding_box()
    assert box["y"] < 960


@pytest.mark.parametrize("width", [320, 360, 480, 768])
def test_table_is_a_stack_of_labelled_rows_on_a_narrow_screen(page: Page, site_address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{site_address}/trials/?view=table&sort=author")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cells = page.locator("tbody tr").first.locator("td:visible")
    right = [cell.bounding_box()["x"] + cell.bounding_box()["width"] for cell in cells.all()]
    assert max(right) <= width
    labels = cells.evaluate_all("cells => cells.map(cell => getComputedStyle(cell, '::before').content)")
    assert labels[0].startswith('"People"')
    # It is still a table for a screen reader.
    expect(page.get_by_role("row", name=re.compile("Adas 2021")).get_by_role("rowheader")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Compared with")).to_be_attached()


@pytest.mark.parametrize("width", [1280, 1920])
def test_table_uses_the_width_of_a_wide_screen(page: Page, site_address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site_address}/trials/?view=table")
    box = page.get_by_role("table").bounding_box()
    assert box["width"] > 0.9 * width
    assert box["x"] >= 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("columnheader", name="People").get_by_role("link").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("People")
    expect(page.get_by_role("rowheader").first).to_contain_text("Monsel 2022")
