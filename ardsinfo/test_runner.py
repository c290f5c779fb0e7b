"""`manage.py test` runs the suite of pytest, in a process of its own with the settings of the tests."""

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any


class PytestRunner:
    def __init__(self, **options: Any) -> None: ...

    def run_tests(self, test_labels: list[str], **options: Any) -> int:
        """Return pytest's exit code, which is not 0 where no test has run."""
        if not find_spec("pytest"):
            sys.exit("The tests need the packages of requirements-dev.txt: run make test, which installs them.")
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        return subprocess.call([sys.executable, "-m", "pytest", *test_labels], env=environment)  # noqa: S603
