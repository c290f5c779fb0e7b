"""`make audit` tells three things apart: nothing is known, something is known, nobody could be asked."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.audit import FOUND, NOT_ALL_ASKED, NOTHING_FOUND, locked_npm, locked_python, read_npm_audit, read_pip_audit
from tests.audit import verdict as verdict_of
from tests.tools import PROJECT

PINS = {"django==5.2.19", "zope.interface==7.0"}
WELL = {"name": "django", "version": "5.2.19", "vulns": []}
ILL = {"name": "zope-interface", "version": "7.0", "vulns": [{"id": "GHSA-1", "fix_versions": ["7.1"]}]}


def python(*dependencies: dict) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


@pytest.mark.parametrize(
    ("said", "complaint", "verdict", "sentence"),
    [
        (
            python(WELL, ILL | {"vulns": []}),
            "No known vulnerabilities found",
            NOTHING_FOUND,
            "Python: no advisory is known against any of 2 packages.",
        ),
        (python(WELL, ILL), "", FOUND, "FOUND in Python: zope.interface==7.0: GHSA-1, mended in 7.1"),
        (
            python(WELL, {"name": "zope-interface", "skip_reason": "not found on PyPI"}),
            "No known vulnerabilities found",
            NOT_ALL_ASKED,
            "NOT RUN for Python: of 2 packages, nobody could be asked about 1. The first: zope.interface==7.0 (not "
            "found on PyPI)",
        ),
        (
            python(WELL),
            "No known vulnerabilities found",
            NOT_ALL_ASKED,
            "NOT RUN for Python: of 2 packages, nobody could be asked about 1. The first: zope.interface==7.0 "
            "(pip-audit does not speak of it)",
        ),
        (
            "",
            "Traceback\nConnectionError: no such name",
            NOT_ALL_ASKED,
            "NOT RUN for Python: of 2 packages, nobody could be asked about 2. The first: django==5.2.19 "
            "(ConnectionError: no such name)",
        ),
    ],
    ids=["well", "found", "skipped", "silent", "no network"],
)
def test_answer_of_pip_audit(said: str, complaint: str, verdict: int, sentence: str) -> None:
    answer = read_pip_audit(said, complaint, PINS)
    assert (str(answer), verdict_of([answer])) == (sentence, verdict)


def npm(total: int = 231, **advisories: dict) -> str:
    return json.dumps({"vulnerabilities": advisories, "metadata": {"dependencies": {"total": total}}})


@pytest.mark.parametrize(
    ("said", "verdict", "sentence"),
    [
        (npm(), NOTHING_FOUND, "npm: no advisory is known against any of 1 packages."),
        (npm(axios={"range": "<1.2", "severity": "high"}), FOUND, "FOUND in npm: axios <1.2: high"),
        (
            '{"message": "405 Method Not Allowed", "statusCode": 405}',
            NOT_ALL_ASKED,
            "NOT RUN for npm: of 1 packages, nobody could be asked about 1. "
            "The first: axios@1.1.0 (405 Method Not Allowed)",
        ),
    ],
    ids=["well", "found", "refused"],
)
def test_answer_of_npm(said: str, verdict: int, sentence: str) -> None:
    answer = read_npm_audit(said, "audit 405", {"axios@1.1.0"})
    assert (str(answer), verdict_of([answer])) == (sentence, verdict)


def test_something_found_outweighs_what_could_not_be_asked() -> None:
    assert (
        verdict_of(
            [
                read_pip_audit(python(WELL), "", PINS),
                read_npm_audit(npm(a={"range": "1", "severity": "low"}), "", {"a@1"}),
            ]
        )
        == FOUND
    )


def test_every_package_of_every_lock_file_is_asked_about() -> None:
    pins, packages = locked_python(), locked_npm()
    text = "".join(file.read_text() for file in PROJECT.glob("requirements*.txt"))
    pinned = {line.split("==")[0] for line in text.splitlines() if "==" in line and line[0].isalnum()}
    assert len(pins) == len(pinned)
    assert "coverage[toml]" in pinned
    assert {pin.split("==")[0] for pin in pins} >= {"coverage", "django", "gunicorn", "psycopg", "redis", "pytest"}
    assert {name.rpartition("@")[0] for name in packages} >= {"vnu-jar", "@mdn/mdn-http-observatory", "jsdom"}


@pytest.mark.parametrize(
    ("audit", "told", "code"),
    [
        ("echo 'Python: no advisory is known against any of 2 packages.'", "ok      audit", 0),
        ("echo 'FOUND in Python: a==1: GHSA-1'; false", "FAILED  audit", 1),
        ("echo 'NOT RUN for Python: no network'", "NOT RUN audit", 0),
    ],
    ids=["well", "found", "not run"],
)
def test_make_check_never_calls_an_audit_that_did_not_run_a_success(
    tmp_path: Path, audit: str, told: str, code: int
) -> None:
    """The Makefile's own loop over the checks, with an audit that ends as given."""
    makefile = (PROJECT / "Makefile").read_text()
    loop = makefile[makefile.index(".PHONY: check\n") : makefile.index(".PHONY: $(addprefix")]
    (tmp_path / "Makefile").write_text(f"CHECKS := audit\nDEVELOPMENT :=\n{loop}\ncheck-audit:\n\t@{audit}\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", "check"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[0] == told
    assert (done.returncode != 0) == code
    assert ("All 1 checks passed." in done.stdout) == (told == "ok      audit")
