"""Move the site from SQLite to PostgreSQL, and prove that everything arrived.

All that happens on PostgreSQL is one transaction: it ends as a whole copy that was read back and compared, or as the
empty database that it was. The SQLite file is only read, and nobody can write to it meanwhile. If somebody waits to do
so, because the site is not in maintenance after all, the move is undone.
"""

import datetime
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.color import no_style
from django.db import Error, connection, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor

from ardsinfo.checks import LIKE_SQLITE, sorts_as_sqlite
from ardsinfo.settings import database
from trials.models import BlockVersion, ContentVersion
from trials.numbers import last_number

TARGET = "target"
OF_SQLITE = ("sqlite_", "trials_search")  # its own tables, and those of its index for the search
AT_ONCE = 1000  # rows in memory
PAUSE = 1  # seconds: whoever waits for SQLite looks ten times meanwhile whether it is free
Model = type[models.Model]

# What takes each key or index away, and what makes it again.
KEYS = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""
INDEXES = """
    SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE NOT indisunique AND relnamespace = current_schema()::regnamespace
"""


class Command(BaseCommand):
    help = (
        "Copy everything from this SQLite database to an empty PostgreSQL, read both back and compare them: the number "
        "of rows and a checksum of each table. If anything differs, PostgreSQL is left empty."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "target",
            metavar="ADDRESS",
            help="postgresql://user:password@host:5432/name, or the name of a file that holds it, so that the password "
            "is in no list of processes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        ready_to_leave()
        connect(options["target"])
        try:
            with transaction.atomic(using=TARGET):
                with transaction.atomic(), only_reading():  # the first lets nobody write to SQLite
                    before = version()
                    later = prepare()
                    for model in tables():
                        copy(model)
                    finish(later)
                    self.prove()
                    for name in left_behind():
                        self.stdout.write(f"left    {name}: no part of this release has such a table")
                nobody_saved_since(before)
        except Error as error:
            raise CommandError(f"PostgreSQL was left empty: {error}".strip()) from error
        finally:
            connections[TARGET].close()
        self.stdout.write(
            "Set DATABASE_URL to the new database and start the site. Keep the file "
            f"{connection.settings_dict['NAME']} until you have seen it work."
        )

    def prove(self) -> None:
        """Print the number of rows and the checksum of each table, and where its numbers go on. Raises CommandError if
        the two sides differ."""
        differing, total = [], 0
        for model in tables():
            here, there = summary(model, "default"), summary(model, TARGET)
            said = in_words(*here) if here == there else f"{in_words(*here)} became {in_words(*there)}"
            self.stdout.write(f"{'same   ' if here == there else 'DIFFERS'} {model._meta.db_table}: {said}")
            total += here[0]
            if here != there:
                differing.append(model._meta.db_table)
        if differing:
            raise CommandError(f"PostgreSQL was left empty, because this did not arrive whole: {', '.join(differing)}.")
        self.stdout.write(f"{len(tables())} tables with {total} rows are the same on both sides.")


def tables() -> list[Model]:
    """A model for each table that moves. What the site works out or may forget at any time is not among them."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model not in (BlockVersion, ContentVersion)
    ]


def ready_to_leave() -> None:
    """Raise CommandError unless this is an up-to-date SQLite that nobody writes to."""
    if connection.vendor != "sqlite":
        raise CommandError("DATABASE_URL does not name SQLite: there is nothing to move.")
    if not settings.MAINTENANCE:
        raise CommandError(
            "Set ARDSINFO_MAINTENANCE=true and start the site anew first: what somebody saves during the move, or "
            "after it, would be left behind."
        )
    executor = MigrationExecutor(connection)
    if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(f"The database is older than this release ({waiting[0][0]}): run manage.py migrate first.")


@contextmanager
def only_reading() -> Iterator[None]:
    """Let this connection to SQLite write nothing."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = true")
        try:
            yield
        finally:
            cursor.execute("PRAGMA query_only = false")


def version() -> int:
    """A number of SQLite that changes with every write by somebody else."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


def nobody_saved_since(before: int) -> None:
    """Raise CommandError if somebody has saved, or was waiting to. This command sees its own settings only, and not
    those of a process that was not started anew."""
    time.sleep(PAUSE)
    with transaction.atomic():  # whoever is writing is waited for
        if version() != before:
            raise CommandError(
                "PostgreSQL was left empty, because somebody saved something to SQLite meanwhile: the site is not in "
                "maintenance. Start it anew with ARDSINFO_MAINTENANCE=true, and move then."
            )


def connect(target: str) -> None:
    """Make the connection TARGET. Raises CommandError unless it leads to an empty database that sorts as SQLite."""
    if "://" not in target:
        try:
            target = Path(target).read_text().strip()
        except OSError as error:
            raise CommandError(f"{target} is neither an address such as postgresql://… nor a file: {error}.") from error
    try:
        chosen = database(target)
    except ImproperlyConfigured as error:
        raise CommandError(str(error).replace("DATABASE_URL", "The address")) from None
    if chosen["ENGINE"] != "django.db.backends.postgresql":
        raise CommandError("The address names SQLite. Write postgresql://user:password@host:5432/name.")
    connections.settings[TARGET] = connections.configure_settings({"default": chosen})["default"]
    connections[TARGET] = connections.create_connection(TARGET)
    try:
        with connections[TARGET].cursor() as cursor:
            if there := connections[TARGET].introspection.table_names(cursor):
                raise CommandError(
                    f"That database is not empty: it has {len(there)} tables, such as {sorted(there)[0]}. "
                    "Name an empty one."
                )
        if not sorts_as_sqlite(connections[TARGET]):
            raise CommandError(
                "That database sorts text otherwise than SQLite, so lists would change their order. Make it with: "
                f"{LIKE_SQLITE}"
            )
    except Error as error:
        raise CommandError(f"PostgreSQL refused: {error}".strip()) from error


def prepare() -> list[str]:
    """Make all tables, by the migrations, and take out again what these put into them. Gives the SQL that makes what
    the tables are filled without."""
    target = connections[TARGET]
    with target.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # tables with checks outstanding could not be altered
        call_command("migrate", database=TARGET, interactive=False, verbosity=0)
        names = [model._meta.db_table for model in tables()]
        for statement in target.ops.sql_flush(no_style(), names, allow_cascade=False):
            cursor.execute(statement)
        # Keys to other tables, so that the tables can be filled in any order, and PostgreSQL need not remember each row
        # until all are there; and indexes, which are made in a fraction of the time from a table that is full.
        later = []
        for found in (KEYS, INDEXES):
            cursor.execute(found)
            for drop, make in cursor.fetchall():
                cursor.execute(drop)
                later.append(make)
    return later


def left_behind() -> list[str]:
    """Tables of the SQLite file that PostgreSQL has not: of an app that was taken out, or made by hand."""
    there = set(connections[TARGET].introspection.table_names())
    return [n for n in connection.introspection.table_names() if n not in there and not n.startswith(OF_SQLITE)]


def columns(model: Model) -> list[Any]:
    """The fields of the model that are columns which somebody fills."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def rows(model: Model, using: str, fields: list[Any]) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in fields]
    return model._base_manager.using(using).order_by("pk").values_list(*names).iterator(AT_ONCE)


def copy(model: Model) -> None:
    """Fill the table. Straight, without the models: saving would set times anew and write to the audit log."""
    target, fields = connections[TARGET], columns(model)
    quoted = target.ops.quote_name
    into = f"{quoted(model._meta.db_table)} ({', '.join(quoted(field.column) for field in fields)})"
    with target.cursor() as cursor, target.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as lines:
        for row in rows(model, "default", fields):
            lines.write_row([field.get_db_prep_save(v, target) for field, v in zip(fields, row, strict=True)])


def finish(later: list[str]) -> None:
    """Make what `prepare` left for later, which checks all keys; let new rows get numbers that no row has had, not even
    one that was deleted; and count what is where, by which PostgreSQL plans its answers."""
    target = connections[TARGET]
    with target.cursor() as cursor:
        for statement in reversed(later):
            cursor.execute(statement)
        for model in tables():
            if (last := last_number(model)) is not None:
                names = [target.ops.quote_name(model._meta.db_table), model._meta.pk.column]
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)", [*names, max(last, 1), last > 0]
                )
        cursor.execute("ANALYZE")


def summary(model: Model, using: str) -> tuple[int, str, int | None]:
    """How many rows the table has, a checksum of all their values, the generated ones too, and the last number.

    The checksum is the sum of the hashes of the rows, so it does not depend on their order: keys that are texts sort
    differently.
    """
    number, total = 0, 0
    for row in rows(model, using, list(model._meta.concrete_fields)):
        text = json.dumps(row, sort_keys=True, default=as_text)
        number += 1
        total += int.from_bytes(hashlib.sha256(text.encode()).digest())
    return number, f"{total % 2**256:064x}"[:16], last_number(model, using)


def in_words(number: int, checksum: str, last: int | None) -> str:
    return f"{number} rows, checksum {checksum}" + ("" if last is None else f", new ones from {last + 1}")


def as_text(value: Any) -> str:
    """What JSON has no form for: one text for one value, whatever the database keeps."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    if isinstance(value, memoryview):
        return bytes(value).hex()
    return str(value)
