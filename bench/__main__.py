"""Measure the site: `make bench`. Figures are ratios within one run, or CPU time and queries of one process.

1. A warm page against the same bytes from a bare Django view, both under gunicorn with deploy/gunicorn.conf.py.
2. A page through nginx with deploy/nginx.conf against a file of the same bytes from its disk.
3. An uncached list, search and study page, a save and a publication, with 8, 1,000 and 100,000 studies on SQLite. An
   ordinary study among the others is saved before each request, so that nothing is cached.

Parts 1 and 2 need wrk, part 2 nginx and openssl. SIZES=8,1000 leaves the largest size out. The databases with invented
studies are kept in var/bench/, apart from the database of the site.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import services
from tests.ardsinfo.test_nginx import HOST, configuration

ROUNDS = 7
SECONDS = 1
CONNECTIONS = 32
PAGES = ("/", "/trials/", "/trials/?design=randomised", "/trials/dilogo-2021/")
SIZES = [int(size) for size in os.environ.get("SIZES", "8,1000,100000").split(",")]
ACCEPT = {"Accept-Encoding": "br"}
DESCRIBING = ("content-type", "content-encoding", "content-length", "cache-control", "etag", "vary")


def requests_a_second(address: str, headers: dict[str, str]) -> float:
    """Load one address with wrk. Raises ValueError if a request failed."""
    options = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [services.program("wrk", "wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *options, address]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise ValueError(f"{address} failed under load:\n{output}")
    return float(re.search(r"Requests/sec: +([0-9.]+)", output)[1])  # type: ignore[index]


def compare(one: str, other: str, headers: dict[str, str]) -> str:
    """Return the requests a second of both addresses, loaded in turn, and the median of the ratios of the rounds."""
    rates = [[requests_a_second(address, headers) for address in (one, other)] for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(rate) for rate in zip(*rates, strict=True))
    return f"{ours:8,.0f} {theirs:8,.0f} {statistics.median(a / b for a, b in rates):8.2f}"


def fetch(address: str, headers: dict[str, str]) -> tuple[dict[str, str], bytes]:
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - an address of this machine
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        found = {name: value for name, value in answer.getheaders() if name.lower() in DESCRIBING}
        return found, answer.read()


def prepared(folder: Path, **variables: str) -> dict[str, str]:
    """Return the environment of a site with the eight studies and a database in `folder`."""
    environment = services.environment(folder, **variables)
    services.build_static()
    services.manage(environment, "migrate", "--verbosity", "0")
    services.manage(environment, "load_studies", "--verbosity", "0")
    return environment


def pages(folder: Path) -> None:
    environment = prepared(folder)
    with services.gunicorn(environment) as site:
        answers = {page: fetch(site.address + page, ACCEPT) for page in PAGES}
        file = folder / "answers.json"
        file.write_text(json.dumps({page: (headers, body.hex()) for page, (headers, body) in answers.items()}))
        bare = environment | {"BENCH_ANSWERS": str(file), "DJANGO_SETTINGS_MODULE": "bench.bare"}
        with services.gunicorn(bare, app="bench.bare:application") as other:
            print(f"\nWarm pages, requests a second\n{'':28}     site     bare    ratio   target 0.6")
            for page in PAGES:
                print(f"{page:28} {compare(site.address + page, other.address + page, ACCEPT)}")


def proxied(folder: Path) -> None:
    environment = prepared(folder, ARDSINFO_SITE_URL=f"https://{HOST}", ARDSINFO_TRUSTED_PROXY="true")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={HOST}"]
    keys = ["-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"]
    subprocess.run([*command, *keys], check=True, capture_output=True)
    plain, tls = services.free_port(), services.free_port()
    with services.gunicorn(environment) as application:
        text = configuration(folder, plain, tls, application.address)
        text = re.sub(r"\tlimit_(req|conn) .*;\n", "", text)  # one client loads both
        text = text.replace("location /admin/ {", f"location /disk/ {{ root {folder}; }}\n\tlocation /admin/ {{", 1)
        with services.nginx(folder, text, tls):
            headers = {"Host": HOST, "Accept-Encoding": "br"}
            disk = folder / "disk"
            disk.mkdir()
            print(f"\nThrough nginx, requests a second\n{'':28}     site     disk    ratio   target 0.7")
            for number, page in enumerate(PAGES):
                address = f"{application.address}{page}"
                _, body = fetch(address, headers | {"X-Forwarded-Proto": "https"})
                (disk / f"{number}.html").write_bytes(body)
                ours, theirs = f"https://127.0.0.1:{tls}{page}", f"https://127.0.0.1:{tls}/disk/{number}.html"
                print(f"{page:28} {compare(ours, theirs, headers)}")


def costs() -> None:
    print("\nUncached, ms of CPU (median) and queries, on SQLite")
    tables = {}
    for size in SIZES:
        file = services.PROJECT / "var" / "bench" / f"{size}.sqlite3"
        file.parent.mkdir(parents=True, exist_ok=True)
        environment = services.environment(file.parent, DATABASE_URL=f"sqlite:///{file}", ARDSINFO_DEBUG="")
        services.manage(environment, "migrate", "--verbosity", "0")
        command = [sys.executable, "-m", "bench.costs", str(size)]
        output = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
        tables[size] = json.loads(output.splitlines()[-1])
    print(f"{'studies':28}" + "".join(f"{size:>18,}" for size in SIZES))
    for name in tables[SIZES[0]]:
        cells = (tables[size][name] for size in SIZES)
        print(f"{name:28}" + "".join(f"{ms:12.1f} {queries:5d}" for ms, queries in cells))


def run(part: Callable[[Path], Any]) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix="ardsinfo-bench-") as folder:
            part(Path(folder))
    except services.Missing as missing:
        print(f"Not measured: {missing}.")


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    run(pages)
    run(proxied)
    costs()
