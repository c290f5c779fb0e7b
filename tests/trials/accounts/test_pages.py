"""The account pages: policy, caching and valid HTML."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.people import log_in, set_up_app
from tests.tools import assert_valid_html
from tests.trials.accounts.test_login import SECOND_STEP, heading
from tests.users import PASSWORD, member

pytestmark = pytest.mark.django_db

PUBLIC_PAGES = {
    "/account/login/": "Log in",
    "/account/password/reset/": "Forgotten your password?",
    "/account/password/reset/sent/": "Check your e-mail",
    "/account/password/reset/1-none/": "This link no longer works",
    "/account/password/reset/done/": "Your password has been changed",
    "/account/inactive/": "You cannot log in",
}
ACCOUNT_PAGES = {
    "/account/": "Your second factor",
    "/account/mail/": "E-mails about drafts",
    "/account/logout/": "Log out",
    "/account/confirm/": "Confirm that it is you",
    "/account/password/change/": "Change your password",
    "/account/second-factor/": "Your second factor",
    "/account/second-factor/reauthenticate/": "Confirm that it is you",
    "/account/second-factor/totp/deactivate/": "Turn the app off",
    "/account/second-factor/recovery-codes/": "Your recovery codes",
    "/account/second-factor/recovery-codes/generate/": "Make recovery codes",
    "/account/second-factor/webauthn/": "Your keys",
    "/account/second-factor/webauthn/add/": "Add a key",
}


ACTIVATE = "/account/second-factor/totp/activate/"


@pytest.fixture
def pages(client: Client) -> dict[str, Any]:
    """The response of each account page, by its address or what was done."""
    found = {address: Client().get(address) for address in PUBLIC_PAGES}
    member()
    found["refused"] = log_in(client, "ann", "wrong")
    log_in(client)
    confirm = client.get(ACTIVATE, follow=True)
    client.post(confirm.request["PATH_INFO"], {"password": PASSWORD})
    found |= {"app": client.get(ACTIVATE), "wrong code": client.post(ACTIVATE, {"code": "0"})}
    set_up_app(client)
    found |= {address: client.get(address, follow=True) for address in ACCOUNT_PAGES}
    browser = Client()
    log_in(browser)
    return found | {"second step": browser.get(SECOND_STEP)}


def test_every_page_is_strict_and_never_cached(pages: dict[str, Any]) -> None:
    headings = {"refused": "Log in", "app": "Set up an authenticator app", "wrong code": "Set up an authenticator app"}
    headings |= {"second step": "Second step"}
    assert {name: heading(page) for name, page in pages.items()} == PUBLIC_PAGES | ACCOUNT_PAGES | headings
    for page in pages.values():
        text = page.content.decode()
        assert "no-store" in page["Cache-Control"]
        assert '<meta name="robots" content="noindex">' in text
        assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []
        assert re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", text) == []
        assert re.findall(r'(?:src|href)="(?:data|https?):[^"]*"', re.sub(r"<(?:link|meta)[^>]*>", "", text)) == []


def test_code_for_an_app_is_a_picture_in_the_page(pages: dict[str, Any]) -> None:
    svg = r'<svg class="qr" role="img" aria-label="QR code for your app" version="1.1" viewBox="[\d ]+"'
    assert re.search(svg, pages["app"].content.decode())


def test_name_of_a_new_key_is_its_number(pages: dict[str, Any]) -> None:
    assert 'value="Key 1"' in pages["/account/second-factor/webauthn/add/"].content.decode()


def test_html_is_valid(pages: dict[str, Any]) -> None:
    assert_valid_html({name: page.content for name, page in pages.items()})
