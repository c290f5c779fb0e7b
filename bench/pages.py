"""`make bench`: the site's public pages against the same bytes from a bare Django view, in one run.

Both run under gunicorn with deploy/gunicorn.conf.py, on this machine, at the same time, and are loaded in turn: in
each of ROUNDS rounds and for each page first one and then the other, for SECONDS each; who is first alternates. The
site has a temporary database with the eight studies. Each figure is the median of the rounds; a ratio is the median of
the rounds' ratios, so that what else the machine does at the time falls on both. The CPU of a request (of the workers,
from the kernel) stands beside it: it is the steadier figure on a busy machine.

CONNECTIONS is 32. wrk's connections stay open and each belongs to the worker that accepted it, so with as few as the 8
threads one of two workers often gets nearly all of them and half the machine idles, for the site in one round and for
the bare view in another. With 32 both workers have enough, and everything has a queue, as it has under real load.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench import bare, machine, wrk
from tests import services

ROUNDS = int(os.environ.get("ROUNDS", "9"))
SECONDS = 1  # short: each round opens its connections anew, and the workers share them differently
CONNECTIONS = 32
ACCEPT = {"Accept-Encoding": "gzip, br"}

LIST = "/trials/"
UNCHANGED = "304 of the list"
PAGES = {
    "/": "/",
    LIST: LIST,
    "/trials/?design=…": "/trials/?design=randomised",
    "a study": "/trials/dilogo-2021/",
    UNCHANGED: LIST,
}

LEAST_RATIO = 0.85
MOST_P99 = 3.0
MOST_COLD = 15.0  # milliseconds of CPU
MOST_MEMORY = 80.0  # MB


@dataclass
class Rounds:
    """What was measured of one page on one server, a figure a round."""

    per_second: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # microseconds a request


def get(address: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
    """Status, content headers and content of one answer, as it comes over the wire."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request("GET", address.partition(parts.netloc)[2], headers=dict(headers))
        answer = connection.getresponse()
        sent = {name: value for name, value in answer.getheaders() if name in bare.CONTENT_HEADERS}
        return answer.status, sent, answer.read()
    finally:
        connection.close()


def answers(site: str) -> dict[str, bare.Answer]:
    """What the site answers to each page, for the bare view to repeat."""
    found = {}
    for address in dict.fromkeys(PAGES.values()):
        status, headers, content = get(site + address, ACCEPT)
        if status != 200:
            raise ValueError(f"{address} was answered with {status}")
        unchanged: dict[str, str] = {}
        if "ETag" in headers:
            _, unchanged, _ = get(site + address, {**ACCEPT, "If-None-Match": headers["ETag"]})
        found[address] = bare.Answer(content, headers, unchanged)
    return found


def headers_for(page: str, answer: bare.Answer) -> dict[str, str]:
    return {**ACCEPT, "If-None-Match": answer.etag} if page == UNCHANGED else ACCEPT


def check_same(site: str, other: str, known: Mapping[str, bare.Answer]) -> None:
    """Raise ValueError unless both servers give the same status, content headers and content to every page."""
    for page, address in PAGES.items():
        headers = headers_for(page, known[address])
        ours, theirs = get(site + address, headers), get(other + address, headers)
        if ours != theirs:
            raise ValueError(f"{page}: the bare view does not repeat the site:\n{ours[:2]}\n{theirs[:2]}")
        if page == UNCHANGED and ours[0] != 304:
            raise ValueError(f"{page}: answered with {ours[0]}")


def load(server: services.Server, page: str, answer: bare.Answer, into: Rounds, seconds: int = SECONDS) -> None:
    before = machine.cpu(server.workers)
    measured = wrk.run(
        server.address + PAGES[page], headers_for(page, answer), connections=CONNECTIONS, seconds=seconds
    )
    into.per_second.append(measured.per_second)
    into.p99.append(measured.p99)
    into.cpu.append((machine.cpu(server.workers) - before) * 1e6 / measured.requests)


def measure(site: services.Server, other: services.Server, known: Mapping[str, bare.Answer]) -> dict[str, list[Rounds]]:
    """By page: the rounds of the site and those of the bare view."""
    found = {page: [Rounds(), Rounds()] for page in PAGES}
    for page, address in PAGES.items():  # every worker has its copies after this
        for server in (site, other):
            load(server, page, known[address], Rounds(), seconds=1)
    for number in range(ROUNDS):
        if sys.stderr.isatty():
            print(f"\rround {number + 1} of {ROUNDS}", end="", file=sys.stderr, flush=True)
        for page, address in PAGES.items():
            turns = [(site, found[page][0]), (other, found[page][1])]
            for server, into in turns if number % 2 else reversed(turns):
                load(server, page, known[address], into)
    if sys.stderr.isatty():
        print("\r" + " " * 20, end="\r", file=sys.stderr, flush=True)
    return found


def ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def print_table(found: Mapping[str, list[Rounds]]) -> None:
    median = statistics.median
    print(f"{CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS} s each; medians; ratios are site / bare")
    print(f"{'':18}{'requests a second':>26}{'p99, ms':>26}{'CPU a request, µs':>26}")
    print(f"{'':18}" + f"{'site':>9}{'bare':>9}{'ratio':>8}" * 3 + f"   target: ≥ {LEAST_RATIO}, p99 ≤ {MOST_P99:g}×")
    for page, (ours, theirs) in found.items():
        rate, p99 = ratio(ours.per_second, theirs.per_second), ratio(ours.p99, theirs.p99)
        print(
            f"{page:18}{median(ours.per_second):9,.0f}{median(theirs.per_second):9,.0f}{rate:8.2f}"
            f"{median(ours.p99):9.1f}{median(theirs.p99):9.1f}{p99:8.2f}"
            f"{median(ours.cpu):9.0f}{median(theirs.cpu):9.0f}{ratio(ours.cpu, theirs.cpu):8.2f}"
            f"   {met(rate >= LEAST_RATIO)}, {met(p99 <= MOST_P99)}"
        )


def run(folder: Path) -> None:
    environment = services.environment(folder)
    for command in (["migrate"], ["load_studies"], ["collectstatic", "--noinput", "--verbosity", "0"]):
        services.manage(environment, *command)
    with services.gunicorn(environment) as site:
        known = answers(site.address)
        bare.save(known, folder / "answers.json")
        bare_environment = services.environment(folder, BARE_ANSWERS=str(folder / "answers.json"))
        with services.gunicorn(bare_environment, app="bench.bare") as other:
            check_same(site.address, other.address, known)
            print(machine.described())
            found = measure(site, other, known)
            check_same(site.address, other.address, known)
            memories = [[machine.memory(pid) for pid in server.workers] for server in (site, other)]
    print_table(found)
    said = subprocess.run(
        [sys.executable, "-m", "bench.cold", LIST], env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    cold = json.loads(said)
    print(
        f"The list with all counts, rendered anew: {cold['cpu']:.1f} ms of CPU ({cold['wall']:.1f} ms by the clock); "
        f"target: at most {MOST_COLD:g} ms of CPU: {met(cold['cpu'] <= MOST_COLD)}"
    )
    ours, theirs = (" and ".join(f"{memory:.0f}" for memory in each) for each in memories)
    print(
        f"Memory of each worker after the load: {ours} MB (bare: {theirs} MB); "
        f"target: at most {MOST_MEMORY:g} MB: {met(max(memories[0]) <= MOST_MEMORY)}"
    )


if __name__ == "__main__":
    wrk.measure(run)
