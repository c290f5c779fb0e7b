"""`manage.py backup` and `manage.py restore`, run for real on the kind of database that the tests run on."""

import datetime
import hashlib
import os
import re
import signal
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.services import as_a_plain_user, gunicorn
from tests.sites import Site, ask, is_postgresql, own_database
from trials import backups

only_sqlite = pytest.mark.skipif(is_postgresql(), reason="it is about the file of an SQLite database")
only_postgresql = pytest.mark.skipif(not is_postgresql(), reason="it is about the programs of PostgreSQL")
pytestmark = pytest.mark.django_db  # which database it is

# Edits a term over and over, each time with a new meaning, and prints each one once it is saved.
WRITE = """
from tests.factories import Person
from trials import actions
from trials.models import GlossaryTerm
term = GlossaryTerm.objects.get(pk=key)
number = 0
while True:
    number += 1
    document = actions.working_document(term)
    document["fields"]["meaning"] = f"Meaning {number}"
    base = actions.newest_revision(term).number
    actions.edit(term, document, by=Person("ann"), base=base, reason=f"edit {number}")
    print(number, flush=True)
"""
RENAME = """
from trials.models import Trial
Trial.objects.filter(slug="lanzoni-2021").update(title=title)
"""


def made(said: str) -> Path:
    """The file that the command has written."""
    found = re.search(r"^written  (\S+)", said, re.M)
    assert found, said
    return Path(found[1])


def kept(said: str) -> Path:
    found = re.search(r"What was there is in (\S+) now\.", said)
    assert found, said
    return Path(found[1])


def content(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    """All but the log-ins, which a restore ends, and the names of the content, which it moves."""
    left = ("django_session", "trials_blockversion", "trials_contentversion")
    return {table: values for table, values in rows.items() if table not in left}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- The drill ------------------------------------------------------------------------------------------------


def test_drill(site: Site, tmp_path: Path) -> None:
    """A backup while editors write, damage, and a restore under a running site."""
    folder = tmp_path / "backups"
    name = site.editors[0].name + "-term"
    with gunicorn(site.environment) as server:
        with site.start(WRITE, key=site.editors[0].term) as writer:
            assert writer.stdout
            try:
                for _ in range(5):
                    before = int(writer.stdout.readline())
                file = made(site.manage("backup", str(folder)))
            finally:
                writer.terminate()
            rest = [int(line) for line in writer.stdout.read().split()]
        assert len(rest) > 3, "nobody wrote meanwhile"
        saved = site.check_sound()[name]
        assert saved[: rest[-1] + 1] == ["", *(f"edit {number}" for number in range(1, rest[-1] + 1))]
        all_of_it = site.rows()

        site.run(RENAME, title="Spoilt by a careless hand")
        assert "Spoilt by a careless hand" in ask(server.address, "/trials/lanzoni-2021/").text
        said = site.manage("restore", str(file))

        # The running site shows it at once, and all that was acknowledged before the backup began is in it.
        assert "Spoilt by a careless hand" not in ask(server.address, "/trials/lanzoni-2021/").text
        in_backup = site.check_sound()[name]
        assert in_backup == saved[: len(in_backup)]
        assert len(in_backup) > before
        assert ask(server.address, "/readyz").text == "database: ok\nmigrations: ok\ndisk: ok\n"

        # What it replaced is whole too, and comes back the same way.
        site.manage("restore", str(kept(said)))
        assert "Spoilt by a careless hand" in ask(server.address, "/trials/lanzoni-2021/").text
        site.run(RENAME, title=site_title(all_of_it))
        assert changed(content(all_of_it), content(site.rows())) == set()


def site_title(rows: dict[str, list[str]]) -> str:
    (row,) = [row for row in rows["trials_trial"] if "'lanzoni-2021'" in row]
    found = re.search(r"'(Umbilical cord[^']*)'", row)
    assert found, row
    return found[1]


def changed(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def test_backup_is_private_and_has_its_checksum_beside_it(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "backups"
    file = made(site.manage("backup", str(folder)))
    assert re.fullmatch(r"ardsinfo-\d{4}-\d\d-\d\dT\d{6}Z\.(sqlite3|pgdump)", file.name)
    beside = folder / f"{file.name}.sha256"
    assert {path.name for path in folder.iterdir()} == {file.name, beside.name}
    assert (mode(folder), mode(file), mode(beside)) == (0o700, 0o600, 0o600)
    assert beside.read_text() == f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
    subprocess.run(["sha256sum", "--check", "--strict", beside], cwd=folder, check=True, capture_output=True)


def test_older_backup_is_brought_up_to_date(site: Site, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with own_database(tmp_path / "old") as address:
        site.manage("migrate", "trials", "0002", "--verbosity", "0", DATABASE_URL=address)
        file = made(site.manage("backup", str(tmp_path / "backups"), DATABASE_URL=address))
    site.manage("restore", str(file))
    assert " [ ] " not in site.manage("showmigrations")
    assert site.check_sound() == {}


def test_backup_goes_into_an_empty_database(site: Site, tmp_path: Path) -> None:
    """A new machine."""
    file = made(site.manage("backup", str(tmp_path / "backups")))
    rows = site.rows()
    (tmp_path / "new").mkdir()
    with own_database(tmp_path / "new") as address:
        said = site.manage("restore", str(file), DATABASE_URL=address)
        assert "before." in said
        new = Site(tmp_path / "new", {**site.environment, "DATABASE_URL": address}, site.editors)
        assert content(new.rows()) == content(rows)
        assert new.rows()["django_session"] == []


# A restore after which the migrations fail.
FAILS_AFTERWARDS = """
import io
from django.contrib.sessions.models import Session
from django.core.management import call_command
from trials.management.commands import restore
def fail(*names, **options):
    raise RuntimeError(names[0])
restore.call_command = fail
before = Session.objects.count()
try:
    call_command("restore", file, stdout=io.StringIO())
except RuntimeError as error:
    result = [before, str(error), Session.objects.count()]
"""


def test_log_ins_of_a_backup_end_whatever_happens_to_its_migrations(site: Site, tmp_path: Path) -> None:
    file = made(site.manage("backup", str(tmp_path / "backups")))
    assert site.run(FAILS_AFTERWARDS, file=str(file)) == [4, "migrate", 0]


# Somebody saves in the moment between the copy of what is there and its replacement.
SAVED_MEANWHILE = """
from contextlib import closing
from pathlib import Path
import sqlite3
from trials import backups
real = backups.make
save = "UPDATE trials_glossaryterm SET meaning = 'Saved at the last moment' WHERE slug = 'ann-term'"
waited = False

def make(*given):
    global waited
    file = real(*given)
    if backups.connection.vendor == "postgresql":
        import psycopg
        with psycopg.connect(address, options="-c lock_timeout=500ms") as other:
            try:
                other.execute(save)
            except psycopg.errors.LockNotAvailable:
                waited = True
    else:
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute(save)
    return file

backups.make = make
try:
    backups.put_back(Path(file))
    result = ["restored", waited]
except backups.BackupError as error:
    result = [str(error), waited]
"""


def test_nothing_that_is_saved_during_a_restore_is_lost(site: Site, tmp_path: Path) -> None:
    file = made(site.manage("backup", str(tmp_path / "backups")))
    where = {"address": site.environment["DATABASE_URL"], "database": str(site.database)}
    said = site.run(SAVED_MEANWHILE, file=str(file), **where)
    if is_postgresql():  # whoever saves has to wait, and saves into what was restored
        assert said == ["restored", True]
    else:
        assert said == ["Nothing was changed: somebody saved at the same moment. Try again.", False]
        code = "from trials.models import GlossaryTerm\nresult = GlossaryTerm.objects.get(slug='ann-term').meaning"
        assert site.run(code) == "Saved at the last moment"


# --- What is refused ------------------------------------------------------------------------------------------


def sealed(file: Path) -> Path:
    """With the checksum of what it is now."""
    backups.checksum_file(file).write_text(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n")
    return file


# Says of each file why it cannot be restored.
REFUSE = """
from pathlib import Path
from trials import backups
result = []
for file in files:
    try:
        backups.check(Path(file))
        result.append("nothing")
    except backups.BackupError as error:
        result.append(str(error))
"""


def test_wrong_files_are_refused(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    good = made(site.manage("backup", str(folder)))
    data = good.read_bytes()
    bare, flipped, foreign, text, half = (folder / name for name in ("bare", "flipped", "foreign", "text", "half"))
    bare.write_bytes(data)
    flipped.write_bytes(data)
    sealed(flipped)
    spoilt = bytearray(data)
    spoilt[len(data) // 2] ^= 1
    flipped.write_bytes(spoilt)
    foreign.write_bytes((b"SQLite format 3\0" if is_postgresql() else b"PGDMP") + bytes(5000))
    text.write_bytes(b"Dear all,\n")
    half.write_bytes(data[: len(data) // 2 // 4096 * 4096])
    for file in (foreign, text, half):
        sealed(file)
    engine = "PostgreSQL" if is_postgresql() else "SQLite"
    said = site.run(REFUSE, files=[str(file) for file in (folder / "none", bare, flipped, foreign, text, half, good)])
    assert said[:5] == [
        f"There is no file {folder}/none.",
        f"{bare}.sha256 is missing, so nobody can tell whether the backup is whole.",
        f"{flipped} is not what was saved: its checksum is not the one in flipped.sha256.",
        f"{foreign} is no backup of a {engine} database, which this site uses.",
        f"{text} is no backup of a {engine} database, which this site uses.",
    ]
    assert said[5].startswith("pg_restore failed: " if is_postgresql() else f"{half} is damaged: ")
    assert said[6] == "nothing"


def test_database_of_something_else_is_refused(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (tmp_path / "other").mkdir()
    with own_database(tmp_path / "other") as address:
        site.manage("migrate", "auth", "--verbosity", "0", DATABASE_URL=address)
        file = made(site.manage("backup", str(folder), DATABASE_URL=address))
    assert f"{file} is not a database of this site." in site.refused("restore", str(file))


# A backup of a database that has had a migration which this code does not know.
OF_NEXT_YEAR = """
from pathlib import Path
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from trials import backups
MigrationRecorder(connection).record_applied("trials", "0999_of_next_year")
result = str(backups.make(Path(folder)))
MigrationRecorder(connection).record_unapplied("trials", "0999_of_next_year")
"""


def test_newer_backup_is_refused_and_nothing_is_changed(site: Site, tmp_path: Path) -> None:
    file = site.run(OF_NEXT_YEAR, folder=str(tmp_path / "backups"))
    rows = site.rows()
    said = site.refused("restore", file)
    assert "comes from a newer version of the site (trials.0999_of_next_year)." in said
    assert "Install that version first." in said
    assert site.rows() == rows
    assert list((tmp_path / "backups").glob("before-restore-*")) == []


def test_backup_of_no_database_leaves_nothing(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    none = "postgresql://ardsinfo@127.0.0.1:9/none" if is_postgresql() else f"sqlite:///{tmp_path}/none.sqlite3"
    said = site.refused("backup", str(folder), DATABASE_URL=none)
    there = "PostgreSQL does not answer" if is_postgresql() else f"There is no database at {tmp_path}/none.sqlite3."
    assert there in said
    assert list(folder.iterdir()) == []
    assert not (tmp_path / "none.sqlite3").exists()


def test_restore_that_may_not_read_or_write_says_so(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    file = made(site.manage("backup", str(folder)))
    rows = site.rows()
    beside = backups.checksum_file(file)
    for closed, said in (
        (file, f"CommandError: The backup could not be read: [Errno 13] Permission denied: '{file}'."),
        (beside, f"CommandError: The backup could not be read: [Errno 13] Permission denied: '{beside}'."),
    ):
        closed.chmod(0)
        assert site.refused("restore", str(file), under=as_a_plain_user()) == said
        closed.chmod(0o600)
    folder.chmod(0o500)
    said = site.refused("restore", str(file), under=as_a_plain_user())
    folder.chmod(0o700)
    assert re.fullmatch(rf"CommandError: The backup could not be \w+( back)?: \[Errno 13\] .* '{folder}/.*'\.", said)
    beside.write_bytes(b"\xff\xfe")
    assert "its checksum is not the one in" in site.refused("restore", str(file))
    assert site.rows() == rows


def test_backup_that_cannot_be_written_is_told(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    closed = tmp_path / "closed"
    closed.mkdir(0o200)
    for folder in (tmp_path / "file", tmp_path / "file" / "backups", closed, closed / "backups"):
        logged, said = site.refused("backup", str(folder), under=as_a_plain_user()).splitlines()
        assert re.fullmatch(rf"CommandError: The backup could not be written: \[Errno \d+\] .*: '{folder}'\.", said)
        assert f"There is no new backup: {said.removeprefix('CommandError: ')}" in logged


def test_old_backup_that_cannot_be_removed_is_told(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    (folder / "ardsinfo-2020-01-05T030000Z.sqlite3").mkdir(parents=True)
    logged, said = site.refused("backup", str(folder)).splitlines()
    assert said.startswith("CommandError: Older backups could not be removed: [Errno ")
    assert "There is a new backup, but its folder fills up: Older backups could not be removed: " in logged
    assert len(list(folder.glob("ardsinfo-*.sha256"))) == 1


# Killed when the copy is written, or when a restore has all but begun; nothing can be tidied up then.
KILLED = """
import os
import signal
from pathlib import Path
from trials import backups
def kill(*given):
    os.kill(os.getpid(), signal.SIGKILL)
if file:
    backups.make = kill
    backups.put_back(Path(file))
backups._sha256 = kill
backups.make(Path(folder), prefix)
"""


def test_what_a_kill_leaves_is_swept_away(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    ours = folder / ".notes.part"
    ours.touch()
    for prefix in (backups.PREFIX, backups.ASIDE):
        with site.start(KILLED, file="", folder=str(folder), prefix=prefix) as killed:
            assert killed.wait() == -signal.SIGKILL
        assert max(part.stat().st_size for part in folder.glob(f".{prefix}-*.part")) > 10_000
        file = made(site.manage("backup", str(folder)))
        assert sorted(folder.glob(".*")) == [ours]
    assert file.exists()


def test_killed_restore_leaves_nothing(site: Site, tmp_path: Path) -> None:
    file = made(site.manage("backup", str(tmp_path / "backups")))
    rows = site.rows()
    with site.start(KILLED, file=str(file), folder="", prefix="") as killed:
        assert killed.wait() == -signal.SIGKILL
    assert sorted(file.parent.iterdir()) == sorted([file, backups.checksum_file(file)])
    assert site.rows() == rows


# --- SQLite ---------------------------------------------------------------------------------------------------


@only_sqlite
def test_damaged_sqlite_file_is_not_backed_up(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    data = bytearray(site.database.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    site.database.write_bytes(data)
    assert "malformed" in site.refused("backup", str(folder))
    assert list(folder.iterdir()) == []


@only_sqlite
def test_damaged_sqlite_file_is_kept_and_replaced(site: Site, tmp_path: Path) -> None:
    file = made(site.manage("backup", str(tmp_path / "backups")))
    rows = site.rows()
    broken = b"not a database at all" * 1000
    site.database.write_bytes(broken)
    said = site.manage("restore", str(file))
    assert "The database was damaged" in said
    assert "Restart the site" in said
    (moved,) = tmp_path.glob("site.sqlite3.damaged-*")
    assert str(moved) in said
    assert moved.read_bytes() == broken
    assert content(site.rows()) == content(rows)


@only_sqlite
def test_sqlite_file_that_cannot_be_read_is_not_called_damaged(site: Site, tmp_path: Path) -> None:
    file = made(site.manage("backup", str(tmp_path / "backups")))
    data = site.database.read_bytes()
    site.database.chmod(0)
    said = site.refused("restore", str(file), under=as_a_plain_user())
    assert said == "CommandError: Nothing was changed: unable to open database file."
    site.database.chmod(0o600)
    assert site.database.read_bytes() == data
    assert [path.name for path in tmp_path.iterdir() if "damaged" in path.name] == []


@only_sqlite
def test_what_is_left_of_another_sqlite_file_does_not_spoil_a_new_one(site: Site, tmp_path: Path) -> None:
    """Its log, where the file alone was taken away."""
    file = made(site.manage("backup", str(tmp_path / "backups")))
    rows = site.rows()
    with closing(sqlite3.connect(site.database)) as database:
        database.execute("UPDATE trials_trial SET title = 'In the log'")
        database.commit()
        log = site.database.with_name("site.sqlite3-wal")
        data = log.read_bytes()
        assert data
        site.database.unlink()
        said = site.manage("restore", str(file))
    assert "There was no database before." in said
    (moved,) = tmp_path.glob("site.sqlite3.damaged-*-wal")
    assert moved.read_bytes() == data
    assert content(site.rows()) == content(rows)
    assert site.check_sound()


@only_sqlite
def test_sqlite_database_stays_the_same_file(site: Site, tmp_path: Path) -> None:
    """Processes that run have it open."""
    file = made(site.manage("backup", str(tmp_path / "backups")))
    before = site.database.stat().st_ino
    site.manage("restore", str(file))
    assert site.database.stat().st_ino == before
    with closing(sqlite3.connect(site.database)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# --- PostgreSQL -----------------------------------------------------------------------------------------------


@only_postgresql
def test_programs_of_postgresql_that_are_missing_or_too_old_are_named(site: Site, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    said = site.refused("backup", str(tmp_path / "backups"), PATH=str(programs))
    assert "pg_dump is not installed here. On Debian and Ubuntu: apt-get install postgresql-client." in said
    old = programs / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    said = site.refused("backup", str(tmp_path / "backups"), PATH=f"{programs}:{os.environ['PATH']}")
    assert re.search(r"pg_dump is of version 9 and the server of version (\d+): install postgresql-client-\1\.", said)


@only_postgresql
def test_restore_takes_no_heed_of_a_warning(site: Site, tmp_path: Path) -> None:
    """As after an upgrade of the system, whose words sort otherwise: each program warns when it connects."""
    file = made(site.manage("backup", str(tmp_path / "backups")))
    rows = site.rows()
    site.run(RENAME, title="Spoilt by a careless hand")
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as operator:
        operator.execute("UPDATE pg_database SET datcollversion = '2.36' WHERE datname = current_database()")
    site.manage("restore", str(file))
    assert changed(content(site.rows()), content(rows)) == set()


@only_postgresql
@pytest.mark.parametrize(
    ("program", "words"),
    [("echo 'no server' >&2", "no server"), ("echo locked; exec cat > /dev/null", "psql did not say why.")],
)
def test_restore_that_did_nothing_does_not_say_that_it_did(
    site: Site, tmp_path: Path, program: str, words: str
) -> None:
    """psql ends without a fault, but before the lock or before it has saved."""
    file = made(site.manage("backup", str(tmp_path / "backups")))
    rows = site.rows()
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "psql").write_text(f"#!/bin/sh\n{program}\n")
    (programs / "psql").chmod(0o755)
    said = site.refused("restore", str(file), PATH=f"{programs}:{os.environ['PATH']}")
    assert said == f"CommandError: Nothing was changed: {words}"
    assert site.rows() == rows


# --- Which ones stay ------------------------------------------------------------------------------------------

NOW = datetime.datetime(2026, 11, 22, 3, 0, tzinfo=datetime.UTC)


def days_ago(*numbers: float) -> list[datetime.datetime]:
    return [NOW - datetime.timedelta(days=number) for number in numbers]


def test_all_of_a_week_stay_then_one_a_week_then_one_a_month() -> None:
    every_night = days_ago(*range(800))
    gone = backups.superfluous(every_night, NOW)
    stays = [(NOW - date).days for date in every_night if date not in gone]
    # Sunday 22 November is day 0. The newest of each week is a Sunday, of each month its last day.
    months = [(NOW.date() - datetime.date(2026, month, day)).days for month, day in MONTH_ENDS]
    assert stays == sorted({*range(8), 14, 21, 28, *months, (NOW.date() - datetime.date(2025, 12, 31)).days})


MONTH_ENDS = ((10, 31), (9, 30), (8, 31), (7, 31), (6, 30), (5, 31), (4, 30), (3, 31), (2, 28), (1, 31))


def test_newest_stays_however_old() -> None:
    dates = days_ago(900, 1000, 1100)
    assert backups.superfluous(dates, NOW) == set(dates[1:])


def test_backup_removes_old_ones_and_nothing_else(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = folder / "ardsinfo-2020-01-05T030000Z.sqlite3"
    names = ("before-restore-2020-01-04T030000Z.sqlite3", "ardsinfo-notes.txt", "x.sha256")
    own_names = ("ardsinfo-before-big-import2.sqlite3", "ardsinfo-2020-13-05T030000Z.pgdump")
    others = [folder / name for name in (*names, *own_names)]
    for file in (old, backups.checksum_file(old), *others):
        file.write_text("old")
    said = site.manage("backup", str(folder))
    assert f"removed  {old}\n" in said
    assert sorted(folder.iterdir()) == sorted([made(said), backups.checksum_file(made(said)), *others])
