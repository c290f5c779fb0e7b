"""Log-in, passwords, limits and second factors of staff."""

import re
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client

from tests.dom import tree
from tests.people import LOGIN, form_errors, is_logged_in, log_in, sent_mail, set_up_app, totp_code
from tests.users import PASSWORD, member

pytestmark = pytest.mark.django_db

WRONG = "The user name or the password is wrong. Check both and try again."
WAIT = "Too many failed attempts from your network. Wait five minutes, then try again."
WRONG_CODE = "This code is wrong. A code from an app lasts 30 seconds and works once."
RESET = "/account/password/reset/"
SECOND_STEP = "/account/second-factor/authenticate/"
NEW = "a new one, and long"  # a password


@pytest.fixture(autouse=True)
def ann() -> User:
    return member("ann", "Editors")


def heading(response: Any) -> str:
    return tree(response).one("h1").text


# --- Log-in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/account/signup/", "/account/email/", "/account/second-factor/webauthn/signup/"])
def test_sign_up_and_address_pages_do_not_exist(client: Client, address: str) -> None:
    sent = {"username": "new", "email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    for response in (client.get(address), client.post(address, sent)):
        assert heading(response) == "Page not found"
    assert not User.objects.filter(username="new").exists()
    assert get_adapter().is_open_for_signup(response.wsgi_request) is False


def test_admin_redirects_to_the_log_in_and_back(client: Client) -> None:
    asked = client.get("/admin/trials/glossaryterm/?q=a", follow=True)
    assert asked.redirect_chain == [
        ("/admin/login/?next=/admin/trials/glossaryterm/%3Fq%3Da", 302),
        ("/account/login/?next=%2Fadmin%2Ftrials%2Fglossaryterm%2F%3Fq%3Da", 302),
    ]
    assert heading(asked) == "Log in"
    assert 'name="next" value="/admin/trials/glossaryterm/?q=a"' in asked.content.decode()
    answer = log_in(client, next="/admin/trials/glossaryterm/?q=a")
    assert answer["Location"] == "/admin/trials/glossaryterm/?q=a"
    assert client.get(answer["Location"]).context["title"] == "Glossary terms"


def test_admin_login_form_accepts_no_password(client: Client) -> None:
    client.post("/admin/login/", {"username": "ann", "password": PASSWORD})
    assert not is_logged_in(client)


@pytest.mark.parametrize("name", ["ann", "ANN", "ann@example.org", "Ann@Example.org", " ann "])
def test_user_logs_in_by_name_or_address(client: Client, name: str) -> None:
    assert log_in(client, name)["Location"] == "/admin/"
    assert is_logged_in(client)


def test_user_who_is_not_staff_cannot_open_the_admin(client: Client) -> None:
    member("ada", "Site administrators")
    User.objects.filter(username="ann").update(is_staff=False)
    log_in(client)
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert heading(response) == "You cannot edit yet"
    page = " ".join(response.content.decode().split())
    assert "Ask a site administrator (ada) to tick “Staff status” for your account" in page
    assert 'action="/account/logout/"' in page


def test_inactive_user_cannot_log_in(client: Client) -> None:
    member("off", is_active=False)
    response = client.get(log_in(client, "off")["Location"])
    assert heading(response) == "You cannot log in"
    assert not is_logged_in(client)


OTHER_SITES = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
]


@pytest.mark.parametrize("target", OTHER_SITES)
def test_log_in_never_redirects_to_another_site(client: Client, target: str) -> None:
    led = client.get("/admin/login/", {"next": target})
    assert led["Location"] == "/account/login/?next=%2Fadmin%2F"
    assert log_in(client, next=target)["Location"] == "/admin/"
    assert client.get("/admin/login/", {"next": target})["Location"] == "/admin/"
    assert client.get(LOGIN, {"next": target})["Location"] == "/admin/"
    assert client.post("/account/logout/", {"next": target})["Location"] == "/"


def test_log_out_needs_a_post(client: Client, ann: User) -> None:
    client.force_login(ann)
    assert heading(client.get("/account/logout/")) == "Log out"
    assert is_logged_in(client)
    client.post("/account/logout/")
    assert not is_logged_in(client)


# --- Unknown names -----------------------------------------------------------------------------------------------

GUESSES = ["ann", "nobody", "ann@example.org", "nobody@example.org", "off", "off@example.org"]


def comparable(response: Any, name: str) -> str:
    """Return the page without the name and the token of the form."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return text.replace(f'value="{name}"', "")


def test_failed_log_in_looks_and_costs_the_same_for_unknown_and_inactive_users(monkeypatch: pytest.MonkeyPatch) -> None:
    member("off", is_active=False)
    hashed: list[str] = []
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *a: (hashed.append("one"), real(self, *a))[1])
    pages, costs = set(), {}
    for number, name in enumerate(GUESSES):
        hashed.clear()
        response = log_in(Client(), name, "wrong", address=f"192.0.2.{number}")
        costs[name] = len(hashed)
        assert (response.status_code, form_errors(response)) == (200, WRONG)
        pages.add(comparable(response, name))
    assert len(pages) == 1
    assert costs == dict.fromkeys(GUESSES, 1)


def test_password_reset_looks_the_same_for_unknown_addresses_and_sends_them_nothing() -> None:
    member("off", is_active=False)
    pages = set()
    for address in ("ann@example.org", "nobody@example.org", "off@example.org"):
        client = Client()
        response = client.post(RESET, {"email": address}, follow=True)
        assert response.redirect_chain == [("/account/password/reset/sent/", 302)]
        pages.add(comparable(response, address))
    assert len(pages) == 1
    assert [message.to for message in sent_mail(1)] == [["ann@example.org"]]


class FailingBackend(BaseEmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise OSError("on purpose")


def test_failing_mail_server_does_not_change_the_response(settings: Any, client: Client) -> None:
    settings.EMAIL_BACKEND = "tests.trials.accounts.test_login.FailingBackend"
    response = client.post(RESET, {"email": "ann@example.org"}, follow=True)
    assert heading(response) == "Check your e-mail"


# --- The password ---------------------------------------------------------------------------------------------


def ask_for_link(address: str = "ann@example.org") -> str:
    before = len(mail.outbox)
    Client().post(RESET, {"email": address})
    link = re.search(
        r"^http://127\.0\.0\.1:8000(/account/password/reset/\S+)$", sent_mail(before + 1)[-1].body, re.MULTILINE
    )
    assert link
    return link[1]


def set_by(link: str, password: str) -> Any:
    client = Client()
    page = client.get(link, follow=True)
    return client.post(page.request["PATH_INFO"], {"password1": password, "password2": password}, follow=True)


def test_forgotten_password_is_reset_by_mail() -> None:
    link = ask_for_link()
    message = mail.outbox[0]
    assert message.subject == "[ARDSinfo] Set a new password"
    assert message.body.startswith("You, or someone else, asked to reset the password of ann.\n")
    assert "192.0.2" not in message.body
    assert heading(set_by(link, NEW)) == "Your password has been changed"
    assert form_errors(log_in(Client())) == WRONG
    client = Client()
    log_in(client, password=NEW, address="192.0.2.9")
    assert is_logged_in(client)
    assert heading(Client().get(link, follow=True)) == "This link no longer works"
    assert sent_mail(2)[1].subject == "[ARDSinfo] Your password was reset"


def test_weak_password_is_refused() -> None:
    assert form_errors(set_by(ask_for_link(), "short")) == (
        "This password is too short. It must contain at least 12 characters."
    )


def test_former_address_does_not_reset_the_password(ann: User) -> None:
    link = ask_for_link()
    assert EmailAddress.objects.filter(email="ann@example.org").exists()  # allauth stores the address
    ann.email = "ann@other.example"
    ann.save()
    assert heading(Client().get(link, follow=True)) == "This link no longer works"
    Client().post(RESET, {"email": "ann@example.org"})
    Client().post(RESET, {"email": "ann@other.example"})
    assert [message.to for message in sent_mail(2)] == [["ann@example.org"], ["ann@other.example"]]
    assert form_errors(log_in(Client(), "ann@example.org")) == WRONG


def test_changed_password_ends_other_sessions_and_is_notified_by_mail(client: Client) -> None:
    other = Client()
    for browser in (client, other):
        log_in(browser)
    sent = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.get("/admin/password_change/")["Location"] == "/account/password/change/"
    assert client.post("/account/password/change/", sent)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    message = sent_mail(1)[0]
    assert (message.to, message.subject) == (["ann@example.org"], "[ARDSinfo] Your password was changed")


# --- Limits ---------------------------------------------------------------------------------------------------


def fail(times: int, name: str = "ann", address: str = "192.0.2.1", **headers: str) -> list[str]:
    answers = []
    for number in range(times):
        sent = {"login": name.format(number), "password": "wrong"}
        answers.append(form_errors(Client().post(LOGIN, sent, REMOTE_ADDR=address, headers=headers or None)))
    return answers


def test_network_is_locked_out_of_an_account_after_five_failures(client: Client) -> None:
    assert fail(6) == [WRONG] * 5 + [WAIT]
    assert form_errors(log_in(client)) == WAIT
    assert not is_logged_in(client)


def test_stranger_cannot_lock_a_user_out() -> None:
    member("ben")
    for number in range(1, 5):
        fail(7, address=f"192.0.2.{number}")
        fail(7, "ann@example.org", address=f"192.0.2.{number}")
        Client().post(RESET, {"email": "ann@example.org"}, REMOTE_ADDR=f"192.0.2.{number}")
    elsewhere, same_network = Client(), Client()
    log_in(elsewhere, address="198.51.100.7")
    assert is_logged_in(elsewhere)
    log_in(same_network, "ben", address="192.0.2.1")  # one office, another person
    assert is_logged_in(same_network)


def test_failures_of_one_network_are_limited_over_all_names() -> None:
    assert fail(21, "name{}") == [WRONG] * 20 + [WAIT]
    assert fail(1, "name99", address="192.0.2.2") == [WRONG]


def test_addresses_of_one_ipv6_network_count_together() -> None:
    answers = [fail(1, address=f"2001:db8:1:2::{number}")[0] for number in range(6)]
    assert answers == [WRONG] * 5 + [WAIT]
    assert fail(1, address="2001:db8:1:3::1") == [WRONG]


def test_log_in_form_is_limited_by_network(client: Client) -> None:
    answers = [log_in(client, "", "").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    refused = log_in(client)
    assert heading(refused) == "Too many requests"
    assert refused["Retry-After"] == "300"
    assert log_in(client, address="192.0.2.2")["Location"] == "/admin/"


def test_password_resets_are_limited_by_network_and_never_by_account() -> None:
    asked = [Client().post(RESET, {"email": "ann@example.org"}, REMOTE_ADDR="192.0.2.1") for _ in range(6)]
    assert [response.status_code for response in asked] == [302] * 5 + [429]
    assert heading(asked[5]) == "Too many requests"
    assert Client().post(RESET, {"email": "ann@example.org"}, REMOTE_ADDR="192.0.2.2").status_code == 302


@pytest.mark.parametrize(("proxies", "own"), [(0, ""), (1, ", 198.51.100.1")])
def test_forged_header_does_not_evade_the_limit(settings: Any, proxies: int, own: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    forged = [fail(1, **{"X-Forwarded-For": f"203.0.113.{number}{own}"})[0] for number in range(6)]
    assert forged == [WRONG] * 5 + [WAIT]


def test_limit_counts_the_address_that_a_trusted_proxy_reports(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert fail(6, **{"X-Forwarded-For": "198.51.100.1"})[5] == WAIT
    assert fail(1, **{"X-Forwarded-For": "198.51.100.2"}) == [WRONG]


def test_limits_are_counted_in_the_database_which_all_processes_share() -> None:
    fail(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trials_cache WHERE cache_key LIKE '%login_failed%'")
        assert cursor.fetchone()[0] == 2  # by network, and by network and account


# --- The second factor ----------------------------------------------------------------------------------------


def test_code_of_an_app_is_required_and_works_once(client: Client) -> None:
    log_in(client)
    secret, _ = set_up_app(client)
    browser = Client()
    assert log_in(browser, next="/admin/trials/")["Location"] == SECOND_STEP
    assert not is_logged_in(browser)
    assert browser.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert form_errors(browser.post(SECOND_STEP, {"code": "000000"})) == WRONG_CODE
    now = totp_code(secret)
    assert browser.post(SECOND_STEP, {"code": now})["Location"] == "/admin/trials/"
    assert is_logged_in(browser)
    again = Client()
    log_in(again)
    assert form_errors(again.post(SECOND_STEP, {"code": now})) == WRONG_CODE
    assert not is_logged_in(again)


@pytest.fixture
def root(settings: Any, client: Client) -> User:
    """A superuser who is logged in where a second factor is required."""
    settings.REQUIRE_SECOND_FACTOR = True
    user = member("root", is_superuser=True)
    log_in(client, "root")
    return user


@pytest.mark.parametrize("path", ["", "trials/trial/", "trials/trial/add/", "auth/user/", "jsi18n/"])
def test_required_second_factor_precedes_every_admin_page(client: Client, root: User, path: str) -> None:
    response = client.get(f"/admin/{path}", follow=True)
    assert response.redirect_chain == [("/account/second-factor/", 302)]
    assert "First set up a second factor: an authenticator app or a key." in response.content.decode()
    set_up_app(client)
    assert client.get(f"/admin/{path}").status_code == 200


def test_required_second_factor_precedes_a_submitted_form(client: Client, root: User) -> None:
    sent = client.post("/admin/trials/glossaryterm/add/", {"term": "placebo"})
    assert sent["Location"] == "/account/second-factor/"
    client.post("/admin/logout/")
    assert not is_logged_in(client)


def test_recovery_codes_alone_are_not_a_second_factor(client: Client, root: User) -> None:
    Authenticator.objects.create(user=root, type="recovery_codes", data={"migrated_codes": []})
    assert client.get("/admin/")["Location"] == "/account/second-factor/"


def test_password_reset_lifts_the_limit_of_wrong_codes(client: Client) -> None:
    log_in(client)
    secret, _ = set_up_app(client)
    thief = Client()
    log_in(thief, address="203.0.113.1")
    wrong = [form_errors(thief.post(SECOND_STEP, {"code": "000000"}, REMOTE_ADDR="203.0.113.1")) for _ in range(6)]
    assert wrong == [WRONG_CODE] * 5 + [WAIT]
    set_by(ask_for_link(), NEW)
    owner = Client()
    log_in(owner, password=NEW)
    assert owner.post(SECOND_STEP, {"code": totp_code(secret)})["Location"] == "/admin/"
