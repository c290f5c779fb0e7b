"""What `check --deploy` does not know and operators get wrong, each in a sentence with what to do.

Run `manage.py check --deploy --database default` on the machine, and as the user, of the site.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection

SECRETS = ("ARDSINFO_SECRET_KEY_FILE", "ARDSINFO_EMAIL_URL_FILE", "DATABASE_URL_FILE")
INSTALLED = (Path("/etc/ardsinfo/secret-key"), Path("/etc/ardsinfo/env"))  # by docs/running.md


@register("ardsinfo", deploy=True)
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the address, the mail, the files with secrets, and the backups."""
    found: list[CheckMessage] = []
    if settings.HTTPS and not settings.TRUSTED_PROXY:
        sentence = "The site is at an https address and trusts no proxy, so that each page redirects to itself."
        hint = "Put nginx in front (docs/running.md) and set ARDSINFO_TRUSTED_PROXY=true."
        found.append(Error(sentence, hint=hint, id="ardsinfo.E002"))
    if settings.HTTPS and not settings.CONTACT_EMAIL:
        sentence = "The site has no contact address, so readers cannot report a mistake."
        found.append(Error(sentence, hint="Set ARDSINFO_CONTACT_EMAIL.", id="ardsinfo.E010"))
    if (settings.HTTPS or settings.ADMINS) and not settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend"):
        sentence = "The site sends no e-mail, so a forgotten password cannot be reset and no error is mailed."
        found.append(Warning(sentence, hint="Set ARDSINFO_EMAIL_URL.", id="ardsinfo.W004"))
    for file in [*(Path(os.environ[name]) for name in SECRETS if name in os.environ), *INSTALLED]:
        if os.access(file, os.F_OK) and file.stat().st_mode & 0o007:
            found.append(Warning(f"Every user can read {file}.", hint=f"Run: chmod o= {file}", id="ardsinfo.W005"))
    if folder := settings.BACKUP_FOLDER:
        newest = max((file.stat().st_mtime for file in folder.glob("*") if file.is_file()), default=0.0)
        if time.time() - newest > 2 * 86400:  # one night may fail
            sentence = f"There is no backup of the last 2 days in {folder}."
            hint = "Look at: systemctl status ardsinfo-backup.timer ardsinfo-backup.service"
            found.append(Warning(sentence, hint=hint, id="ardsinfo.W007"))
    return found


@register("ardsinfo", Tags.database, deploy=True)
def check_sort_order(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for a PostgreSQL database that sorts text by the rules of a language."""
    if not databases or connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'B' < 'a' AND 'a-c' < 'ab' AND 'z' < 'é'")
        if cursor.fetchone()[0]:
            return []
    sentence = "The database sorts text by the rules of a language, so that lists differ from those on SQLite."
    hint = "Make another one with: createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 NAME"
    return [Error(sentence, hint=hint, id="ardsinfo.E009")]
