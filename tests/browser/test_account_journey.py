"""Invitation of a colleague and a forgotten password, in a real browser, with the e-mails that they send."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_editor_journey import log_in
from tests.users import PASSWORD, administrator, editor

pytestmark = pytest.mark.django_db(transaction=True)

NEW_PASSWORD = "a kettle of 12 blue fish"


@pytest.fixture(autouse=True)
def limits() -> Iterator[None]:
    cache.clear()  # no test empties the table of the cache, which has no model
    yield
    cache.clear()


def link_in_last_mail(url: str) -> str:
    """Return the link of the last e-mail, on the site under test."""
    found = re.search(r"https?://[^/\s]+(/account/password/reset/\S+)", str(mail.outbox[-1].body))
    assert found
    return url + found[1]


def set_password(page: Page) -> None:
    for box in page.locator("input[type=password]").all():
        box.fill(NEW_PASSWORD)
    page.locator("main form button").last.click()
    expect(page.locator("input[type=password]")).to_have_count(0)


def log_in_by_hand(page: Page, url: str, name: str) -> None:
    page.goto(f"{url}/admin/")
    page.get_by_label("User name or e-mail address").fill(name)
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")


def test_colleague_who_is_invited_sets_a_password_and_adds_a_study(
    page: Page, browser: Browser, live_server: Any
) -> None:
    log_in(page, live_server.url, administrator())
    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("link", name="Users", exact=True).first.click()
    page.get_by_role("link", name="Add user").click()
    page.get_by_label("Username").fill("editor")
    page.get_by_label("E-mail address").fill("editor@example.org")
    page.get_by_label("Groups").select_option(label="Editors")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("editor").first).to_be_visible()
    assert mail.outbox[-1].to == ["editor@example.org"]

    colleague = browser.new_page()
    link = link_in_last_mail(live_server.url)
    colleague.goto(link)
    set_password(colleague)
    log_in_by_hand(colleague, live_server.url, "editor")
    expect(colleague.get_by_role("link", name="Add to studies")).to_be_visible()
    colleague.goto(link)
    expect(colleague.locator("input[type=password]")).to_have_count(0)  # the link works once
    colleague.close()


def test_forgotten_password_is_replaced_by_the_link_of_an_e_mail(page: Page, live_server: Any) -> None:
    editor("editor")
    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("link", name=re.compile("password", re.IGNORECASE)).click()
    page.get_by_label("E-mail address").fill("editor@example.org")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_label("E-mail address")).to_have_count(0)
    page.goto(link_in_last_mail(live_server.url))
    set_password(page)
    assert mail.outbox[-1].to == ["editor@example.org"]  # and is told that it was changed
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("User name or e-mail address").fill("editor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_text("The user name or the password is wrong.").first).to_be_visible()
    log_in_by_hand(page, live_server.url, "editor")
