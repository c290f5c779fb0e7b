"""Backups of the whole database: made while the site runs, proved to be readable, and put back.

A backup is one file, named after the moment it was made, with its SHA-256 beside it. Neither is there under its name
before it is whole and proved. SQLite and PostgreSQL differ in three things: how a copy is written, how it is read
through, and how it is put in the place of what is there.
"""

import csv
import datetime
import fcntl
import hashlib
import io
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.utils import DatabaseError

PREFIX = "ardsinfo"
ASIDE = "before-restore"  # what a restore replaced: `prune` never touches it
STAMP = "%Y-%m-%dT%H%M%SZ"
WAIT = 30  # seconds for a lock
FINISHED = "?immutable=1"  # nobody writes to a backup, so it is read without files beside it

Migrations = set[tuple[str, str]]  # ("trials", "0001_initial")
Keep = Callable[[], Path]


class BackupError(Exception):
    """Why it cannot be done, and what to do about it, in a sentence for whoever typed the command."""


class Damaged(BackupError):
    """What the file holds is not right; a file that merely cannot be read may be as good as ever."""


# --- SQLite ---------------------------------------------------------------------------------------------------


class SQLite:
    suffix = ".sqlite3"
    magic = b"SQLite format 3\0"

    def __init__(self, name: str) -> None:
        if name.startswith("file:") or ":memory:" in name:
            raise BackupError("This database is in memory only: there is nothing to back up or to restore.")
        self.file = Path(name).resolve()

    def write(self, target: Path) -> None:
        """A copy as of one moment, whoever writes meanwhile. `target` is an empty file."""
        if not self.file.is_file():
            raise BackupError(f"There is no database at {self.file}.")
        with _saying("The database could not be copied"), closing(_opened(self.file)) as database:
            database.execute("VACUUM INTO ?", [str(target)])

    def migrations(self, file: Path, options: str = FINISHED) -> Migrations:
        """Read the whole file, and give the migrations it has had: none if it is not ours. BackupError if damaged."""
        with _reading(file), closing(_opened(file, options)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check(1)")]
            if found != ["ok"]:
                raise Damaged(f"{file} is damaged: {found[0]}.")
            if database.execute("PRAGMA foreign_key_check").fetchone():
                raise Damaged(f"{file} is damaged: it has rows that belong to no record.")
            there = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'django_migrations'").fetchone()
            return set(database.execute("SELECT app, name FROM django_migrations")) if there else set()

    def put_back(self, file: Path, keep: Keep) -> str:
        """Make the database hold what the file holds. Returns where what was there is now, in words."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        if not self.file.is_file() or not self.file.stat().st_size:
            self._replace(file)
            return "There was no database before."
        try:
            with _saying("Nothing was changed"), closing(_opened(self.file)) as watch:
                before = _version(watch)
                aside = keep()
                # Into the file that running processes have open: they see it at their next request.
                self._copy(file, self.file, lambda: _version(watch) == before)
        except BackupError:
            if not self._is_damaged():
                raise
            moved = self._replace(file)
            return (
                f"The database was damaged; it is at {moved} now, as it was. "
                "Restart the site: its processes still have that file open."
            )
        return f"What was there is in {aside} now."

    def _copy(self, file: Path, to: Path, is_as_kept: Callable[[], bool] = lambda: True) -> None:
        begun = False

        def step(status: int, remaining: int, total: int) -> None:
            nonlocal begun
            if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise BackupError(f"Nothing was changed: somebody has been writing for {WAIT} seconds.")
            # From the first step on nobody else can write.
            if not begun and not is_as_kept():
                raise BackupError("Nothing was changed: somebody saved at the same moment. Try again.")
            begun = True

        with closing(_opened(file, FINISHED)) as source, closing(_opened(to)) as target:
            source.backup(target, pages=1, progress=step)  # the first step of one page cannot be the last

    def _is_damaged(self) -> bool:
        try:
            self.migrations(self.file, options="")
        except BackupError as error:
            return isinstance(error, Damaged)
        return False

    def _replace(self, file: Path) -> Path:
        """Put a copy in the place of what is there once it is whole. Returns where what was there is now."""
        new = self.file.with_name(f".{self.file.name}.new")
        moved = self.file.with_name(f"{self.file.name}.damaged-{_now():{STAMP}}")
        with _alone(self.file.parent):
            try:
                new.unlink(missing_ok=True)  # of a restore that was killed
                self._copy(file, new)
                for end in ("", "-wal", "-shm", "-journal"):  # one that stayed would be taken for the new file's
                    part = self.file.with_name(self.file.name + end)
                    if part.exists():
                        part.rename(moved.with_name(moved.name + end))
                new.rename(self.file)
                _to_disk(self.file.parent)
            finally:
                new.unlink(missing_ok=True)
        return moved


def _opened(file: Path, options: str = "") -> sqlite3.Connection:
    """As Django opens one: our constraints use functions that Django brings."""
    database = connection.copy()
    database.settings_dict |= {"NAME": f"{file.resolve().as_uri()}{options}", "OPTIONS": {"timeout": WAIT}}
    database.connect()
    return cast(sqlite3.Connection, database.connection)


def _version(database: sqlite3.Connection) -> int:
    """A number that changes with every write by somebody else."""
    return int(database.execute("PRAGMA data_version").fetchone()[0])


@contextmanager
def _saying(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error, DatabaseError) as error:
        raise BackupError(f"{what}: {error}.") from error


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Tell a file that is damaged from one that cannot be read."""
    try:
        yield
    except (sqlite3.Error, DatabaseError) as error:
        # What Django raises has what SQLite said as its cause, with its code and further bits that make it finer.
        code = getattr(error if isinstance(error, sqlite3.Error) else error.__cause__, "sqlite_errorcode", 0)
        if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise Damaged(f"{file} is damaged: {error}.") from error
        raise BackupError(f"{file} could not be read: {error}.") from error


# --- PostgreSQL -----------------------------------------------------------------------------------------------

# Everything of ours, so that nothing newer than the backup stays behind. What extensions brought stays.
EMPTY = """
DO $$ DECLARE thing text; BEGIN
  FOR thing IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'DROP TABLE IF EXISTS ' || thing || ' CASCADE';
  END LOOP;
  FOR thing IN SELECT oid::regprocedure FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE 'DROP ROUTINE IF EXISTS ' || thing || ' CASCADE';
  END LOOP;
END $$;
"""


class PostgreSQL:
    suffix = ".pgdump"
    magic = b"PGDMP"

    def write(self, target: Path) -> None:
        """A copy as of one moment, whoever writes meanwhile. `target` is an empty file."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW server_version_num")
                server = int(cursor.fetchone()[0]) // 10_000
        except DatabaseError as error:
            raise BackupError(f"PostgreSQL does not answer: {str(error).strip()}") from error
        found = re.search(r"(?<=PostgreSQL\) )\d+", _run("pg_dump", "--version"))
        if not found or int(found[0]) < server:
            raise BackupError(
                f"pg_dump is of version {found[0] if found else 'unknown'} and the server of version {server}: "
                f"install postgresql-client-{server}."
            )
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")

    def migrations(self, file: Path) -> Migrations:
        """Read the whole file, and give the migrations it has had: none if it is not ours. BackupError if damaged."""
        _run("pg_restore", "--file=/dev/null", str(file))
        table = _run("pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(file))
        copied = re.search(r"^COPY \S+ \((.*?)\) FROM stdin;\n(.*?)^\\\.$", table, re.M | re.S)
        if not copied:
            return set()
        rows = csv.DictReader(
            io.StringIO(copied[2]), fieldnames=copied[1].split(", "), delimiter="\t", quoting=csv.QUOTE_NONE
        )
        return {(row["app"], row["name"]) for row in rows}

    def put_back(self, file: Path, keep: Keep) -> str:
        """Make the database hold what the file holds. Returns where what was there is now, in words."""
        with tempfile.TemporaryFile(dir=file.parent) as opened:  # without a name: nothing of it outlives us
            script = f"/dev/fd/{opened.fileno()}"
            # Written out whole first, and its end is what saves: of a dump that breaks off nothing is saved.
            options = ["--no-owner", "--no-privileges", "--no-comments", f"--file={script}"]
            _run("pg_restore", *options, str(file), files=[opened.fileno()])
            opened.seek(0, os.SEEK_END)
            opened.write(b"COMMIT;\n\\echo restored\n")
            opened.flush()
            aside = self._replace(opened.fileno(), keep)
        return f"What was there is in {aside} now." if aside else "The database was empty before."

    def _replace(self, script: int, keep: Keep) -> Path | None:
        """In one transaction, in which nobody else writes between the copy of what is there and its replacement."""
        tables = ", ".join(connection.ops.quote_name(name) for name in _tables())
        lock = f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE;" if tables else ""
        command = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]
        with subprocess.Popen(  # noqa: S603 - the arguments are ours
            [_program("psql"), *command],
            env=_environment(),
            pass_fds=[script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as psql:
            say, hear = cast(IO[str], psql.stdin), cast(IO[str], psql.stdout)
            try:
                with suppress(BrokenPipeError):  # then it says why
                    say.write(f"SET lock_timeout = '{WAIT}s'; BEGIN; {lock}\n\\echo locked\n")
                    say.flush()
                said, aside = "", None
                while (line := hear.readline()) not in ("locked\n", ""):  # a warning may come before it
                    said += line
                if line:
                    aside = keep() if tables else None
                    say.write(f"{EMPTY}\n\\i /dev/fd/{script}\n")
                said += psql.communicate()[0]
            except BaseException:
                psql.kill()  # the transaction goes with it
                raise
        if psql.returncode or "restored" not in said.splitlines():
            raise BackupError(f"Nothing was changed: {said.strip() or 'psql did not say why.'}")
        return aside


def _tables() -> list[str]:
    try:
        return sorted(connection.introspection.table_names())
    except DatabaseError as error:
        raise BackupError(f"PostgreSQL does not answer: {str(error).strip()}") from error
    finally:
        connection.close()  # or its transaction would be in the way


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise BackupError(f"{name} is not installed here. On Debian and Ubuntu: apt-get install postgresql-client.")
    return found


def _environment() -> dict[str, str]:
    """Where the database is, as PostgreSQL's programs read it: a password never stands among the arguments."""
    settings = connection.settings_dict
    _, own = connection.client.settings_to_cmd_args_env(settings, [])
    names = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGHOST": "HOST", "PGPORT": "PORT"}
    where = {variable: str(settings[name]) for variable, name in names.items() if settings[name]}
    return {**os.environ, **(own or {}), **where}


def _run(name: str, *arguments: str, files: Sequence[int] = ()) -> str:
    done = subprocess.run(  # noqa: S603 - the arguments are ours
        [_program(name), *arguments],
        env=_environment(),
        pass_fds=files,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BackupError(f"{name} failed: {done.stderr.strip()}")
    return done.stdout


# --- Both -----------------------------------------------------------------------------------------------------


@_saying("The backup could not be written")
def make(folder: Path, prefix: str = PREFIX) -> Path:
    """Write a new backup into the folder, prove it, and give its file. Raises BackupError; nothing is left then."""
    engine = _engine()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        _sweep(folder)
        name = f"{prefix}-{_now():{STAMP}}{engine.suffix}"
        file, new, new_sum = folder / name, folder / f".{name}.part", folder / f".{name}.sha256.part"
        try:
            _private(new)
            engine.write(new)
            if not engine.migrations(new):
                raise BackupError("This database has no tables of the site: there is nothing to back up.")
            _private(new_sum)
            new_sum.write_text(f"{_sha256(new)}  {name}\n")
            for part in (new, new_sum, folder):
                _to_disk(part)
            new_sum.rename(checksum_file(file))  # first, so that no backup is ever there without it
            new.rename(file)
            _to_disk(folder)
        finally:
            new.unlink(missing_ok=True)
            new_sum.unlink(missing_ok=True)
    return file


@_saying("The backup could not be read")
def check(file: Path) -> Migrations:
    """Prove that a file is a whole backup of this site, which this code can use; give the migrations it has had.

    Raises BackupError. Nothing is changed either way.
    """
    engine = _engine()
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    beside = checksum_file(file)
    if not beside.is_file():
        raise BackupError(f"{beside} is missing, so nobody can tell whether the backup is whole.")
    if beside.read_bytes().split()[:1] != [_sha256(file).encode()]:
        raise BackupError(f"{file} is not what was saved: its checksum is not the one in {beside.name}.")
    with file.open("rb") as opened:
        if opened.read(len(engine.magic)) != engine.magic:
            raise BackupError(f"{file} is no backup of a {type(engine).__name__} database, which this site uses.")
    had = engine.migrations(file)
    if not any(app == "trials" for app, _ in had):
        raise BackupError(f"{file} is not a database of this site.")
    newer = sorted(had - _known())
    if newer:
        names = ", ".join(".".join(migration) for migration in newer)
        raise BackupError(f"{file} comes from a newer version of the site ({names}). Install that version first.")
    return had


@_saying("The backup could not be put back")
def put_back(file: Path) -> str:
    """Make the database hold what a checked backup holds. Returns where what was there is now, in words.

    The migrations that the backup has not had are still to be run. Raises BackupError; nothing is changed then.
    """
    connection.close()
    return _engine().put_back(file, lambda: make(file.parent, ASIDE))


@_saying("Older backups could not be removed")
def prune(folder: Path, now: datetime.datetime | None = None) -> list[Path]:
    """Remove the backups of the folder that age has made superfluous, and give them. See `superfluous`.

    Raises BackupError.
    """
    dates = {}
    for file in folder.iterdir():
        match = re.fullmatch(rf"{PREFIX}-(.{{18}})(\.sqlite3|\.pgdump)", file.name)
        if match:
            with suppress(ValueError):  # somebody's own name for a file
                dates[file] = datetime.datetime.strptime(match[1], STAMP).replace(tzinfo=datetime.UTC)
    too_many = superfluous(dates.values(), now or _now())
    gone = sorted(file for file, date in dates.items() if date in too_many)
    for file in gone:
        file.unlink()
        checksum_file(file).unlink(missing_ok=True)
    return gone


def superfluous(dates: Iterable[datetime.datetime], now: datetime.datetime) -> set[datetime.datetime]:
    """Which backups are not worth their room: kept are all of the last 7 days, the newest of each of the 4 weeks before
    now, the newest of each of the last 12 months, and the newest of all, however old."""
    ordered = sorted(dates)
    kept = set(ordered[-1:])
    weeks: dict[Any, datetime.datetime] = {}
    months: dict[Any, datetime.datetime] = {}
    for date in ordered:
        age = now - date
        if age <= datetime.timedelta(days=7):
            kept.add(date)
        if age <= datetime.timedelta(weeks=4):
            weeks[date.isocalendar()[:2]] = date
        if (now.year - date.year) * 12 + now.month - date.month < 12:
            months[date.year, date.month] = date
    return set(ordered) - kept - set(weeks.values()) - set(months.values())


def checksum_file(file: Path) -> Path:
    """Its SHA-256 as `sha256sum --check` reads it."""
    return file.with_name(f"{file.name}.sha256")


def _engine() -> SQLite | PostgreSQL:
    return PostgreSQL() if connection.vendor == "postgresql" else SQLite(str(connection.settings_dict["NAME"]))


def _known() -> Migrations:
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known |= set(migration.replaces)
    return known


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _private(file: Path) -> None:
    """Make an empty file that its owner alone can read: a backup holds the keys of passwords."""
    file.unlink(missing_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _sweep(folder: Path) -> None:
    """Remove what those who were killed have left behind, which is as large as a backup. Nobody else is at work."""
    for file in folder.iterdir():
        if re.fullmatch(rf"\.({PREFIX}|{ASIDE})-.*\.(part|sql)", file.name):
            file.unlink()


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _to_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BackupError(f"Another backup or restore is at work in {folder}.") from error
    finally:
        os.close(opened)
