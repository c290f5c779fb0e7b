"""What `check --deploy` does not know and operators get wrong, each in a sentence with what to do.

Run `manage.py check --deploy --database default` on the machine, and as the user, of the site. Other commands are not
disturbed: a database without its migrations must be able to get them.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseFault
from django.db import connection

from ardsinfo.health import missing_migrations
from ardsinfo.static import manifest_fault

EXAMPLES = (".example", ".example.com", ".example.net", ".example.org", ".invalid", ".test")  # RFC 2606
SECRETS = ("ARDSINFO_SECRET_KEY_FILE", "ARDSINFO_EMAIL_URL_FILE", "DATABASE_URL_FILE")
INSTALLED = (Path("/etc/ardsinfo/secret-key"), Path("/etc/ardsinfo/env"))  # by docs/running.md
SORTS_AS_SQLITE = "createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 NAME"
BACKUP_AGE = 2  # days: one night may fail

Messages = Iterator[CheckMessage]


def _deploy(*tags: str) -> Callable[[Callable[[], Messages]], Callable[..., list[CheckMessage]]]:
    """Register a generator for `check --deploy`; with the tag "database", only where a database is named."""

    def decorate(messages: Callable[[], Messages]) -> Callable[..., list[CheckMessage]]:
        def check(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
            return [] if Tags.database in tags and not databases else list(messages())

        register(check, "ardsinfo", *tags, deploy=True)
        return check

    return decorate


@_deploy()
def address() -> Messages:
    host = urlsplit(settings.SITE_URL).hostname or ""
    if f".{host}".endswith(EXAMPLES):
        yield Error(f"{settings.SITE_URL} is an example.", hint="Set ARDSINFO_SITE_URL.", id="ardsinfo.E001")
    if settings.HTTPS and not settings.TRUSTED_PROXY:
        yield Error(
            "The site is at an https address and trusts no proxy, so that each page redirects to itself.",
            hint="Put nginx in front (docs/running.md) and set ARDSINFO_TRUSTED_PROXY=true.",
            id="ardsinfo.E002",
        )
    if settings.TRUSTED_PROXY and not settings.HTTPS:
        yield Warning(
            "The site trusts a proxy, but its address has no https.",
            hint="Begin ARDSINFO_SITE_URL with https, or leave ARDSINFO_TRUSTED_PROXY out.",
            id="ardsinfo.W003",
        )


@_deploy()
def error_mail() -> Messages:
    if settings.ADMINS and not str(settings.EMAIL_BACKEND).endswith(".smtp.EmailBackend"):
        yield Warning(
            "ARDSINFO_ERROR_EMAIL is set, but the site sends no mail.",
            hint="Set ARDSINFO_EMAIL_URL too.",
            id="ardsinfo.W004",
        )


@_deploy()
def secrets() -> Messages:
    named = [Path(os.environ[name]) for name in SECRETS if name in os.environ]
    for file in [*named, *INSTALLED]:
        if os.access(file, os.F_OK) and file.stat().st_mode & 0o007:
            yield Warning(f"Every user can read {file}.", hint=f"Run: chmod o= {file}", id="ardsinfo.W005")


@_deploy()
def static_files() -> Messages:
    if sentence := manifest_fault():
        yield Error(sentence, id="ardsinfo.E006")


@_deploy()
def backups() -> Messages:
    folder = settings.BACKUP_FOLDER
    if not folder:
        return
    newest = max((file.stat().st_mtime for file in folder.glob("*") if file.is_file()), default=0.0)
    if time.time() - newest > BACKUP_AGE * 86400:
        yield Warning(
            f"There is no backup of the last {BACKUP_AGE} days in {folder}.",
            hint="Look at: systemctl status ardsinfo-backup.timer ardsinfo-backup.service",
            id="ardsinfo.W007",
        )


@_deploy(Tags.database)
def database() -> Messages:
    try:
        if missing := missing_migrations():
            yield Error(f"The database lacks {missing[0]}.", hint="Run: manage.py migrate", id="ardsinfo.E008")
        if connection.vendor == "postgresql" and not sorts_as_sqlite():
            yield Error(
                "The database sorts text by the rules of a language, so that lists differ from those on SQLite.",
                hint=f"Make another one with: {SORTS_AS_SQLITE}",
                id="ardsinfo.E009",
            )
    except DatabaseFault as error:
        yield Error(f"The database does not answer: {error}", hint="Look at DATABASE_URL.", id="ardsinfo.E010")


def sorts_as_sqlite() -> bool:
    """Return whether PostgreSQL sorts text by its characters' numbers, as SQLite does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'B' < 'a' AND 'a-c' < 'ab' AND 'z' < 'é'")
        return bool(cursor.fetchone()[0])
