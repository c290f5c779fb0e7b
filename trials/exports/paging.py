"""Pages of an ordered query by key: a cursor names the last record that was sent, so that no page is skipped.

A cursor is signed, so that its values need no check.
"""

from typing import Any

from django.core.signing import Signer
from django.db.models import Q, QuerySet


def cursor_of(record: Any, order: tuple[str, ...]) -> str:
    """Return the cursor of a record of a query in this order, whose last field is unique."""
    return Signer(salt=repr(order)).sign_object([str(getattr(record, name.lstrip("-"))) for name in order])


def after(records: QuerySet[Any], order: tuple[str, ...], cursor: str) -> QuerySet[Any]:
    """Return the records after a cursor. Raises BadSignature for a text that is no cursor of this order."""
    condition, same = Q(), Q()
    for name, value in zip(order, Signer(salt=repr(order)).unsign_object(cursor), strict=True):
        field = name.lstrip("-")
        condition |= same & Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value})
        same &= Q(**{field: value})
    return records.filter(condition).order_by(*order)
