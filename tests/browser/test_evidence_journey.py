"""The evidence in a browser: from the list to studies side by side, and in print."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.tools import NO_FILE, SCRIPTS

FOUR = "trial=dilogo-2021&trial=hashemian-2021&trial=lanzoni-2021&trial=monsel-2022"  # long texts


@pytest.mark.parametrize("view", ["list", "table"])
@pytest.mark.parametrize("refused", [NO_FILE, SCRIPTS], ids=["scripts", "no scripts"])
def test_studies_chosen_on_the_list_are_shown_side_by_side(
    page: Page, site_address: str, view: str, refused: str
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.route(refused, lambda route: route.abort())
    page.goto(f"{site_address}/trials/?view={view}")
    page.get_by_role("checkbox", name="Compare Lanzoni 2021").check()
    page.get_by_role("checkbox", name="Compare Monsel 2022").check()
    page.get_by_role("button", name="Show side by side").click()
    expect(page).to_have_url(re.compile(r"/trials/compare/\?trial=monsel-2022&trial=lanzoni-2021$"))
    expect(page.get_by_role("columnheader", name="Lanzoni 2021")).to_be_attached()
    page.get_by_role("link", name=re.compile("Show only")).click()
    expect(page).to_have_url(re.compile(r"trial=monsel-2022&trial=lanzoni-2021&only=differences$"))


@pytest.mark.parametrize("refused", [NO_FILE, SCRIPTS], ids=["scripts", "no scripts"])
def test_ticks_stay_when_the_list_is_filtered_and_sorted(page: Page, site_address: str, refused: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.route(refused, lambda route: route.abort())
    page.goto(f"{site_address}/trials/")
    page.get_by_role("checkbox", name="Compare Lanzoni 2021").check()
    page.get_by_role("checkbox", name="Iran, 2 studies").check()
    page.locator("#show").click()
    expect(page.locator("#count")).to_contain_text("2 of 8 studies")
    page.get_by_role("link", name="Oldest").click()
    expect(page.get_by_role("checkbox", name="Lanzoni 2021, not on this page")).to_be_checked()
    page.get_by_role("checkbox", name="Compare Hashemian 2021").check()
    page.get_by_role("button", name="Show side by side").click()
    expect(page).to_have_url(re.compile(r"/trials/compare/\?trial=hashemian-2021&trial=lanzoni-2021$"))


def test_four_studies_side_by_side_are_printed_on_one_sheet(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/trials/compare/?{FOUR}")
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1


def test_people_are_seen_as_dots_and_read_as_numbers(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/trials/lanzoni-2021/")
    name = "Given cells, each person a dot: 2 of 12 died (17 per 100)"
    expect(page.get_by_role("img", name=name)).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("img", name=name)).to_be_visible()
