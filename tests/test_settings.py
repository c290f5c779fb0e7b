"""A wrong setting stops the start with a sentence that names it and the cure; SQLite is set up for the web."""

import importlib.util
import os
import runpy
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connections, transaction
from django.db.utils import ConnectionHandler

from tests.tools import PROJECT

SECRET = "a-secret-of-sixty-characters-" + "0123456789" * 3 + "."
Load = Callable[..., dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project in a folder of their own, away from this machine's var/."""
    shutil.copytree(PROJECT / "ardsinfo", tmp_path / "ardsinfo")
    return tmp_path


@pytest.fixture
def load(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Read the settings anew with these variables and no others: `load(ARDSINFO_DEBUG="true")["DEBUG"]`."""

    def load(**variables: str) -> dict[str, Any]:
        for name in [name for name in os.environ if name.startswith(("ARDSINFO_", "DATABASE_URL", "CACHE_URL"))]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        environ.FileAwareEnv.ENVIRON.files_cache.clear()
        try:
            return runpy.run_path(str(folder / "ardsinfo" / "settings.py"))
        finally:
            environ.FileAwareEnv.ENVIRON.files_cache.clear()

    return load


# --- Wrong values ---------------------------------------------------------------------------------------------

NO_SECRET = (
    "ARDSINFO_SECRET_KEY is missing or shorter than 50 characters. Set it, or name a file in "
    "ARDSINFO_SECRET_KEY_FILE; `make secret` writes one for this machine."
)
SITE_ALONE = "Write the public address alone, such as https://ardsinfo.example.org."
SOME_MAIL = "Write smtp+tls://user:password@host:587, smtp+ssl://…:465, smtp://host:25 or consolemail://."
SOME_CACHE = "Write redis://host:6379/0 or dbcache://trials_cache."
PROXIES = "Write how many proxies of yours a request passes, from 0 to 9."
TWO_DATABASES = "Write sqlite:////folder/file.sqlite3 or postgresql://user:password@host:5432/name."


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "ARDSINFO_DEBGU",
            "true",
            "ARDSINFO_DEBGU is set to 'true'. There is no such setting. .env.example lists those there are.",
        ),
        ("ARDSINFO_DEBUG", "Flase", "ARDSINFO_DEBUG is set to 'Flase'. Write true or false."),
        ("ARDSINFO_MAINTENANCE", "1", "ARDSINFO_MAINTENANCE is set to '1'. Write true or false."),
        ("ARDSINFO_TRUSTED_PROXY", "", "ARDSINFO_TRUSTED_PROXY is set to ''. Write true or false."),
        ("ARDSINFO_SECRET_KEY", "", NO_SECRET),
        ("ARDSINFO_SECRET_KEY", "x" * 49, NO_SECRET),
        ("ARDSINFO_SECRET_KEY", " " * 60, NO_SECRET),
        (
            "ARDSINFO_SECRET_KEY_FILE",
            "/nowhere/secret-key",
            "ARDSINFO_SECRET_KEY_FILE is set to '/nowhere/secret-key'. Name a file that the site can read.",
        ),
        (
            "ARDSINFO_SITE_URL",
            "ardsinfo.example.org",
            f"ARDSINFO_SITE_URL is set to 'ardsinfo.example.org'. {SITE_ALONE}",
        ),
        ("ARDSINFO_SITE_URL", "ftp://a.example", f"ARDSINFO_SITE_URL is set to 'ftp://a.example'. {SITE_ALONE}"),
        ("ARDSINFO_SITE_URL", "https://", f"ARDSINFO_SITE_URL is set to 'https:'. {SITE_ALONE}"),
        (
            "ARDSINFO_SITE_URL",
            "https://a.example/s",
            f"ARDSINFO_SITE_URL is set to 'https://a.example/s'. {SITE_ALONE}",
        ),
        ("ARDSINFO_SITE_URL", "http://a.example:x", f"ARDSINFO_SITE_URL is set to 'http://a.example:x'. {SITE_ALONE}"),
        (
            "ARDSINFO_CONTACT_EMAIL",
            "editors at example.org",
            "ARDSINFO_CONTACT_EMAIL is set to 'editors at example.org'. Write one e-mail address, or leave it out.",
        ),
        (
            "ARDSINFO_REQUIRE_SECOND_FACTOR",
            "yes",
            "ARDSINFO_REQUIRE_SECOND_FACTOR is set to 'yes'. Write true or false.",
        ),
        ("ARDSINFO_PROXY_COUNT", "one", f"ARDSINFO_PROXY_COUNT is set to 'one'. {PROXIES}"),
        ("ARDSINFO_PROXY_COUNT", "-1", f"ARDSINFO_PROXY_COUNT is set to '-1'. {PROXIES}"),
        (
            "ARDSINFO_PROXY_COUNT",
            "1",
            "ARDSINFO_PROXY_COUNT is set to '1'. Set ARDSINFO_TRUSTED_PROXY=true too, or leave it out.",
        ),
        (
            "ARDSINFO_FROM_EMAIL",
            "editors",
            "ARDSINFO_FROM_EMAIL is set to 'editors'. Write one e-mail address, or leave it out.",
        ),
        (
            "ARDSINFO_ERROR_EMAIL",
            "ops@",
            "ARDSINFO_ERROR_EMAIL is set to 'ops@'. Write one e-mail address, or leave it out.",
        ),
        (
            "ARDSINFO_BACKUP_FOLDER",
            "backups",
            "ARDSINFO_BACKUP_FOLDER is set to 'backups'. Write the whole path of a folder, such as "
            "/var/backups/ardsinfo.",
        ),
        ("ARDSINFO_LOG", "xml", "ARDSINFO_LOG is set to 'xml'. Write json or lines, or leave it out."),
        ("ARDSINFO_EMAIL_URL", "imap://user:geheim@host", f"ARDSINFO_EMAIL_URL is set to 'imap://…'. {SOME_MAIL}"),
        ("ARDSINFO_EMAIL_URL", "smtp://user:geheim@", f"ARDSINFO_EMAIL_URL is set to 'smtp://…'. {SOME_MAIL}"),
        ("ARDSINFO_EMAIL_URL", "smtp://u:p@host:geheim", f"ARDSINFO_EMAIL_URL is set to 'smtp://…'. {SOME_MAIL}"),
        ("ARDSINFO_EMAIL_URL", "geheim", f"ARDSINFO_EMAIL_URL is set to '…'. {SOME_MAIL}"),
        (
            "ARDSINFO_EMAIL_URL_FILE",
            "/nowhere/email-url",
            "ARDSINFO_EMAIL_URL_FILE is set to '/nowhere/email-url'. Name a file that the site can read.",
        ),
        ("CACHE_URL", "locmemcache://", f"CACHE_URL is set to 'locmemcache://…'. {SOME_CACHE}"),
        ("CACHE_URL", "filecache:///tmp/geheim", f"CACHE_URL is set to 'filecache://…'. {SOME_CACHE}"),
        ("CACHE_URL", "redis://", f"CACHE_URL is set to 'redis://…'. {SOME_CACHE}"),
        ("CACHE_URL", "redis://:geheim@host:geheim", f"CACHE_URL is set to 'redis://…'. {SOME_CACHE}"),
        ("CACHE_URL", "pymemcache://host:11211", f"CACHE_URL is set to 'pymemcache://…'. {SOME_CACHE}"),
        ("CACHE_URL", "geheim", f"CACHE_URL is set to '…'. {SOME_CACHE}"),
        ("DATABASE_URL", "mysql://user:geheim@host/name", f"DATABASE_URL is set to 'mysql://…'. {TWO_DATABASES}"),
        ("DATABASE_URL", "postgresql://user:geheim@host/", f"DATABASE_URL is set to 'postgresql://…'. {TWO_DATABASES}"),
        (
            "DATABASE_URL",
            "postgresql://u:p@host:geheim/name",
            f"DATABASE_URL is set to 'postgresql://…'. {TWO_DATABASES}",
        ),
        ("DATABASE_URL", "postgresql:user:geheim@host/name", f"DATABASE_URL is set to '…'. {TWO_DATABASES}"),
        ("DATABASE_URL", "geheim", f"DATABASE_URL is set to '…'. {TWO_DATABASES}"),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_sentence(load: Load, name: str, value: str, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured) as stopped:
        load(**{"ARDSINFO_SECRET_KEY": SECRET, name: value})
    assert str(stopped.value) == sentence


def test_the_sentence_is_the_last_thing_said_and_no_password_is_shown(folder: Path) -> None:
    """The whole output of a real start, where Python prints causes too: this one quotes what stands before the `?`."""
    run = subprocess.run(
        [sys.executable, "-c", "import ardsinfo.settings"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "ARDSINFO_SECRET_KEY": SECRET,
            "DATABASE_URL": "postgresql://user:geheim?wort@host:5432/name",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == (
        f"django.core.exceptions.ImproperlyConfigured: DATABASE_URL is set to 'postgresql://…'. {TWO_DATABASES}"
    )
    assert "geheim" not in run.stderr
    assert "wort" not in run.stderr


# --- Right values ---------------------------------------------------------------------------------------------


def test_the_secret_can_come_from_a_file(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "elsewhere"
    file.write_text(SECRET + "\n")
    assert load(ARDSINFO_SECRET_KEY_FILE=str(file))["SECRET_KEY"] == SECRET


def test_the_secret_of_this_machine_is_read_unless_another_is_set(load: Load, folder: Path) -> None:
    (folder / "var").mkdir()
    (folder / "var" / "secret-key").write_text("of-this-machine-" * 4 + "\n")
    assert load()["SECRET_KEY"] == "of-this-machine-" * 4
    assert load(ARDSINFO_SECRET_KEY=SECRET)["SECRET_KEY"] == SECRET


def test_debugging_needs_no_secret_and_is_off_by_itself(load: Load) -> None:
    assert load(ARDSINFO_SECRET_KEY=SECRET)["DEBUG"] is False
    debugging = load(ARDSINFO_DEBUG="true")
    assert debugging["DEBUG"] is True
    assert debugging["SECRET_KEY"] == "only-for-debugging-" * 3


def test_https_in_the_address_turns_on_all_that_belongs_to_it(load: Load) -> None:
    site = load(ARDSINFO_SECRET_KEY=SECRET, ARDSINFO_SITE_URL="https://ardsinfo.example.org/")
    assert site["SITE_URL"] == "https://ardsinfo.example.org"
    assert site["ALLOWED_HOSTS"] == ["ardsinfo.example.org"]
    assert site["CSRF_TRUSTED_ORIGINS"] == ["https://ardsinfo.example.org"]
    assert site["SESSION_COOKIE_SECURE"] is True
    assert site["CSRF_COOKIE_SECURE"] is True
    assert site["SECURE_SSL_REDIRECT"] is True
    assert site["SECURE_HSTS_SECONDS"] == 63_072_000


def test_plain_http_on_this_machine_needs_no_certificate(load: Load) -> None:
    site = load(ARDSINFO_SECRET_KEY=SECRET, ARDSINFO_SITE_URL="http://127.0.0.1:8001")
    assert set(site["ALLOWED_HOSTS"]) == {"127.0.0.1", "localhost", "[::1]"}
    assert site["SESSION_COOKIE_SECURE"] is False
    assert site["SECURE_SSL_REDIRECT"] is False
    assert site["SECURE_HSTS_SECONDS"] == 0


def test_a_forwarded_scheme_is_believed_only_where_the_proxy_is_ours(load: Load) -> None:
    assert load(ARDSINFO_SECRET_KEY=SECRET)["SECURE_PROXY_SSL_HEADER"] is None
    trusting = load(ARDSINFO_SECRET_KEY=SECRET, ARDSINFO_TRUSTED_PROXY="true")
    assert trusting["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_postgresql_by_its_address(load: Load) -> None:
    address = "postgresql://ardsinfo:p%40ss@db.example:5433/studies"
    database = load(ARDSINFO_SECRET_KEY=SECRET, DATABASE_URL=address)["DATABASES"]["default"]
    assert database == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "studies",
        "USER": "ardsinfo",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": 5433,
        "OPTIONS": {
            "connect_timeout": 5,
            "options": "-c lock_timeout=20s",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "tcp_user_timeout": 20000,
        },
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def test_options_in_the_address_of_postgresql_go_before_ours(load: Load) -> None:
    address = "postgresql://ardsinfo@db.example/studies?sslmode=verify-full&connect_timeout=9&tcp_user_timeout=0"
    options = load(ARDSINFO_SECRET_KEY=SECRET, DATABASE_URL=address)["DATABASES"]["default"]["OPTIONS"]
    assert options == {
        "connect_timeout": 9,
        "options": "-c lock_timeout=20s",
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "tcp_user_timeout": 0,
        "sslmode": "verify-full",
    }


def test_the_address_of_the_database_can_come_from_a_file(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "database-url"
    file.write_text("postgresql://ardsinfo:geheim@db.example:5433/studies\n")
    database = load(ARDSINFO_SECRET_KEY=SECRET, DATABASE_URL_FILE=str(file))["DATABASES"]["default"]
    assert (database["NAME"], database["PASSWORD"]) == ("studies", "geheim")


@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({}, 0),
        ({"ARDSINFO_TRUSTED_PROXY": "true"}, 1),
        ({"ARDSINFO_TRUSTED_PROXY": "true", "ARDSINFO_PROXY_COUNT": "2"}, 2),
    ],
    ids=["none", "one", "two"],
)
def test_as_many_forwarded_addresses_are_believed_as_there_are_proxies(
    load: Load, variables: dict[str, str], count: int
) -> None:
    assert load(ARDSINFO_SECRET_KEY=SECRET, **variables)["ALLAUTH_TRUSTED_PROXY_COUNT"] == count


def test_a_second_factor_is_required_where_it_is_asked_for(load: Load) -> None:
    assert load(ARDSINFO_SECRET_KEY=SECRET)["REQUIRE_SECOND_FACTOR"] is False
    assert load(ARDSINFO_SECRET_KEY=SECRET, ARDSINFO_REQUIRE_SECOND_FACTOR="true")["REQUIRE_SECOND_FACTOR"] is True


@pytest.mark.parametrize(
    ("address", "port", "tls", "ssl"),
    [
        ("smtp+tls://ann:p%40ss@mail.example", 587, True, False),
        ("smtp+ssl://ann:p%40ss@mail.example", 465, False, True),
        ("smtp://ann:p%40ss@mail.example", 25, False, False),
        ("smtp+tls://ann:p%40ss@mail.example:2525", 2525, True, False),
    ],
    ids=["tls", "ssl", "plain", "port"],
)
def test_mail_goes_by_its_address(load: Load, address: str, port: int, tls: bool, ssl: bool) -> None:
    site = load(ARDSINFO_SECRET_KEY=SECRET, ARDSINFO_EMAIL_URL=address, ARDSINFO_FROM_EMAIL="a@example.org")
    assert {name: value for name, value in site.items() if name.startswith("EMAIL_")} == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "ann",
        "EMAIL_HOST_PASSWORD": "p@ss",
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": ssl,
        "EMAIL_TIMEOUT": 10,
        "EMAIL_SUBJECT_PREFIX": "[ARDSinfo] ",
    }
    assert site["DEFAULT_FROM_EMAIL"] == "a@example.org"


def test_the_address_of_the_mail_server_can_come_from_a_file(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "email-url"
    file.write_text("smtp+tls://ann:geheim@mail.example:587\n")
    site = load(ARDSINFO_SECRET_KEY=SECRET, ARDSINFO_EMAIL_URL_FILE=str(file))
    assert (site["EMAIL_HOST"], site["EMAIL_HOST_PASSWORD"]) == ("mail.example", "geheim")


def test_without_a_mail_server_mail_is_shown_here_and_goes_nowhere_in_public(load: Load) -> None:
    here = load(ARDSINFO_SECRET_KEY=SECRET)
    assert here["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    assert here["DEFAULT_FROM_EMAIL"] == "ardsinfo@127.0.0.1"
    public = load(
        ARDSINFO_SECRET_KEY=SECRET, ARDSINFO_SITE_URL="https://a.example", ARDSINFO_CONTACT_EMAIL="c@a.example"
    )
    assert public["EMAIL_BACKEND"] == "django.core.mail.backends.dummy.EmailBackend"
    assert public["DEFAULT_FROM_EMAIL"] == "c@a.example"


def test_errors_are_told_by_mail_where_somebody_is_named(load: Load) -> None:
    quiet = load(ARDSINFO_SECRET_KEY=SECRET)
    assert quiet["LOGGING"]["root"]["handlers"] == ["stderr"]
    assert "ADMINS" not in quiet
    told = load(ARDSINFO_SECRET_KEY=SECRET, ARDSINFO_ERROR_EMAIL="operator@example.org")
    assert told["LOGGING"]["root"]["handlers"] == ["stderr", "mail"]
    assert told["LOGGING"]["handlers"]["mail"] == {"()": "ardsinfo.error_mail.Handler"}
    assert told["ADMINS"] == [("", "operator@example.org")]


def test_limits_are_counted_in_the_database_or_where_the_setting_says(load: Load) -> None:
    table = {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "trials_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
    assert load(ARDSINFO_SECRET_KEY=SECRET)["CACHES"] == {"default": table}
    assert load(ARDSINFO_SECRET_KEY=SECRET, CACHE_URL="redis://:geheim@cache.example:6379/1")["CACHES"] == {
        "default": {"BACKEND": "ardsinfo.limits.RedisOrTable", "LOCATION": "redis://:geheim@cache.example:6379/1"},
        "table": table,
    }


@pytest.mark.parametrize(
    ("package", "name", "address", "sentence"),
    [
        (
            "redis",
            "CACHE_URL",
            "redis://:geheim@cache.example:6379/1",
            "CACHE_URL is set to 'redis://…'. Install requirements-redis.txt, or leave it out.",
        ),
        (
            "psycopg",
            "DATABASE_URL",
            "postgresql://ann:geheim@db.example/site",
            "DATABASE_URL is set to 'postgresql://…'. Install requirements-postgresql.txt, or leave it out for SQLite.",
        ),
    ],
)
def test_an_address_whose_package_is_not_there_says_what_to_install(
    load: Load, monkeypatch: pytest.MonkeyPatch, package: str, name: str, address: str, sentence: str
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda wanted, *a: None if wanted == package else real(wanted, *a))
    with pytest.raises(ImproperlyConfigured) as stop:
        load(ARDSINFO_SECRET_KEY=SECRET, **{name: address})
    assert str(stop.value) == sentence


def test_sqlite_in_var_by_default(load: Load, folder: Path) -> None:
    database = load(ARDSINFO_SECRET_KEY=SECRET)["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(folder / "var" / "ardsinfo.sqlite3")


# --- SQLite, on a real file: the tests' own database is in memory, where most of this does not apply ------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.sqlite3"


@pytest.fixture
def in_file(load: Load, file: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Django's connection, named "file", to a database in `file` that the site's settings set up."""
    settings = load(ARDSINFO_SECRET_KEY=SECRET, DATABASE_URL=f"sqlite:///{file}")["DATABASES"]
    monkeypatch.setitem(connections.settings, "file", ConnectionHandler(settings).settings["default"])
    with django_db_blocker.unblock():
        connection = connections["file"]
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE a (id integer PRIMARY KEY)")
            cursor.execute("CREATE TABLE b (a integer NOT NULL REFERENCES a DEFERRABLE INITIALLY DEFERRED)")
        yield connection
        connection.close()
        del connections["file"]


@pytest.fixture
def other(file: Path, in_file: Any) -> Iterator[sqlite3.Connection]:
    """A second program at the same file, which waits for no lock."""
    connection = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 1), ("foreign_keys", 1), ("busy_timeout", 20_000)],
)
def test_sqlite_is_set_up_for_many_readers_and_a_patient_writer(in_file: Any, pragma: str, value: object) -> None:
    with in_file.cursor() as cursor:
        assert cursor.execute(f"PRAGMA {pragma}").fetchone() == (value,)


def test_a_transaction_takes_the_write_lock_before_its_first_write(in_file: Any, other: sqlite3.Connection) -> None:
    with transaction.atomic(using="file"):
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM a").fetchone() == (0,)  # readers go on
    other.execute("BEGIN IMMEDIATE")
    other.execute("ROLLBACK")


def test_a_second_writer_waits_its_turn(in_file: Any, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO a VALUES (1)")
    finish = threading.Timer(0.5, lambda: other.execute("COMMIT"))
    finish.start()
    started = time.monotonic()
    with transaction.atomic(using="file"), in_file.cursor() as cursor:
        waited = time.monotonic() - started
        cursor.execute("INSERT INTO a VALUES (2)")
    finish.join()
    assert waited > 0.4
    assert other.execute("SELECT id FROM a ORDER BY id").fetchall() == [(1,), (2,)]


def test_a_foreign_key_is_enforced(in_file: Any) -> None:
    refused = pytest.raises(IntegrityError, match="FOREIGN KEY constraint failed")
    with refused, transaction.atomic(using="file"), in_file.cursor() as cursor:
        cursor.execute("INSERT INTO b VALUES (42)")
