"""The entry that gunicorn loads: `gunicorn ardsinfo.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ardsinfo.settings")

application = get_wsgi_application()

from ardsinfo import sqlite_file  # noqa: E402 - it needs the settings

sqlite_file.never_make()
