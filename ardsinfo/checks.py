"""What can be wrong with an installation, in a sentence, and how to mend it.

All of it is asked for by `manage.py check --deploy --database default`, on the machine and as the user of the site.
None of it stops a command: a database without its migrations must be able to get them.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from ardsinfo import security_txt, sqlite_file

LOCAL = ("127.0.0.1", "localhost", "::1")
EXAMPLES = (".example.org", ".example.com", ".example.net", ".example", ".test", ".invalid")  # nobody's (RFC 2606)
NETWORK_DISKS = {"9p", "afs", "ceph", "cifs", "fuse.sshfs", "glusterfs", "lustre", "nfs", "nfs4", "smb3", "smbfs"}
SECRETS = ("ARDSINFO_SECRET_KEY_FILE", "ARDSINFO_EMAIL_URL_FILE", "DATABASE_URL_FILE", "CACHE_URL_FILE")
INSTALLED = (Path("/etc/ardsinfo/secret-key"), Path("/etc/ardsinfo/env"))  # as docs/running.md has them
LIKE_SQLITE = "createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 NAME"  # sorts texts as SQLite does
TRIGRAMS = (3, 34, 0)  # the first SQLite whose full-text search finds parts of words
BACKUP_AGE = 2  # days: one night may be missed
LEAST_ROOM = 500 * 1024**2  # bytes

Found = Iterator[CheckMessage]

# Django's own checks would ask SQLite for it, and so make a file that is not there, or end at one that is damaged.
if connection.vendor == "sqlite":
    connection.features_class.supports_json_field = True


def _registered(*tags: str) -> Callable[[Callable[[], Found]], Callable[..., list[CheckMessage]]]:
    """Register a generator. With the tag "database" it runs only where a database is named."""

    def decorate(generator: Callable[[], Found]) -> Callable[..., list[CheckMessage]]:
        def check(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
            if Tags.database in tags and "default" not in (databases or ()):
                return []
            return list(generator())

        register(check, *tags, deploy=True)
        return check

    return decorate


# --- Settings -------------------------------------------------------------------------------------------------


@_registered("ardsinfo")
def address() -> Found:
    host = urlsplit(settings.SITE_URL).hostname or ""
    if f".{host}".endswith(EXAMPLES):
        yield Error(
            f"This site says that it is at {settings.SITE_URL}, which is nobody's address.",
            hint="Set ARDSINFO_SITE_URL to the address that readers type.",
            id="ardsinfo.E001",
        )
    if not settings.HTTPS and host not in LOCAL:
        yield Warning(
            f"What readers and editors send to {settings.SITE_URL}, passwords too, can be read on its way.",
            hint="Get a certificate and begin ARDSINFO_SITE_URL with https.",
            id="ardsinfo.W002",
        )
    if settings.HTTPS and not settings.TRUSTED_PROXY:
        yield Warning(
            "This site is at an https address and trusts no proxy. gunicorn speaks plain HTTP, so each page would lead "
            "to itself for ever.",
            hint="Put nginx in front (docs/running.md) and set ARDSINFO_TRUSTED_PROXY=true.",
            id="ardsinfo.W003",
        )
    if settings.TRUSTED_PROXY and not settings.HTTPS:
        yield Warning(
            "This site believes what a proxy says of a request, but its own address has no https.",
            hint="Begin ARDSINFO_SITE_URL with https, or leave ARDSINFO_TRUSTED_PROXY out if there is no proxy.",
            id="ardsinfo.W004",
        )


@_registered("ardsinfo")
def mail() -> Found:
    if settings.ADMINS and str(settings.EMAIL_BACKEND).endswith((".dummy.EmailBackend", ".console.EmailBackend")):
        yield Warning(
            f"Errors are to be told to {settings.ADMINS[0][1]}, but this site sends no e-mail.",
            hint="Set ARDSINFO_EMAIL_URL too.",
            id="ardsinfo.W005",
        )


@_registered("ardsinfo")
def secrets() -> Found:
    files = [Path(os.environ[name]) for name in SECRETS if name in os.environ]
    for file in dict.fromkeys([*files, *INSTALLED, settings.VAR_DIR / "secret-key"]):
        try:
            mode = file.stat().st_mode
        except OSError:
            continue  # not there, or in a folder that is closed
        if mode & 0o007:
            yield Warning(
                f"Everybody on this machine can read {file}.", hint=f"Run: chmod o= {file}", id="ardsinfo.W006"
            )


@_registered("ardsinfo")
def contact() -> Found:
    left = security_txt.EXPIRES - datetime.now(UTC)
    if settings.CONTACT_EMAIL and left < timedelta(days=30):
        expires = "expires" if left > timedelta() else "expired"
        yield Warning(
            f"/.well-known/security.txt {expires} on {security_txt.EXPIRES:%Y-%m-%d}.",
            hint="Upgrade: the date comes with the program, and each year a new one.",
            id="ardsinfo.W022",
        )


# --- Files ----------------------------------------------------------------------------------------------------


@_registered("ardsinfo", Tags.staticfiles)
def static_files() -> Found:
    storage: Any = staticfiles_storage
    if not hasattr(storage, "manifest_name"):
        return  # with ARDSINFO_DEBUG they are served as they are
    manifest = Path(storage.path(storage.manifest_name))
    mend = "Run: manage.py collectstatic --noinput. Then reload the site."
    if not manifest.is_file():
        yield Error(f"The styles are not built: there is no {manifest}.", hint=mend, id="ardsinfo.E007")
        return
    built = manifest.stat().st_mtime
    for finder in get_finders():
        for name, source in finder.list(ignore_patterns=[]):
            if Path(source.path(name)).stat().st_mtime > built:
                yield Warning(f"{name} is newer than the styles that were built.", hint=mend, id="ardsinfo.W008")
                return


@_registered("ardsinfo")
def backups() -> Found:
    folder = settings.BACKUP_FOLDER
    if not folder:
        return
    mend = "Look at: systemctl status ardsinfo-backup.timer ardsinfo-backup.service. Or run: manage.py backup"
    files = [file for file in folder.glob("ardsinfo-*") if file.suffix in (".sqlite3", ".pgdump")]
    newest = max((file.stat().st_mtime for file in files), default=None)
    if newest is None:
        yield Warning(f"There is no backup in {folder}.", hint=mend, id="ardsinfo.W009")
    elif (days := (time.time() - newest) / 86400) > BACKUP_AGE:
        yield Warning(f"The newest backup in {folder} is {days:.0f} days old.", hint=mend, id="ardsinfo.W009")


@_registered("ardsinfo")
def room() -> Found:
    file = sqlite_file.path()
    size = file.stat().st_size if file and os.access(file, os.R_OK) else 0
    for folder in {file.parent if file else settings.BASE_DIR, settings.BACKUP_FOLDER or settings.BASE_DIR}:
        needed = max(LEAST_ROOM, 2 * size)
        if os.access(folder, os.F_OK) and (free := shutil.disk_usage(folder).free) < needed:
            yield Warning(
                f"{free // 1024**2} MB are free on the disk of {folder}, and {needed // 1024**2} MB should be.",
                hint="Make room: a full disk stops every change, and a backup needs as much as the database.",
                id="ardsinfo.W010",
            )


@_registered("ardsinfo")
def redis() -> Found:
    cache = caches["default"]
    if hasattr(cache, "fault") and (fault := cache.fault()):
        yield Warning(
            f"The Redis that CACHE_URL names does not answer ({fault}). The database counts failed log-ins instead.",
            hint="Look at CACHE_URL, its password too, and whether the server runs; or leave it out.",
            id="ardsinfo.W020",
        )


# --- The database ---------------------------------------------------------------------------------------------


@_registered("ardsinfo", Tags.database)
def database() -> Found:
    yield from faults(connections["default"])


def faults(connection: BaseDatabaseWrapper) -> Found:
    """What is wrong with a database. Where it does not answer, the later questions have no answer either."""
    try:
        if file := sqlite_file.path(connection):
            if sqlite_file.is_gone(file):  # to open it would make an empty one
                yield Error(
                    f"The database is not there: no file {file}.",
                    hint="Put it back, with the -wal beside it, or restore a backup. On a new machine run: "
                    "manage.py migrate",
                    id="ardsinfo.E021",
                )
                return
            yield from _folder(file)
        if connection.vendor == "sqlite":
            yield from _sqlite(connection)
        elif not sorts_as_sqlite(connection):
            yield Error(
                "The database sorts text otherwise than SQLite, so lists are not in the order that they should have.",
                hint=f"Make another one with: {LIKE_SQLITE}. Restore a backup into it, and name it in DATABASE_URL.",
                id="ardsinfo.E023",
            )
        yield from _tables(connection)
    except DatabaseError as error:
        yield Error(
            f"The database does not answer: {(str(error).splitlines() or [''])[0]}.",
            hint="Look at DATABASE_URL, and whether the server runs or the file may be opened.",
            id="ardsinfo.E011",
        )


def _folder(file: Path) -> Found:
    for path in (file.parent, file):
        if not os.access(path, os.W_OK):
            yield Error(
                f"The site may not write to {path}. SQLite needs its file and, for the files beside it, the folder.",
                hint=f"Run as root: chown -R ardsinfo: {file.parent}",
                id="ardsinfo.E012",
            )
            return
    kind = filesystem(file.parent, Path("/proc/self/mounts"))
    if kind in NETWORK_DISKS:
        yield Error(
            f"{file} is on a disk of another machine ({kind}), where SQLite's locks and its log do not hold.",
            hint="Put it on a disk of this machine, or use PostgreSQL.",
            id="ardsinfo.E013",
        )


def filesystem(folder: Path, mounts: Path) -> str:
    """The kind of file system that a folder is on, by a table like /proc/self/mounts; "" where there is none."""
    if not mounts.is_file():
        return ""
    rows = [line.split() for line in mounts.read_text().splitlines()]
    table = {Path(row[1].encode().decode("unicode_escape")): row[2] for row in rows}
    return next((table[above] for above in [folder.resolve(), *folder.resolve().parents] if above in table), "")


def _sqlite(connection: BaseDatabaseWrapper) -> Found:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()")
        version = str(cursor.fetchone()[0])
        cursor.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")
        has_search = cursor.fetchone() is not None
        cursor.execute("PRAGMA journal_mode")
        journal = str(cursor.fetchone()[0])
    if tuple(map(int, version.split("."))) < TRIGRAMS or not has_search:
        yield Error(
            f"Python has SQLite {version}{'' if has_search else ' without full-text search (FTS5)'}: the search of a "
            "large site needs 3.34 or newer, with FTS5.",
            hint="Use the Python of Debian 12 or newer, or PostgreSQL.",
            id="ardsinfo.E014",
        )
    if sqlite_file.path(connection) and journal != "wal":
        yield Warning(
            f"The database is in the journal mode {journal!r}, so readers and writers wait for each other.",
            hint="Stop the site, run: manage.py migrate, and start it. A disk that cannot do it is not for SQLite.",
            id="ardsinfo.W015",
        )


def sorts_as_sqlite(connection: BaseDatabaseWrapper) -> bool:
    """Whether a PostgreSQL puts texts into the order that SQLite puts them into: that of their bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        if cursor.fetchone() != ("UTF8",):
            return False
        cursor.execute("SELECT 'B' < 'a' AND 'a-c' < 'ab' AND 'z' < 'é'")
        return cursor.fetchone() == (True,)


def _tables(connection: BaseDatabaseWrapper) -> Found:
    from trials import triggers

    executor = MigrationExecutor(connection)
    mend = "Run: manage.py migrate"
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        first = f"{plan[0][0].app_label}.{plan[0][0].name}"
        yield Error(
            f"The database is older than the program. Migrations that it lacks: {len(plan)}, first {first}.",
            hint=mend,
            id="ardsinfo.E016",
        )
        return
    caches = [cache for cache in settings.CACHES.values() if str(cache["BACKEND"]).endswith(".db.DatabaseCache")]
    if {cache["LOCATION"] for cache in caches} - set(connection.introspection.table_names()):
        yield Error("The table that counts failed log-ins is missing.", hint=mend, id="ardsinfo.E017")
    if lacking := triggers.missing(connection.alias):
        yield Error(
            f"Triggers that the database lacks: {len(lacking)}, first {min(lacking)}. Readers would go on seeing old "
            "pages after a change.",
            hint=mend,
            id="ardsinfo.E018",
        )
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE name = 'trials_search'")
        else:
            cursor.execute("SELECT count(to_regclass('trials_trial_search'))")
        if cursor.fetchone() == (0,):
            yield Warning(
                "The index of the search is missing, so that a search reads every study.",
                hint=f"{mend} - on PostgreSQL it says there what the owner of the database has to do first.",
                id="ardsinfo.W019",
            )
