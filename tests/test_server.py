"""gunicorn as `make serve` starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tools import PROJECT

Start = Callable[..., str]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start gunicorn with these variables more, and give its address once it says that it is ready."""
    servers: list[subprocess.Popen[str]] = []

    def start(**variables: str) -> str:
        port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARDSINFO_", "DATABASE_"))}
        server = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "ardsinfo.wsgi"],
            cwd=PROJECT,
            env={
                **kept,
                "HOME": str(tmp_path),
                "PORT": str(port),
                "DATABASE_URL": f"sqlite:///{tmp_path}/file.sqlite3",
                "DJANGO_SETTINGS_MODULE": "ardsinfo.settings",
                "ARDSINFO_SECRET_KEY": "for-tests-only-" * 4,
                "ARDSINFO_SITE_URL": "https://127.0.0.1",
                **variables,
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        servers.append(server)
        assert server.stdout
        assert server.stdout.readline() == f"ARDSinfo is at http://127.0.0.1:{port}/ - stop it with Ctrl-C.\n"
        return f"http://127.0.0.1:{port}"

    yield start
    for server in servers:
        server.send_signal(signal.SIGTERM)
        rest, _ = server.communicate(timeout=20)
        assert server.returncode == 0
        assert rest == ""  # neither a log of who read what nor anything else


class Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def ask(address: str, **headers: str) -> tuple[int, str | None]:
    """Status and Location of the answer, with no redirect followed. The worker may need a moment to start."""
    request = urllib.request.Request(address, headers={name.replace("_", "-"): text for name, text in headers.items()})
    for _ in range(100):
        try:
            with urllib.request.build_opener(Unfollowed).open(request, timeout=20) as answer:
                return answer.status, answer.headers["Location"]
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers["Location"]
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"no answer from {address}")


def test_a_forged_header_does_not_make_a_plain_request_safe(start: Start) -> None:
    address = start() + "/robots.txt"
    assert ask(address) == (301, "https://" + address.removeprefix("http://"))
    assert ask(address, X_Forwarded_Proto="https") == (301, "https://" + address.removeprefix("http://"))


def test_the_header_of_our_own_proxy_does(start: Start) -> None:
    address = start(ARDSINFO_TRUSTED_PROXY="true") + "/robots.txt"
    assert ask(address) == (301, "https://" + address.removeprefix("http://"))
    assert ask(address, X_Forwarded_Proto="https") == (200, None)


def test_it_leaves_no_socket_to_steer_it_by(start: Start, tmp_path: Path) -> None:
    address = start(ARDSINFO_SITE_URL="http://127.0.0.1")
    assert ask(address + "/robots.txt") == (200, None)
    assert [path.name for path in tmp_path.rglob("*") if path.is_socket()] == []


def test_the_port_is_open_to_this_machine_only() -> None:
    text = (PROJECT / "deploy" / "gunicorn.conf.py").read_text()
    assert re.findall(r"^bind = (.*)$", text, re.MULTILINE) == ["f\"127.0.0.1:{os.environ.get('PORT', '8000')}\""]
