"""Parts of parsed JSON, any of which may be absent or of another type than it should be: then there is nothing."""

from typing import Any

from trials.importers.texts import clean


def value_at(data: Any, path: str) -> Any:
    """Return what is at the end of the path, such as "statusModule.overallStatus"; None if a part is missing."""
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return data


def text_at(data: Any, path: str) -> str:
    return clean(value_at(data, path))


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    return [part for part in list_of(value) if isinstance(part, dict)]
