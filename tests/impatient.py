"""The site's own settings, for a site that waits for a lock of its database no longer than a second."""

from ardsinfo.settings import *  # noqa: F403
from ardsinfo.settings import DATABASES

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"]["timeout"] = 1
else:
    DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=1s"
