"""The account pages: policy, caching and valid HTML."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.people import PASSWORD, log_in, make_person, set_up_app
from tests.tools import assert_valid_html
from tests.trials.accounts.test_login import SECOND_STEP, heading

pytestmark = pytest.mark.django_db

POLICY = (
    "default-src 'none'; frame-ancestors 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; "
    "connect-src 'self'; script-src 'self'; form-action 'self'"
)
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


def assert_strict(response: Any) -> None:
    text = response.content.decode()
    directives = response["Content-Security-Policy"].split("; ")
    assert sorted(directives) == sorted(POLICY.split("; "))
    assert "no-store" in response["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in text
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []
    assert [
        tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag and "application/json" not in tag
    ] == []
    assert re.findall(r'(?:src|href)="(?:data|https?):[^"]*"', re.sub(r"<(?:link|meta)[^>]*>", "", text)) == []


@pytest.mark.parametrize(("address", "title"), PUBLIC_PAGES.items(), ids=PUBLIC_PAGES)
def test_public_account_page_is_strict_and_never_cached(client: Client, address: str, title: str) -> None:
    response = client.get(address)
    assert heading(response) == title
    assert_strict(response)


def test_account_page_is_strict_and_never_cached(client: Client) -> None:
    make_person()
    log_in(client)
    page = client.get("/account/second-factor/totp/activate/", follow=True)
    client.post(page.request["PATH_INFO"], {"password": PASSWORD})
    page = client.get("/account/second-factor/totp/activate/")
    assert heading(page) == "Set up an authenticator app"
    assert re.search(
        r'<svg class="qr" role="img" aria-label="QR code for your app" version="1.1" viewBox="[\d ]+"',
        page.content.decode(),
    )
    assert_strict(page)
    set_up_app(client)
    for address, title in ACCOUNT_PAGES.items():
        response = client.get(address, follow=True)
        assert heading(response) == title, address
        assert_strict(response)


def test_second_step_is_strict_and_never_cached(client: Client) -> None:
    make_person()
    log_in(client)
    set_up_app(client)
    browser = Client()
    log_in(browser)
    response = browser.get(SECOND_STEP)
    assert heading(response) == "Second step"
    assert_strict(response)


def test_html_is_valid(client: Client) -> None:
    make_person()
    pages = {f"public {address}": client.get(address).content for address in PUBLIC_PAGES}
    pages["refused"] = log_in(client, "ann", "wrong").content
    log_in(client)
    page = client.get("/account/second-factor/totp/activate/", follow=True)
    client.post(page.request["PATH_INFO"], {"password": PASSWORD})
    activate = "/account/second-factor/totp/activate/"
    pages |= {"app": client.get(activate).content, "wrong code": client.post(activate, {"code": "0"}).content}
    set_up_app(client)
    pages |= {f"account {address}": client.get(address, follow=True).content for address in ACCOUNT_PAGES}
    browser = Client()
    log_in(browser)
    pages["second step"] = browser.get(SECOND_STEP).content
    assert_valid_html(pages)
