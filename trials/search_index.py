"""The index behind `trials.search`: of every three letters in a row in the search text and the address of a study.

With it a part of a word is found without reading every text. SQLite has a table for it (FTS5) that triggers keep in
step, PostgreSQL an index (pg_trgm). `migrate` makes what is missing, each time it runs: on SQLite a migration that
alters the table of studies drops the table's triggers.
"""

import logging
import sqlite3
from typing import Any

from django.apps import apps as all_apps
from django.db import DatabaseError, OperationalError, connections, transaction

LETTERS = 3  # a shorter word is not in the index

_ADD = "INSERT INTO trials_search(rowid, search_text, slug) VALUES (new.id, new.search_text, new.slug);"
_TAKE_AWAY = (
    "INSERT INTO trials_search(trials_search, rowid, search_text, slug) "
    "VALUES ('delete', old.id, old.search_text, old.slug);"
)
_SQLITE = {
    # The texts stay where they are (`content`), and they are folded already (`case_sensitive`).
    "trials_search": (
        "CREATE VIRTUAL TABLE trials_search USING fts5(search_text, slug, content='trials_trial', content_rowid='id', "
        "tokenize='trigram case_sensitive 1')"
    ),
    "trials_search_insert": (f"CREATE TRIGGER trials_search_insert AFTER INSERT ON trials_trial BEGIN {_ADD} END"),
    "trials_search_delete": (
        f"CREATE TRIGGER trials_search_delete AFTER DELETE ON trials_trial BEGIN {_TAKE_AWAY} END"
    ),
    "trials_search_update": (
        "CREATE TRIGGER trials_search_update AFTER UPDATE ON trials_trial "
        "WHEN old.id <> new.id OR old.search_text <> new.search_text OR old.slug <> new.slug "
        f"BEGIN {_TAKE_AWAY} {_ADD} END"
    ),
}
_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX IF NOT EXISTS trials_trial_search ON trials_trial "
    # Without fastupdate a write goes into the index at once. Otherwise many would wait in a list that every search
    # has to read, until the database tidies up.
    "USING gin (search_text gin_trgm_ops, slug gin_trgm_ops) WITH (fastupdate = off)",
)

log = logging.getLogger(__name__)


def make_search_index(using: str, apps: Any = all_apps, **kwargs: Any) -> None:
    """Put into the database what is missing there, and index every study anew then. Runs after `migrate`."""
    try:
        apps.get_model("trials", "Trial")
    except LookupError:  # migrated back to before there was one
        return
    if connections[using].vendor == "sqlite":
        _make_on_sqlite(using)
    elif connections[using].vendor == "postgresql":
        _make_on_postgresql(using)


def _make_on_sqlite(using: str) -> None:
    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'trials_search%'")
        there = dict(cursor.fetchall())
        if all(there.get(name) == sql for name, sql in _SQLITE.items()):
            return
        for name in _SQLITE:
            cursor.execute(f"DROP {'TRIGGER' if 'TRIGGER' in _SQLITE[name] else 'TABLE'} IF EXISTS {name}")
        try:
            for sql in _SQLITE.values():
                cursor.execute(sql)
        except OperationalError as error:
            raise OperationalError(
                f"The search needs SQLite 3.34 or newer with FTS5; here is {sqlite3.sqlite_version}: {error}."
            ) from error
        cursor.execute("INSERT INTO trials_search(trials_search) VALUES ('rebuild')")


def _make_on_postgresql(using: str) -> None:
    try:
        with transaction.atomic(using), connections[using].cursor() as cursor:
            for sql in _POSTGRESQL:
                cursor.execute(sql)
    except DatabaseError as error:
        log.warning(
            "The search works, but reads every study each time: the database refused its index (%s). Have the owner of "
            "the database run “CREATE EXTENSION pg_trgm”, then run migrate again.",
            str(error).strip(),
        )
