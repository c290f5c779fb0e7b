"""Fixtures that the tests share. tests/tools.py has the checkers of HTML and of accessibility."""

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from playwright.sync_api import ConsoleMessage, Page, Request

from tests import services
from tests.tools import chromium_path, missing

BROWSER_FIXTURES = {"page", "context", "new_context", "browser", "browser_type", "playwright"}
MANIFEST = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser or PostgreSQL, and skip the latter on SQLite."""
    for item in items:
        if item.path.parent.name == "postgresql":
            item.add_marker(pytest.mark.postgresql)
            item.add_marker(pytest.mark.skipif(connection.vendor != "postgresql", reason="runs on PostgreSQL"))
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


# --- Nothing leaves this machine ------------------------------------------------------------------------------


def is_loopback(host: object) -> bool:
    """True for this machine's own addresses and for nothing that would have to be looked up."""
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every connection and every look-up of a name outside this machine."""
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex
    real_getaddrinfo = socket.getaddrinfo

    def refuse(host: object) -> None:
        if not is_loopback(host):
            raise AssertionError(f"a test reached for {host!r}: tests use this machine only")

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            refuse(address[0])
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        if self.family != socket.AF_UNIX:
            refuse(address[0])
        return real_connect_ex(self, address)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        refuse(host)
        return real_getaddrinfo(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


# --- A PostgreSQL server for one module -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def postgresql_server() -> Iterator[services.Server]:
    try:
        with services.postgresql() as server:
            yield server
    except services.Missing as error:
        missing(str(error))


# --- The built static files -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _built_static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=folder, STORAGES=settings.STORAGES | {"staticfiles": MANIFEST}):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture
def built_static(_built_static_folder: Path, settings: Any) -> Path:
    """The folder of hashed and compressed static files, and a site that links to them and serves them.

    Ask for it before the first request of a client: the middleware reads the folder when it starts.
    """
    settings.STATIC_ROOT = _built_static_folder
    settings.STORAGES = settings.STORAGES | {"staticfiles": MANIFEST}
    settings.WHITENOISE_AUTOREFRESH = False
    settings.WHITENOISE_USE_FINDERS = False
    return _built_static_folder


# --- The browser ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def base_url() -> None:
    """Add no address in front of one that a test asks for. (The plugin's own fixture warns under pytest 9.)"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium, which can reach this machine and nothing else."""
    chromium = chromium_path()
    if not chromium:
        missing("Chromium is not installed: the tests in a browser need it")
    return {
        **browser_type_launch_args,
        "executable_path": chromium,
        "args": [
            "--no-sandbox",  # as root, and in most containers, it does not start with one
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            # Requests to any other machine go to a proxy that does not exist.
            "--proxy-server=http://127.0.0.1:9",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
        ],
    }


@pytest.fixture
def page_complaints() -> list[str]:
    """The errors of `page`. A test that provokes one on purpose reads and clears this list."""
    return []


@pytest.fixture
def page(page: Page, page_complaints: list[str]) -> Iterator[Page]:
    """A page that fails its test on a script error, a breach of the content policy or a request to another site."""
    complaints = page_complaints

    def on_console(message: ConsoleMessage) -> None:
        if "content security policy" in message.text.lower():
            complaints.append(message.text)

    def on_request(request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host and not is_loopback(host):
            complaints.append(f"asked for {request.url}")

    page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
    page.on("console", on_console)
    page.on("request", on_request)
    yield page
    assert not complaints, "\n".join(complaints)
