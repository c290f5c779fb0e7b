"""What `manage.py check --deploy --database default` says of an installation. Each fault is made, and mended."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ConnectionHandler

from ardsinfo import checks, security_txt
from ardsinfo.settings import database
from tests import services
from tests.sites import Site
from tests.tools import PROJECT

pytestmark = pytest.mark.django_db

DUMMY = "django.core.mail.backends.dummy.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def said(databases: list[str] | None = None) -> list[str]:
    """Our own messages: number and sentence. Each says how to mend it."""
    found = run_checks(include_deployment_checks=True, databases=["default"] if databases is None else databases)
    ours = [message for message in found if message.id.startswith("ardsinfo.")]
    assert all(message.hint for message in ours)
    return [f"{message.id} {message.msg}" for message in ours]


def test_nothing_is_wrong_with_a_new_site_and_nothing_is_said() -> None:
    assert said() == []


def test_of_a_public_site_django_says_nothing_either(site: Site) -> None:
    """With the settings that `make check-deploy` has, and a database besides."""
    public = {
        "ARDSINFO_SITE_URL": "https://ardsinfo.internal",
        "ARDSINFO_TRUSTED_PROXY": "true",
        "ARDSINFO_EMAIL_URL": "smtp+tls://ardsinfo:secret@mail.internal",
        "ARDSINFO_CONTACT_EMAIL": "desk@ardsinfo.internal",
    }
    check = ["check", "--deploy", "--database", "default", "--fail-level", "DEBUG"]
    assert site.manage(*check, **public) == "System check identified no issues (0 silenced).\n"


def test_other_commands_are_not_disturbed(settings: Any) -> None:
    settings.SITE_URL = "https://ardsinfo.example.org"
    assert [message for message in run_checks(databases=["default"]) if message.id.startswith("ardsinfo.")] == []


# --- Settings -------------------------------------------------------------------------------------------------

NOBODY = "ardsinfo.E001 This site says that it is at https://ardsinfo.example.org, which is nobody's address."
READABLE = "ardsinfo.W002 What readers and editors send to http://ards.info, passwords too, can be read on its way."
NO_PROXY = (
    "ardsinfo.W003 This site is at an https address and trusts no proxy. gunicorn speaks plain HTTP, so each page "
    "would lead to itself for ever."
)
NO_HTTPS = "ardsinfo.W004 This site believes what a proxy says of a request, but its own address has no https."


@pytest.mark.parametrize(
    ("address", "proxy", "expected"),
    [
        ("https://ardsinfo.example.org", True, [NOBODY]),
        ("https://example.org", True, [NOBODY.replace("ardsinfo.example.org", "example.org")]),
        ("https://counterexample.org", True, []),
        ("https://ards.info", True, []),
        ("https://ards.info", False, [NO_PROXY]),
        ("http://ards.info", False, [READABLE]),
        ("http://ards.info", True, [READABLE, NO_HTTPS]),
        ("http://localhost:8000", False, []),
        ("http://[::1]:8000", False, []),
    ],
)
def test_the_address_is_real_and_safe(settings: Any, address: str, proxy: bool, expected: list[str]) -> None:
    settings.SITE_URL, settings.TRUSTED_PROXY = address, proxy
    settings.HTTPS, settings.EMAIL_BACKEND = address.startswith("https"), SMTP
    assert said() == expected


def test_errors_by_mail_need_mail(settings: Any) -> None:
    settings.ADMINS, settings.EMAIL_BACKEND = [("", "operator@ards.info")], DUMMY
    assert said() == ["ardsinfo.W005 Errors are to be told to operator@ards.info, but this site sends no e-mail."]
    settings.EMAIL_BACKEND = SMTP
    assert said() == []


def test_a_secret_is_for_the_site_alone(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR = tmp_path
    own, named = tmp_path / "secret-key", tmp_path / "database-url"
    monkeypatch.setenv("DATABASE_URL_FILE", str(named))
    for file in (own, named):
        file.touch(mode=0o600)
    assert said() == []
    named.chmod(0o604)
    assert said() == [f"ardsinfo.W006 Everybody on this machine can read {named}."]
    named.chmod(0o640)
    own.chmod(0o644)
    assert said() == [f"ardsinfo.W006 Everybody on this machine can read {own}."]


def test_the_secrets_of_an_installed_site_are_for_it_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """deploy/manage.sh hands on what stands in them, and not their names."""
    assert [str(file) for file in checks.INSTALLED] == ["/etc/ardsinfo/secret-key", "/etc/ardsinfo/env"]
    script = (PROJECT / "deploy" / "manage.sh").read_text()
    assert [str(file) for file in checks.INSTALLED if f" {file}" not in script] == []
    key, env = tmp_path / "secret-key", tmp_path / "env"
    monkeypatch.setattr(checks, "INSTALLED", (key, env))
    assert said() == []
    for file in (key, env):
        file.touch(mode=0o600)
    assert said() == []
    for file in (key, env):
        file.chmod(0o644)
    assert said() == [f"ardsinfo.W006 Everybody on this machine can read {file}." for file in (key, env)]


def test_security_txt_is_not_left_to_expire(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def expires_in(days: int) -> str:
        day = datetime.now(UTC) + timedelta(days, hours=1)
        monkeypatch.setattr(security_txt, "EXPIRES", day)
        return f"{day:%Y-%m-%d}"

    settings.CONTACT_EMAIL = "desk@ards.info"
    expires_in(30)
    assert said() == []
    day = expires_in(29)
    assert said() == [f"ardsinfo.W022 /.well-known/security.txt expires on {day}."]
    day = expires_in(-1)
    assert said() == [f"ardsinfo.W022 /.well-known/security.txt expired on {day}."]
    settings.CONTACT_EMAIL = ""  # then there is none
    assert said() == []


# --- Files ----------------------------------------------------------------------------------------------------


def test_the_styles_are_built_and_not_older_than_their_sources(settings: Any, built_static: Path) -> None:
    assert said() == []
    manifest = built_static / "staticfiles.json"
    then = manifest.stat()
    try:
        os.utime(manifest, (0, 0))
        (message,) = said()
        assert message.startswith("ardsinfo.W008 ")
        assert message.endswith(" is newer than the styles that were built.")
    finally:
        os.utime(manifest, (then.st_atime, then.st_mtime))
    settings.STATIC_ROOT = built_static / "elsewhere"
    assert said() == [f"ardsinfo.E007 The styles are not built: there is no {built_static}/elsewhere/staticfiles.json."]


def test_there_is_a_new_backup(settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_FOLDER = tmp_path
    assert said() == [f"ardsinfo.W009 There is no backup in {tmp_path}."]
    (tmp_path / "ardsinfo-lost.sqlite3.sha256").touch()  # of a backup that is not there
    assert said() == [f"ardsinfo.W009 There is no backup in {tmp_path}."]
    old, new = tmp_path / "ardsinfo-old.sqlite3", tmp_path / "ardsinfo-new.pgdump"
    old.touch()
    os.utime(old, (0, time.time() - 9 * 86400))
    assert said() == [f"ardsinfo.W009 The newest backup in {tmp_path} is 9 days old."]
    new.touch()
    assert said() == []


def test_there_is_room(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = tmp_path / "ardsinfo-new.sqlite3"
    backup.touch()
    settings.BACKUP_FOLDER = tmp_path
    real = shutil.disk_usage(tmp_path)
    free = 600 * 1024**2
    monkeypatch.setattr(
        checks.shutil, "disk_usage", lambda folder: real._replace(free=free if folder == tmp_path else 10**12)
    )
    assert said() == []
    free = 499 * 1024**2
    assert said() == [f"ardsinfo.W010 499 MB are free on the disk of {tmp_path}, and 500 MB should be."]


# --- The database ---------------------------------------------------------------------------------------------


def test_the_database_has_had_all_migrations_and_is_asked_only_where_it_is_named() -> None:
    last = max(name for app, name in MigrationRecorder(connection).applied_migrations() if app == "trials")
    MigrationRecorder(connection).record_unapplied("trials", last)
    assert said([]) == []
    assert said() == [
        f"ardsinfo.E016 The database is older than the program. Migrations that it lacks: 1, first trials.{last}."
    ]
    MigrationRecorder(connection).record_applied("trials", last)
    assert said() == []


def test_the_table_of_the_limits_is_there(settings: Any) -> None:
    settings.CACHES = {**settings.CACHES, "default": {**settings.CACHES["default"], "LOCATION": "elsewhere"}}
    assert said() == ["ardsinfo.E017 The table that counts failed log-ins is missing."]


def test_the_triggers_are_there() -> None:
    on_sqlite = connection.vendor == "sqlite"
    name = "trials_trial_content_update" if on_sqlite else "trials_trial_content"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + ("" if on_sqlite else " ON trials_trial"))
    assert said() == [
        f"ardsinfo.E018 Triggers that the database lacks: 1, first {name}. Readers would go on seeing old pages after "
        "a change."
    ]


def test_the_index_of_the_search_is_there() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE trials_search" if connection.vendor == "sqlite" else "DROP INDEX trials_trial_search"
        )
    assert said() == ["ardsinfo.W019 The index of the search is missing, so that a search reads every study."]


# --- SQLite, in a file of its own: the tests' own database is in memory or none ---------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Any]:
    """A Django connection to a new database, as the site opens it."""
    path = tmp_path / "folder" / "site.sqlite3"
    path.parent.mkdir()
    path.touch()
    options = {"init_command": "PRAGMA journal_mode=WAL"}
    handler = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}}
    )
    yield handler["default"]
    handler["default"].close()


def wrong_with(connection: Any) -> list[str]:
    """Sentences, without the one that a new database has no tables."""
    found = [f"{message.id} {message.msg}" for message in checks.faults(connection)]
    return [sentence for sentence in found if not sentence.startswith("ardsinfo.E016 ")]


def test_the_database_answers(file: Any) -> None:
    assert wrong_with(file) == []
    file.close()
    Path(file.settings_dict["NAME"]).write_text("a letter, and no database" * 100)
    assert wrong_with(file) == ["ardsinfo.E011 The database does not answer: file is not a database."]


def checked(folder: Path, *under: str) -> str:
    """What the command itself says of a database in this folder, which something is wrong with."""
    done = subprocess.run(
        [*under, sys.executable, "manage.py", "check", "--deploy", "--database", "default"],
        cwd=PROJECT, env=services.environment(folder), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    return done.stderr


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert f"(ardsinfo.E021) The database is not there: no file {tmp_path}/site.sqlite3.\n" in checked(tmp_path)
    assert list(tmp_path.iterdir()) == []
    said = checked(tmp_path / "no-folder")
    assert f"(ardsinfo.E021) The database is not there: no file {tmp_path}/no-folder/site.sqlite3.\n" in said
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_damaged_is_told_by_the_command(tmp_path: Path) -> None:
    (tmp_path / "site.sqlite3").write_text("a letter, and no database" * 100)
    assert "(ardsinfo.E011) The database does not answer: file is not a database.\n" in checked(tmp_path)


def test_a_database_in_a_closed_folder_is_told_by_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0)
    try:
        assert f"(ardsinfo.E012) The site may not write to {folder}. " in checked(folder, *services.as_a_plain_user())
    finally:
        folder.chmod(0o700)


def test_the_site_may_write_to_its_folder(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong_with(file) == []
    folder = Path(file.settings_dict["NAME"]).parent
    monkeypatch.setattr(checks.os, "access", lambda path, how: path != folder)  # the tests may be root, who may always
    assert wrong_with(file) == [
        f"ardsinfo.E012 The site may not write to {folder}. SQLite needs its file and, for the files beside it, the "
        "folder."
    ]


def test_sqlite_is_on_a_disk_of_this_machine(file: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/share {tmp_path}/with\\040space nfs4 rw 0 0\n")
    assert checks.filesystem(tmp_path, mounts) == "ext4"
    assert checks.filesystem(tmp_path / "with space" / "below", mounts) == "nfs4"
    assert checks.filesystem(tmp_path, tmp_path / "nothing") == ""
    assert wrong_with(file) == []
    monkeypatch.setattr(checks, "filesystem", lambda folder, mounts: "nfs4")
    assert wrong_with(file) == [
        f"ardsinfo.E013 {file.settings_dict['NAME']} is on a disk of another machine (nfs4), where SQLite's locks and "
        "its log do not hold."
    ]


def test_sqlite_has_its_log_on(file: Any) -> None:
    file.settings_dict["OPTIONS"]["init_command"] = "PRAGMA journal_mode=DELETE"
    assert wrong_with(file) == [
        "ardsinfo.W015 The database is in the journal mode 'delete', so readers and writers wait for each other."
    ]


def test_sqlite_can_search(file: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "TRIGRAMS", (99, 0, 0))
    assert wrong_with(file) == [
        f"ardsinfo.E014 Python has SQLite {sqlite3.sqlite_version}: the search of a large site needs 3.34 or newer, "
        "with FTS5."
    ]


# --- PostgreSQL, on a server of its own: that of the tests, if there is one, sorts as it should -------------------


OTHERWISE = (
    "ardsinfo.E023 The database sorts text otherwise than SQLite, so lists are not in the order that they should have."
)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("LOCALE 'C.UTF-8'", []),
        ("LOCALE 'C'", []),
        ("LOCALE_PROVIDER icu ICU_LOCALE 'en-GB' LOCALE 'C.UTF-8'", [OTHERWISE]),
        ("ENCODING 'LATIN1' LOCALE 'C'", [OTHERWISE]),
    ],
)
def test_postgresql_sorts_as_sqlite_does(postgresql_server: services.Server, made: str, expected: list[str]) -> None:
    handler = ConnectionHandler({name: database(postgresql_server.address) for name in ("default", "own")})
    with handler["default"].cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS own")
        cursor.execute(f"CREATE DATABASE own TEMPLATE template0 {made}")
    handler["own"].settings_dict["NAME"] = "own"
    try:
        assert wrong_with(handler["own"]) == expected
    finally:
        handler.close_all()
