"""The account pages in a browser: keys work, no axe fault, no page wider than a phone."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from playwright.sync_api import Page, expect

from tests.people import totp_code
from tests.tools import assert_accessible
from tests.trials.accounts.test_pages import PUBLIC_PAGES
from tests.users import PASSWORD, member

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FACTORS = "/account/second-factor/"


@pytest.fixture
def site(transactional_db: Any, live_server: Any) -> Iterator[str]:
    cache.clear()  # no test empties the table of the cache, which has no model
    yield str(live_server.url)
    cache.clear()


@pytest.fixture
def ann(site: str) -> User:
    return member("ann", "Editors")


@pytest.fixture
def key(page: Page) -> None:
    """Add a virtual key to the browser."""
    debugger = page.context.new_cdp_session(page)
    debugger.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    debugger.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def assert_page_is_accessible(page: Page, heading: str) -> None:
    """Check the page as it is now, at 320 and 1280 pixels, in light and dark."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert_accessible(page)


def log_in(page: Page, site: str, password: str = PASSWORD) -> None:
    page.goto(site + "/admin/")
    page.get_by_label("User name or e-mail address").fill("ann")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()


def confirm(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


@pytest.mark.parametrize(("address", "heading"), PUBLIC_PAGES.items(), ids=PUBLIC_PAGES)
def test_public_account_page_is_accessible(page: Page, site: str, address: str, heading: str) -> None:
    page.goto(site + address)
    assert_page_is_accessible(page, heading)


def test_failed_log_in_is_accessible_and_keeps_the_name(page: Page, site: str) -> None:
    log_in(page, site, "wrong")
    expect(page.get_by_role("alert").first).to_contain_text("The user name or the password is wrong.")
    expect(page).to_have_title("Error: Log in – ARDSinfo")
    expect(page.get_by_label("User name or e-mail address")).to_have_value("ann")
    assert_page_is_accessible(page, "Log in")


def test_lock_out_page_is_accessible(page: Page, site: str) -> None:
    for _ in range(6):
        page.goto(site + "/account/password/reset/")
        page.get_by_label("E-mail address").fill("ann@example.org")
        page.get_by_role("button", name="Send the link").click()
    assert_page_is_accessible(page, "Too many requests")


def test_set_up_and_use_of_an_app_is_accessible(page: Page, site: str, ann: User) -> None:
    log_in(page, site)
    page.get_by_role("link", name="Second factor").click()
    assert_page_is_accessible(page, "Your second factor")
    page.get_by_role("link", name="Set up an app").click()
    assert_page_is_accessible(page, "Confirm that it is you")
    confirm(page)
    assert_page_is_accessible(page, "Set up an authenticator app")
    expect(page.get_by_role("img", name="QR code for your app")).to_be_visible()
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Turn the app on").click()
    expect(page.get_by_text("This code is wrong.")).to_be_visible()
    assert_page_is_accessible(page, "Set up an authenticator app")
    page.get_by_label("Authenticator code").fill(totp_code(secret))
    page.get_by_role("button", name="Turn the app on").click()
    assert_page_is_accessible(page, "Your recovery codes")
    assert page.locator(".codes li").count() == 10
    page.get_by_role("link", name="I have stored them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    page.goto(site + FACTORS)
    expect(page.get_by_text("10 left.")).to_be_visible()
    assert_page_is_accessible(page, "Your second factor")
    for address, heading in {
        FACTORS + "totp/deactivate/": "Turn the app off",
        FACTORS + "recovery-codes/generate/": "Make recovery codes",
        FACTORS + "reauthenticate/": "Confirm that it is you",
        FACTORS + "webauthn/": "Your keys",
        FACTORS + "webauthn/add/": "Add a key",
        "/account/password/change/": "Change your password",
        "/account/logout/": "Log out",
    }.items():
        page.goto(site + address)
        assert_page_is_accessible(page, heading)
    page.get_by_role("button", name="Log out").click()
    log_in(page, site)
    assert_page_is_accessible(page, "Second step")
    page.get_by_label("Code").fill(totp_code(secret))
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).to_have_url(site + "/admin/")


def test_passkey_is_set_up_and_is_enough_to_log_in(page: Page, site: str, ann: User, key: None) -> None:
    log_in(page, site)
    page.goto(site + FACTORS + "webauthn/add/")
    confirm(page)
    page.get_by_label("Name").fill("Blue key")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.goto(site + FACTORS + "webauthn/")
    expect(page.get_by_text("Blue key, a passkey")).to_be_visible()
    assert_page_is_accessible(page, "Your keys")
    page.get_by_role("link", name="Rename Blue key").click()
    assert_page_is_accessible(page, "Rename a key")
    page.get_by_label("Name").fill("Green key")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_text("Green key, a passkey")).to_be_visible()
    page.goto(site + FACTORS + "webauthn/reauthenticate/")
    assert_page_is_accessible(page, "Confirm that it is you")
    page.get_by_role("button", name="Use a key").click()
    expect(page).to_have_url(site + "/admin/")

    page.goto(site + "/account/logout/")
    page.get_by_role("button", name="Log out").click()
    page.goto(site + "/admin/trials/trial/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page).to_have_url(site + "/admin/trials/trial/")

    page.goto(site + FACTORS + "webauthn/")
    page.get_by_role("link", name="Remove Green key").click()
    confirm(page)
    assert_page_is_accessible(page, "Remove a key")
    page.get_by_role("button", name="Remove the key").click()
    expect(page.get_by_text("You have no keys.")).to_be_visible()


def test_key_is_a_second_factor(page: Page, site: str, ann: User, key: None) -> None:
    log_in(page, site)
    page.goto(site + FACTORS + "webauthn/add/")
    confirm(page)
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.goto(site + "/account/logout/")
    page.get_by_role("button", name="Log out").click()
    log_in(page, site)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    page.get_by_role("button", name="Use a key").click()
    expect(page).to_have_url(site + "/admin/")


def test_missing_key_is_reported_on_the_page(page: Page, site: str, key: None) -> None:
    page.goto(site + "/account/login/")
    expect(page.locator("#key-error")).to_be_hidden()
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The key was not used.")
    assert_page_is_accessible(page, "Log in")
