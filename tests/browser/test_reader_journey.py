"""A reader's way through the public pages, one journey for each kind of page."""

from playwright.sync_api import Page, expect


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


def test_reader_goes_from_a_study_to_its_history_to_all_changes(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/trials/dilogo-2021/")
    page.get_by_role("link", name="Changes to this entry").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Changes to this entry")
    page.get_by_role("link", name="Changes on the whole site").click()
    page.get_by_role("link", name="Dilogo 2021").click()
    expect(page).to_have_url(f"{site_address}/trials/dilogo-2021/")


def test_reader_skips_the_navigation_with_the_keyboard(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/glossary/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the main text")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_reader_without_scripts_sees_everything(page: Page, site_address: str) -> None:
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"{site_address}/trials/lanzoni-2021/")
    page.locator("summary", has_text="Title, authors").click()
    expect(page.get_by_text("Camillo Ricordi")).to_be_visible()


def test_printed_study_shows_its_address_and_no_navigation(page: Page, site_address: str) -> None:
    page.goto(f"{site_address}/trials/lanzoni-2021/")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.locator(".previous-next")).to_be_hidden()
    expect(page.locator(".print-only")).to_contain_text("/trials/lanzoni-2021/")
