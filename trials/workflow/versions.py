"""The content version: a token that every write of content renews."""

import functools
import uuid
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import transaction

from trials.models import ContentVersion

P = ParamSpec("P")
Result = TypeVar("Result")


def content_version() -> str:
    """Return the token of the present content, or "" before anything was written."""
    return next(iter(ContentVersion.objects.values_list("token", flat=True)), "")


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
