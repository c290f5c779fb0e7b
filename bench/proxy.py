"""`make bench-proxy`: pages that nginx has a copy of, against the same bytes from its disk, in one run.

One nginx with deploy/nginx.conf stands before the site. Beside it, in the same process and with the same TLS and the
same log, a bare server block gives out files with the very bytes of the pages, and adds no header. Both are loaded in
turn over HTTPS by wrk, with connections that stay open: in each of ROUNDS rounds and for each page first one and then
the other, for SECONDS each; who is first alternates. The copies are asked for anew every second or two, as they are in
real life. Each figure is the median of the rounds; a ratio is the median of the rounds' ratios.
"""

import os
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench import machine, wrk
from tests import services
from tests.proxy import AROUND, HOST, Proxy, fitted, make_certificate

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = 2
CONNECTIONS = 32
LEAST_RATIO = 0.6

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
PAGES = {
    "/": "/",
    "/trials/": "/trials/",
    "/trials/?design=…": "/trials/?design=randomised",
    "a study": "/trials/dilogo-2021/",
}
# wrk names to TLS the host that it connects to.
NAME = "localhost"

DISK = """
server {{
	listen 127.0.0.1:{port} ssl;
	server_name {name};
	ssl_certificate {folder}/certificate.pem;
	ssl_certificate_key {folder}/key.pem;
	ssl_protocols TLSv1.2 TLSv1.3;
	ssl_session_tickets off;
	access_log {folder}/disk.log ardsinfo;
	gzip off;
	root {folder}/disk;
}}
"""


@dataclass
class Rounds:
    """Requests a second, a figure a round."""

    copies: list[float] = field(default_factory=list)
    disk: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return statistics.median(ours / theirs for ours, theirs in zip(self.copies, self.disk, strict=True))


def load(address: str, seconds: int = SECONDS) -> float:
    return wrk.run(address, BROWSER, connections=CONNECTIONS, seconds=seconds).per_second


def measure(copies: dict[str, str], disk: dict[str, str]) -> dict[str, Rounds]:
    """By page, from its address at each of the two."""
    found = {page: Rounds() for page in PAGES}
    for page in PAGES:
        load(copies[page], seconds=1)
        load(disk[page], seconds=1)
    for number in range(ROUNDS):
        print(f"\rround {number + 1} of {ROUNDS}", end="", file=sys.stderr, flush=True)
        for page, rounds in found.items():
            turns = [(copies[page], rounds.copies), (disk[page], rounds.disk)]
            for address, into in turns if number % 2 else reversed(turns):
                into.append(load(address))
    print("\r" + " " * 20, end="\r", file=sys.stderr, flush=True)
    return found


def run(folder: Path) -> None:
    environment = services.environment(folder, ARDSINFO_SITE_URL=f"https://{HOST}", ARDSINFO_TRUSTED_PROXY="true")
    services.build_static()
    services.manage(environment, "migrate", "--verbosity", "0")
    services.manage(environment, "load_studies", "--verbosity", "0")
    make_certificate(folder)
    plain_port, port, disk_port = services.free_port(), services.free_port(), services.free_port()
    (folder / "disk").mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    with services.gunicorn(environment) as site:
        configuration = fitted(folder, plain_port, port, site.address)
        configuration = configuration.replace(f"server_name {HOST};", f"server_name {HOST} {NAME};")
        (folder / "site.conf").write_text(configuration + DISK.format(folder=folder, port=disk_port, name=NAME))
        around = AROUND.format(folder=folder, user=user, before="")
        with services.nginx(folder, around, port) as nginx:
            front = Proxy(folder, plain_port, port, nginx.process.pid)
            copies = {page: f"https://{NAME}:{port}{address}" for page, address in PAGES.items()}
            disk = {}
            for number, (page, address) in enumerate(PAGES.items()):
                answer = front.ask(address, headers=BROWSER)
                if (answer.status, answer.copy) != (200, "MISS") or front.ask(address, headers=BROWSER).copy != "HIT":
                    raise ValueError(f"nginx keeps no copy of {address}: {answer.status}, {answer.copy}")
                (folder / "disk" / str(number)).write_bytes(answer.body)
                disk[page] = f"https://{NAME}:{disk_port}/{number}"
            print(machine.described())
            found = measure(copies, disk)
    print(f"nginx over TLS, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS} s each; medians, requests a second")
    print(f"{'':18}{'copies':>10}{'disk':>10}{'ratio':>8}   target: ≥ {LEAST_RATIO}")
    for page, rounds in found.items():
        verdict = "met" if rounds.ratio >= LEAST_RATIO else "MISSED"
        copied, from_disk = statistics.median(rounds.copies), statistics.median(rounds.disk)
        print(f"{page:18}{copied:10,.0f}{from_disk:10,.0f}{rounds.ratio:8.2f}   {verdict}")


def main() -> None:
    machine.stop_cleanly()
    try:
        services.program("wrk", "wrk")
        with tempfile.TemporaryDirectory(prefix="ardsinfo-bench-") as folder:
            run(Path(folder))
    except services.Missing as missing:
        sys.exit(f"Nothing was measured: {missing}.")
    except KeyboardInterrupt:
        sys.exit("Stopped.")


if __name__ == "__main__":
    main()
