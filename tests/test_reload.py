"""A running site is given new code by SIGHUP, and nobody who reads meanwhile notices."""

import http.client
import os
import signal
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.services import Server, gunicorn
from tests.sites import Site, until

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
