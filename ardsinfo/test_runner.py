"""`manage.py test` runs the suite of pytest."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from importlib.util import find_spec
from typing import Any


class PytestRunner:
    """Run the tests that are named, or all. pytest starts in a process of its own, with the settings of the tests."""

    def __init__(self, failfast: bool = False, pytest: str = "", **options: Any) -> None:
        self.arguments = ["--exitfirst"] * failfast + pytest.split()

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument("--pytest", default="", help="Options for pytest, such as --pytest='-n 2'.")

    def run_tests(self, test_labels: list[str], **options: Any) -> int:
        """Return pytest's exit code, which is not 0 where no test has run."""
        if not find_spec("pytest"):
            sys.exit("The tests need the packages of requirements-dev.txt: run make test, which installs them.")
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        command = [sys.executable, "-m", "pytest", *self.arguments, *test_labels]
        return subprocess.call(command, env=environment)  # noqa: S603
