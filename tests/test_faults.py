"""Faults that are made to happen to a running site: nothing that was acknowledged is lost, nothing half-saved stands,
and whoever asks meanwhile gets an answer that says what is going on."""

import http.client
import os
import random
import re
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.services import Server, as_a_plain_user, free_port, gunicorn, postgresql
from tests.sites import Answer, Editor, Site, ask, copy_of, fields, is_postgresql, until
from tests.tools import missing

only_sqlite = pytest.mark.skipif(is_postgresql(), reason="it is about the file of an SQLite database")
only_postgresql = pytest.mark.skipif(not is_postgresql(), reason="it is about a server of PostgreSQL")
pytestmark = pytest.mark.django_db  # which database it is

WELL = "database: ok\nmigrations: ok\ndisk: ok\n"
BROKEN = (OSError, http.client.HTTPException)


def form_of(server: Server, editor: Editor, address: str) -> dict[str, Any]:
    answer = ask(server.address, address, editor)
    assert answer.status == 200, answer
    found = fields(answer.page.one("form", id=f"{address.split('/')[3]}_form"))
    del found["csrfmiddlewaretoken"]  # `ask` sends its own
    return found


def assert_unavailable(answer: Answer) -> None:
    assert (answer.status, answer.page.one("h1").text) == (503, "Not available just now")
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.page.one("code").text == answer.headers["X-Request-ID"]
    assert answer.page.one("meta", property="og:image")["content"].startswith("http://127.0.0.1/static/img/share.")


def what_was_typed(answer: Answer, address: str) -> dict[str, Any]:
    """What the page that says no sends when its button is pressed."""
    form = answer.page.one("form")
    assert (form["action"], form["method"], form.one("button").text) == (address, "post", "Send it again")
    sent = fields(form)
    assert sent.pop("csrfmiddlewaretoken") == "x" * 32
    return sent


# --- Killed workers -------------------------------------------------------------------------------------------

# Whether every revision of these studies has its mark in the study itself and in the first of its groups.
IN_STEP = """
from trials.models import Revision
result = [
    (revision.name, revision.number)
    for revision in Revision.objects.filter(kind="study", record_id__in=keys, number__gt=1)
    if not revision.data["fields"]["age"] == revision.data["arms"][0]["name"].removeprefix("Group ") == revision.reason
]
"""


class Diligent(threading.Thread):
    """An editor who edits a draft study over and over, with a mark in the study, in a group and as the reason."""

    def __init__(self, server: Server, editor: Editor) -> None:
        super().__init__()
        self.server, self.editor = server, editor
        self.saved: list[str] = []  # the marks that were acknowledged
        self.broken = 0  # requests that were not answered
        self.waiting = self.enough = False
        self.wrong: Answer | None = None

    def run(self) -> None:
        form: dict[str, Any] = {}
        number = 0
        while not self.enough and not self.wrong:
            number += 1
            mark = f"{self.editor.name} {number}"
            try:
                form = form or form_of(self.server, self.editor, self.editor.trial_form)
                sent = form | {"age": mark, "arms-0-name": f"Group {mark}", "reason": mark}
                self.waiting = True
                answer = ask(self.server.address, self.editor.trial_form, self.editor, sent)
            except BROKEN:
                self.broken += 1
                form = {}  # nobody knows whether it was saved: look
            else:
                if answer.status != 302:
                    self.wrong = answer
                self.saved.append(mark)
                form["base"] = str(int(form["base"]) + 1)
            finally:
                self.waiting = False


def test_kill_of_workers_in_the_middle_of_writes(site: Site) -> None:
    with gunicorn(site.environment) as server:
        editors = [Diligent(server, editor) for editor in site.editors]
        try:
            for editor in editors:
                editor.start()
            for _ in range(4):
                saved = sum(len(editor.saved) for editor in editors)
                until(lambda saved=saved: sum(len(editor.saved) for editor in editors) > saved + 5, "more to be saved")
                until(lambda: any(editor.waiting for editor in editors), "somebody to wait for an answer")
                time.sleep(random.random() / 10)  # anywhere in a write
                for worker in server.workers:
                    os.kill(worker, signal.SIGKILL)
            saved = sum(len(editor.saved) for editor in editors)
            until(lambda: sum(len(editor.saved) for editor in editors) > saved + 3, "more to be saved after the last")
        finally:
            for editor in editors:
                editor.enough = True
            for editor in editors:
                editor.join()
    assert [editor.wrong for editor in editors] == [None] * 4
    assert sum(editor.broken for editor in editors) > 0, "no request was ever hit"
    histories = site.check_sound()
    for editor in editors:
        history = histories[f"{editor.editor.name}-2021"]
        lost = [mark for mark in editor.saved if mark not in history]
        assert lost == []
        assert len(history) == len(set(history)), "something was saved twice"
    assert site.run(IN_STEP, keys=[editor.trial for editor in site.editors]) == []


# --- Many at once ---------------------------------------------------------------------------------------------

# 100 edits of one draft, and one of a record that all want, which counts them.
HUNDRED = """
from tests.factories import Person
from trials import actions
from trials.models import GlossaryTerm, Trial
from trials.actions import Conflict
person = Person(name)
own, shared = GlossaryTerm.objects.get(pk=key), GlossaryTerm.objects.get(pk=shared)
print("ready", flush=True)
input()
for number in range(100):
    term = shared if number % 10 == 0 else own
    while True:
        base = actions.newest_revision(term).number
        term.refresh_from_db()
        document = actions.working_document(term)
        document["fields"]["meaning"] = f"{name} {number}"
        try:
            actions.edit(term, document, by=person, base=base, reason=f"{name} {number}")
        except Conflict:
            continue
        break
print("done", flush=True)
"""
TERMS = """
from tests.factories import make_term
from trials import actions
from tests.factories import Person
result = []
for number in range(9):
    term = make_term(slug=f"term-{number}", term=f"Term {number}", status="draft")
    actions.created(term, by=Person("ann"))
    result.append(term.pk)
"""


def test_800_parallel_writes(site: Site) -> None:
    *own, shared = site.run(TERMS)
    with ExitStack() as stack:
        writers = [
            stack.enter_context(site.start(HUNDRED, name=f"writer-{number}", key=key, shared=shared))
            for number, key in enumerate(own)
        ]
        for writer in writers:
            assert writer.stdout
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin
            writer.stdin.write("\n")
            writer.stdin.flush()
        assert [writer.communicate(timeout=300)[0] for writer in writers] == ["done\n"] * 8
    histories = site.check_sound()
    for number in range(8):
        wanted = [f"writer-{number} {edit}" for edit in range(100) if edit % 10]
        assert histories[f"term-{number}"] == ["", *wanted]
    wanted = sorted(f"writer-{number} {edit}" for number in range(8) for edit in range(0, 100, 10))
    assert sorted(histories["term-8"]) == ["", *wanted]


# --- Nothing can be written, or not even read -----------------------------------------------------------------


TYPED = 'Typed "in vain"?\nNo.'


def assert_weathered(site: Site, server: Server, fault: Any, *, said: str, public: bool, typed: str = TYPED) -> None:
    """While the fault lasts a form cannot be saved and is given back, /readyz says why, and public pages are shown, if
    they can be (`public`), or say what is wrong. Then the form is sent again from the page that gave it back."""
    editor = site.editors[0]
    sent = form_of(server, editor, editor.term_form) | {"meaning": typed, "reason": "a fault"}
    with fault:
        answer = ask(server.address, editor.term_form, editor, sent)
        assert_unavailable(answer)
        again = what_was_typed(answer, editor.term_form)
        assert again == sent
        ready = ask(server.address, "/readyz")
        assert (ready.status, ready.text) == (200 if said == WELL else 503, said)
        assert ask(server.address, "/healthz").text == "process: ok\n"
        for path, words in (("/", "studies"), ("/trials/?design=randomised", "lanzoni"), ("/trials/yip-2020/", "Yip")):
            answer = ask(server.address, path)
            if public:
                assert answer.status == 200, (path, answer)
                assert words in answer.text
            else:
                assert_unavailable(answer)
                assert answer.page.all("form") == []
    until(lambda: ask(server.address, "/trials/").status == 200, "the site to come back")
    assert site.check_sound()["ann-term"] == [""]
    answer = ask(server.address, editor.term_form, editor, again)
    assert answer.status == 302, answer
    assert site.check_sound()["ann-term"] == ["", "a fault"]
    code = "from trials.models import GlossaryTerm\nresult = GlossaryTerm.objects.get(pk=key).meaning"
    assert site.run(code, key=editor.term) == typed


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Somebody else is writing and does not stop."""
    if is_postgresql():
        with psycopg.connect(site.environment["DATABASE_URL"]) as other:
            other.execute("LOCK TABLE trials_glossaryterm, trials_contentversion IN SHARE ROW EXCLUSIVE MODE")
            yield
            other.rollback()
        return
    with closing(sqlite3.connect(site.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_locked_database(site: Site, log: Any) -> None:
    said = "database: locked: somebody has been writing for 2 seconds\nmigrations: ok\ndisk: ok\n"
    impatient = {**site.environment, "DJANGO_SETTINGS_MODULE": "tests.impatient"}
    with gunicorn(impatient, log=log) as server:
        if is_postgresql():  # only those who want the same rows wait there
            said = WELL
        assert_weathered(site, server, locked(site), said=said, public=True)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Any]:
    """What the site writes down; shown where a test fails."""
    with (tmp_path / "log").open("wb") as log:
        yield log
    print((tmp_path / "log").read_text())


# --- Read-only ------------------------------------------------------------------------------------------------


def renew(server: Server) -> None:
    """Have all workers begin anew, with new connections."""
    old = server.workers
    for worker in old:
        os.kill(worker, signal.SIGKILL)
    until(lambda: len(server.workers) == 2 and not set(old) & set(server.workers), "new workers")
    until(lambda: ask(server.address, "/healthz").status == 200, "a worker to answer")


@contextmanager
def read_only(site: Site, server: Server) -> Iterator[None]:
    if is_postgresql():
        address = site.environment["DATABASE_URL"]
        name = address.rpartition("/")[2]
        with psycopg.connect(address, autocommit=True) as operator:
            operator.execute("SET default_transaction_read_only = off")
            for state in ("on", "off"):
                operator.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {state}")
                operator.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                if state == "on":
                    yield
                    operator.execute("SET default_transaction_read_only = off")
        return
    site.database.chmod(0o444)
    renew(server)
    yield
    for file in site.folder.glob("site.sqlite3*"):  # SQLite makes its log with the rights of the file
        file.chmod(0o644)
    renew(server)


def test_read_only_database(site: Site, log: Any) -> None:
    with gunicorn(site.environment, log=log, under=as_a_plain_user()) as server:
        said = "database: read-only\nmigrations: ok\ndisk: ok\n"
        assert_weathered(site, server, read_only(site, server), said=said, public=True)


# --- A full disk ----------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Where PostgreSQL's user comes too: pytest's folders are closed to that user."""
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    size = 72 if is_postgresql() else 12  # MB; an empty PostgreSQL takes 40
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    options = f"size={size}m,mode=755,uid={os.geteuid()}"
    try:
        subprocess.run([*sudo, "mount", "-t", "tmpfs", "-o", options, "none", folder], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        folder.rmdir()
        missing("a disk to be filled cannot be mounted here: that needs root")
    yield folder
    subprocess.run([*sudo, "umount", folder], check=True)
    folder.rmdir()


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Not a byte more goes onto the disk of the folder."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as opened:
        for size in (65536, 1):
            try:
                while True:
                    opened.write(bytes(size))
            except OSError:
                continue
    yield
    ballast.unlink()


@only_sqlite
def test_full_disk(site: Site, small_disk: Path, log: Any) -> None:
    said = "database: ok\nmigrations: ok\ndisk: less than 100 MB left\n"
    with copy_of(site, small_disk) as site, gunicorn(site.environment, log=log) as server:
        assert ask(server.address, "/trials/").status == 200
        with full(small_disk):
            said_of_backup = site.refused("backup", str(small_disk / "backups"))
            assert re.search(r"The database could not be copied: d(atabase or d)?isk", said_of_backup)
            assert list((small_disk / "backups").iterdir()) == []
        assert_weathered(site, server, full(small_disk), said=said, public=True)


@only_sqlite
def test_restore_onto_a_full_disk(site: Site, small_disk: Path, tmp_path: Path) -> None:
    """It changes nothing: no file is called damaged that is not, and one that is stays until there is a whole one."""
    words = r"CommandError: (Nothing was changed|The backup could not be put back): d(atabase or d)?isk .*"
    backup = site.manage("backup", str(tmp_path / "backups")).split()[1]
    with copy_of(site, small_disk) as site:
        for data in (site.database.read_bytes(), b"no database" * 100_000):
            site.database.write_bytes(data)
            with full(small_disk):
                said = site.refused("restore", backup)
            assert re.fullmatch(words, said)
            assert site.database.read_bytes() == data
            assert {path.name for path in small_disk.iterdir()} - {"site.sqlite3-wal", "site.sqlite3-shm"} == {
                "site.sqlite3"
            }
        site.manage("restore", backup)
        site.check_sound()


# --- A database that goes away and comes back -----------------------------------------------------------------


LOG_IN = """
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.get(username="ann"))
result = client.session.session_key
"""


@contextmanager
def away(site: Site) -> Iterator[None]:
    files = [file for file in site.folder.iterdir() if file.name.startswith("site.sqlite3")]
    elsewhere = site.folder / "elsewhere"
    elsewhere.mkdir()
    for file in files:
        file.rename(elsewhere / file.name)
    yield
    assert [file for file in files if file.exists()] == [], "an empty database was made in its place"
    for file in elsewhere.iterdir():
        file.rename(site.folder / file.name)


@only_sqlite
def test_sqlite_file_that_is_moved_away_and_back(site: Site, log: Any) -> None:
    with gunicorn(site.environment, log=log) as server:
        said = "database: is not there\nmigrations: unknown\ndisk: ok\n"
        assert_weathered(site, server, away(site), said=said, public=False)


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    folder.chmod(0)
    try:
        yield
    finally:
        folder.chmod(0o700)


@only_sqlite
def test_folder_that_may_not_be_entered(site: Site, tmp_path: Path, log: Any) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    said = "database: may not be opened\nmigrations: unknown\ndisk: ok\n"
    with copy_of(site, folder) as site, gunicorn(site.environment, log=log, under=as_a_plain_user()) as server:
        assert_weathered(site, server, closed(folder), said=said, public=False)


@only_sqlite
def test_sqlite_file_that_is_replaced_is_the_one_that_is_shown(site: Site, log: Any) -> None:
    """A connection that stays open would go on with the file that is gone, and what is saved there would be lost."""
    with gunicorn(site.environment, log=log) as server:
        assert ask(server.address, "/trials/yip-2020/").status == 200
        with closing(sqlite3.connect(site.database)) as database, closing(sqlite3.connect(":memory:")) as kept:
            database.backup(kept)
            with closing(sqlite3.connect(site.folder / "other.sqlite3")) as other:
                kept.execute("UPDATE trials_trial SET status = 'archived' WHERE slug = 'yip-2020'")
                kept.commit()
                kept.backup(other)
        (site.folder / "other.sqlite3").replace(site.database)
        assert ask(server.address, "/trials/yip-2020/").status == 404


@contextmanager
def cluster(site: Site, folder: Path, disk: Path | None = None) -> Iterator[tuple[Site, Callable[[], Any]]]:
    """The site with a PostgreSQL of its own, and a fault: that it is stopped."""
    port = free_port()
    with ExitStack() as running:
        address = running.enter_context(postgresql(folder, port, disk)).address
        backup = site.manage("backup", str(folder / "backups")).split()[1]
        own = Site(folder, {**site.environment, "DATABASE_URL": address}, site.editors)
        own.manage("restore", backup)
        own.editors[0].session = own.run(LOG_IN)

        @contextmanager
        def stopped() -> Iterator[None]:
            running.close()
            yield
            running.enter_context(postgresql(folder, port))

        yield own, stopped


@only_postgresql
def test_postgresql_that_is_stopped_and_started(site: Site, tmp_path: Path, log: Any) -> None:
    with cluster(site, tmp_path) as (own, stopped), gunicorn(own.environment, log=log) as server:
        said = "database: does not answer\nmigrations: unknown\ndisk: ok\n"
        assert_weathered(own, server, stopped(), said=said, public=False)


@only_postgresql
def test_full_disk_of_postgresql(site: Site, tmp_path: Path, small_disk: Path, log: Any) -> None:
    with cluster(site, tmp_path, small_disk) as (own, _), gunicorn(own.environment, log=log) as server:
        assert ask(server.address, "/readyz").text == WELL
        said = "database: has no room left on its disk\nmigrations: ok\ndisk: ok\n"
        # More than there is room for in the pages that the tables have.
        typed = TYPED + random.Random(0).randbytes(20_000).hex()
        assert_weathered(own, server, full(small_disk), said=said, public=True, typed=typed)
