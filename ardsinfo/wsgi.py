"""The entry for WSGI servers: `gunicorn ardsinfo.wsgi`."""

import os
import sys
from pathlib import Path
from typing import Any

import django
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

APP_LOAD_ERROR = 4  # gunicorn gives up at this exit code of a worker; after another one it would start the next worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ardsinfo.settings")
try:
    django.setup(set_prefix=False)
    storage: Any = staticfiles_storage
    is_ready = not hasattr(storage, "manifest_name") or Path(storage.path(storage.manifest_name)).is_file()
    fault = "" if is_ready else "The static files are not collected: run manage.py collectstatic --noinput."
except ImproperlyConfigured as error:
    fault = str(error)
if fault:
    print(fault, file=sys.stderr, flush=True)
    os._exit(APP_LOAD_ERROR)  # sys.exit would end the thread of runserver's reloader alone
application = get_wsgi_application()
