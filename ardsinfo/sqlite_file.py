"""The file of an SQLite database, while the site runs.

A connection that stays open goes on with the file it has opened, even when that is not the file at its address any
more: what is saved then would be lost with it. And a connection that is opened while the file is away would make an
empty one in its place, and leave a log beside it that does not fit when the file is put back.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.signals import request_started
from django.db import connection
from django.db.backends.signals import connection_created
from django.dispatch import receiver


def path(of: Any = connection) -> Path | None:
    """Where the file of a connection is; None if the database is none, or is in memory."""
    return _path(of.vendor, str(of.settings_dict["NAME"]))


@lru_cache  # asked for with every request
def _path(vendor: str, name: str) -> Path | None:
    if vendor != "sqlite" or ":memory:" in name or "mode=memory" in name:
        return None
    return Path(name)


def is_gone(file: Path) -> bool:
    """Whether there is no such file. Of one in a folder that may not be entered nobody can say so."""
    try:
        file.stat()
    except OSError as error:
        return isinstance(error, FileNotFoundError | NotADirectoryError)
    return False


def uri(file: Path) -> str:
    """The file as SQLite opens it without ever making it."""
    return f"{file.resolve().as_uri()}?mode=rw"


def never_make() -> None:
    """Let no connection of this process make the file. Commands may: `migrate` does, on a new machine."""
    file = path()
    if file:
        connection.settings_dict["OPTIONS"]["database"] = uri(file)


def _identity() -> tuple[int, int] | None:
    file = path()
    try:
        there = file.stat() if file else None
    except OSError:
        return None
    return (there.st_dev, there.st_ino) if there else None


@receiver(connection_created)
def _remember(connection: Any, **kwargs: Any) -> None:
    connection.opened_file = _identity()


@receiver(request_started)
def close_if_gone(**kwargs: Any) -> None:
    """Close the connection of this thread if its file is not the one at its address any more."""
    if connection.connection is not None and getattr(connection, "opened_file", None) != _identity():
        connection.close()
