"""Explained words, the header and large text on the pages that staff write."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

PHONE = {"width": 360, "height": 640}


def without_popovers(route: Route) -> None:
    """Answer with the styles as a browser reads them that does not know popovers."""
    response = route.fetch()
    route.fulfill(response=response, body=response.text().replace(":popover-open)", ":not-known)"))


@pytest.mark.parametrize("width", [360, 1280])
def test_explanation_opens_next_to_its_word_and_is_closed_by_its_button(
    page: Page, site_address: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(site_address)
    word = page.get_by_role("button", name="acute respiratory distress syndrome")
    definition = page.locator("#term-ards")
    word.click()
    expect(definition).to_be_visible()
    lines, box = page.locator("label.explained", has=word).bounding_box(), definition.bounding_box()
    assert lines
    assert box
    gap = max(box["y"] - (lines["y"] + lines["height"]), lines["y"] - (box["y"] + box["height"]))
    assert -30 <= gap < 40  # it may cover the other line of words on two lines
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    definition.get_by_role("button", name="Close").click()
    expect(definition).to_be_hidden()


def test_explained_words_wrap_and_each_of_their_lines_opens_the_explanation(page: Page, site_address: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(site_address)
    words = page.locator("label.explained span", has_text=re.compile("^acute respiratory distress syndrome$"))
    lines = words.evaluate("e => [...e.getClientRects()].map(r => [r.x + r.width / 2, r.y + r.height / 2])")
    assert len(lines) == 2
    for x, y in lines:
        page.mouse.click(x, y)
        expect(page.locator("#term-ards")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#term-ards")).to_be_hidden()


def test_browser_without_popovers_has_links_to_the_glossary_and_no_open_box(page: Page, site_address: str) -> None:
    page.route("**/*.css", without_popovers)
    page.goto(f"{site_address}/about/")
    assert [box.is_visible() for box in page.locator(".definition").all() if box.is_visible()] == []
    expect(page.locator("button.term").first).to_be_hidden()
    page.get_by_role("link", name="ARDS", exact=True).click()
    expect(page).to_have_url(f"{site_address}/glossary/#ards")
    page.wait_for_load_state()  # no request is left for the next test


def test_menu_is_one_line_on_a_phone_whichever_page_is_the_current_one(page: Page, site_address: str) -> None:
    page.set_viewport_size(PHONE)
    for address in ("/", "/trials/", "/evidence/", "/relatives/", "/about/"):
        page.goto(f"{site_address}{address}")
        tops = {
            link.bounding_box()["y"] for link in page.get_by_role("navigation", name="Main").get_by_role("link").all()
        }
        assert len(tops) == 1, address


def test_header_leaves_a_phone_to_the_text(page: Page, site_address: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(site_address)
    header = page.get_by_role("banner").bounding_box()
    assert header
    assert header["height"] <= 120
    expect(page.get_by_role("searchbox", name="Search the studies")).to_be_visible()
    expect(page.get_by_role("heading", name="The short answer")).to_be_in_viewport()
