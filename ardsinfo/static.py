"""The collected static files, without which no page can be rendered."""

from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage


def manifest_fault() -> str:
    """Return a sentence if the static files are not collected; "" if they are, or if ARDSINFO_DEBUG is on."""
    storage: Any = staticfiles_storage
    if not hasattr(storage, "manifest_name") or Path(storage.path(storage.manifest_name)).is_file():
        return ""
    return "The static files are not collected: run manage.py collectstatic --noinput."
