"""The entry that gunicorn loads: `gunicorn ardsinfo.wsgi`."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ardsinfo.settings")

django = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402 - these need the settings

from ardsinfo import front, sqlite_file  # noqa: E402
from trials import catalogue  # noqa: E402

application = front.application(django)

sqlite_file.never_make()

# All of the program, before the first request: that reader need not wait for it, and whatever is written over these
# files by an upgrade is seen by the next worker and not by this one.
get_resolver().url_patterns  # noqa: B018

# And all of the studies. In a thread, because a database that hangs must not keep the pages that need none.
threading.Thread(target=catalogue.warm, daemon=True).start()
