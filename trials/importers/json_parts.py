"""Parts of parsed JSON, any of which may be absent or of another type than it should be: then there is nothing."""

from typing import Any


def object_at(data: Any, *path: str) -> dict[str, Any]:
    """Return the object at the end of the path; an empty one if a part of the path is missing."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    return [part for part in list_of(value) if isinstance(part, dict)]
