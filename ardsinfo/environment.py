"""Read the environment. Every fault is an ImproperlyConfigured whose one sentence names the variable, not its value."""

from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

NAMES = (
    "BACKUP_FOLDER CONTACT_EMAIL DEBUG EMAIL_URL EMAIL_URL_FILE ERROR_EMAIL FROM_EMAIL "
    "MAINTENANCE REQUIRE_SECOND_FACTOR SECRET_KEY SECRET_KEY_FILE SITE_URL TRUSTED_PROXY"
)
VARIABLES = {f"ARDSINFO_{name}" for name in NAMES.split()}
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")

env = environ.FileAwareEnv()  # NAME_FILE names a file that holds the value of NAME


def refuse_unknown(names: Iterable[str]) -> None:
    for name in sorted(names):
        if name.startswith("ARDSINFO_") and name not in VARIABLES:
            raise ImproperlyConfigured(f"{name} is not a setting: .env.example lists them all.")


def text(name: str, default: str = "") -> str:
    try:
        return str(env.str(name, default=default)).strip()
    except OSError:
        raise ImproperlyConfigured(f"{name}_FILE must name a file that the site can read.") from None


def boolean(name: str) -> bool:
    value = text(name).lower()
    if value not in TRUE + FALSE:
        raise ImproperlyConfigured(f"{name} must be true or false.")
    return value in TRUE


def email_address(name: str) -> str:
    value = text(name)
    try:
        if value:
            validate_email(value)
    except ValidationError:
        raise ImproperlyConfigured(f"{name} must be one e-mail address, or be left out.") from None
    return value


def secret_key(debug: bool) -> str:
    key = text("ARDSINFO_SECRET_KEY")
    if not key and debug:
        return "for-development-only-" * 3
    if not key:
        raise ImproperlyConfigured(
            "Set ARDSINFO_DEBUG=1 to try the site on this machine, or ARDSINFO_SECRET_KEY to serve it."
        )
    if len(key) < 50:
        raise ImproperlyConfigured("ARDSINFO_SECRET_KEY must have at least 50 characters.")
    return key


def site_url() -> str:
    """Return the public address without a slash at the end."""
    value = text("ARDSINFO_SITE_URL", "http://127.0.0.1:8000").rstrip("/")
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        valid = False
    if not valid or value != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        raise ImproperlyConfigured("ARDSINFO_SITE_URL must be an address alone, such as https://ardsinfo.example.org.")
    return value


def _parsed(parse: Callable[[str], dict[str, Any]], address: str) -> dict[str, Any]:
    try:
        return parse(address)
    except Exception:
        return {}  # the error may quote the password


def database(default: str) -> dict[str, Any]:
    """Return Django's settings of the database that DATABASE_URL names."""
    chosen = _parsed(environ.Env.db_url_config, text("DATABASE_URL", default))
    engine = chosen.get("ENGINE")
    if engine not in ("django.db.backends.sqlite3", "django.db.backends.postgresql") or not chosen["NAME"]:
        raise ImproperlyConfigured(
            "DATABASE_URL must be sqlite:////folder/file.sqlite3 or postgresql://user:password@host:5432/name."
        )
    if engine == "django.db.backends.sqlite3":
        chosen["OPTIONS"] = {
            # A transaction that reads first and writes later would otherwise fail with "database is locked".
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,  # seconds
            # A search reads the texts of all studies. Mapped into memory they cost a quarter less, and
            # on large pages an eighth; a file gets these when it is made, before WAL.
            "init_command": "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA mmap_size=2000000000;",
        }
        return chosen | {"CONN_MAX_AGE": None}
    if not find_spec("psycopg"):
        raise ImproperlyConfigured("DATABASE_URL names PostgreSQL: install requirements-postgresql.txt.")
    options = {"connect_timeout": 5, "options": "-c lock_timeout=20s", "tcp_user_timeout": 20_000}
    return chosen | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": options | chosen.get("OPTIONS", {})}


def email(public: bool) -> dict[str, Any]:
    """Return Django's e-mail settings. Without an address mail goes to the terminal, or nowhere on a public site."""
    address = text("ARDSINFO_EMAIL_URL", "dummymail://" if public else "consolemail://")
    scheme, found = address.partition("://")[0], _parsed(environ.Env.email_url_config, address)
    ports = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
    if not found or scheme not in (*ports, "consolemail", "dummymail") or (scheme in ports and not found["EMAIL_HOST"]):
        raise ImproperlyConfigured("ARDSINFO_EMAIL_URL must be like smtp+tls://user:password@mail.example.org:587.")
    return found | {"EMAIL_PORT": found["EMAIL_PORT"] or ports.get(scheme, 25)}
