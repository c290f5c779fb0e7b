"""`make serve` installs what the addresses in the settings ask for, and nothing else."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.tools import PROJECT

LOCKS = ("requirements.txt", "requirements-postgresql.txt", "requirements-redis.txt")


def installed(**variables: str) -> set[str]:
    """The lock files that `make serve` would install if all of them were new."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("DATABASE_", "CACHE_", "MAKE"))}
    new = [option for lock in LOCKS for option in ("-W", lock)]
    done = subprocess.run(
        ["make", "--dry-run", *new, "serve"],
        cwd=PROJECT, env={**kept, **variables}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(re.findall(r"--require-hashes -r (\S+)", done.stdout))


def test_nothing_more_for_sqlite() -> None:
    assert installed() == {"requirements.txt"}
    assert installed(DATABASE_URL="sqlite:////folder/file", CACHE_URL="dbcache://t") == {"requirements.txt"}


@pytest.mark.parametrize(
    ("name", "address", "more"),
    [
        ("DATABASE_URL", "postgresql://ann:geheim@db.example/site", "requirements-postgresql.txt"),
        ("CACHE_URL", "redis://:geheim@cache.example:6379/0", "requirements-redis.txt"),
        ("CACHE_URL", "rediss://cache.example", "requirements-redis.txt"),
    ],
)
def test_the_package_of_an_address_given_or_in_a_file(name: str, address: str, more: str, tmp_path: Path) -> None:
    assert installed(**{name: address}) == {"requirements.txt", more}
    file = tmp_path / "address"
    file.write_text(f"{address}\n")
    assert installed(**{f"{name}_FILE": str(file)}) == {"requirements.txt", more}
