"""Every kind of public page passes axe on a phone and on a desktop, in light and dark."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.tools import assert_accessible

ADDRESSES = {
    "overview": "/",
    "list": "/trials/",
    "table": "/trials/?view=table",
    "wrong filter": "/trials/?design=nonsense",
    "study": "/trials/lanzoni-2021/",
    "case series": "/trials/hashemian-2021/",
    "history": "/trials/dilogo-2021/history/",
    "changes": "/changes/",
    "problem": "/changes/?page=abc",
    "glossary": "/glossary/",
    "about": "/about/",
    "relatives": "/relatives/",
    "methods": "/methods/",
    "data": "/data/",
    "interface": "/api/v1/",
    "earlier version": "/trials/dilogo-2021/v/1/",
    "not found": "/nothing-here/",
}
SIZES = {"phone": {"width": 320, "height": 568}, "desktop": {"width": 1280, "height": 800}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_every_kind_of_page_is_accessible_and_does_not_scroll_sideways(
    page: Page, site_address: str, scheme: Any, size: Any
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(size)
    overflow = {}
    for name, address in ADDRESSES.items():
        page.goto(site_address + address)
        assert_accessible(page)
        overflow[name] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert [name for name, pixels in overflow.items() if pixels > 0] == []


def test_study_with_an_explanation_and_all_parts_open_is_accessible(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/trials/lanzoni-2021/?sources=all")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    page.locator("button.term").first.click()
    assert_accessible(page)
