"""The triggers that name what is written anew, in the same transaction as the write.

Each write of content gives the content version a new token, and a write of studies also the blocks that they are in.
The triggers stand in the database, so that nothing goes past them: no bulk statement, no command, no SQL of an
operator (but SQLite tells no trigger of the row that a REPLACE under another key takes away: run `migrate` after that).
`migrate` puts them there each time it runs, for on SQLite a migration that alters a table drops the table's triggers.
"""

from typing import Any

from django.apps import apps as all_apps
from django.db import connections, transaction
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
from trials.models.housekeeping import BLOCK

# Everything that a public page is made of.
CONTENT: list[type[Model]] = [
    Trial, Trial.countries.through, FormerSlug, Arm, OutcomeCount, Registration, Source, Blank, Country, Page,
    GlossaryTerm, Revision, LoadedRecord,
]  # fmt: skip

MOVE = """
    INSERT INTO trials_contentversion (id, token) VALUES (1, {name})
    ON CONFLICT (id) DO UPDATE SET token = excluded.token;
"""
MOVE_BLOCKS = """
    INSERT INTO trials_blockversion (block, token) SELECT block, {name} FROM ({blocks}) AS blocks WHERE true
    ON CONFLICT (block) DO UPDATE SET token = excluded.token;
"""
BLOCKS_OF = f"SELECT DISTINCT id / {BLOCK} AS block FROM {{rows}}"  # noqa: S608
NAMES = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()::text"}

Triggers = dict[str, tuple[str, str]]  # name -> the table that it is on, and the SQL that makes it


def _sqlite() -> Triggers:
    name = NAMES["sqlite"]
    move = MOVE.format(name=name)
    found = {
        f"{table}_content_{event.lower()}": (
            table,
            f"CREATE TRIGGER {table}_content_{event.lower()} AFTER {event} ON {table} BEGIN {move} END",
        )
        for table in (model._meta.db_table for model in CONTENT)
        for event in ("INSERT", "UPDATE", "DELETE")
    }
    for event, rows in (("INSERT", ["new"]), ("UPDATE", ["old", "new"]), ("DELETE", ["old"])):
        blocks = " UNION ".join(f"SELECT {row}.id / {BLOCK} AS block" for row in rows)
        trigger = f"trials_trial_content_block_{event.lower()}"
        found[trigger] = (
            "trials_trial",
            f"CREATE TRIGGER {trigger} AFTER {event} ON trials_trial "
            f"BEGIN {MOVE_BLOCKS.format(name=name, blocks=blocks)} END",
        )
    return found


def _postgresql() -> Triggers:
    found = {  # as pg_get_triggerdef writes it
        f"{table}_content": (
            table,
            f"CREATE TRIGGER {table}_content AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION trials_content_moved()",
        )
        for table in (model._meta.db_table for model in CONTENT)
    }
    # They come behind the content version's, by name: who has moved that is the only one who writes.
    for event, rows in (
        ("INSERT", " REFERENCING NEW TABLE AS there"),
        ("UPDATE", " REFERENCING OLD TABLE AS gone NEW TABLE AS there"),
        ("DELETE", " REFERENCING OLD TABLE AS gone"),
        ("TRUNCATE", ""),
    ):
        trigger = f"trials_trial_content_block_{event.lower()}"
        found[trigger] = (
            "trials_trial",
            f"CREATE TRIGGER {trigger} AFTER {event} ON trials_trial{rows} "
            "FOR EACH STATEMENT EXECUTE FUNCTION trials_blocks_moved()",
        )
    return found


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
    )


def _functions() -> list[str]:
    """What the triggers of PostgreSQL call."""
    name = NAMES["postgresql"]
    there, gone = (MOVE_BLOCKS.format(name=name, blocks=BLOCKS_OF.format(rows=rows)) for rows in ("there", "gone"))
    return [
        _function("trials_content_moved", MOVE.format(name=name)),
        _function(
            "trials_blocks_moved",
            "IF TG_OP = 'TRUNCATE' THEN DELETE FROM trials_blockversion; END IF;"  # noqa: S608
            f"IF TG_OP IN ('INSERT', 'UPDATE') THEN {there} END IF;"
            f"IF TG_OP IN ('DELETE', 'UPDATE') THEN {gone} END IF;",
        ),
    ]


def missing(using: str = "default", *, blocks: bool = True) -> Triggers:
    """The triggers that are not in the database, or not as they should be; without those of the blocks, if so asked."""
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
        lacking = {name: (table, sql) for name, (table, sql) in wanted.items() if sql not in there}
        return lacking if blocks else {name: each for name, each in lacking.items() if "_block_" not in name}


def _has(apps: Any, model: str) -> bool:
    try:
        apps.get_model("trials", model)
    except LookupError:
        return False
    return True


def make_triggers(using: str, apps: Any = all_apps, **kwargs: Any) -> None:
    """Put into the database what is missing there, and name all content anew then. Runs after `migrate`."""
    if not _has(apps, "ContentVersion"):  # migrated to before there was one
        return
    blocks = _has(apps, "BlockVersion")
    connection = connections[using]
    # All at once, and the content version first, as whoever writes: what is read meanwhile is of before.
    with transaction.atomic(using), connection.cursor() as cursor:
        name = NAMES[connection.vendor]
        # What was written while a trigger was missing counts too.
        cursor.execute(MOVE.format(name=name))
        if connection.vendor == "postgresql":
            for function in _functions():
                cursor.execute(function)
        for trigger, (table, sql) in missing(using, blocks=blocks).items():
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}{on}")
            cursor.execute(sql)
        if blocks:
            cursor.execute("DELETE FROM trials_blockversion")
            cursor.execute(MOVE_BLOCKS.format(name=name, blocks=BLOCKS_OF.format(rows="trials_trial")))
