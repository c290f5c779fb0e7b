"""The content version: a token that every write of content renews."""

import functools
import uuid
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

from trials.models import ContentVersion

P = ParamSpec("P")
Result = TypeVar("Result")


@functools.cache
def _token_query() -> tuple[str, tuple[Any, ...]]:
    """Return the SQL that reads the token, as the ORM writes it."""
    query: Any = ContentVersion.objects.values_list("token").query
    return query.sql_with_params()


def content_version() -> str:
    """Return the token of the present content, or "" before anything was written."""
    # Every cached page asks for it. With SQL that the ORM wrote once, that takes a quarter of the time.
    with connection.cursor() as cursor:
        cursor.execute(*_token_query())
        row = cursor.fetchone()
    return row[0] if row else ""


def renew_content_version() -> None:
    """Give the content a new token. Call it in the transaction of the write."""
    ContentVersion.objects.update_or_create(pk=1, defaults={"token": uuid.uuid4().hex})


def write_nothing() -> None:
    """Undo the innermost content write, so that the content version stays as it was."""
    transaction.set_rollback(True)


def content_write(function: Callable[P, Result]) -> Callable[P, Result]:
    """Run a function as one transaction that renews the content version first.

    Two writes therefore wait for each other there. A function that finds nothing to write calls `write_nothing`.
    """

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Result:
        with transaction.atomic():
            renew_content_version()
            return function(*args, **kwargs)

    return wrapper
