"""Back up the SQLite database while the site runs, check a backup, and restore one. PostgreSQL has its own programs."""

import datetime
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection
from django.db.backends.sqlite3._functions import register as register_functions  # type: ignore[import-untyped]
from django.db.migrations.loader import MigrationLoader

PREFIX, BEFORE_RESTORE, SUFFIX = "ardsinfo-", "before-restore-", ".sqlite3"
TIMEOUT = 30  # seconds to wait for a lock


class BackupError(Exception):
    """A backup or a restore is not possible; the message says why."""


class DamagedError(BackupError):
    """The content of a file is damaged, or is not an SQLite database."""


@contextmanager
def open_sqlite(file: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """Open an existing file with the functions of Django, which constraints use. Raises BackupError."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?{mode}", uri=True, timeout=TIMEOUT)) as database:
            register_functions(database)
            yield database
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        is_damaged = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        raise (DamagedError if is_damaged else BackupError)(f"{file}: {error}.") from error


def timestamp() -> str:
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H%M%S.%fZ}"


def database_file() -> Path:
    if connection.vendor != "sqlite" or connection.is_in_memory_db():  # type: ignore[attr-defined]
        raise BackupError("The database is not an SQLite file. docs/running.md has the commands for PostgreSQL.")
    return Path(connection.settings_dict["NAME"])


def read_migrations(file: Path) -> set[tuple[str, str]]:
    """Check the integrity of a finished backup and return its migrations. Raises BackupError."""
    with open_sqlite(file, "mode=ro&immutable=1") as database:
        (result,) = database.execute("PRAGMA integrity_check(1)").fetchone()
        if result != "ok":
            raise DamagedError(f"{file} is damaged: {result}.")
        return set(database.execute("SELECT app, name FROM django_migrations"))


def check(file: Path) -> None:
    """Raise BackupError unless the file is an intact backup of this site and no newer than this code."""
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations).union(*(migration.replaces for migration in loader.replacements.values()))
    migrations = read_migrations(file)
    if not any(app == "trials" for app, _ in migrations):
        raise BackupError(f"{file} is not a database of this site.")
    if unknown := sorted(migrations - known):
        raise BackupError(f"{file} has migrations that this version does not know: {'.'.join(unknown[0])}.")


def write_backup(folder: Path, prefix: str = PREFIX) -> Path:
    """Write a checked copy of the database, as of one moment, and return its file. Raises BackupError.

    The copy has a temporary name until it is checked, and only its owner can read it.
    """
    database = database_file()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{prefix}{timestamp()}{SUFFIX}"
    part = folder / f".{file.name}.part"
    try:
        part.touch(mode=0o600, exist_ok=False)
        with open_sqlite(database, "mode=rw") as source:
            source.execute("VACUUM INTO ?", [str(part)])
        read_migrations(part)
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    return file


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest backups of the folder and return the deleted files."""
    old = sorted(folder.glob(f"{PREFIX}*{SUFFIX}"), reverse=True)[keep:]
    for file in old:
        file.unlink()
    return old


def restore(file: Path) -> Path | None:
    """Put the content of a backup into the database. Returns the copy of what was there before. Raises BackupError.

    Running processes see the new content at once. A damaged database is kept as it is and replaced by a new file.
    """
    check(file)
    database = database_file()
    connection.close()
    database.parent.mkdir(parents=True, exist_ok=True)
    if not database.is_file() or not database.stat().st_size:
        replace(database, file, database.with_name(f"{BEFORE_RESTORE}{timestamp()}"))
        return None
    try:
        before = write_backup(database.parent, BEFORE_RESTORE)
        with open_sqlite(file, "mode=ro&immutable=1") as source, open_sqlite(database, "mode=rw") as target:
            source.backup(target)  # one transaction: it happens as a whole or not at all
    except DamagedError:
        before = database.with_name(f"{BEFORE_RESTORE}{timestamp()}.damaged")
        replace(database, file, before)
    return before


def replace(database: Path, file: Path, before: Path) -> None:
    """Replace the file of the database in one step. It, and the logs of SQLite next to it, are kept as `before`."""
    new = database.with_name(f".{database.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    shutil.copyfile(file, new)
    if database.is_file():
        os.link(database, before)
    for suffix in ("-wal", "-shm", "-journal"):  # SQLite would apply them to the new file
        log = database.with_name(database.name + suffix)
        if log.is_file():
            log.rename(before.with_name(before.name + suffix))
    new.replace(database)
