"""A whole site on disk, with a database of its own, for the tests that run it as a server or break it.

Its database is of the kind that the tests run on: a file for SQLite, one more database of the server for PostgreSQL.
"""

import http.client
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
from django.db import connection

from tests.dom import Element, parse
from tests.services import PROJECT, build_static, environment, manage

# The eight studies; and for each editor a log-in, a draft study with its rows and a draft term. Prints who has what.
PREPARE = """
from django.contrib.auth.models import Group, User
from django.test import Client
from tests.factories import make_term, make_trial
from trials import actions
result = []
for name in ("ann", "ben", "cem", "dan"):
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name="Editors"))
    client = Client()
    client.force_login(user)
    trial = make_trial(slug=f"{name}-2021", title=f"A study of {name}", status="draft", doi=None)
    term = make_term(slug=f"{name}-term", term=f"Term of {name}", status="draft")
    for record in (trial, term):
        actions.created(record, by=user)
    result.append([name, client.session.session_key, trial.pk, term.pk])
"""

# For every record with a history: its revisions are numbered without a gap, and what the tables hold is the newest that
# is live, or the newest of all for a draft. No row belongs to nothing.
SOUND = """
from django.db import connection
from trials import history
from trials.models import GlossaryTerm, Page, Revision, Trial
wrong, result = [], {}
for model in (Trial, Page, GlossaryTerm):
    for record in model.objects.all():
        revisions = list(Revision.objects.of(history.KINDS[model], record.pk))
        numbers = [revision.number for revision in revisions]
        if numbers != list(range(1, len(numbers) + 1)) or not numbers:
            wrong.append(f"{record.slug} has the revisions {numbers}")
            continue
        shown = [revision for revision in revisions if revision.live or not record.is_public]
        if shown[-1].data != history.snapshot(record):
            wrong.append(f"{record.slug} is not as its revision {shown[-1].number}")
        result[record.slug] = [revision.reason for revision in revisions]
    kind, keys = history.KINDS[model], model.objects.values_list("pk", flat=True)
    if Revision.objects.filter(kind=kind).exclude(record_id__in=list(keys)):
        wrong.append(f"a {kind} that is not there has revisions")
if connection.vendor == "sqlite":
    with connection.cursor() as cursor:
        for check, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            found = cursor.execute(f"PRAGMA {check}").fetchall()
            if found != good:
                wrong.append(f"{check}: {found}")
assert not wrong, wrong
"""

# Every row of every table, as text.
ROWS = """
from django.db import connection
result = {}
with connection.cursor() as cursor:
    for table in connection.introspection.table_names():
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        result[table] = sorted(repr(row) for row in cursor.fetchall())
"""


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def page(self) -> Element:
        return parse(self.text)


@dataclass
class Editor:
    """Somebody who is logged in, with a draft study and a draft term of their own."""

    name: str
    session: str
    trial: int
    term: int

    @property
    def trial_form(self) -> str:
        return f"/admin/trials/trial/{self.trial}/change/"

    @property
    def term_form(self) -> str:
        return f"/admin/trials/glossaryterm/{self.term}/change/"


@dataclass
class Site:
    folder: Path
    environment: dict[str, str]
    editors: list[Editor]

    @property
    def database(self) -> Path:
        """The file of an SQLite database."""
        return self.folder / "site.sqlite3"

    def run(self, code: str, **variables: Any) -> Any:
        """Run `code` in a process of its own, after Django is set up, and give its variable `result`."""
        command = [sys.executable, "-c", f"{_begun(variables)}{code}\nprint(json.dumps(result))"]
        done = subprocess.run(command, cwd=PROJECT, env=self.environment, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def start(self, code: str, **variables: Any) -> "subprocess.Popen[str]":
        """Start `code` in a process of its own, and give the process, whose output can be read."""
        command = [sys.executable, "-c", _begun(variables) + code]
        return subprocess.Popen(command, cwd=PROJECT, env=self.environment, stdin=-1, stdout=-1, text=True)

    def manage(self, *arguments: str, **variables: str) -> str:
        return manage({**self.environment, **variables}, *arguments)

    def refused(self, *arguments: str, under: Sequence[str] = (), **variables: str) -> str:
        """What a command of manage.py says when it fails, as it has to. `under` starts it, as in `gunicorn`."""
        command = [*under, sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=PROJECT, env={**self.environment, **variables}, capture_output=True, text=True
        )
        assert done.returncode == 1, done
        return done.stderr.strip()

    def check_sound(self) -> dict[str, list[str]]:
        """Fail if anything is half saved. Returns the reasons of the revisions of each record, oldest first."""
        return self.run(SOUND)

    def rows(self) -> dict[str, list[str]]:
        return self.run(ROWS)


def _begun(variables: Mapping[str, Any]) -> str:
    """The first lines of a script: Django, and these variables."""
    given = "".join(f"{name} = {value!r}\n" for name, value in variables.items())
    return f"import json\nimport django\ndjango.setup()\nresult = None\n{given}"


def ask(
    address: str, path: str, editor: Editor | None = None, data: Mapping[str, Any] | None = None, **headers: str
) -> Answer:
    """One request on a connection of its own; a POST if there is `data`. Raises OSError or HTTPException."""
    where = urlsplit(address)
    cookies = "csrftoken=" + "x" * 32 + (f"; sessionid={editor.session}" if editor else "")
    sent = {name.replace("_", "-"): text for name, text in headers.items()} | ({"Cookie": cookies} if editor else {})
    body = None
    if data is not None:
        sent |= {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({**data, "csrfmiddlewaretoken": "x" * 32}, doseq=True)
    with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)) as connection:
        connection.request("GET" if data is None else "POST", path, body, sent)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())


def until(is_so: Callable[[], object], what: str, seconds: float = 120) -> None:
    """Wait until it is so. Fails after too long a time."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"waited {seconds} seconds for {what}"
        time.sleep(0.01)


def fields(form: Element) -> dict[str, Any]:
    """What a browser would send of this form."""
    sent: dict[str, Any] = {}
    for element in form.everything():
        name = element.get("name")
        if not name or "disabled" in element.attrs:
            continue
        if element.tag == "textarea":
            sent[name] = "".join(child for child in element.children if isinstance(child, str)).removeprefix("\n")
        elif element.tag == "select":
            chosen = [option["value"] for option in element.all("option") if "selected" in option.attrs]
            sent[name] = chosen if "multiple" in element.attrs else (chosen or [""])[0]
        elif element.tag == "input" and element.get("type") not in ("submit", "checkbox", "radio", "file"):
            sent[name] = element.get("value")
        elif element.tag == "input" and "checked" in element.attrs:
            sent[name] = element.get("value") or "on"
    return sent


def is_postgresql() -> bool:
    """Whether the tests run on PostgreSQL."""
    return bool(connection.vendor == "postgresql")


@contextmanager
def own_database(folder: Path, template: str = "") -> Iterator[str]:
    """The address of a new database: empty, or a copy of the one at `template`."""
    if not is_postgresql():
        file = folder / "site.sqlite3"
        if template:
            shutil.copy(template.removeprefix("sqlite:///"), file)
        yield f"sqlite:///{file}"
        return
    server, name = os.environ["DATABASE_URL"], f"site_{secrets.token_hex(6)}"
    copied = urlsplit(template).path[1:] or "template0"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {copied}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def prepared(folder: Path) -> Iterator[Site]:
    """A site to be copied by `copy_of`."""
    build_static()
    with own_database(folder) as address:
        site = Site(folder, environment(folder, DATABASE_URL=address), [])
        site.manage("migrate", "--verbosity", "0")
        site.manage("load_studies", "--verbosity", "0")
        site.editors = [Editor(*values) for values in site.run(PREPARE)]
        if not is_postgresql():
            with closing(sqlite3.connect(site.database)) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield site


@contextmanager
def copy_of(original: Site, folder: Path) -> Iterator[Site]:
    with own_database(folder, original.environment["DATABASE_URL"]) as address:
        yield Site(folder, environment(folder, DATABASE_URL=address), original.editors)
