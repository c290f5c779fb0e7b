"""`make bench-proxy`: pages that nginx has a copy of, against the same bytes from its disk; how long a published change
takes to be seen; and whether a page fails while the application is killed for 30 seconds. All in one run.

One nginx with deploy/nginx.conf stands before the site. Beside it, in the same process, with the same TLS, the same log
and files that stay open as long, a bare server block gives out files with the very bytes of the pages, and adds no
header. Both are loaded in turn over HTTPS by wrk, with connections that stay open: in each of ROUNDS rounds and for
each page first one and then the other, for SECONDS each; who is first alternates. The copies are asked for anew every
second or two, as they are in real life. Each figure is the median of the rounds; a ratio is the median of the rounds'
ratios. The CPU of a request (of nginx's processes, from the kernel) stands beside it: it is the steadier figure on a
busy machine.

Then readers go round the pages, each on a connection of its own, as in the tests (tests/proxied.py).
"""

import os
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bench import machine, wrk
from bench.pages import met
from tests import proxied, services
from tests.proxied import BROWSER
from tests.proxy import AROUND, HOST, Proxy, fitted, make_certificate

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = 2
CONNECTIONS = 32
LEAST_RATIO = 0.6

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
	open_file_cache max=1000 inactive=1m;
	open_file_cache_valid 10s;
	root {folder}/disk;
}}
"""


@dataclass
class Rounds:
    """What was measured of one page at one of the two, a figure a round."""

    per_second: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # microseconds a request


def load(nginx: services.Server, address: str, into: Rounds, seconds: int = SECONDS) -> None:
    before = machine.cpu(nginx.workers)
    measured = wrk.run(address, BROWSER, connections=CONNECTIONS, seconds=seconds)
    into.per_second.append(measured.per_second)
    into.cpu.append((machine.cpu(nginx.workers) - before) * 1e6 / measured.requests)


def ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def measure(nginx: services.Server, copies: dict[str, str], disk: dict[str, str]) -> dict[str, tuple[Rounds, Rounds]]:
    """By page, from its address at each of the two: the rounds of the copy and those of the file."""
    found = {page: (Rounds(), Rounds()) for page in PAGES}
    for page in PAGES:
        load(nginx, copies[page], Rounds(), seconds=1)
        load(nginx, disk[page], Rounds(), seconds=1)
    for number in range(ROUNDS):
        print(f"\rround {number + 1} of {ROUNDS}", end="", file=sys.stderr, flush=True)
        for page, rounds in found.items():
            turns = [(copies[page], rounds[0]), (disk[page], rounds[1])]
            for address, into in turns if number % 2 else reversed(turns):
                load(nginx, address, into)
    print("\r" + " " * 20, end="\r", file=sys.stderr, flush=True)
    return found


def print_table(found: dict[str, tuple[Rounds, Rounds]]) -> None:
    median = statistics.median
    print(f"nginx over TLS, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS} s each; medians")
    print(f"{'':18}{'requests a second':>26}{'CPU a request, µs':>26}")
    print(f"{'':18}" + f"{'copy':>9}{'disk':>9}{'ratio':>8}" * 2 + f"   target: copy / disk ≥ {LEAST_RATIO}")
    for page, (copy, file) in found.items():
        rate = ratio(copy.per_second, file.per_second)
        print(
            f"{page:18}{median(copy.per_second):9,.0f}{median(file.per_second):9,.0f}{rate:8.2f}"
            f"{median(copy.cpu):9.1f}{median(file.cpu):9.1f}{ratio(copy.cpu, file.cpu):8.2f}"
            f"   {met(rate >= LEAST_RATIO)}"
        )


def run(folder: Path) -> None:
    site = proxied.Site(folder)
    make_certificate(folder)
    plain_port, port, disk_port = services.free_port(), services.free_port(), services.free_port()
    (folder / "disk").mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    with site.running:
        site.start()
        configuration = fitted(folder, plain_port, port, f"unix:{site.place}")
        configuration = configuration.replace(f"server_name {HOST};", f"server_name {HOST} {NAME};")
        (folder / "site.conf").write_text(configuration + DISK.format(folder=folder, port=disk_port, name=NAME))
        around = AROUND.format(folder=folder, user=user, before="")
        with services.nginx(folder, around, port) as nginx:
            site.front = Proxy(folder, plain_port, port, nginx.process.pid)
            copies = {page: f"https://{NAME}:{port}{address}" for page, address in PAGES.items()}
            disk = {}
            for number, (page, address) in enumerate(PAGES.items()):
                first, second = (site.front.ask(address, headers=BROWSER) for _ in range(2))
                if (first.status, first.copy, second.copy) != (200, "MISS", "HIT"):
                    raise ValueError(f"nginx keeps no copy of {address}: {first.status}, {first.copy}, {second.copy}")
                (folder / "disk" / str(number)).write_bytes(first.body)
                disk[page] = f"https://{NAME}:{disk_port}/{number}"
            print(machine.described())
            print_table(measure(nginx, copies, disk))
            change = proxied.publish(site)
            killed = proxied.kill(site, list(PAGES.values()))
    print(
        f"A published change: the old text was last given out {max(0, change.last_old):.2f} s after it, the new one "
        f"{change.new} times; target: at most 2 s and two answers, {change.stated:.2f} s, and no failure: "
        f"{met(change.last_old <= change.stated and not change.failed)}"
    )
    print(
        f"The application killed for {proxied.SECONDS_WITHOUT} s: {len(killed.without):,} pages asked for meanwhile; "
        f"target: no page fails before, then or after: {met(not killed.failed)}"
        + (f" ({len(killed.failed)} failed)" if killed.failed else "")
    )


if __name__ == "__main__":
    wrk.measure(run)
