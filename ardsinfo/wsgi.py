"""The entry that gunicorn loads: `gunicorn ardsinfo.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ardsinfo.settings")

django = get_wsgi_application()

from ardsinfo import front, sqlite_file  # noqa: E402 - they need the settings

application = front.application(django)

sqlite_file.never_make()
