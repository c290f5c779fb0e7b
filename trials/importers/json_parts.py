"""Parts of a parsed JSON document. Where a part is missing or of another type, an empty one is returned."""

from typing import Any


def object_at(data: Any, *path: str) -> dict[str, Any]:
    """Return the object at the end of the path."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    return [part for part in list_of(value) if isinstance(part, dict)]
