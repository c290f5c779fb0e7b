"""Real servers for tests and benchmarks: gunicorn, nginx and PostgreSQL, on this machine's own addresses.

Each is a context manager that starts one server, waits until it answers, and stops it by its process id.
Where its program is not installed, `Missing` is raised with a sentence that says what to install.
"""

import atexit
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SECRET_KEY = "for-tests-only-" * 4
WAIT = 60  # seconds a server has to begin to answer; machines here are slow when they are busy


class Missing(Exception):
    """A program is not installed."""


@dataclass
class Server:
    """A running server. `process` is its main process."""

    address: str  # http://127.0.0.1:8123, postgresql://…
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def program(name: str, package: str) -> str:
    """Where the program is. Raises Missing, with the Debian package that brings it."""
    # Debian keeps servers where the path of a plain user does not look.
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not found:
        raise Missing(f"{name} is not installed (on Debian and Ubuntu: apt-get install {package})")
    return found


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """The environment of a site with its database in `folder`, and with nothing of this shell's own settings."""
    ours = ("ARDSINFO_", "DATABASE_", "DJANGO_", "PYTEST_", "NO_TEST_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {
        **inherited,
        "HOME": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "DJANGO_SETTINGS_MODULE": "ardsinfo.settings",
        "ARDSINFO_SECRET_KEY": SECRET_KEY,
        "ARDSINFO_SITE_URL": "http://127.0.0.1",
        **variables,
    }


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a command of manage.py and give what it printed. Raises CalledProcessError when it fails, with its words."""
    command = [sys.executable, "manage.py", *arguments]
    try:
        done = subprocess.run(command, cwd=PROJECT, env=dict(environment), check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        error.add_note(error.stderr.decode())
        raise
    return done.stdout.decode()


def build_static() -> None:
    """The hashed static files in staticfiles/, as `make serve` builds them. Built only when a source is newer, so
    that no server of another test finds them half written."""
    manifest = PROJECT / "staticfiles" / "staticfiles.json"
    with (PROJECT / "manage.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest = max(file.stat().st_mtime for file in (PROJECT / "static").rglob("*"))
        if not manifest.is_file() or manifest.stat().st_mtime < newest:
            with tempfile.TemporaryDirectory() as folder:
                manage(environment(Path(folder)), "collectstatic", "--noinput", "--verbosity", "0")


def wait_until(is_there: Callable[[], object], process: subprocess.Popen[bytes], what: str) -> None:
    """Call `is_there` until it gives something true. Raises RuntimeError when the process ends or takes too long."""
    end = time.monotonic() + WAIT
    while not is_there():
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{what} did not start (exit code {process.poll()})")
        time.sleep(0.05)


def answers(address: str) -> bool:
    """Whether anything at all comes back over HTTP."""
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except (OSError, urllib.error.URLError):
        return False


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def gunicorn(environment: Mapping[str, str], app: str = "ardsinfo.wsgi") -> Iterator[Server]:
    """The site as `make serve` serves it. The database must be there and migrated; its errors go to stderr."""
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", address, app],
        cwd=PROJECT,
        env=dict(environment),
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: answers(f"http://{address}/robots.txt"), process, "gunicorn")
        yield Server(f"http://{address}", process)
    finally:
        stop(process)


@contextmanager
def nginx(folder: Path, configuration: str, port: int) -> Iterator[Server]:
    """nginx with a whole configuration. It should keep its files in `folder` and listen on this port."""
    file = folder / "nginx.conf"
    file.write_text(configuration)
    nginx = program("nginx", "nginx")
    process = subprocess.Popen(
        [nginx, "-p", str(folder), "-c", str(file), "-e", str(folder / "nginx-error.log"), "-g", "daemon off;"]
    )
    try:
        wait_until(lambda: accepts(port), process, "nginx")
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        stop(process)


def postgresql_programs() -> Path:
    """The folder of the newest PostgreSQL's programs. Raises Missing."""
    versions = Path("/usr/lib/postgresql")
    found = sorted(versions.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3])) if versions.exists() else []
    return found[-1].parent if found else Path(program("initdb", "postgresql")).parent


@contextmanager
def postgresql() -> Iterator[Server]:
    """An empty database called `postgres` in a new cluster."""
    programs, port = postgresql_programs(), free_port()
    # PostgreSQL refuses to run as root; as root it runs as the user who comes with the package.
    as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    # Next to pytest's folders, which are closed to that user, and closed again by each pytest that starts.
    data = tempfile.mkdtemp(prefix="postgresql-")
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    if as_owner:
        shutil.chown(data, "postgres")
    settings = ["-U", "ardsinfo", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run([*as_owner, programs / "initdb", "-D", data, *settings], check=True, capture_output=True)
    process = subprocess.Popen(
        [*as_owner, programs / "postgres", "-D", data, "-p", str(port), "-k", data, "-c", "listen_addresses=127.0.0.1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        wait_until(lambda: subprocess.run(ready).returncode == 0, process, "PostgreSQL")
        yield Server(f"postgresql://ardsinfo@127.0.0.1:{port}/postgres", process)
    finally:
        stop(process, signal.SIGINT)
