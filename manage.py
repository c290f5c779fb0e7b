#!/usr/bin/env python
"""Django's command line, with this project's settings."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

NOT_WRITABLE = ("readonly database", "unable to open database file")  # what SQLite says

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ardsinfo.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads the environment
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if not any(words in str(error) for words in NOT_WRITABLE):
            raise
        file = settings.DATABASES["default"]["NAME"]
        sys.exit(f"The database cannot be opened and written: {file}. Its folder has to be writable, too.")
