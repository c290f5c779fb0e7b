"""Every kind of public page passes axe on a phone and on a desktop, in light and dark."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.tools import PUBLIC_PAGES, assert_accessible

SIZES = {"phone": {"width": 320, "height": 568}, "desktop": {"width": 1280, "height": 800}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_every_kind_of_page_is_accessible_and_does_not_scroll_sideways(
    page: Page, site_address: str, scheme: Any, size: Any
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(size)
    overflow = {}
    for name, address in PUBLIC_PAGES.items():
        page.goto(site_address + address)
        assert_accessible(page)
        overflow[name] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert [name for name, pixels in overflow.items() if pixels > 0] == []


@pytest.mark.parametrize(
    "address", ["/trials/lanzoni-2021/?sources=all", "/other-studies/?design=randomised", "/reviews/"]
)
def test_page_with_all_its_parts_unfolded_is_accessible(page: Page, site_address: str, address: str) -> None:
    page.goto(site_address + address)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert_accessible(page)


def test_study_with_an_explanation_open_is_accessible(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/trials/lanzoni-2021/")
    page.locator("button.term").first.click()
    assert_accessible(page)
