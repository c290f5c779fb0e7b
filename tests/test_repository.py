"""What the repository says of itself is true, and it holds nothing that belongs to one machine."""

import fnmatch
import itertools
import os
import re
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from django.template.loader import get_template

from ardsinfo.settings import VARIABLES
from tests import rehearse
from tests.tools import PROJECT

# Put together here so that this file does not contain what it looks for.
REGISTRIES = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com", "yarnpkg" + ".com"]
OPTIONS_NAMING_ONE = ["--index" + "-url ", "--extra-index" + "-url", "--find" + "-links", '"resol' + 'ved"']
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:work|farm|root|home|Users|tmp/bash_jobs)/")
LOOKS_LIKE_A_FILE = re.compile(r"\.(?:py|html|css|js|md|txt|in|toml|json|sh|svg|conf|service|timer|example)$")


@cache
def files() -> list[str]:
    """Every file that git does not ignore, by its path from the top. Works without git, too."""
    ignored = [line.rstrip("/") for line in (PROJECT / ".gitignore").read_text().split()] + [".git"]
    found = []
    for folder, folders, names in os.walk(PROJECT):
        folders[:] = [name for name in folders if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)]
        found += [
            (Path(folder) / name).relative_to(PROJECT).as_posix()
            for name in names
            if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)
        ]
    return sorted(found)


def is_made_later(path: str) -> bool:
    """A path inside a folder that git ignores: make or the site makes it."""
    ignored = {line.rstrip("/") for line in (PROJECT / ".gitignore").read_text().split()}
    return bool(set(path.split("/")) & ignored)


@cache
def documents() -> dict[str, str]:
    """What people read: name and text."""
    chosen = [name for name in files() if re.fullmatch(r"(?:docs/.*|[^/]+)\.md", name)]
    return {name: (PROJECT / name).read_text() for name in [*chosen, ".env.example", ".ci/run"]}


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", (PROJECT / "Makefile").read_text(), re.MULTILINE))


# --- What is said is so ---------------------------------------------------------------------------------------


def test_every_make_target_that_is_named_exists() -> None:
    targets = make_targets()
    assert {"help", "serve", "test", "test-postgresql", "check", "fix", "lock", "superuser", "secret"} <= targets
    faults = [
        f"{name}: make {target}"
        for name, text in documents().items()
        for target in re.findall(r"(?:`|^\s*(?:\$ )?)make ([a-z][a-z-]*)", text, re.MULTILINE)
        if target not in targets
    ]
    assert faults == []


def test_every_block_of_the_handbook_is_rehearsed_or_says_why_not() -> None:
    assert rehearse.left_out() == [
        "Backups: rsync --archive /var/backups/ardsinfo/ backups.example.org:ardsinfo/ "
        "(not rehearsed, for it takes a machine of yours with SSH)"
    ]


def test_a_chapter_of_the_handbook_asks_for_no_more_than_a_new_shell_has() -> None:
    (new_shell,) = rehearse.blocks("A new shell")
    assert new_shell == "cd /srv/ardsinfo\nSITE=ardsinfo.example.org\n"
    for heading in rehearse.REHEARSED:
        text = "".join([new_shell, *rehearse.blocks(heading)])
        used = set(re.findall(r"\$\{?([A-Z]+)", text))
        assert used <= set(re.findall(r"^([A-Z]+)=", text, re.MULTILINE)), heading


def test_every_check_of_make_check_has_its_own_target() -> None:
    checks = re.search(r"^CHECKS := (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert checks
    assert {f"check-{check}" for check in checks[1].split()} == {
        target for target in make_targets() if target.startswith("check-")
    }


def test_every_file_that_is_named_exists() -> None:
    present = files()
    tops = {path.split("/")[0] for path in present if "/" in path}
    faults = []
    for name, text in documents().items():
        for path in re.findall(r"`([\w.-]+(?:/[\w.-]+)*/?)`", text):
            if not (LOOKS_LIKE_A_FILE.search(path) or (path.split("/")[0] in tops and "/" in path)):
                continue
            if is_made_later(path) or any(
                f"/{file}".endswith(f"/{path}") or f"/{file}".find(f"/{path.rstrip('/')}/") >= 0 for file in present
            ):
                continue
            faults.append(f"{name}: {path}")
    assert faults == []


def test_every_part_of_the_app_stands_in_the_architecture() -> None:
    text = (PROJECT / "docs/architecture.md").read_text()
    of_django = {"__init__.py", "apps.py", "urls.py", "migrations"}
    parts = {path.split("/")[1] for path in files() if path.startswith("trials/")} - of_django
    named = re.findall(r"`([^`]+)`", text)
    missing = {part for part in parts if not {f"trials/{part}", f"trials/{part}/", part} & set(named)}
    assert missing == set()


def test_every_link_from_one_document_to_another_leads_somewhere() -> None:
    faults = [
        f"{name}: {target}"
        for name, text in documents().items()
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", re.sub(r"`[^`]*`", "", text))
        if not (PROJECT / name).parent.joinpath(target).exists()
    ]
    assert faults == []


def test_every_variable_is_explained_in_the_example_and_no_other() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    explained = {}
    for above, line in itertools.pairwise(lines):
        if found := re.match(r"#?([A-Z_]+)=", line):
            explained[found[1]] = above
    assert set(explained) == VARIABLES | {"DATABASE_URL", "CACHE_URL"}
    assert [name for name, above in explained.items() if not re.match(r"# .{20}", above)] == []


def test_every_variable_that_is_named_exists() -> None:
    faults = [
        f"{name}: {variable}"
        for name, text in documents().items()
        for variable in re.findall(r"\bARDSINFO_[A-Z_]+", text)
        if variable not in VARIABLES
    ]
    assert faults == []


def test_every_requirement_says_why_it_is_there() -> None:
    faults = []
    wanted = [name for name in files() if re.fullmatch(r"requirements[\w-]*\.in", name)]
    assert wanted == [
        "requirements-dev.in",
        "requirements-postgresql.in",
        "requirements-redis.in",
        "requirements.in",
    ]
    for name in wanted:
        for line in (PROJECT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-c ")) and not re.search(r"\S\s+# \S", line):
                faults.append(f"{name}: {line}")
    assert faults == []


# --- The form -------------------------------------------------------------------------------------------------


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {str(Path(name).parent) for name in files() if re.fullmatch(r"tests/(?:.*/)?test_\w+\.py", name)}
    assert "tests" in folders
    assert [folder for folder in sorted(folders) if f"{folder}/__init__.py" not in files()] == []


def template_names() -> list[str]:
    return [
        found[1] for name in files() if (found := re.fullmatch(r"(?:trials/)?templates/(.+\.(?:html|txt|xml))", name))
    ]


@pytest.mark.parametrize("name", template_names())
def test_every_template_compiles(name: str) -> None:
    template = get_template(name).template
    assert template.name == name
    assert template.origin.name.startswith(str(PROJECT))


# --- Nothing of one machine -----------------------------------------------------------------------------------


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    faults = []
    for name in files():
        try:
            text = (PROJECT / name).read_text()
        except UnicodeDecodeError:
            continue  # a picture
        for number, line in enumerate(text.splitlines(), 1):
            found = [part for part in [*REGISTRIES, *OPTIONS_NAMING_ONE] if part in line]
            if found or MACHINE_PATH.search(line):
                faults.append(f"{name}:{number}: {line.strip()[:100]}")
    assert faults == []


def test_what_the_locked_requirements_install_is_checked() -> None:
    for name in ("requirements.txt", "requirements-postgresql.txt", "requirements-redis.txt", "requirements-dev.txt"):
        entries = re.split(r"^(?=\S)", (PROJECT / name).read_text(), flags=re.MULTILINE)
        pinned = [entry for entry in entries if "==" in entry]
        assert pinned, name
        assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == [], name


def test_a_lock_names_the_extras_that_a_package_asks_for() -> None:
    """Older pips, such as that of Python 3.11, would otherwise want the newest release, and have no hash for it."""
    locks = "\n".join(
        (PROJECT / name).read_text() for name in files() if re.fullmatch(r"requirements[\w-]*\.txt", name)
    )
    asked = {
        (needed[1], extra)
        for distribution in metadata.distributions()
        for line in distribution.requires or []
        if "extra ==" not in line and (needed := re.match(r"([\w.-]+)\[([\w,-]+)\]", line))
        for extra in needed[2].split(",")
    }
    assert ("coverage", "toml") in asked
    assert [
        (name, extra)
        for name, extra in sorted(asked)
        if not re.search(rf"^{name}\[[\w,-]*\b{extra}\b[\w,-]*\]==", locks, re.MULTILINE | re.IGNORECASE)
    ] == []


def test_the_script_of_the_machine_that_checks_can_be_run() -> None:
    script = PROJECT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in script.read_text()
