"""No kind of public page has a fault that axe can see: narrow and wide, light and dark."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from playwright.sync_api import Page, expect

from tests.factories import make_trial
from tests.tools import PUBLIC_PAGES, assert_accessible


def assert_accessible_in_every_form(page: Page) -> None:
    """axe on the page as it is now, at 320 and 1280 px, in light and dark."""
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            # Without motion, for a colour on its way from one scheme to the other is neither.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert_accessible(page)


@pytest.fixture
def staff_page(page: Page, live_studies: str) -> Page:
    """A page where a member of staff who may look at studies, and nothing else, is logged in."""
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_trial"))
    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_studies}])
    return page


@pytest.mark.parametrize("address", PUBLIC_PAGES.values(), ids=PUBLIC_PAGES)
def test_page_has_no_fault(page: Page, live_studies: str, address: str) -> None:
    page.goto(live_studies + address)
    assert_accessible_in_every_form(page)


def test_list_of_several_pages_has_no_fault(page: Page, live_studies: str) -> None:
    for number in range(13):
        make_trial(slug=f"made-{number}", rows=False)
    page.goto(f"{live_studies}/trials/?page=2")
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    assert_accessible_in_every_form(page)


def test_list_with_more_filters_open_has_no_fault(page: Page, live_studies: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(live_studies + "/trials/")
    page.get_by_text("More filters").click()
    expect(page.get_by_role("group", name="Phase")).to_be_visible()
    assert_accessible_in_every_form(page)


@pytest.mark.parametrize("address", ["/", "/trials/", "/trials/lanzoni-2021/"], ids=["overview", "list", "study"])
def test_page_with_a_word_explained_has_no_fault(page: Page, live_studies: str, address: str) -> None:
    page.goto(live_studies + address)
    page.locator("button.term").first.click()
    expect(page.locator(".definition:popover-open")).to_be_visible()
    assert_accessible_in_every_form(page)


def test_study_with_every_author_shown_has_no_fault(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/trials/lanzoni-2021/")
    page.get_by_text("and 25 more authors").click()
    expect(page.get_by_text("Camillo Ricordi")).to_be_visible()
    assert_accessible_in_every_form(page)


def test_draft_as_staff_see_it_has_no_fault(staff_page: Page, live_studies: str) -> None:
    make_trial(slug="hidden-2026", status="draft")
    staff_page.goto(live_studies + "/trials/hidden-2026/")
    expect(staff_page.get_by_text("Not public: draft.")).to_be_visible()
    assert_accessible_in_every_form(staff_page)


def test_refusal_has_no_fault(staff_page: Page, live_studies: str) -> None:
    staff_page.goto(live_studies + "/admin/trials/page/")
    expect(staff_page.get_by_role("heading", name="You may not see this page")).to_be_visible()
    assert_accessible_in_every_form(staff_page)


def test_missing_page_has_no_fault(page: Page, live_studies: str) -> None:
    page.goto(live_studies + "/nothing-here/")
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    assert_accessible_in_every_form(page)


def test_failure_has_no_fault(page: Page, live_studies: str, monkeypatch) -> None:
    monkeypatch.delattr("trials.views.pages.render_markdown")
    page.goto(live_studies + "/glossary/")
    expect(page.get_by_role("heading", name="Something went wrong here")).to_be_visible()
    assert_accessible_in_every_form(page)


def test_maintenance_has_no_fault(page: Page, live_studies: str, settings) -> None:
    settings.MAINTENANCE = True
    page.goto(live_studies + "/")
    expect(page.get_by_role("heading", name="Back soon")).to_be_visible()
    assert_accessible_in_every_form(page)
