"""The site's own settings, with the built static files in the folder that STATIC_FOLDER names.

For servers that a test starts: each run builds its own files, and none writes into the project's `staticfiles/` while
another reads there.
"""

import os
from pathlib import Path

from ardsinfo.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["STATIC_FOLDER"])
