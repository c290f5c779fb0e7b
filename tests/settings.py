"""The site's own settings, in an environment that is the same on every machine.

pytest-django reads the settings before it reads any conftest.py, so the environment is put right here.
DATABASE_URL alone is kept: the tests in tests/postgresql/ need it.
"""

import os

for _name in [name for name in os.environ if name.startswith("ARDSINFO_")]:
    del os.environ[_name]
os.environ["ARDSINFO_SECRET_KEY"] = "for-tests-only-" * 4
os.environ["ARDSINFO_SITE_URL"] = "http://127.0.0.1:8000"
# Playwright's event loop runs in the thread of the test, and Django would refuse its database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from ardsinfo.settings import *  # noqa: E402, F403

# Straight from static/, without collectstatic. The fixture `built_static` has what a visitor gets.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True

# The real hasher is slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Tests write rows past the workflow, which alone renews the content version.
CACHES["pages"]["BACKEND"] = "django.core.cache.backends.dummy.DummyCache"  # noqa: F405
