"""The checks of `check --deploy` that Django does not have."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder

from ardsinfo import checks as own


def ids(databases: list[str] | None = None) -> list[str]:
    """Return the ids of what the checks of this project find."""
    found = checks.run_checks(tags=["ardsinfo"], include_deployment_checks=True, databases=databases)
    return [message.id for message in found]


def test_nothing_is_found_on_a_site_of_this_machine() -> None:
    assert ids() == []


@pytest.mark.parametrize(
    ("address", "trusted_proxy", "found"),
    [
        ("https://ardsinfo.example.org", True, ["ardsinfo.E001"]),
        ("https://ardsinfo.uni-example.de", False, ["ardsinfo.E002"]),
        ("http://ardsinfo.uni-example.de", True, ["ardsinfo.W003"]),
        ("https://ardsinfo.uni-example.de", True, []),
    ],
)
def test_address_is_real_and_fits_the_proxy(settings: Any, address: str, trusted_proxy: bool, found: list[str]) -> None:
    settings.SITE_URL, settings.HTTPS, settings.TRUSTED_PROXY = address, address.startswith("https"), trusted_proxy
    assert ids() == found


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


def test_static_files_are_collected(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": manifest}}
    assert ids() == ["ardsinfo.E006"]


def test_backup_is_not_older_than_two_days(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_FOLDER = tmp_path
    assert ids() == ["ardsinfo.W007"]
    backup = tmp_path / "backup.sqlite3"
    backup.touch()
    assert ids() == []
    os.utime(backup, (time.time() - 3 * 86400,) * 2)
    assert ids() == ["ardsinfo.W007"]


@pytest.mark.django_db
def test_database_has_every_migration() -> None:
    assert ids(["default"]) == []
    MigrationRecorder.Migration.objects.filter(app="trials").delete()
    assert ids(["default"]) == ["ardsinfo.E008"]


def test_database_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[str]:
        raise OperationalError

    monkeypatch.setattr(own, "missing_migrations", fail)
    assert ids(["default"]) == ["ardsinfo.E010"]
