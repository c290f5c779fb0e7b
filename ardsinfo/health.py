"""/healthz: this process answers. /readyz: and it can do its work. For a load balancer and for whoever watches.

Answered before everything else: over plain HTTP and under any host name, for a load balancer asks by address. One line
for each check, which says nothing that a stranger could use. Nothing keeps an answer.
"""

import functools
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from ardsinfo import sqlite_file

LEAST_ROOM = 100 * 1024 * 1024  # bytes free where the database is; a backup needs as much as the database again
DISK_FULL = "53100"  # as PostgreSQL says it
BUSY = 2  # seconds that somebody else may be writing

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
OK = "ok"

GetResponse = Callable[[HttpRequest], HttpResponse]


def middleware(get_response: GetResponse) -> GetResponse:
    """Answer the two addresses. It stands before all that ask for a host name, for HTTPS or for the database."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path_info not in ("/healthz", "/readyz"):
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"], headers=HEADERS)
        found = {"process": OK} if request.path_info == "/healthz" else readiness()
        status = 200 if all(state == OK for state in found.values()) else 503
        text = "".join(f"{name}: {state}\n" for name, state in found.items())
        return HttpResponse(text, status=status, headers=HEADERS, content_type="text/plain; charset=utf-8")

    return answer


def readiness() -> dict[str, str]:
    """Each check, and "ok" or what is wrong."""
    return {"database": database(), "migrations": migrations(), "disk": disk()}


def database() -> str:
    """Whether the database can be read and written to."""
    file = sqlite_file.path()
    try:
        return _sqlite(file) if file else _server()
    except (Error, sqlite3.Error) as error:
        full = getattr(error.__cause__, "sqlstate", "") == DISK_FULL
        return "has no room left on its disk" if full else "does not answer"


def _server() -> str:
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor != "postgresql":  # SQLite in memory
            cursor.execute("SELECT 1")
            return OK
        cursor.execute("SELECT current_setting('transaction_read_only'), set_config('work_mem', '64kB', true)")
        if cursor.fetchone() != ("off", "64kB"):
            return "read-only"
        # A megabyte that does not fit into so little memory goes into a temporary file. That needs room, and leaves
        # nothing behind: no row, and nothing in the write-ahead log.
        cursor.execute("SELECT count(*) FROM generate_series(1, 50000)")
        return OK


def _sqlite(file: Path) -> str:
    """Write what is there already, and take it back: from a connection of its own, for those that are open may do what
    a new one may not."""
    if sqlite_file.is_gone(file):
        return "is not there"
    if not os.access(file, os.R_OK):
        return "may not be opened"
    if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
        return "read-only"
    with closing(sqlite3.connect(sqlite_file.uri(file), uri=True, timeout=BUSY, isolation_level=None)) as own:
        try:
            own.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            return f"locked: somebody has been writing for {BUSY} seconds"
        own.execute(f"PRAGMA user_version = {own.execute('PRAGMA user_version').fetchone()[0]:d}")
        own.execute("ROLLBACK")
    return OK


@functools.cache
def _newest_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def migrations() -> str:
    """Whether the database has had all the migrations that this code has. More than these do no harm."""
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except Error:
        return "unknown"
    return OK if _newest_migrations() <= set(applied) else "missing: run manage.py migrate"


def disk() -> str:
    """Whether there is room left where the database is or, if that is on another machine, where the site is."""
    file = sqlite_file.path()
    try:
        room = shutil.disk_usage(file.parent if file else settings.BASE_DIR).free
    except OSError:
        return "is not there"
    return OK if room >= LEAST_ROOM else f"less than {LEAST_ROOM // 1024**2} MB left"
