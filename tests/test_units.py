"""The units of systemd: they are right, they give nothing away, and gunicorn takes the socket they open."""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import services
from tests.tools import PROJECT, missing

UNITS = sorted(path.name for path in (PROJECT / "deploy").glob("ardsinfo*") if path.suffix != ".conf")
SERVICES = ["ardsinfo-backup.service", "ardsinfo.service"]
GUNICORN = [sys.executable, "-W", "ignore", "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "ardsinfo.wsgi"]


def program(name: str) -> str:
    try:
        return services.program(name, "systemd")
    except services.Missing as error:
        missing(str(error))


def test_the_units_are_these() -> None:
    assert UNITS == ["ardsinfo-backup.service", "ardsinfo-backup.timer", "ardsinfo.service", "ardsinfo.socket"]


def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    """With this project in the place of /srv/ardsinfo: systemd looks for the programs that a unit starts."""
    for name in UNITS:
        unit = (PROJECT / "deploy" / name).read_text().replace("/srv/ardsinfo/.venv/bin/python", sys.executable)
        (tmp_path / name).write_text(unit)
    run = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", *[str(tmp_path / name) for name in UNITS]],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert [line for line in run.stderr.splitlines() if "ardsinfo" in line] == []
    assert run.returncode == 0, run.stderr


def test_systemd_does_find_a_fault(tmp_path: Path) -> None:
    unit = tmp_path / "ardsinfo.service"
    unit.write_text((PROJECT / "deploy" / unit.name).read_text().replace("ProtectHome=true", "ProtectHome=perhaps"))
    run = subprocess.run([program("systemd-analyze"), "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "Failed to parse" in run.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_little(name: str) -> None:
    """systemd counts up to 10.0 for a service that may do anything. Ours are at 1.1, most of it for the network, which
    a database and a mail server need."""
    run = subprocess.run(
        [program("systemd-analyze"), "security", "--offline=yes", "--no-pager", "--threshold=11", f"deploy/{name}"],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    assert "Overall exposure level" in run.stdout


def sandbox(name: str) -> list[str]:
    text = (PROJECT / "deploy" / name).read_text()
    return text.partition('"systemd-analyze security ardsinfo" rates this.\n')[2].partition("\n\n")[0].splitlines()


def test_the_two_services_are_held_alike() -> None:
    first, second = map(sandbox, SERVICES)
    assert first == second
    assert len(first) > 25
    assert first[-1].startswith("UMask=")


def test_nginx_is_told_of_the_socket_that_the_unit_opens() -> None:
    unit = (PROJECT / "deploy" / "ardsinfo.socket").read_text()
    (place,) = re.findall(r"^ListenStream=(.*)$", unit, re.MULTILINE)
    assert place == "/run/ardsinfo/gunicorn.sock"
    assert f"\tserver unix:{place};" in (PROJECT / "deploy" / "nginx.conf").read_text()


# --- The socket is opened by another than gunicorn ---------------------------------------------------------------


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return services.environment(tmp_path, PYTHONDONTWRITEBYTECODE="1")


# What systemd agrees upon with a service: the socket is number 3, and LISTEN_PID says for whom.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def ask(place: Path | str) -> socket.socket:
    """Ask for robots.txt, which needs no database, and wait for nothing."""
    asking = socket.socket(socket.AF_UNIX)
    asking.settimeout(services.WAIT)
    asking.connect(str(place))
    asking.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    return asking


def answer(asking: socket.socket) -> str:
    with asking, asking.makefile("rb") as stream:
        return stream.read().decode()


@contextmanager
def started(command: list[str], environment: dict[str, str], *fds: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        pass_fds=fds,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=services.WAIT)
        assert said == ""  # systemd collects JSON, which goes to stderr


def test_it_starts_when_somebody_asks_and_answers_them(tmp_path: Path, environment: dict[str, str]) -> None:
    place = tmp_path / "gunicorn.sock"
    variables = [f"--setenv={name}" for name in environment]  # it hands on none by itself
    with started([program("systemd-socket-activate"), "-l", str(place), *variables, *GUNICORN], environment) as process:
        services.wait_until(place.exists, process, "systemd-socket-activate")
        assert "\r\n\r\nUser-agent: *" in answer(ask(place))
    assert place.exists()  # it is not gunicorn's, so gunicorn leaves it


def test_who_asks_while_it_is_started_anew_waits_and_is_answered(tmp_path: Path, environment: dict[str, str]) -> None:
    """This test is in the place of systemd: it holds the socket, starts gunicorn twice and is told when it is ready."""
    place, told = tmp_path / "gunicorn.sock", tmp_path / "notify.sock"
    environment["NOTIFY_SOCKET"] = str(told)
    with socket.socket(socket.AF_UNIX) as opened, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        opened.bind(str(place))
        opened.listen()
        notified.bind(str(told))
        notified.settimeout(services.WAIT)
        start = [sys.executable, "-c", HAND_OVER, str(opened.fileno()), *GUNICORN]
        with started(start, environment, opened.fileno()):
            assert notified.recv(1000).startswith(b"READY=1")
            assert "\r\n\r\nUser-agent: *" in answer(ask(place))
        waiting = [ask(place) for _ in range(20)]  # nobody is there
        with started(start, environment, opened.fileno()):
            assert [answer(asking).partition("\r\n")[0] for asking in waiting] == ["HTTP/1.1 200 OK"] * 20


def test_the_script_of_the_installed_site_is_a_script() -> None:
    script = PROJECT / "deploy" / "manage.sh"
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert script.stat().st_mode & 0o111
    assert shutil.which("setpriv")


def test_the_script_of_the_installed_site_leaves_the_home_of_root(tmp_path: Path) -> None:
    """With our own user in the place of the site's, and a setpriv that says how it was called."""
    user = pwd.getpwuid(os.geteuid())
    text = (PROJECT / "deploy" / "manage.sh").read_text().replace("/etc/ardsinfo", str(tmp_path))
    script, setpriv = tmp_path / "deploy" / "manage.sh", tmp_path / "setpriv"
    script.parent.mkdir()
    script.write_text(re.sub(r"(?<=[=~])ardsinfo", user.pw_name, text))
    (tmp_path / "env").write_text("ARDSINFO_SITE_URL=https://ards.info\n")
    (tmp_path / "secret-key").write_text("k3y\n")
    setpriv.write_text('#!/bin/sh\necho "$HOME $ARDSINFO_SECRET_KEY $ARDSINFO_SITE_URL $*"\n')
    setpriv.chmod(0o755)
    environment = {"HOME": "/nowhere", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    said = subprocess.run(["sh", script, "check"], env=environment, capture_output=True, text=True, check=True).stdout
    called = f"--reuid={user.pw_name} --regid={user.pw_name} --init-groups .venv/bin/python -B manage.py check"
    assert said == f"{user.pw_dir} k3y https://ards.info {called}\n"
