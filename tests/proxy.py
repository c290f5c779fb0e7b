"""nginx with deploy/nginx.conf, on loopback, and readers in front of it."""

import http.client
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.services import PROJECT, free_port, nginx, program

HOST = "ardsinfo.example.org"
CONFIGURATION = PROJECT / "deploy" / "nginx.conf"

# The parts of Debian's own /etc/nginx/nginx.conf that could get in the way of ours.
AROUND = """
{user}
worker_processes 2;
pid {folder}/nginx.pid;
events {{
	worker_connections 768;
}}
http {{
	sendfile on;
	tcp_nopush on;
	types_hash_max_size 2048;
	include /etc/nginx/mime.types;
	default_type application/octet-stream;
	ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
	ssl_prefer_server_ciphers on;
	access_log {folder}/access.log;
	gzip on;
	client_body_temp_path {folder}/body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	{before}
	include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def copy(self) -> str:
        """What nginx says of its copy: MISS, HIT, EXPIRED, REVALIDATED, STALE, UPDATING, BYPASS or nothing."""
        return self.headers["X-Cache-Status"] or ""


@cache
def trusting(authority: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority))


class Reader(http.client.HTTPSConnection):
    """One connection of a browser at the network address `source`. It checks the certificate."""

    def __init__(self, port: int, authority: Path, source: str = "127.0.0.1") -> None:
        super().__init__(HOST, timeout=30)
        self.real_port, self.source = port, source
        self.tls = trusting(authority)

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.real_port), self.timeout, (self.source, 0))
        self.sock = self.tls.wrap_socket(plain, server_hostname=HOST)

    def ask(
        self, address: str, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and read the whole answer. Nothing is compressed unless `headers` ask for it."""
        self.request(method, address, body, {"Accept-Encoding": "identity", **(headers or {})})
        answer = self.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


@dataclass(frozen=True)
class Proxy:
    """A running nginx. Its logs, its certificate and its copies (`copies/`) are in `folder`."""

    folder: Path
    plain_port: int
    port: int
    pid: int

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def ask(
        self,
        address: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        """One request over HTTPS on a connection of its own."""
        reader = Reader(self.port, self.certificate, source)
        try:
            return reader.ask(address, method, body, headers)
        finally:
            reader.close()

    def raw(self, sent: bytes, port: int = 0) -> bytes:
        """What comes back over HTTPS (over plain HTTP at `plain_port`) for these bytes, until nginx closes."""
        with self.connection(port) as connection:
            connection.sendall(sent)
            got = b""
            try:
                while more := connection.recv(65536):
                    got += more
            except ConnectionResetError:
                pass
            return got

    def connection(self, port: int = 0) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", port or self.port), 30)
        if port == self.plain_port:
            return plain
        return trusting(self.certificate).wrap_socket(plain, server_hostname=HOST)

    def log(self) -> str:
        return (self.folder / "ardsinfo.log").read_text()


def make_certificate(folder: Path, host: str = HOST) -> None:
    """A certificate for this host that signs itself, and its key."""
    subprocess.run(
        [program("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


def fitted(folder: Path, plain_port: int, port: int, *applications: str) -> str:
    """deploy/nginx.conf with its files in `folder` and its ports on loopback, before the application at `applications`.

    Everything else is as it stands there. Raises ValueError if one of the places is not found.
    """
    changes = {
        r"server unix:/run/ardsinfo/gunicorn\.sock;": "\n".join(
            f"server {address.removeprefix('http://')};" for address in applications
        ),
        r"\tlisten \[::\]:.*\n": "",  # machines without IPv6
        r"listen 80\b": f"listen 127.0.0.1:{plain_port}",
        r"listen 443\b": f"listen 127.0.0.1:{port}",
        r"/etc/letsencrypt/live/ardsinfo\.example\.org/fullchain\.pem": f"{folder}/certificate.pem",
        r"/etc/letsencrypt/live/ardsinfo\.example\.org/privkey\.pem": f"{folder}/key.pem",
        r"/var/cache/ardsinfo": f"{folder}/copies",
        r"/var/log/nginx/": f"{folder}/",
        r"/var/www/acme": f"{folder}/acme",
        r"/srv/ardsinfo\b": str(PROJECT),
    }
    text = CONFIGURATION.read_text()
    for pattern, ours in changes.items():
        text, found = re.subn(pattern, lambda _, ours=ours: ours, text)
        if not found:
            raise ValueError(f"deploy/nginx.conf has nothing like {pattern}")
    return text


@contextmanager
def proxy(folder: Path, *applications: str, before: str = "") -> Iterator[Proxy]:
    """nginx before the application at these addresses. `before` are lines for its `http` block."""
    plain_port, port = free_port(), free_port()
    make_certificate(folder)
    (folder / "site.conf").write_text(fitted(folder, plain_port, port, *applications))
    # As root, nginx would read the files of a test, which are closed to others, as another user.
    user = "user root;" if os.geteuid() == 0 else ""
    with nginx(folder, AROUND.format(folder=folder, user=user, before=before), port) as server:
        yield Proxy(folder, plain_port, port, server.process.pid)
