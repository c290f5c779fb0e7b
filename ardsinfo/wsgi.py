"""The entry for WSGI servers: `gunicorn ardsinfo.wsgi`."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from ardsinfo.static import manifest_fault

APP_LOAD_ERROR = 4  # gunicorn gives up at this exit code of a worker; after another one it would start the next worker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ardsinfo.settings")
try:
    django.setup(set_prefix=False)
    fault = manifest_fault()
except ImproperlyConfigured as error:
    fault = str(error)
if fault:
    print(fault, file=sys.stderr, flush=True)
    os._exit(APP_LOAD_ERROR)  # sys.exit would end the thread of runserver's reloader alone
application = get_wsgi_application()
