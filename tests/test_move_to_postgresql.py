"""`manage.py move_to_postgresql`: everything arrives, it is proved, and whatever goes wrong leaves PostgreSQL empty.

The command runs as an administrator would run it, on a SQLite file and on a PostgreSQL of its own.
"""

import ast
import itertools
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import services
from tests.sites import Editor, ask
from tests.tools import PROJECT, PUBLIC_PAGES

PLAIN_STATIC_FILES = """
from django.conf import settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
"""

# What a site has after a year: people with second factors and a log-in, an editors' road, an import, an audit log,
# gaps in the numbering, and texts that a careless copy would damage.
A_YEAR = r"""
import uuid
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from tests.factories import make_term, make_trial
from tests.people import PASSWORD, log_in, make_person
from trials import actions
from trials.models import ImportFile, ImportRecord, Page, Trial

ann, eva = make_person("ann", "Editors"), make_person("eva", "Reviewers")
Authenticator.objects.create(user=eva, type="totp", data={"secret": "not for \\u0041nybody: \u00e9\U0001f9ec"})
assert log_in(Client(SERVER_NAME="127.0.0.1"), "ann", place="127.0.0.1").status_code == 302
log_in(Client(SERVER_NAME="127.0.0.1"), "eva", "wrong", place="127.0.0.1")
make_person("gone").delete()
LogEntry.objects.create(
    user=ann, content_type=ContentType.objects.get_for_model(Page), object_id="1", object_repr="About",
    action_flag=ADDITION, change_message='[{"added": {}}]',
)

study = Trial.objects.get(slug="yip-2020")
document = actions.working_document(study)
document["fields"]["plain_summary"] = (
    "A tab\t, a backslash \\N \\. , “quotes” ' \", two lines\nand a gene \U0001f9ec é e\u0301."
)
document["fields"]["slug"] = "yip-2020-b"
actions.edit(study, document, by=ann, base=actions.newest_revision(study).number, reason="Words.")
actions.submit(study, by=ann)
study.refresh_from_db()
document = actions.working_document(Trial.objects.get(slug="dilogo-2021"))
document["fields"]["authors_conclusion"] = "A draft that is not live."
other = Trial.objects.get(slug="dilogo-2021")
actions.edit(other, document, by=ann, base=actions.newest_revision(other).number, reason="Draft.")
actions.publish(study, by=eva)
for short_lived in (make_trial(slug="short-lived", status="draft"), make_term(slug="short-lived", status="draft")):
    actions.created(short_lived, by=ann)
    actions.delete_record(short_lived)

file = ImportFile.objects.create(made_by="ann", name="records.ris", format="RIS")
ImportRecord.objects.create(file=file, number=1, line=1, title="A record", data={"z": [1, 1.5, None, True], "a": "\\"})
ImportRecord.objects.create(file=file, number=2, line=9, reason="It has no title.", data=None, outcome="refused")
"""

PAGES = r"""
import json, sys
from django.test import Client
from tests.tools import PUBLIC_PAGES
addresses = [*PUBLIC_PAGES.values(), "/changes/feed/", "/sitemap.xml", "/trials/yip-2020/", "/trials/yip-2020-b/"]
answers = {}
for address in addresses:
    answer = Client(SERVER_NAME="127.0.0.1").get(address)
    answers[address] = [answer.status_code, answer.headers.get("Location", ""), answer.content.decode()]
print(json.dumps(answers))
"""

AN_EDIT = r"""
from django.contrib.auth.models import User
from django.test import Client
from tests.factories import make_trial
from tests.people import make_person
from trials import actions
from trials.models import AuditEvent, Revision, Trial
last = {model: model.objects.order_by("-pk").first().pk for model in (AuditEvent, Revision, User)}
study = Trial.objects.get(slug="dilogo-2021")
draft = actions.newest_revision(study)
assert draft.data["fields"]["authors_conclusion"] == "A draft that is not live."
document = actions.working_document(study)
document["fields"]["plain_summary"] = "Edited after the move."
new = actions.edit(study, document, by=make_person("ben", "Editors"), base=draft.number, reason="Words.")
assert (new.number, new.pk > last[Revision]) == (draft.number + 1, True)
assert User.objects.get(username="ben").pk == 4  # "gone" was the third
assert AuditEvent.objects.order_by("-pk").first().pk > last[AuditEvent]
actions.submit(study, by=User.objects.get(username="ben"))
actions.publish(study, by=User.objects.get(username="eva"))
assert Trial.objects.get(slug="dilogo-2021").plain_summary == "Edited after the move."
answer = Client(SERVER_NAME="127.0.0.1").get("/trials/dilogo-2021/")
assert "Edited after the move." in answer.content.decode()
# The ninth study was deleted, and its history is not that of the next one.
study = make_trial(slug="new-2026", status="draft")
assert study.pk == 10
actions.created(study, by=User.objects.get(username="ben"))
assert [(revision.name, revision.number) for revision in actions.revisions(study)] == [("new-2026", 1)]
print("edited")
"""


@pytest.fixture(scope="module")
def year_old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite file of a site after a year."""
    folder = tmp_path_factory.mktemp("year")
    there = services.environment(folder)
    services.manage(there, "migrate", "--verbosity", "0")
    services.manage(there, "load_studies", "--verbosity", "0")
    services.manage(there, "shell", "-c", PLAIN_STATIC_FILES + A_YEAR)
    with sqlite3.connect(folder / "site.sqlite3") as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    file.close()
    return folder / "site.sqlite3"


@pytest.fixture
def new_database(postgresql_server: services.Server) -> Callable[..., str]:
    """Make an empty database and give its address."""
    numbers = itertools.count()

    def make(options: str = "") -> str:
        with psycopg.connect(postgresql_server.address, autocommit=True) as connection:
            name = f"site{next(numbers)}"
            connection.execute(f"DROP DATABASE IF EXISTS {name}")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
        return postgresql_server.address.removesuffix("/postgres") + f"/{name}"

    return make


@pytest.fixture
def site(tmp_path: Path, year_old: Path) -> dict[str, str]:
    """The environment of that site in maintenance, with a copy of its file."""
    shutil.copy(year_old, tmp_path / "site.sqlite3")
    return services.environment(tmp_path, ARDSINFO_MAINTENANCE="true")


def run(site: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=site, capture_output=True, text=True, timeout=120
    )


def refusals(site: dict[str, str], *targets: str) -> list[str]:
    """What the command says of each target, one after the other in one process."""
    script = """
import django, sys; django.setup()
from django.core.management import CommandError, call_command
for target in sys.argv[1:]:
    try:
        call_command("move_to_postgresql", target)
    except CommandError as error:
        print(repr(str(error)))
"""
    done = run(site, "-c", script, *targets)
    assert (done.returncode, done.stderr) == (0, "")
    return [ast.literal_eval(line) for line in done.stdout.splitlines()]


def serves(site: dict[str, str]) -> dict[str, Any]:
    """Status, target of a redirect and content of every kind of public page."""
    site = site | {"ARDSINFO_MAINTENANCE": "false"}
    return json.loads(services.manage(site, "shell", "-v", "0", "-c", PLAIN_STATIC_FILES + PAGES))


def is_empty(address: str) -> bool:
    with psycopg.connect(address) as connection:
        left = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        ).fetchone()
    return left == (0,)


def made_of(address: str) -> set[tuple[str, ...]]:
    """Every constraint, index and trigger of the database, in SQL."""
    with psycopg.connect(address) as connection:
        return {
            *connection.execute(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            ),
            *connection.execute("SELECT tablename, indexname, indexdef FROM pg_indexes"),
            *connection.execute("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"),
        }


def test_everything_arrives_and_it_is_proved(site: dict[str, str], new_database: Callable[..., str]) -> None:
    target = new_database("LOCALE 'C.UTF-8'")
    file = Path(site["DATABASE_URL"].removeprefix("sqlite:///"))
    change_file(site, "CREATE TABLE letters (id integer)")
    before = sqlite3.connect(file)
    dump = list(before.iterdump())

    moved = run(site, "manage.py", "move_to_postgresql", target)
    assert (moved.returncode, moved.stderr) == (0, "")
    lines = moved.stdout.splitlines()
    assert lines[-1] == (
        f"Set DATABASE_URL to the new database and start the site. Keep the file {file} until you have seen it work."
    )
    same = re.findall(
        r"^same {4}(\w+): (\d+) rows, checksum [0-9a-f]{16}(?:, new ones from (\d+))?$", moved.stdout, re.M
    )
    table = {name: rows for name, rows, _ in same}
    assert len(lines) == len(table) + 3
    assert {
        "trials_trial": "10", "trials_glossaryterm": "50", "trials_page": "7", "auth_user": "4", "trials_arm": "",
        "django_session": "", "account_emailaddress": "1",
    }.items() <= {name: following for name, _, following in same}.items()  # fmt: skip
    total = sum(int(rows) for rows in table.values())
    assert lines[-2] == "left    letters: no part of this release has such a table"
    assert lines[-3] == f"{len(table)} tables with {total} rows are the same on both sides."

    # Looked at from outside: what is in the file and what is in PostgreSQL.
    with psycopg.connect(target) as after:
        for name, rows in table.items():
            counted = f'SELECT count(*) FROM "{name}"'
            assert before.execute(counted).fetchone() == after.execute(counted).fetchone() == (int(rows),), name
        assert after.execute("SELECT plain_summary FROM trials_trial WHERE slug = 'yip-2020-b'").fetchone() == (
            "A tab\t, a backslash \\N \\. , “quotes” ' \", two lines\nand a gene \U0001f9ec é e\u0301.",
        )
        assert after.execute("SELECT count(*) FROM auth_user WHERE last_login IS NOT NULL").fetchone() == (1,)
        assert after.execute("SELECT at FROM trials_auditevent ORDER BY id").fetchall()[0][0].microsecond
    assert int(table["trials_trial"]) == 8
    assert int(table["auth_user"]) == 2
    assert {"trials_revision", "trials_trial_countries", "django_session", "mfa_authenticator", "trials_importrecord",
            "django_admin_log", "trials_auditevent", "auth_user_groups", "trials_formerslug"} <= {
        name for name, rows in table.items() if rows != "0"
    }  # fmt: skip
    in_file = {name for (name,) in before.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    left = {name for name in in_file - set(table) if not name.startswith("trials_search")}
    assert left == {
        "django_migrations", "letters", "sqlite_sequence",
        "trials_blockversion", "trials_cache", "trials_contentversion",
    }  # fmt: skip
    assert list(before.iterdump()) == dump, "the file is only read"
    before.close()

    made = new_database("LOCALE 'C.UTF-8'")
    services.manage(site | {"DATABASE_URL": made}, "migrate", "--verbosity", "0")
    assert made_of(target) == made_of(made), "keys, indexes and triggers are those that the migrations make"

    # And the site that stands on it.
    there = site | {"DATABASE_URL": target, "ARDSINFO_MAINTENANCE": "false"}
    pages = serves(there)
    assert pages == serves(site)
    assert set(PUBLIC_PAGES.values()) <= set(pages)
    assert pages["/trials/yip-2020/"][:2] == [301, "/trials/yip-2020-b/"]
    assert "a gene \U0001f9ec" in pages["/trials/yip-2020-b/"][2]
    assert services.manage(there, "shell", "-v", "0", "-c", PLAIN_STATIC_FILES + AN_EDIT) == "edited\n"


def test_one_changed_value_is_noticed_and_nothing_is_left(site: dict[str, str], new_database: Any) -> None:
    """A bit that flips on the way, or a hand in the database: done here between the copy and the proof."""
    target = new_database("LOCALE 'C.UTF-8'")
    damage = """
import django; django.setup()
from django.core.management import call_command
from django.db import connections
from trials.management.commands import move_to_postgresql as command
undamaged = command.finish
def damaged(later):
    undamaged(later)
    with connections[command.TARGET].cursor() as cursor:
        cursor.execute("UPDATE trials_revision SET data = data || '{\\"fields\\": {}}' WHERE id = 3")
        cursor.execute("DELETE FROM django_session")
        cursor.execute("SELECT setval('trials_trial_id_seq', 8)")
command.finish = damaged
command.BaseCommand.run_from_argv(command.Command(), ["manage.py", "move_to_postgresql", %r])
"""
    done = run(site, "-c", damage % target)
    assert done.returncode == 1
    assert "PostgreSQL was left empty, because this did not arrive whole: " in done.stderr
    assert set(done.stderr.rsplit(": ", 1)[1].rstrip(".\n").split(", ")) == {
        "django_session",
        "trials_revision",
        "trials_trial",
    }
    for line in (
        r"django_session: 1 rows, checksum \w{16} became 0 rows, checksum 0{16}",
        r"trials_revision: (\d+) rows, checksum (\w{16})(.*) became \1 rows, checksum (?!\2)\w{16}\3",
        r"trials_trial: 8 rows, checksum (\w{16}), new ones from 10 became 8 rows, checksum \1, new ones from 9",
    ):
        assert re.search(f"^DIFFERS {line}$", done.stdout, re.M), line
    assert "are the same on both sides" not in done.stdout
    assert is_empty(target)


def test_what_a_site_saves_that_is_not_in_maintenance_is_not_left_behind(
    site: dict[str, str], new_database: Callable[..., str]
) -> None:
    """A gunicorn that was not started anew: while everything is copied, its editors wait for SQLite, and then save."""
    target = new_database("LOCALE 'C.UTF-8'")
    with closing(sqlite3.connect(site["DATABASE_URL"].removeprefix("sqlite:///"))) as file:
        (session,) = file.execute("SELECT session_key FROM django_session").fetchone()
        (country,) = file.execute("SELECT id FROM trials_country WHERE code = 'ID'").fetchone()
    ann, form = Editor("ann", session, 0, 0), f"/admin/trials/country/{country}/change/"
    saved: list[str] = []
    stopped = threading.Event()

    def save() -> None:
        while not stopped.is_set():
            name = f"Country {len(saved)}"
            answer = ask(server.address, form, ann, {"name": name, "code": "ID", "other_names": ""})
            if answer.status == 302:
                saved.append(name)

    services.build_static()
    with services.gunicorn(site | {"ARDSINFO_MAINTENANCE": "false"}) as server:
        editor = threading.Thread(target=save)
        editor.start()
        try:
            moved = run(site, "manage.py", "move_to_postgresql", target)
        finally:
            stopped.set()
            editor.join()
    assert (moved.returncode, moved.stderr) == (
        1,
        "CommandError: PostgreSQL was left empty, because somebody saved something to SQLite meanwhile: the site is "
        "not in maintenance. Start it anew with ARDSINFO_MAINTENANCE=true, and move then.\n",
    )
    assert " rows are the same on both sides." in moved.stdout
    assert is_empty(target)
    with closing(sqlite3.connect(site["DATABASE_URL"].removeprefix("sqlite:///"))) as file:
        assert file.execute("SELECT name FROM trials_country WHERE code = 'ID'").fetchone() == (saved[-1],)


def change_file(site: dict[str, str], statement: str) -> None:
    with sqlite3.connect(site["DATABASE_URL"].removeprefix("sqlite:///")) as file:
        file.execute(statement)
    file.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE trials_trial SET title = 'a' || char(0) || 'b' WHERE id = 1", "cannot contain NUL"),
        ("UPDATE auth_user SET first_name = printf('%.*c', 151, 'x')", "too long for type character varying(150)"),
        ("UPDATE trials_arm SET trial_id = trial_id + 99", 'is not present in table "trials_trial"'),
    ],
)
def test_what_postgresql_cannot_take_is_named_and_nothing_is_left(
    site: dict[str, str], new_database: Callable[..., str], damage: str, said: str
) -> None:
    target = new_database("LOCALE 'C.UTF-8'")
    change_file(site, damage)
    (refusal,) = refusals(site, target)
    assert refusal.startswith("PostgreSQL was left empty: ")
    assert said in refusal
    assert is_empty(target)


def test_what_is_no_empty_database_is_refused(
    site: dict[str, str], new_database: Callable[..., str], tmp_path: Path
) -> None:
    taken = new_database("LOCALE 'C.UTF-8'")
    with psycopg.connect(taken) as connection:
        connection.execute("CREATE TABLE letters (id integer)")
    address_file = tmp_path / "address"
    address_file.write_text(f"{taken}\n")
    not_empty = "That database is not empty: it has 1 tables, such as letters. Name an empty one."
    said = {
        taken: not_empty,
        str(address_file): not_empty,
        new_database("LOCALE_PROVIDER icu ICU_LOCALE 'en-GB' LOCALE 'C.UTF-8'"): (
            "That database sorts text otherwise than SQLite, so lists would change their order. Make it with: "
            "createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 NAME"
        ),
        "mysql://ann:geheim@127.0.0.1/site": (
            "The address is set to 'mysql://…'. Write sqlite:////folder/file.sqlite3 or "
            "postgresql://user:password@host:5432/name."
        ),
        "sqlite:////nowhere/x": "The address names SQLite. Write postgresql://user:password@host:5432/name.",
        "/nowhere/address": (
            "/nowhere/address is neither an address such as postgresql://… nor a file: "
            "[Errno 2] No such file or directory: '/nowhere/address'."
        ),
    }
    assert refusals(site, *said) == list(said.values())


def test_a_site_that_is_no_sqlite_is_old_or_is_still_written_to_is_refused(
    site: dict[str, str], new_database: Callable[..., str]
) -> None:
    target = new_database("LOCALE 'C.UTF-8'")
    assert refusals(site | {"DATABASE_URL": target}, target) == [
        "DATABASE_URL does not name SQLite: there is nothing to move."
    ]
    assert refusals(site | {"ARDSINFO_MAINTENANCE": "false"}, target) == [
        "Set ARDSINFO_MAINTENANCE=true and start the site anew first: what somebody saves during the move, or after "
        "it, would be left behind."
    ]
    change_file(site, "DELETE FROM django_migrations WHERE app = 'mfa' AND name LIKE '0003%'")
    (refusal,) = refusals(site, target)
    assert refusal.startswith("The database is older than this release (mfa.0003_")
    assert refusal.endswith("): run manage.py migrate first.")
    assert is_empty(target)
