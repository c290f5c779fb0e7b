"""How staff come in: one way, one answer to whoever guesses, limits that keep no colleague out, a second factor."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core import mail
from django.core.checks import run_checks
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client

from tests.people import LOGIN, PASSWORD, code, is_in, log_in, mails, make_person, said, set_up_app
from tests.tools import PROJECT, assert_valid_html

pytestmark = pytest.mark.django_db

WRONG = "That name and that password do not fit together. Check both and try again."
WAIT = "Too many failed attempts from your network. Wait five minutes, then try again."
WRONG_CODE = "This is not the right code. A code of an app lasts 30 seconds and works once."
RESET = "/account/password/reset/"
SECOND_STEP = "/account/second-factor/authenticate/"


def heading(response: Any) -> str:
    found = re.search(r"<h1>(.*?)</h1>", response.content.decode(), re.S)
    assert found
    return found[1].strip()


# --- One way in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/account/signup/", "/account/email/", "/account/second-factor/webauthn/signup/"])
def test_nobody_can_sign_up(client: Client, address: str) -> None:
    sent = {"username": "new", "email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    for response in (client.get(address), client.post(address, sent)):
        assert heading(response) == "Page not found"
    assert User.objects.count() == 0
    assert get_adapter().is_open_for_signup(response.wsgi_request) is False


def test_the_admin_leads_to_the_log_in_and_back(client: Client) -> None:
    make_person("ann", "Editors")
    asked = client.get("/admin/trials/country/?q=a", follow=True)
    assert asked.redirect_chain == [
        ("/admin/login/?next=/admin/trials/country/%3Fq%3Da", 302),
        ("/account/login/?next=%2Fadmin%2Ftrials%2Fcountry%2F%3Fq%3Da", 302),
    ]
    assert heading(asked) == "Log in"
    assert 'name="next" value="/admin/trials/country/?q=a"' in asked.content.decode()
    answer = log_in(client, next="/admin/trials/country/?q=a")
    assert answer["Location"] == "/admin/trials/country/?q=a"
    assert client.get(answer["Location"]).context["title"] == "Select country to change"


def test_the_admins_own_form_takes_no_password(client: Client) -> None:
    make_person()
    client.post("/admin/login/", {"username": "ann", "password": PASSWORD})
    assert not is_in(client)


@pytest.mark.parametrize("name", ["ann", "ANN", "ann@example.org", "Ann@Example.org", " ann "])
def test_log_in_by_name_or_address(client: Client, name: str) -> None:
    make_person()
    assert log_in(client, name)["Location"] == "/admin/"
    assert is_in(client)


def test_whoever_is_not_staff_gets_no_further(client: Client) -> None:
    make_person(is_staff=False)
    log_in(client)
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert heading(response) == "You may not see this page"


def test_whoever_is_switched_off_does_not_come_in(client: Client) -> None:
    make_person(is_active=False)
    response = client.get(log_in(client)["Location"])
    assert heading(response) == "You cannot log in"
    assert not is_in(client)


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_way_leads_to_another_site(client: Client, target: str) -> None:
    make_person()
    led = client.get("/admin/login/", {"next": target})
    assert led["Location"] == "/account/login/?next=%2Fadmin%2F"
    assert log_in(client, next=target)["Location"] == "/admin/"
    assert client.get("/admin/login/", {"next": target})["Location"] == "/admin/"
    assert client.get(LOGIN, {"next": target})["Location"] == "/admin/"
    assert client.post("/account/logout/", {"next": target})["Location"] == "/"


def test_log_out_needs_a_button(client: Client) -> None:
    client.force_login(make_person())
    assert heading(client.get("/account/logout/")) == "Log out"
    assert is_in(client)
    client.post("/account/logout/")
    assert not is_in(client)


# --- One answer -----------------------------------------------------------------------------------------------

GUESSES = ["ann", "nobody", "ann@example.org", "nobody@example.org", "off", "off@example.org"]


def same_again(response: Any, typed: str) -> str:
    """The page without what must differ: what was typed, and the token of the form."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return text.replace(f'value="{typed}"', "")


def test_a_guess_gets_one_answer_whether_or_not_there_is_such_a_person() -> None:
    make_person()
    make_person("off", is_active=False)
    pages = {}
    for number, name in enumerate(GUESSES):
        response = log_in(Client(), name, "wrong", place=f"192.0.2.{number}")
        assert (response.status_code, said(response)) == (200, WRONG)
        pages[name] = same_again(response, name)
    assert len(set(pages.values())) == 1


def test_a_guess_costs_one_hash_whether_or_not_there_is_such_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    make_person()
    make_person("off", is_active=False)
    hashed: list[str] = []
    real = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, *a: (hashed.append("one"), real(self, *a))[1])
    costs = {}
    for number, name in enumerate(GUESSES):
        hashed.clear()
        log_in(Client(), name, "wrong", place=f"192.0.2.{number}")
        costs[name] = len(hashed)
    assert costs == dict.fromkeys(GUESSES, 1)


def test_a_reset_gets_one_answer_and_writes_only_to_a_person_it_knows() -> None:
    make_person()
    make_person("off", is_active=False)
    pages = set()
    for address in ("ann@example.org", "nobody@example.org", "off@example.org"):
        client = Client()
        response = client.post(RESET, {"email": address}, follow=True)
        assert response.redirect_chain == [("/account/password/reset/sent/", 302)]
        pages.add(same_again(response, address))
    assert len(pages) == 1
    assert [message.to for message in mails(1)] == [["ann@example.org"]]


class Failing(BaseEmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise OSError("on purpose")


def test_a_mail_server_that_fails_changes_nothing_about_the_answer(settings: Any, client: Client) -> None:
    settings.EMAIL_BACKEND = "tests.test_login.Failing"
    make_person()
    response = client.post(RESET, {"email": "ann@example.org"}, follow=True)
    assert heading(response) == "Look into your mail"


# --- The password ---------------------------------------------------------------------------------------------


def ask_for_link(address: str = "ann@example.org") -> str:
    before = len(mail.outbox)
    Client().post(RESET, {"email": address})
    link = re.search(
        r"^http://127\.0\.0\.1:8000(/account/password/reset/\S+)$", mails(before + 1)[-1].body, re.MULTILINE
    )
    assert link
    return link[1]


def set_by(link: str, password: str) -> Any:
    client = Client()
    page = client.get(link, follow=True)
    return client.post(page.request["PATH_INFO"], {"password1": password, "password2": password}, follow=True)


def test_a_forgotten_password_is_reset_by_mail() -> None:
    make_person()
    link = ask_for_link()
    message = mail.outbox[0]
    assert message.subject == "[ARDSinfo] Set a new password"
    assert message.body.startswith("Somebody, probably you, asked for a new password for ann.\n")
    assert "192.0.2" not in message.body
    new = "a new one, and long"
    assert heading(set_by(link, new)) == "Your password is changed"
    assert said(log_in(Client())) == WRONG
    client = Client()
    log_in(client, password=new, place="192.0.2.9")
    assert is_in(client)
    assert heading(Client().get(link, follow=True)) == "This link no longer works"
    assert mails(2)[1].subject == "[ARDSinfo] Your password was reset"


def test_a_weak_new_password_is_refused() -> None:
    make_person()
    assert said(set_by(ask_for_link(), "short")) == (
        "This password is too short. It must contain at least 12 characters."
    )


def test_an_address_that_was_taken_away_resets_nothing() -> None:
    ann = make_person()
    ask_for_link()  # allauth notes the address now
    assert EmailAddress.objects.filter(email="ann@example.org").exists()
    ann.email = "ann@other.example"
    ann.save()
    Client().post(RESET, {"email": "ann@example.org"})
    Client().post(RESET, {"email": "ann@other.example"})
    assert [message.to for message in mails(2)] == [["ann@example.org"], ["ann@other.example"]]
    assert said(log_in(Client(), "ann@example.org")) == WRONG


def test_a_link_that_was_sent_to_an_address_taken_away_since_is_dead() -> None:
    ann = make_person()
    link = ask_for_link()
    ann.email = "ann@other.example"
    ann.save()
    assert heading(Client().get(link, follow=True)) == "This link no longer works"


def test_a_changed_password_ends_the_other_sessions_and_is_told_by_mail(client: Client) -> None:
    make_person()
    other = Client()
    for browser in (client, other):
        log_in(browser)
    new = "a new one, and long"
    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.get("/admin/password_change/")["Location"] == "/account/password/change/"
    assert client.post("/account/password/change/", sent)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    message = mails(1)[0]
    assert (message.to, message.subject) == (["ann@example.org"], "[ARDSinfo] Your password was changed")


# --- Limits ---------------------------------------------------------------------------------------------------


def fail(times: int, name: str = "ann", place: str = "192.0.2.1", **headers: str) -> list[str]:
    answers = []
    for number in range(times):
        sent = {"login": name.format(number), "password": "wrong"}
        answers.append(said(Client().post(LOGIN, sent, REMOTE_ADDR=place, headers=headers or None)))
    return answers


def test_after_five_failures_a_place_waits_for_that_account_even_with_the_right_password(client: Client) -> None:
    make_person()
    assert fail(6) == [WRONG] * 5 + [WAIT]
    assert said(log_in(client)) == WAIT
    assert not is_in(client)


def test_a_stranger_cannot_lock_out_a_colleague() -> None:
    make_person()
    make_person("ben")
    for place in range(1, 5):
        fail(7, place=f"192.0.2.{place}")
        fail(7, "ann@example.org", place=f"192.0.2.{place}")
        Client().post(RESET, {"email": "ann@example.org"}, REMOTE_ADDR=f"192.0.2.{place}")
    elsewhere, same_place = Client(), Client()
    log_in(elsewhere, place="198.51.100.7")
    assert is_in(elsewhere)
    log_in(same_place, "ben", place="192.0.2.1")  # one office, another person
    assert is_in(same_place)


def test_one_place_cannot_try_many_names() -> None:
    assert fail(21, "name{}") == [WRONG] * 20 + [WAIT]
    assert fail(1, "name99", place="192.0.2.2") == [WRONG]


def test_addresses_of_one_ipv6_network_are_one_place() -> None:
    answers = [fail(1, place=f"2001:db8:1:2::{number}")[0] for number in range(6)]
    assert answers == [WRONG] * 5 + [WAIT]
    assert fail(1, place="2001:db8:1:3::1") == [WRONG]


def test_log_in_page_is_limited_by_place(client: Client) -> None:
    make_person()
    answers = [log_in(client, "", "").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]
    refused = log_in(client)
    assert heading(refused) == "Wait a little"
    assert refused["Retry-After"] == "300"
    assert log_in(client, place="192.0.2.2")["Location"] == "/admin/"


def test_resets_are_limited_by_place_and_never_by_account() -> None:
    make_person()
    asked = [Client().post(RESET, {"email": "ann@example.org"}, REMOTE_ADDR="192.0.2.1") for _ in range(6)]
    assert [response.status_code for response in asked] == [302] * 5 + [429]
    assert heading(asked[5]) == "Wait a little"
    assert Client().post(RESET, {"email": "ann@example.org"}, REMOTE_ADDR="192.0.2.2").status_code == 302


def test_a_forged_header_makes_no_other_place(settings: Any) -> None:
    answers = [fail(1, **{"X-Forwarded-For": f"203.0.113.{number}"})[0] for number in range(6)]
    assert answers == [WRONG] * 5 + [WAIT]


def test_behind_a_proxy_of_ours_the_place_is_the_one_it_saw(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    forged = [fail(1, **{"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.1"})[0] for number in range(6)]
    assert forged == [WRONG] * 5 + [WAIT]
    assert fail(1, **{"X-Forwarded-For": "198.51.100.2"}) == [WRONG]


GUESSER = """
import django, json, sys
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
from tests.people import said
setup_test_environment()
print(json.dumps([said(Client().post("/account/login/", {"login": "ann", "password": "wrong"})) for _ in range(6)]))
"""


def test_limits_hold_across_processes(tmp_path: Path) -> None:
    """Two processes that guess at the same time have five guesses together."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/file.sqlite3",
    }
    run: dict[str, Any] = {"cwd": PROJECT, "env": environment, "text": True, "stdout": subprocess.PIPE}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True, **run)
    guessers = [subprocess.Popen([sys.executable, "-W", "ignore", "-c", GUESSER], **run) for _ in range(2)]
    answers = [answer for guesser in guessers for answer in json.loads(guesser.communicate(timeout=120)[0])]
    assert sorted(answers) == [WRONG] * 5 + [WAIT] * 7


# --- The second factor ----------------------------------------------------------------------------------------


def test_an_app_is_asked_for_its_code_and_a_code_works_once(client: Client) -> None:
    make_person()
    log_in(client)
    secret, _ = set_up_app(client)
    browser = Client()
    assert log_in(browser, next="/admin/trials/")["Location"] == SECOND_STEP
    assert not is_in(browser)
    assert browser.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert said(browser.post(SECOND_STEP, {"code": "000000"})) == WRONG_CODE
    now = code(secret)
    assert browser.post(SECOND_STEP, {"code": now})["Location"] == "/admin/trials/"
    assert is_in(browser)
    again = Client()
    log_in(again)
    assert said(again.post(SECOND_STEP, {"code": now})) == WRONG_CODE
    assert not is_in(again)


def test_a_recovery_code_works_once(client: Client) -> None:
    make_person()
    log_in(client)
    _, codes = set_up_app(client)
    assert [len(each) for each in codes] == [8] * 10
    browser, again = Client(), Client()
    log_in(browser)
    assert browser.post(SECOND_STEP, {"code": codes[3]})["Location"] == "/admin/"
    assert is_in(browser)
    log_in(again)
    assert said(again.post(SECOND_STEP, {"code": codes[3]})) == WRONG_CODE
    left = client.get("/account/second-factor/recovery-codes/download/").content.decode().split()
    assert left == codes[:3] + codes[4:]


def test_a_second_factor_is_changed_only_after_the_password_was_given_again(client: Client) -> None:
    client.force_login(make_person())
    for path, led in {
        "totp/activate/": "totp%2Factivate%2F",
        "webauthn/add/": "webauthn%2Fadd%2F",
        "recovery-codes/generate/": "recovery-codes%2Fgenerate%2F",
    }.items():
        response = client.get(f"/account/second-factor/{path}")
        assert response["Location"] == f"/account/confirm/?next=%2Faccount%2Fsecond-factor%2F{led}"


@pytest.mark.parametrize("path", ["", "trials/trial/", "trials/trial/add/", "auth/user/", "jsi18n/"])
def test_a_required_second_factor_comes_before_any_page_of_the_admin(settings: Any, path: str) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    make_person(is_superuser=True)
    client = Client()
    log_in(client)
    response = client.get(f"/admin/{path}", follow=True)
    assert response.redirect_chain == [("/account/second-factor/", 302)]
    assert "Set up a second factor first: an authenticator app or a key." in response.content.decode()
    set_up_app(client)
    assert client.get(f"/admin/{path}").status_code == 200


def test_a_required_second_factor_is_asked_of_a_form_that_is_sent_too(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    client = Client()
    client.force_login(make_person(is_superuser=True))
    sent = client.post("/admin/trials/country/add/", {"code": "TR", "name": "Türkiye"})
    assert sent["Location"] == "/account/second-factor/"
    client.post("/admin/logout/")
    assert not is_in(client)


def test_recovery_codes_alone_are_no_second_factor(settings: Any, client: Client) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    ann = make_person(is_superuser=True)
    Authenticator.objects.create(user=ann, type="recovery_codes", data={"migrated_codes": []})
    client.force_login(ann)
    assert client.get("/admin/")["Location"] == "/account/second-factor/"


def test_without_the_setting_a_password_is_enough(client: Client) -> None:
    make_person()
    log_in(client)
    assert client.get("/admin/").context["site_header"] == "ARDSinfo editors"


def test_who_knows_the_password_holds_up_the_second_step_only_until_it_is_reset(client: Client) -> None:
    make_person()
    log_in(client)
    secret, _ = set_up_app(client)
    thief = Client()
    log_in(thief, place="203.0.113.1")
    wrong = [said(thief.post(SECOND_STEP, {"code": "000000"}, REMOTE_ADDR="203.0.113.1")) for _ in range(6)]
    assert wrong == [WRONG_CODE] * 5 + [WAIT]
    set_by(ask_for_link(), "a new one, and long")
    owner = Client()
    log_in(owner, password="a new one, and long")
    assert owner.post(SECOND_STEP, {"code": code(secret)})["Location"] == "/admin/"


# --- The pages ------------------------------------------------------------------------------------------------

POLICY = (
    "default-src 'none'; frame-ancestors 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; "
    "connect-src 'self'; script-src 'self'; form-action 'self'"
)
HEADINGS = {
    "/account/login/": "Log in",
    "/account/password/reset/": "Forgotten your password?",
    "/account/password/reset/sent/": "Look into your mail",
    "/account/password/reset/1-none/": "This link no longer works",
    "/account/password/reset/done/": "Your password is changed",
    "/account/inactive/": "You cannot log in",
}
HEADINGS_WITHIN = {
    "/account/": "Your second factor",
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


@pytest.mark.parametrize(("address", "title"), HEADINGS.items(), ids=HEADINGS)
def test_page_is_ours_strict_and_never_kept(client: Client, address: str, title: str) -> None:
    response = client.get(address)
    assert heading(response) == title
    assert_strict(response)


def test_pages_within_are_ours_strict_and_never_kept(client: Client) -> None:
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
    for address, title in HEADINGS_WITHIN.items():
        response = client.get(address, follow=True)
        assert heading(response) == title, address
        assert_strict(response)


def test_second_step_is_ours_strict_and_never_kept(client: Client) -> None:
    make_person()
    log_in(client)
    set_up_app(client)
    browser = Client()
    log_in(browser)
    response = browser.get(SECOND_STEP)
    assert heading(response) == "One more step"
    assert_strict(response)


def test_html_of_the_pages_is_valid(client: Client) -> None:
    make_person()
    pages = {f"before {address}": client.get(address).content for address in HEADINGS}
    pages["refused"] = log_in(client, "ann", "wrong").content
    log_in(client)
    page = client.get("/account/second-factor/totp/activate/", follow=True)
    client.post(page.request["PATH_INFO"], {"password": PASSWORD})
    activate = "/account/second-factor/totp/activate/"
    pages |= {"app": client.get(activate).content, "wrong code": client.post(activate, {"code": "0"}).content}
    set_up_app(client)
    pages |= {f"within {address}": client.get(address, follow=True).content for address in HEADINGS_WITHIN}
    browser = Client()
    log_in(browser)
    pages["second step"] = browser.get(SECOND_STEP).content
    assert_valid_html(pages)


# --- E-mail is there ------------------------------------------------------------------------------------------


def test_a_public_site_that_sends_no_mail_is_told(settings: Any) -> None:
    settings.HTTPS = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    def told(**how: bool) -> list[str]:
        return [message.msg for message in run_checks(**how) if message.id == "trials.W001"]

    assert told(include_deployment_checks=True) == [
        "This site sends no e-mail, so nobody can reset a forgotten password."
    ]
    assert told() == []  # with every command nobody would read it
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert told(include_deployment_checks=True) == []
