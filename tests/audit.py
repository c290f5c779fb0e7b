"""Are there known advisories against anything that the lock files name? `make audit`.

Ends with 0 where all could be asked about and nothing is known, 1 where something is known, and 3 where not all could
be asked about. pip-audit says "No known vulnerabilities found" and ends with 0 when it could ask nobody; npm ends with
1 both when it found something and when it could not ask.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
NOTHING_FOUND, FOUND, NOT_ALL_ASKED = 0, 1, 3


@dataclass
class Answer:
    """What came back about the packages of one language."""

    language: str
    packages: int
    found: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)  # a package, or everything, and why

    def __str__(self) -> str:
        lines = [f"FOUND in {self.language}: {line}" for line in self.found]
        if self.unasked:
            lines.append(
                f"NOT RUN for {self.language}: of {self.packages} packages, nobody could be asked about "
                f"{len(self.unasked)}. The first: {self.unasked[0]}"
            )
        elif not self.found:
            lines.append(f"{self.language}: no advisory is known against any of {self.packages} packages.")
        return "\n".join(lines)


def locked_python(folder: Path = PROJECT) -> set[str]:
    """name==version of everything that a requirements*.txt pins, for whatever system it is needed."""
    files = folder.glob("requirements*.txt")
    text = "\n".join(file.read_text() for file in files)
    return {name + version for name, version in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?(==[\w.!+-]+)", text, re.M)}


def locked_npm(folder: Path = PROJECT) -> set[str]:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    return {f"{path.rpartition('node_modules/')[2]}@{each['version']}" for path, each in packages.items() if path}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pip_audit(said: str, complaint: str, pins: Collection[str]) -> Answer:
    """What pip-audit's JSON says of these pins. A pin that it does not speak of was not asked about."""
    answer = Answer("Python", len(pins))
    try:
        spoken_of = {_plain(each["name"]): each for each in json.loads(said)["dependencies"]}
    except (ValueError, KeyError, TypeError):
        why = (complaint.strip().splitlines() or ["pip-audit said nothing"])[-1]
        answer.unasked = [f"{pin} ({why[:300]})" for pin in sorted(pins)]
        return answer
    for pin in sorted(pins):
        each = spoken_of.get(_plain(pin.partition("==")[0]), {})
        if "vulns" not in each:
            answer.unasked.append(f"{pin} ({each.get('skip_reason', 'pip-audit does not speak of it')})")
        for advisory in each.get("vulns", []):
            mended = ", ".join(advisory.get("fix_versions", [])) or "no release yet"
            answer.found.append(f"{pin}: {advisory['id']}, mended in {mended}")
    return answer


def read_npm_audit(said: str, complaint: str, pins: Collection[str]) -> Answer:
    """What `npm audit --json` says. It speaks of packages with advisories only, and of how many it asked about."""
    answer = Answer("npm", len(pins))
    data = {}
    try:
        data = json.loads(said)
        asked = data["metadata"]["dependencies"]["total"]
        advisories = data["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        why = str(data.get("message") or complaint.strip() or "npm said nothing")
        answer.unasked = [f"{pin} ({why[:300]})" for pin in sorted(pins)]
        return answer
    if not asked:
        answer.unasked = [f"{pin} (npm asked about none)" for pin in sorted(pins)]
    answer.found = [f"{name} {each['range']}: {each['severity']}" for name, each in sorted(advisories.items())]
    return answer


def _run(*command: str | Path) -> tuple[str, str]:
    try:
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"{type(error).__name__}: {error}"
    return done.stdout, done.stderr


def ask() -> list[Answer]:
    pins, npm = locked_python(), locked_npm()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pins.txt"  # without the conditions: what other systems need is asked about too
        file.write_text("\n".join(sorted(pins)))
        python = _run(
            sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off", "-f", "json",
            "-r", file,
        )  # fmt: skip
    return [
        read_pip_audit(*python, pins),
        read_npm_audit(*_run("npm", "audit", "--json", "--package-lock-only"), npm),
    ]


def verdict(answers: list[Answer]) -> int:
    if any(answer.found for answer in answers):
        return FOUND
    return NOT_ALL_ASKED if any(answer.unasked for answer in answers) else NOTHING_FOUND


if __name__ == "__main__":
    answers = ask()
    print("\n".join(map(str, answers)))
    sys.exit(verdict(answers))
