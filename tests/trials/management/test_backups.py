"""`manage.py backup` and `manage.py restore` with SQLite files."""

import os
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.services import environment, manage
from trials.management import backups


@pytest.fixture(scope="module")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with a group named Original and a session."""
    folder = tmp_path_factory.mktemp("migrated")
    manage(environment(folder), "migrate", "--verbosity", "0")
    file = folder / "site.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        database.execute("INSERT INTO auth_group (name) VALUES ('Original')")
        database.execute("INSERT INTO django_session VALUES ('key', 'data', '2030-01-01')")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture
def database(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrated database, which the module `backups` takes for that of the site."""
    file = tmp_path / "site.sqlite3"
    shutil.copy(migrated_file, file)
    monkeypatch.setattr(backups, "database_file", lambda: file)
    monkeypatch.setattr(connection, "close", lambda: None)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def execute(file: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as database, database:
        return database.execute(sql).fetchall()


def rename_group(file: Path, name: str) -> None:
    execute(file, f"UPDATE auth_group SET name = '{name}' WHERE id = (SELECT max(id) FROM auth_group)")


def group_name(file: Path) -> str:
    return str(execute(file, "SELECT name FROM auth_group ORDER BY id DESC LIMIT 1")[0][0])


def damage(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    file.write_bytes(data)


def test_commands_back_up_and_restore_the_site(migrated_file: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_file, tmp_path / "site.sqlite3")
    variables = environment(tmp_path)
    written = manage(variables, "backup", str(tmp_path / "backups"))
    (file,) = (tmp_path / "backups").iterdir()
    rename_group(tmp_path / "site.sqlite3", "Spoilt")
    manage(variables, "restore", str(file))
    assert written == f"Written: {file}\n"
    assert group_name(tmp_path / "site.sqlite3") == "Original"
    assert execute(tmp_path / "site.sqlite3", "SELECT * FROM django_session") == []


def test_backup_while_the_site_writes_is_of_one_moment(database: Path, folder: Path) -> None:
    execute(database, "CREATE TABLE one (number INTEGER)")
    execute(database, "CREATE TABLE two (number INTEGER)")
    stopped = threading.Event()

    def write_both_tables() -> None:
        with closing(sqlite3.connect(database, timeout=30)) as writer:
            while not stopped.is_set():
                with writer:
                    writer.execute("INSERT INTO one VALUES (1)")
                    writer.execute("INSERT INTO two VALUES (1)")

    thread = threading.Thread(target=write_both_tables)
    thread.start()
    files = [backups.write_backup(folder) for _ in range(3)]
    stopped.set()
    thread.join()
    counts = [execute(file, "SELECT (SELECT count(*) FROM one), (SELECT count(*) FROM two)")[0] for file in files]
    assert all(one == two for one, two in counts)
    assert counts[0] < counts[2]


def test_only_the_owner_can_read_a_backup(database: Path, folder: Path) -> None:
    file = backups.write_backup(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_damaged_database_leaves_no_backup(database: Path, folder: Path) -> None:
    damage(database)
    with pytest.raises(backups.DamagedError):
        backups.write_backup(folder)
    assert list(folder.iterdir()) == []


def test_missing_database_is_neither_created_nor_backed_up(database: Path, folder: Path) -> None:
    database.unlink()
    with pytest.raises(backups.BackupError, match="unable to open database file"):
        backups.write_backup(folder)
    assert not database.exists()


def test_oldest_backups_are_deleted_and_nothing_else(tmp_path: Path) -> None:
    names = ["ardsinfo-2026-11-20T000000.0Z.sqlite3", "ardsinfo-2026-11-21T000000.0Z.sqlite3"]
    names += ["ardsinfo-2026-11-22T000000.0Z.sqlite3", "before-restore-2020.sqlite3", "ardsinfo-notes.txt"]
    for name in names:
        (tmp_path / name).touch()
    assert backups.prune(tmp_path, keep=2) == [tmp_path / names[0]]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(names[1:])


def test_restore_keeps_the_present_content_and_the_file(database: Path, folder: Path) -> None:
    file = backups.write_backup(folder)
    rename_group(database, "Present")
    inode = database.stat().st_ino
    before = backups.restore(file)
    assert before is not None
    assert group_name(before) == "Present"
    assert stat.S_IMODE(before.stat().st_mode) == 0o600
    assert group_name(database) == "Original"
    assert database.stat().st_ino == inode  # running processes have it open


def test_restore_without_a_database_ignores_a_leftover_log(database: Path, folder: Path) -> None:
    file = backups.write_backup(folder)
    database.unlink()
    database.with_name("site.sqlite3-wal").write_bytes(b"log of another file")
    assert backups.restore(file) is None
    assert [log.read_bytes() for log in database.parent.glob("before-restore-*-wal")] == [b"log of another file"]
    assert group_name(database) == "Original"
    assert stat.S_IMODE(database.stat().st_mode) == 0o600


def test_restore_replaces_a_damaged_database_and_keeps_it(database: Path, folder: Path) -> None:
    file = backups.write_backup(folder)
    content = b"not a database at all" * 1000
    database.write_bytes(content)
    before = backups.restore(file)
    assert before is not None
    assert before.read_bytes() == content
    assert group_name(database) == "Original"


def test_failed_replacement_leaves_the_database(database: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = backups.write_backup(folder)
    damage(database)
    content = database.read_bytes()

    def fail(source: Path, target: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(shutil, "copyfile", fail)
    with pytest.raises(OSError, match="no space left"):
        backups.restore(file)
    assert database.read_bytes() == content


def text(file: Path) -> None:
    file.write_text("Dear all,\n" * 1000)


def of_another_site(file: Path) -> None:
    execute(file, "DELETE FROM django_migrations WHERE app = 'trials'")


def without_migrations(file: Path) -> None:
    execute(file, "DROP TABLE django_migrations")


def of_a_newer_version(file: Path) -> None:
    execute(file, "INSERT INTO django_migrations VALUES (9999, 'trials', '0999_later', '2030-01-01')")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (damage, "malformed|damaged"),
        (text, "not a database"),
        (of_another_site, "is not a database of this site"),
        (without_migrations, "no such table"),
        (of_a_newer_version, r"does not know: trials\.0999_later"),
        (os.unlink, "unable to open database file"),
    ],
)
def test_restore_refuses_other_files_and_changes_nothing(
    database: Path, folder: Path, change: Any, message: str
) -> None:
    file = backups.write_backup(folder)
    change(file)
    content = database.read_bytes()
    with pytest.raises(backups.BackupError, match=message):
        backups.restore(file)
    assert database.read_bytes() == content
    assert list(database.parent.glob("before-restore-*")) == []


def test_database_in_memory_has_no_backup(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "is_in_memory_db", lambda: True, raising=False)
    with pytest.raises(backups.BackupError, match="is not an SQLite file"):
        backups.write_backup(folder)
