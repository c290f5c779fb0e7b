"""Errors by e-mail: told once in a while, with what the log says and no more."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.test import override_settings

from ardsinfo import error_mail
from tests import test_logs
from tests.test_logs import is_private
from trials.management import backups

pytestmark = pytest.mark.django_db  # the frame of a page may ask for something

Told = Callable[[], list[str]]


@pytest.fixture
def told(settings: Any) -> Iterator[Told]:
    """The subjects of the mails so far. The handler stands where ARDSINFO_ERROR_EMAIL puts it."""
    settings.ADMINS = [("", "operator@example.org")]
    handler = error_mail.Handler()
    logging.getLogger().addHandler(handler)

    def subjects() -> list[str]:
        for thread in threading.enumerate():
            if getattr(thread, "_target", None) is error_mail._send:
                thread.join()
        return [message.subject for message in mail.outbox]

    yield subjects
    logging.getLogger().removeHandler(handler)


def test_an_error_is_told_without_what_was_sent(told: Told) -> None:
    number = test_logs.ask(ValueError(test_logs.SAID))
    assert told() == ["[ARDSinfo] ERROR: Internal Server Error: /trials/one/"]
    message = mail.outbox[0]
    assert message.to == ["operator@example.org"]
    assert message.from_email == "ardsinfo@127.0.0.1"
    assert message.body.startswith("site: http://127.0.0.1:8000\ntime: 20")
    assert f"\nrequest: {number}\n" in message.body
    assert message.body.endswith("raise planned[0]\nValueError")
    assert is_private(str(message.message())) == []
    assert isinstance(message, EmailMultiAlternatives)
    assert message.alternatives == []


def test_the_same_error_is_told_once_in_ten_minutes(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(error_mail.time, "monotonic", lambda: now)
    for _ in range(50):
        test_logs.ask(ValueError())
    assert len(told()) == 1
    test_logs.ask(KeyError())  # another one
    assert len(told()) == 2
    now += 599
    test_logs.ask(ValueError())
    assert len(told()) == 2
    now += 1
    test_logs.ask(ValueError())
    assert len(told()) == 3


def test_a_site_that_is_broken_everywhere_sends_ten_mails_and_no_more(told: Told) -> None:
    for number in range(50):
        test_logs.ask(type(f"Kind{number}", (Exception,), {})())
    assert len(told()) == 10


def test_what_a_stranger_can_provoke_is_not_told(told: Told) -> None:
    test_logs.ask(test_logs.DisallowedHost())
    test_logs.ask(test_logs.PermissionDenied())
    logging.getLogger("trials").warning("only a warning")
    assert told() == []


def test_a_backup_that_fails_at_night_is_told(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path) -> Path:
        raise backups.BackupError("The backup could not be written: no space left.")

    monkeypatch.setattr(backups, "write_backup", full)
    with pytest.raises(CommandError, match=r"no space left"):
        call_command("backup", tmp_path)
    assert told() == ["[ARDSinfo] ERROR: The backup failed: The backup could not be written: no space left."]


@override_settings(EMAIL_BACKEND="tests.test_error_mail.Broken")
def test_a_mail_server_that_fails_makes_no_circle(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    test_logs.ask(ValueError())
    assert told() == []
    assert caplog.messages == ["Internal Server Error: /trials/one/", "An error could not be told by e-mail."]


class Broken:
    def __init__(self, **kwargs: object) -> None: ...

    def send_messages(self, messages: object) -> None:
        raise OSError("no route to the mail server")
