"""The checks of `check --deploy` that Django does not have."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core import checks


def ids() -> list[str]:
    """Return the ids of what the checks of this project find."""
    found = checks.run_checks(tags=["ardsinfo"], include_deployment_checks=True)
    return [message.id for message in found]


def test_nothing_is_found_on_a_site_of_this_machine() -> None:
    assert ids() == []


def test_https_needs_a_trusted_proxy_and_a_mail_server(settings: Any) -> None:
    settings.HTTPS = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    settings.CONTACT_EMAIL = "desk@ardsinfo.example.org"
    assert ids() == ["ardsinfo.E002", "ardsinfo.W004"]


def test_public_site_needs_a_contact_address(settings: Any) -> None:
    settings.HTTPS = settings.TRUSTED_PROXY = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert ids() == ["ardsinfo.E010"]
    settings.CONTACT_EMAIL = "desk@ardsinfo.example.org"
    assert ids() == []


def test_errors_by_mail_need_a_mail_server(settings: Any) -> None:
    settings.ADMINS = [("", "operator@ardsinfo.uni-example.de")]
    assert ids() == ["ardsinfo.W004"]


def test_secret_file_is_not_readable_by_every_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret-key"
    file.write_text("secret")
    monkeypatch.setenv("ARDSINFO_SECRET_KEY_FILE", str(file))
    file.chmod(0o644)
    assert ids() == ["ardsinfo.W005"]
    file.chmod(0o640)
    assert ids() == []


def test_backup_is_not_older_than_two_days(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_FOLDER = tmp_path
    assert ids() == ["ardsinfo.W007"]
    backup = tmp_path / "backup.sqlite3"
    backup.touch()
    assert ids() == []
    os.utime(backup, (time.time() - 3 * 86400,) * 2)
    assert ids() == ["ardsinfo.W007"]
