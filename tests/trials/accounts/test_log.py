"""What the log of the admin records of accounts."""

import logging
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.people import log_in, sent_mail, set_up_app, totp_code
from tests.trials.accounts.test_login import NEW, SECOND_STEP, ask_for_link, set_by
from tests.users import PASSWORD, member

pytestmark = pytest.mark.django_db

FROM = "from 192.0.2.1."


def entries() -> list[tuple[str, str, str]]:
    """Return the actor, the subject and the message of each entry, oldest first."""
    return [(e.user.username, e.object_repr, e.get_change_message()) for e in LogEntry.objects.order_by("pk")]


@pytest.fixture
def ann() -> User:
    return member("ann", "Editors")


@pytest.fixture
def administrator(client: Client) -> Client:
    log_in(client, member("boss", is_superuser=True).username)
    LogEntry.objects.all().delete()
    return client


def test_log_in_and_log_out(client: Client, ann: User) -> None:
    log_in(client)
    client.post("/account/logout/", REMOTE_ADDR="192.0.2.1")
    assert entries() == [("ann", "ann", f"Logged in {FROM}"), ("ann", "ann", f"Logged out {FROM}")]


def test_failed_log_in_with_a_known_name_or_address(client: Client, ann: User) -> None:
    log_in(client, "ann", "secret-1")
    log_in(client, "Ann@Example.org", "secret-2")
    assert entries() == [("ann", "ann", f"Failed log-in {FROM}")] * 2


def test_failed_log_in_with_an_unknown_name_is_logged_without_the_name(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="trials.accounts.log"):
        log_in(client, "my-secret-password", "wrong")
    assert caplog.messages == ["Failed log-in with an unknown name"]
    assert entries() == []


def test_lock_out_is_recorded_once(client: Client, ann: User) -> None:
    for _ in range(9):
        log_in(client, "ann", "wrong")
    assert entries() == [("ann", "ann", f"Failed log-in {FROM}")] * 5 + [("ann", "ann", f"Locked out {FROM}")]


def test_password_changed_and_reset(client: Client, ann: User) -> None:
    log_in(client)
    sent = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    client.post("/account/password/change/", sent, REMOTE_ADDR="192.0.2.1")
    sent_mail(1)
    set_by(ask_for_link(), PASSWORD)
    assert entries()[1:] == [
        ("ann", "ann", f"Changed the password {FROM}"),
        ("ann", "ann", "Reset the password by e-mail from 127.0.0.1."),
    ]


def test_second_factor_added_failed_used_and_removed(
    client: Client, ann: User, django_capture_on_commit_callbacks: Any
) -> None:
    log_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        secret, codes = set_up_app(client)
    browser = Client()
    log_in(browser)
    browser.post(SECOND_STEP, {"code": "000000"}, REMOTE_ADDR="192.0.2.1")
    browser.post(SECOND_STEP, {"code": codes[0]}, REMOTE_ADDR="192.0.2.1")
    client.post("/account/second-factor/totp/deactivate/", REMOTE_ADDR="192.0.2.1")
    messages = [message for _, _, message in entries()]
    assert sorted(messages[1:3]) == [
        "Added a second factor (Recovery codes) from 127.0.0.1.",
        "Added a second factor (TOTP Authenticator) from 127.0.0.1.",
    ]
    assert messages[3:] == [
        f"Failed the second factor (TOTP Authenticator) {FROM}",
        f"Used a second factor (Recovery codes) {FROM}",
        f"Logged in {FROM}",
        f"Removed a second factor (TOTP Authenticator) {FROM}",
        f"Removed a second factor (Recovery codes) {FROM}",
    ]
    assert [text for text in (secret, totp_code(secret), *codes) if text in " ".join(messages)] == []


def test_lost_second_factor_removed_by_an_administrator(administrator: Client, ann: User) -> None:
    Authenticator.objects.create(user=ann, type="totp", data={"secret": "A"})
    sent = {"action": "remove_second_factor", "_selected_action": ann.pk}
    page = administrator.post("/admin/auth/user/", sent, follow=True).content.decode()
    assert "The second factor of ann is removed; the password is enough to log in." in page
    assert not Authenticator.objects.exists()
    assert entries() == [("boss", "ann", "Removed the second factor.")]


def test_password_set_by_an_administrator(administrator: Client, ann: User) -> None:
    sent = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    administrator.post(f"/admin/auth/user/{ann.pk}/password/", sent)
    assert entries() == [("boss", "ann", "Changed password.")]


def test_rights_changed_by_an_administrator_are_named(administrator: Client, ann: User) -> None:
    sent = {"username": "ann", "email": ann.email, "date_joined_0": "2026-11-22", "date_joined_1": "10:00"}
    rights = {"groups": [Group.objects.get(name="Reviewers").pk], "is_active": "on", "is_staff": "on"}
    administrator.post(f"/admin/auth/user/{ann.pk}/change/", sent | rights, REMOTE_ADDR="192.0.2.1")
    assert entries()[:2] == [
        ("boss", "ann", f"Removed rights: Editors {FROM}"),
        ("boss", "ann", f"Added rights: Reviewers {FROM}"),
    ]


@pytest.mark.parametrize("log_is_cleared", [False, True])
def test_user_who_has_logged_in_cannot_be_deleted(administrator: Client, ann: User, log_is_cleared: bool) -> None:
    log_in(Client())
    if log_is_cleared:
        LogEntry.objects.all().delete()
    assert administrator.post(f"/admin/auth/user/{ann.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": ann.pk, "post": "yes"}
    administrator.post("/admin/auth/user/", chosen)
    assert User.objects.filter(pk=ann.pk).exists()


def test_log_is_read_only_even_for_a_superuser(administrator: Client, ann: User) -> None:
    entry = LogEntry.objects.create(user=ann, action_flag=2, object_repr="ann", change_message="Logged in.")
    path = f"/admin/admin/logentry/{entry.pk}"
    assert "Logged in." in administrator.get("/admin/admin/logentry/?q=ann").content.decode()
    assert administrator.get(f"{path}/change/").status_code == 200
    assert administrator.post(f"{path}/change/", {"change_message": "forged"}).status_code == 403
    assert administrator.post(f"{path}/delete/", {"post": "yes"}).status_code == 403
    assert administrator.post("/admin/admin/logentry/add/", {}).status_code == 403
    entry.refresh_from_db()
    assert entry.change_message == "Logged in."


def test_request_for_a_password_reset_is_not_recorded(client: Client, ann: User) -> None:
    client.post("/account/password/reset/", {"email": "ann@example.org"})
    sent_mail(1)
    assert entries() == []
