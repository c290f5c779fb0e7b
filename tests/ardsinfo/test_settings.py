"""The settings: what each variable does, and the sentence that a wrong one stops the start with."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from ardsinfo import environment
from tests.tools import PROJECT

KEY = "k" * 50


def start(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project with these variables and none of this shell's settings."""
    shared = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=shared | variables, capture_output=True, text=True, check=False
    )


def settings_of(*names: str, **variables: str) -> list[Any]:
    """Return these settings of a site with these variables."""
    code = f"import json, ardsinfo.settings as s; print(json.dumps([getattr(s, name) for name in {names!r}]))"
    found: list[Any] = json.loads(start("-c", code, **({"ARDSINFO_SECRET_KEY": KEY} | variables)).stdout)
    return found


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that sets variables for `environment`."""

    def set_all(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    monkeypatch.delenv("DATABASE_URL", raising=False)
    return set_all


@pytest.mark.parametrize(
    "command", [["manage.py", "check"], ["manage.py", "runserver"], ["-c", "import ardsinfo.wsgi"]]
)
def test_start_without_variables_is_one_sentence_that_names_them(command: list[str]) -> None:
    done = start(*command)
    assert done.returncode != 0
    assert done.stderr == (
        "Set ARDSINFO_DEBUG=1 to try the site on this machine, or ARDSINFO_SECRET_KEY to serve it.\n"
    )


def test_unknown_variable_stops_the_start_and_its_value_is_not_shown() -> None:
    done = start("manage.py", "check", ARDSINFO_DEBUG="1", ARDSINFO_SECRET_KEYS="hidden")
    assert done.stderr == "ARDSINFO_SECRET_KEYS is not a setting: .env.example lists them all.\n"


def test_debug_alone_is_enough() -> None:
    assert start("manage.py", "check", ARDSINFO_DEBUG="1").returncode == 0


def test_database_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "no-such-folder" / "ardsinfo.sqlite3"
    done = start("manage.py", "migrate", ARDSINFO_DEBUG="1", DATABASE_URL=f"sqlite:///{file}")
    assert done.returncode != 0
    assert done.stderr == (f"The database cannot be opened and written: {file}. Its folder has to be writable, too.\n")


def test_server_does_not_start_without_collected_static_files(tmp_path: Path) -> None:
    code = f"from ardsinfo import settings; settings.STATIC_ROOT = {str(tmp_path)!r}; import ardsinfo.wsgi"
    done = start("-c", code, ARDSINFO_SECRET_KEY=KEY)
    assert done.returncode == 4
    assert done.stderr == "The static files are not collected: run manage.py collectstatic --noinput.\n"


def test_manage_py_test_runs_pytest() -> None:
    done = start("manage.py", "test", "tests/trials/listing/test_search.py", ARDSINFO_DEBUG="1")
    assert " passed" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("values", "meaning"),
    [(["1", "true", "TRUE", "Yes", "on"], True), (["0", "false", "No", "off", ""], False)],
)
def test_value_is_true_or_false_in_any_case(variables: Any, values: list[str], meaning: bool) -> None:
    for value in values:
        variables(ARDSINFO_DEBUG=value)
        assert environment.boolean("ARDSINFO_DEBUG") is meaning


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("ARDSINFO_DEBUG", "hidden", lambda: environment.boolean("ARDSINFO_DEBUG")),
        ("ARDSINFO_SECRET_KEY", "hidden", lambda: environment.secret_key(debug=False)),
        ("ARDSINFO_SECRET_KEY_FILE", "/hidden", lambda: environment.secret_key(debug=False)),
        ("ARDSINFO_SITE_URL", "hidden.example.org", environment.site_url),
        ("ARDSINFO_SITE_URL", "https://user:hidden@example.org", environment.site_url),
        ("ARDSINFO_SITE_URL", "https://example.org:hidden", environment.site_url),
        ("ARDSINFO_SITE_URL", "https://example.org/hidden", environment.site_url),
        ("ARDSINFO_CONTACT_EMAIL", "hidden", lambda: environment.email_address("ARDSINFO_CONTACT_EMAIL")),
        ("ARDSINFO_EMAIL_URL", "smtp+tls://user:hidden@:587", lambda: environment.email(public=True)),
        ("ARDSINFO_EMAIL_URL", "hidden", lambda: environment.email(public=True)),
        ("DATABASE_URL", "mysql://user:hidden@host/name", lambda: environment.database("")),
        ("DATABASE_URL", "postgresql://user:hidden@host:hidden/name", lambda: environment.database("")),
        ("DATABASE_URL", "hidden", lambda: environment.database("")),
    ],
)
def test_wrong_value_is_a_sentence_without_the_value(variables: Any, name: str, value: str, read: Any) -> None:
    variables(**{name: value})
    with pytest.raises(ImproperlyConfigured, match=f"^{name} .*\\.$") as error:
        read()
    assert "hidden" not in str(error.value)


def test_secret_key_can_come_from_a_file(variables: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ARDSINFO_SECRET_KEY")
    (tmp_path / "key").write_text(f"{KEY}\n")
    variables(ARDSINFO_SECRET_KEY_FILE=str(tmp_path / "key"))
    assert environment.secret_key(debug=False) == KEY


def test_sqlite_waits_for_the_write_lock_from_the_start_of_a_transaction(variables: Any) -> None:
    options = environment.database("sqlite:////var/lib/site.sqlite3")["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "journal_mode=WAL" in options["init_command"]


def test_postgresql_is_chosen_by_its_address(variables: Any) -> None:
    variables(DATABASE_URL="postgresql://user:secret@db.example.org:5433/name?sslmode=require")
    chosen = environment.database("")
    assert (chosen["ENGINE"], chosen["HOST"], chosen["PORT"]) == (
        "django.db.backends.postgresql",
        "db.example.org",
        5433,
    )
    assert chosen["OPTIONS"]["sslmode"] == "require"
    assert chosen["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize(
    ("address", "port", "tls", "ssl"),
    [
        ("smtp+tls://user:secret@mail.example.org", 587, True, False),
        ("smtp+ssl://user:secret@mail.example.org", 465, False, True),
        ("smtp://mail.example.org", 25, False, False),
        ("smtp+tls://user:secret@mail.example.org:2525", 2525, True, False),
    ],
)
def test_mail_server_is_chosen_by_its_address(variables: Any, address: str, port: int, tls: bool, ssl: bool) -> None:
    variables(ARDSINFO_EMAIL_URL=address)
    found = environment.email(public=True)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example.org", port)
    assert (found.get("EMAIL_USE_TLS", False), found.get("EMAIL_USE_SSL", False)) == (tls, ssl)


def test_public_site_without_a_mail_server_writes_no_mail_to_its_log(variables: Any) -> None:
    assert environment.email(public=True)["EMAIL_BACKEND"] == "django.core.mail.backends.dummy.EmailBackend"


PUBLIC = {
    "ALLOWED_HOSTS": ["ardsinfo.example.org"],
    "SECURE_SSL_REDIRECT": True,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
    "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
    "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
}


def test_https_address_behind_a_proxy_decides_hosts_cookies_and_redirects() -> None:
    variables = {"ARDSINFO_SITE_URL": "https://ardsinfo.example.org", "ARDSINFO_TRUSTED_PROXY": "true"}
    assert settings_of(*PUBLIC, **variables) == list(PUBLIC.values())


def test_site_on_this_machine_trusts_no_proxy_and_mails_no_errors() -> None:
    found = settings_of("SECURE_PROXY_SSL_HEADER", "ALLAUTH_TRUSTED_PROXY_COUNT", "ADMINS", "BACKUP_FOLDER")
    assert found == [None, 0, [], None]
