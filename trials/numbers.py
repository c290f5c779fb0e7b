"""The numbers that new rows get. What outlives its record, such as the history of a study, goes by the number that the
record had, so none may be given a second time."""

from typing import Any

from django.apps import apps as all_apps
from django.db import connections, models

from trials.history import KINDS


def last_number(model: type[models.Model], using: str = "default") -> int | None:
    """The highest number that a row of the table ever had: new ones go on from there. None if they have no numbers."""
    if model._meta.auto_field is None:
        return None
    connection, key = connections[using], str(model._meta.pk.column)
    table, column = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(key)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = %s), 0), "  # noqa: S608 - our names
                f"coalesce((SELECT max({column}) FROM {table}), 0))",
                [model._meta.db_table],
            )
        else:
            cursor.execute(
                "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass), 0)",
                [table, key],
            )
        return int(cursor.fetchone()[0])


def never_again(using: str, apps: Any = all_apps, **kwargs: Any) -> None:
    """Let no new record get the number of one whose history is there. Runs after `migrate`: SQLite forgets the numbers
    of deleted rows when a migration makes their table anew."""
    connection = connections[using]
    try:
        apps.get_model("trials", "Revision")
    except LookupError:  # migrated back to before there was one
        return
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for model, kind in KINDS.items():
                cursor.execute(
                    "UPDATE sqlite_sequence SET seq = max(seq, coalesce("
                    "(SELECT max(record_id) FROM trials_revision WHERE kind = %s), 0)) WHERE name = %s",
                    [kind, model._meta.db_table],
                )
