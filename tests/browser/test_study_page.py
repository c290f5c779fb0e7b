"""The page of a study in a real browser: what it costs to read, and how its sources open."""

import pytest
from playwright.sync_api import Page, expect

from tests.tools import assert_accessible

SLUGS = (
    "adas-2021", "dilogo-2021", "hashemian-2021", "kaffash-farkhad-2022", "lanzoni-2021", "monsel-2022",
    "rebelatto-2022", "yip-2020",
)  # fmt: skip
# What the Tab key reaches, before the element with this id and in all.
TAB_STOPS = """id => {
    const stops = [...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')]
        .filter(stop => stop.checkVisibility({contentVisibilityAuto: true}));
    const place = document.getElementById(id);
    const before = stops.filter(
        stop => stop.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING);
    return [before.length, stops.length];
}"""


def test_what_happened_is_near_and_the_folded_page_is_short(page: Page, site_address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    for slug in SLUGS:
        page.goto(f"{site_address}/trials/{slug}/")
        before, in_all = page.evaluate(TAB_STOPS, "results")
        assert before <= 25, slug
        assert in_all <= 80, slug
        assert page.evaluate("document.documentElement.scrollHeight") <= 9000, slug


def test_short_answer_begins_on_the_first_screen_of_a_phone(page: Page, site_address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    for slug in SLUGS:
        page.goto(f"{site_address}/trials/{slug}/")
        end_of_first_sentence = page.evaluate("""() => {
            const walker = document.createTreeWalker(document.querySelector('.summary p'), NodeFilter.SHOW_TEXT);
            const range = document.createRange();
            while (walker.nextNode()) {
                const end = walker.currentNode.data.search(/[.](\\s|$)/);
                if (end >= 0) {
                    range.setStart(walker.currentNode, end);
                    range.setEnd(walker.currentNode, end + 1);
                    return range.getBoundingClientRect().bottom;
                }
            }
        }""")
        assert end_of_first_sentence <= 640, slug


def test_study_does_not_scroll_sideways_in_a_narrow_window_or_with_large_text(page: Page, site_address: str) -> None:
    for slug in SLUGS:
        page.goto(f"{site_address}/trials/{slug}/?sources=all")
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        for width, text in ((320, 100), (360, 130), (360, 200), (768, 200), (1280, 200)):
            page.set_viewport_size({"width": width, "height": 640})
            page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{text}%")
            # Of the study alone: the frame around it is the same on every page.
            right = page.evaluate("""() => Math.max(...[...document.querySelectorAll('article *')]
                .filter(each => each.checkVisibility() && !each.closest('.visually-hidden, thead'))
                .map(each => each.getBoundingClientRect().right))""")
            assert right <= width + 1, (slug, width, text)


@pytest.mark.parametrize("width", [360, 1280])
def test_source_opens_in_place_and_closes_by_escape_and_by_touch(page: Page, site_address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{site_address}/trials/dilogo-2021/")
    control = page.get_by_role("button", name="for Severity")
    box = page.locator(".source-box:popover-open")
    control.press("Enter")
    expect(box).to_be_in_viewport(ratio=1)
    expect(box.get_by_role("link").first).to_have_attribute("href", page.locator(".sources a.document").evaluate_all(
        "(links, number) => links[number - 1].href", int(control.inner_text().split(",")[0])
    ))  # fmt: skip
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(control).to_be_focused()
    control.click()
    box.get_by_role("button", name="Close").click()
    expect(box).to_have_count(0)


def test_second_step_leads_to_the_value_among_all_sources_and_back(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/trials/dilogo-2021/")
    page.get_by_role("button", name="for Severity").click()
    page.locator(".source-box:popover-open").get_by_role("link", name="All sources").click()
    entry = page.locator(".cited-value:target")
    expect(entry).to_be_in_viewport()
    entry.press("Enter")
    expect(page.locator("#value-severity:target")).to_be_in_viewport()


def test_browser_without_popovers_shows_no_box_and_leads_to_the_sources(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/trials/dilogo-2021/")
    page.evaluate("document.querySelectorAll('[popover]').forEach(each => each.removeAttribute('popover'))")
    expect(page.locator(".source-box:visible")).to_have_count(0)
    expect(page.get_by_role("button", name="for Severity")).to_have_count(0)
    page.get_by_role("link", name="for Severity").click()
    expect(page.locator(".cited-value:target")).to_be_in_viewport()


def test_link_to_a_folded_part_unfolds_it(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/trials/dilogo-2021/#value-doi")
    expect(page.locator("#value-doi")).to_be_in_viewport()


def test_tables_stay_tables_for_a_screen_reader_on_a_phone(page: Page, site_address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{site_address}/trials/dilogo-2021/")
    row = page.get_by_role("table", name="People with the event").get_by_role("row").nth(2)
    expect(row.get_by_role("rowheader")).to_have_text("UC-MSC + standard therapy")
    expect(row.get_by_role("cell").first).to_have_text("10 of 20")
    assert page.get_by_role("columnheader", name="As registered").count() == 1


def test_printed_study_is_short_and_prints_its_sources_only_while_they_are_shown(page: Page, site_address: str) -> None:
    for slug in SLUGS:
        page.goto(f"{site_address}/trials/{slug}/")
        assert 2 <= page.pdf(format="A4").count(b"/Type /Page\n") <= 4, slug
    page.emulate_media(media="print")
    expect(page.locator(".sources")).to_be_hidden()
    expect(page.locator("button.source-number").first).to_be_hidden()
    expect(page.locator("#value-doi")).to_be_visible()
    page.goto(f"{site_address}/trials/lanzoni-2021/?sources=all")
    expect(page.locator(".sources")).to_be_visible()
    expect(page.locator("button.source-number").first).to_be_visible()
