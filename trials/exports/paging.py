"""Pages of an ordered query by key: a cursor names the last record that was sent, so that no page is skipped."""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

LIMIT, MOST = 20, 100  # records on a page, unless asked otherwise, and at most


def cursor_of(record: Any, order: tuple[str, ...]) -> str:
    """Return the cursor of a record of a query in this order, whose last field is unique."""
    values = [str(getattr(record, name.lstrip("-"))) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values, ensure_ascii=False).encode()).decode().rstrip("=")


def after(records: QuerySet[Any], order: tuple[str, ...], cursor: str) -> QuerySet[Any]:
    """Return the records after a cursor. Raises ValueError for a text that is no cursor of this order."""
    condition, same = Q(), Q()
    for name, text in zip(order, _values(cursor, len(order)), strict=True):
        field = records.model._meta.get_field(name.lstrip("-"))
        try:
            value = field.to_python(text)
            field.run_validators(value)
            if isinstance(value, datetime) and not value.tzinfo:
                raise ValueError("It is a time without a zone.")
            value = value.astimezone(UTC) if isinstance(value, datetime) else value
        except (ValidationError, ValueError, OverflowError) as error:
            raise ValueError("It is not a cursor.") from error
        side = "lt" if name.startswith("-") else "gt"
        condition |= same & Q(**{f"{field.name}__{side}": value})
        same &= Q(**{field.name: value})
    return records.filter(condition).order_by(*order)


def _values(cursor: str, length: int) -> list[str]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise ValueError("It is not a cursor.") from error
    if not isinstance(values, list) or len(values) != length or not all(isinstance(each, str) for each in values):
        raise ValueError("It is not a cursor.")
    if any("\0" in each or any("\ud800" <= c <= "\udfff" for c in each) for each in values):
        raise ValueError("It is not a cursor.")
    return values
