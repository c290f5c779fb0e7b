"""The triggers that give the content version a new token in the same transaction as every write.

They stand in the database, so that nothing goes past them: no bulk statement, no command, no SQL of an operator.
`migrate` puts them there each time it runs, for on SQLite a migration that alters a table drops the table's triggers.
"""

from typing import Any

from django.apps import apps as all_apps
from django.db import connections
from django.db.models import Model

from trials.models import (
    Arm,
    Blank,
    Country,
    FormerSlug,
    GlossaryTerm,
    LoadedRecord,
    OutcomeCount,
    Page,
    Registration,
    Revision,
    Source,
    Trial,
)

# Everything that a public page is made of.
CONTENT: list[type[Model]] = [
    Trial, Trial.countries.through, FormerSlug, Arm, OutcomeCount, Registration, Source, Blank, Country, Page,
    GlossaryTerm, Revision, LoadedRecord,
]  # fmt: skip

MOVE = """
    INSERT INTO trials_contentversion (id, token) VALUES (1, {name})
    ON CONFLICT (id) DO UPDATE SET token = excluded.token;
"""
MOVE_SQLITE = MOVE.format(name="lower(hex(randomblob(16)))")
MOVE_POSTGRESQL = MOVE.format(name="gen_random_uuid()::text")


def _sqlite() -> dict[str, str]:
    return {
        f"{table}_content_{event.lower()}": (
            f"CREATE TRIGGER {table}_content_{event.lower()} AFTER {event} ON {table} BEGIN {MOVE_SQLITE} END"
        )
        for table in (model._meta.db_table for model in CONTENT)
        for event in ("INSERT", "UPDATE", "DELETE")
    }


def _postgresql() -> dict[str, str]:
    return {  # as pg_get_triggerdef writes it
        f"{table}_content": (
            f"CREATE TRIGGER {table}_content AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION trials_content_moved()"
        )
        for table in (model._meta.db_table for model in CONTENT)
    }


def missing(using: str = "default") -> dict[str, str]:
    """The triggers that are not in the database, or not as they should be: name to the SQL that makes them."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "sqlite":
            wanted = _sqlite()
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
        else:
            wanted = _postgresql()
            # Only those that fire for everybody ("O", or "A" for always): one may be switched off, or left to replicas.
            cursor.execute(
                "SELECT pg_get_triggerdef(oid, true) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
            )
        there = {sql for (sql,) in cursor.fetchall()}
        return {name: sql for name, sql in wanted.items() if sql not in there}


def make_triggers(using: str, apps: Any = all_apps, **kwargs: Any) -> None:
    """Put into the database what is missing there, and give the content a new token then. Runs after `migrate`."""
    try:
        apps.get_model("trials", "ContentVersion")
    except LookupError:  # migrated back to before there was one
        return
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION trials_content_moved() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {MOVE_POSTGRESQL} RETURN NULL; END $$"
            )
        wanted = missing(using)
        for name, sql in wanted.items():
            on = f" ON {name.removesuffix('_content')}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
            cursor.execute(sql)
        # What was written while a trigger was missing counts too.
        cursor.execute(MOVE_SQLITE if connection.vendor == "sqlite" else MOVE_POSTGRESQL)
