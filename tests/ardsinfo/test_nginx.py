"""deploy/nginx.conf in a real nginx, in front of the site under gunicorn, on ports of this machine."""

import http.client
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import services
from tests.tools import PROJECT, missing

HOST = "ardsinfo.example.org"


@dataclass
class Site:
    """nginx at `port` and the application behind it."""

    port: int
    folder: Path
    application: services.Server

    def ask(self, method: str, address: str, headers: dict[str, str] | None = None, body: str = "") -> Any:
        """Return an answer of nginx, over TLS, with its body in `content`."""
        unchecked = ssl._create_unverified_context()  # noqa: S323 - a certificate of the test's own
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=unchecked, timeout=30)
        try:
            connection.request(method, address, body or None, {"Host": HOST, **(headers or {})})
            answer = connection.getresponse()
            answer.content = answer.read()
            return answer
        finally:
            connection.close()

    def get(self, address: str, **headers: str) -> Any:
        return self.ask("GET", address, {name.replace("_", "-"): value for name, value in headers.items()})


def configuration(folder: Path, plain: int, tls: int, application: str) -> str:
    """Return the shipped file with other ports and folders, inside what Debian's nginx.conf has around it."""
    shipped = (PROJECT / "deploy" / "nginx.conf").read_text()
    lines = [line for line in shipped.splitlines() if "listen [::]" not in line]
    replaced = {
        "listen 80 default_server": f"listen 127.0.0.1:{plain} default_server",
        "listen 443 ssl http2": f"listen 127.0.0.1:{tls} ssl http2",
        "unix:/run/ardsinfo/gunicorn.sock": application.removeprefix("http://"),
        "/srv/ardsinfo": str(PROJECT),
        "/etc/letsencrypt/live/ardsinfo.example.org": str(folder),
        "/var/cache/": f"{folder}/cache-",
        "/var/log/nginx/": f"{folder}/",
    }
    text = "\n".join(lines)
    for shipped_part, own in replaced.items():
        assert shipped_part in text
        text = text.replace(shipped_part, own)
    own_folders = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    around = f"user root; pid {folder}/nginx.pid; events {{}} http {{ include /etc/nginx/mime.types; {own_folders}"
    return f"{around}\n{text}\n}}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("nginx")
    services.build_static()
    environment = services.environment(folder, ARDSINFO_SITE_URL=f"https://{HOST}", ARDSINFO_TRUSTED_PROXY="true")
    services.manage(environment, "migrate", "--verbosity", "0")
    services.manage(environment, "load_studies", "--verbosity", "0")
    names = ["-subj", f"/CN={HOST}", "-keyout", "privkey.pem", "-out", "fullchain.pem"]
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names]
    subprocess.run(certificate, cwd=folder, check=True, capture_output=True)
    plain, tls = services.free_port(), services.free_port()
    try:
        with (
            services.gunicorn(environment) as application,
            services.nginx(folder, configuration(folder, plain, tls, application.address), tls),
        ):
            yield Site(tls, folder, application)
    except services.Missing as error:
        missing(str(error))


def test_page_comes_from_the_cache_within_a_second(site: Site) -> None:
    assert site.get("/about/", Accept_Encoding="br").headers["X-Cache-Status"] == "MISS"
    again = site.get("/about/", Accept_Encoding="gzip, deflate, br")
    assert again.status == 200
    assert again.headers["X-Cache-Status"] in ("HIT", "REVALIDATED")
    assert again.headers["Content-Encoding"] == "br"
    assert len(again.headers["X-Request-ID"]) == 32


def test_browser_is_told_that_its_copy_is_current(site: Site) -> None:
    etag = site.get("/methods/").headers["ETag"]
    assert site.get("/methods/", If_None_Match=etag).status == 304


@pytest.mark.parametrize("address", ["/trials/?q=lung", "/trials/?view=table&q=lung", "/about/?utm_source=x"])
def test_searches_and_unknown_addresses_are_not_cached(site: Site, address: str) -> None:
    assert site.get(address).headers["X-Cache-Status"] in ("BYPASS", "MISS")
    assert site.get(address).headers["X-Cache-Status"] in ("BYPASS", "MISS")


def test_session_is_not_answered_from_the_cache(site: Site) -> None:
    site.get("/changes/")
    assert site.get("/changes/", Cookie=f"sessionid={'a' * 32}").headers["X-Cache-Status"] == "BYPASS"


def test_static_file_comes_compressed_from_the_disk(site: Site) -> None:
    page = site.get("/about/").content.decode()
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = site.get(address, Accept_Encoding="gzip")
    assert (answer.status, answer.headers["Content-Type"], answer.headers["Content-Encoding"]) == (
        200,
        "text/css",
        "gzip",
    )
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_log_has_neither_queries_nor_keys_nor_addresses(site: Site) -> None:
    site.get("/trials/?q=my-illness")
    site.get("/account/password/reset/3-my-illness/")
    log = (site.folder / "ardsinfo.log").read_text()
    assert '"path": "/trials/"' in log
    assert "my-illness" not in log
    assert "127.0.0.1" not in log


def test_body_that_is_too_large_is_refused_with_a_page(site: Site) -> None:
    answer = site.ask("POST", "/trials/", body="x" * 100_000)
    assert answer.status == 413
    assert "Too large" in answer.content.decode()


def test_log_in_is_limited(site: Site) -> None:
    statuses = [site.ask("POST", "/account/login/").status for _ in range(13)]
    assert statuses[0] == 403  # no CSRF token
    assert statuses[-1] == 429


def test_search_is_limited(site: Site) -> None:
    statuses = [site.get("/trials/?q=a").status for _ in range(60)]
    assert 429 in statuses


def test_cached_page_is_served_while_the_application_is_away(site: Site) -> None:
    site.get("/independence/")
    services.stop(site.application.process)
    time.sleep(2)  # nginx counts whole seconds
    stale = site.get("/independence/")
    assert (stale.status, stale.headers["X-Cache-Status"]) == (200, "STALE")
    other = site.get("/trials/?q=lung&page=2")
    assert (other.status, "Back soon" in other.content.decode()) == (503, True)
