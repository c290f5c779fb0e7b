"""A running site is given new code by SIGHUP, and nobody who reads meanwhile notices. Code that does not start is not
given to it at all."""

import http.client
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.services import PROJECT, Server, gunicorn
from tests.sites import Site, ask, until

pytestmark = pytest.mark.django_db  # which database it is

PATHS = ("/", "/trials/", "/trials/yip-2020/", "/trials/?q=cells", "/nothing/")


class Reader(threading.Thread):
    """Reads one page after the other: all on one connection, as browsers and proxies do, or each on a new one."""

    def __init__(self, server: Server, keeps: bool) -> None:
        super().__init__()
        where = urlsplit(server.address)
        self.connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        self.keeps, self.enough = keeps, False
        self.read = 0
        self.failures: list[Any] = []

    def run(self) -> None:
        while not self.enough:
            path = PATHS[self.read % len(PATHS)]
            try:
                self.connection.request("GET", path, headers={} if self.keeps else {"Connection": "close"})
                answer = self.connection.getresponse()
                text = answer.read()
                if (answer.status, b"</html>" in text) != (404 if path == "/nothing/" else 200, True):
                    self.failures.append((path, answer.status))
            except (OSError, http.client.HTTPException) as error:
                self.failures.append((path, error))
                self.connection.close()
            self.read += 1
            time.sleep(0.01)
        self.connection.close()


def test_two_reloads_under_load_fail_no_request(site: Site) -> None:
    with gunicorn(site.environment) as server:
        readers = [Reader(server, keeps=number % 2 == 0) for number in range(8)]
        for reader in readers:
            reader.start()
        try:
            for _ in range(2):
                old = set(server.workers)
                enough = [reader.read + 5 for reader in readers]
                os.kill(server.process.pid, signal.SIGHUP)
                until(lambda old=old: len(server.workers) == 2 and not old & set(server.workers), "new workers alone")
                until(
                    lambda enough=enough: all(r.read > e for r, e in zip(readers, enough, strict=True)),
                    "everybody to have read some pages more",
                )
        finally:
            for reader in readers:
                reader.enough = True
            for reader in readers:
                reader.join()
    assert [failure for reader in readers for failure in reader.failures] == []


# --- By the unit, with code that changes ---------------------------------------------------------------------------


@pytest.fixture
def code(site: Site, tmp_path: Path) -> Path:
    """The site in a folder of its own, with the styles that `site` has built."""
    folder = tmp_path / "code"
    for name in ("ardsinfo", "deploy", "static", "staticfiles", "templates", "trials"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    site.environment["PYTHONDONTWRITEBYTECODE"] = "1"  # as the unit does
    return folder


def reload(server: Server, site: Site, code: Path) -> int:
    """Run what the unit runs for `systemctl reload`, up to the first command that fails; give its exit code."""
    unit = (code / "deploy" / "ardsinfo.service").read_text().replace("\\\n", "")
    commands = re.findall(r"^ExecReload=(.*)$", unit, re.MULTILINE)
    assert commands[-1] == '/bin/sh -c "kill -HUP $MAINPID"'
    environment = {
        **site.environment,
        "ARDSINFO_SECRET_KEY_FILE": "/nowhere/secret-key",  # such as systemd gives to the site and not to its check
        "MAINPID": str(server.process.pid),
        "PORT": str(urlsplit(server.address).port),  # taken: a check that listened would fail
    }
    for command in commands:
        words = shlex.split(command.replace("/srv/ardsinfo/.venv/bin/python", sys.executable))
        done = subprocess.run(words, cwd=code, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.returncode
        assert (done.stdout, done.stderr) == ("", "")
    return 0


# One worker has loaded its code when the site answers; a second one might be about to, and take what is new by then.
ALL_STARTED = ("--workers", "1")


def test_code_that_does_not_start_is_not_taken_and_the_old_goes_on(site: Site, code: Path) -> None:
    with gunicorn(site.environment, *ALL_STARTED, code=code) as server:
        old = server.workers
        for name in ("ardsinfo/wsgi.py", "ardsinfo/front.py", "ardsinfo/worker.py", "deploy/gunicorn.conf.py"):
            file, before = code / name, (code / name).read_text()
            file.write_text(f"{before}raise RuntimeError('This does not start.')\n")
            assert reload(server, site, code) == 1, name
            file.write_text(before)
        assert (server.process.poll(), server.workers) == (None, old)
        assert ask(server.address, "/trials/yip-2020/").status == 200
        page = code / "templates" / "404.html"
        page.write_text(page.read_text().replace("Page not found", "Not here, as of today"))
        assert reload(server, site, code) == 0
        until(lambda: len(server.workers) == 1 and not set(old) & set(server.workers), "new workers alone")
        assert "Not here, as of today" in ask(server.address, "/nothing/").text


def test_the_look_before_a_reload_makes_nothing(site: Site, code: Path) -> None:
    with gunicorn(site.environment, code=code) as server:
        empty = code.parent / "empty"
        empty.mkdir()
        before = sorted(code.rglob("*"))
        site.environment["DATABASE_URL"] = f"sqlite:///{empty}/site.sqlite3"
        assert reload(server, site, code) == 0
        assert list(empty.iterdir()) == []
        assert sorted(code.rglob("*")) == before


def test_new_code_is_taken_whole(site: Site, code: Path) -> None:
    """What gunicorn had imported for its own use is not left in the new workers."""
    with gunicorn(site.environment, *ALL_STARTED, code=code) as server:
        old = set(server.workers)
        for name, line in (
            ("logs", "NEW = 'of today'"),
            ("request_id", "NEW = 'of today'"),
            ("worker", "NEW = 'of today'"),
            ("front", "from ardsinfo import logs, request_id, worker\nlogs.NEW, request_id.NEW, worker.NEW"),
        ):
            with (code / "ardsinfo" / f"{name}.py").open("a") as file:
                file.write(f"{line}\n")
        assert reload(server, site, code) == 0
        until(lambda: len(server.workers) == 1 and not old & set(server.workers), "new workers alone")
        assert ask(server.address, "/trials/yip-2020/").status == 200
        assert server.process.poll() is None


def test_no_package_is_left_from_before_a_reload(site: Site) -> None:
    """Of those that the configuration of gunicorn imports, when it is read again. gunicorn alone stays as it was."""
    read_twice = """
import runpy, sys
import gunicorn.app.wsgiapp, gunicorn.workers.gthread
before = set(sys.modules)
runpy.run_path("deploy/gunicorn.conf.py")
first = {name: sys.modules[name] for name in set(sys.modules) - before}
runpy.run_path("deploy/gunicorn.conf.py")
left = {name for name, module in first.items() if sys.modules[name] is module}
print(sorted(name for name in left if "site-packages" in (getattr(first[name], "__file__", "") or "")))
"""
    command = [sys.executable, "-c", read_twice]
    done = subprocess.run(command, cwd=PROJECT, env=site.environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
