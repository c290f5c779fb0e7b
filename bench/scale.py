"""`make bench-scale`: what pages cost with few and with many studies, on SQLite and on PostgreSQL.

SIZES="8 1000 100000" and DATABASES="sqlite postgresql" choose; the first run with 100,000 takes long, for it makes the
studies, on SQLite, from where they are moved. Results and SQLite's databases stay in var/bench/ for the next run, which
may measure the rest; remove that folder to begin anew. docs/scale.md and docs/scale.svg are written for each database
that was measured at all three sizes.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import machine, plot
from bench.pages import get, met
from tests import services

SIZES = [int(size) for size in os.environ.get("SIZES", "8 1000 100000").split()]
DATABASES = os.environ.get("DATABASES", "sqlite postgresql").split()
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
ALL_SIZES = [8, 1000, 100_000]
FOLDER = services.PROJECT / "var" / "bench"
RESULTS = FOLDER / "results.json"
DOCS = services.PROJECT / "docs"

MOST_TIMES_SQL = 2.0
MOST = {"search": 50.0, "admin": 300.0}  # milliseconds
MOST_GROWTH = 5.0  # MB between the middle and the end of many requests
REQUESTS = 1500


@dataclass
class Measured:
    """Of one database with one number of studies. Costs are those of bench.costs."""

    costs: dict[str, dict[str, float]]
    beside: dict[str, dict[str, Any]]  # by address of a list: the site, by hand, ratio
    memory: list[float]  # MB of the largest worker at the start, in the middle and at the end of many requests


@contextmanager
def databases(kind: str) -> Iterator[Any]:
    """A function from a number of studies to the environment of a site that has them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server = None
        if kind == "postgresql":
            server = stack.enter_context(services.postgresql(Path(stack.enter_context(TemporaryDirectory()))))

        def filled(size: int) -> dict[str, str]:
            environment = services.environment(FOLDER, DATABASE_URL=f"sqlite:///{FOLDER}/studies{size}.sqlite3")
            services.manage(environment, "migrate")
            services.manage(environment, "load_studies")
            if size > 8:
                services.manage(environment, "make_demo_studies", str(size - 8))
            if server:  # a move takes a fraction of the time that it takes to make them again
                address = server.address.removesuffix("postgres") + f"studies{size}"
                make_database(server.address, f"studies{size}")
                services.manage({**environment, "ARDSINFO_MAINTENANCE": "true"}, "move_to_postgresql", address)
                vacuum(address)
                environment["DATABASE_URL"] = address
            return environment

        yield filled


def make_database(server: str, name: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")


def vacuum(address: str) -> None:
    """What PostgreSQL does by itself within minutes: without it an index alone answers no count."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def costs(environment: Mapping[str, str]) -> dict[str, Any]:
    said = subprocess.run(
        [sys.executable, "-m", "bench.costs"],
        cwd=services.PROJECT,
        env=dict(environment),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    found: dict[str, Any] = json.loads(said)
    return found


def different(size: int) -> list[str]:
    """REQUESTS addresses of lists, searches and studies, no two the same; the same ones on each run."""
    chance = random.Random(size)  # noqa: S311 - nothing here is a secret
    designs, causes = ["randomised", "controlled", "single-arm", "case-series"], ["covid-19", "other", "mixed"]
    sorts = ["newest", "oldest", "largest", "author"]
    words = ["cells", "placebo", "inflammation", "survival", "burns", "altitude", "dilogo", "random", "invented"]
    found: dict[str, None] = {}
    while len(found) < REQUESTS:
        year = chance.randint(2006, 2026)
        found[
            chance.choice(
                [
                    f"/trials/?page={chance.randint(1, (size - 1) // 20 + 1)}&sort={chance.choice(sorts)}",
                    f"/trials/?design={chance.choice(designs)}&cause={chance.choice(causes)}&year_min={year}",
                    f"/trials/?q={chance.choice(words)}+{chance.choice(words)}&year_min={year}",
                    f"/trials/?sort={chance.choice(sorts)}&view=table&year_min={year}",
                    f"/trials/invented-{chance.randint(1, size - 8):06}/" if size > 8 else "/trials/dilogo-2021/",
                ]
            )
        ] = None
    return list(found)


def memory(environment: Mapping[str, str]) -> list[float]:
    """MB of the largest worker after a tenth, after half and after all of many different requests, four at a time."""
    wanted = different(int("".join(filter(str.isdigit, Path(environment["DATABASE_URL"]).stem))))
    steps = [0, REQUESTS // 10, REQUESTS // 2, REQUESTS]
    found = []
    with services.gunicorn(environment) as site, ThreadPoolExecutor(4) as clients:
        for start, end in pairwise(steps):
            answers = clients.map(lambda address: get(site.address + address, {})[0], wanted[start:end])
            wrong = [status for status in answers if status != 200]
            if wrong:
                raise ValueError(f"answers with status {wrong}")
            time.sleep(1)  # a worker gives memory back after it has sent its answer
            found.append(max(machine.memory(pid) for pid in site.workers))
    return found


def measure(kind: str) -> dict[int, Measured]:
    with databases(kind) as filled:
        found = {}
        for size in SIZES:
            print(f"{NAMES[kind]}, {size:,} studies: making them …", file=sys.stderr, flush=True)
            environment = filled(size)
            print(f"{NAMES[kind]}, {size:,} studies: measuring …", file=sys.stderr, flush=True)
            found[size] = Measured(**costs(environment), memory=memory(environment))
            remember(kind, size, found[size])
        return found


def growth(line: Mapping[int, float]) -> str:
    return f"{line[100_000] / line[1000]:.1f}×" if {1000, 100_000} <= set(line) else ""


def table(kind: str, found: Mapping[int, Measured]) -> list[list[str]]:
    """Rows of text, with a head: what is asked for, milliseconds at each size, and how they grow."""
    rows = [[f"{NAMES[kind]}, ms", *(f"{size:,}" for size in found), "1,000 to 100,000"]]
    for what, line in lines(kind, found).items():
        rows.append([what, *(f"{line[size]:.1f}" for size in found), growth(line)])
    for address in next(iter(found.values())).beside:
        rows.append(
            [f"{address}, by hand"]
            + [f"{each.beside[address]['by hand'][clock(kind)]:.1f}" for each in found.values()]
            + [growth({size: each.beside[address]["by hand"][clock(kind)] for size, each in found.items()})]
        )
        rows.append(
            [f"{address}, times that"] + [f"{each.beside[address]['ratio']:.2f}" for each in found.values()] + [""]
        )
    rows.append(["memory, MB: start"] + [f"{each.memory[0]:.0f}" for each in found.values()] + [""])
    rows.append(["memory, MB: middle"] + [f"{each.memory[1]:.0f}" for each in found.values()] + [""])
    rows.append(["memory, MB: end"] + [f"{each.memory[2]:.0f}" for each in found.values()] + [""])
    return rows


def clock(kind: str) -> str:
    return "cpu" if kind == "sqlite" else "wall"


def lines(kind: str, found: Mapping[int, Measured]) -> dict[str, dict[int, float]]:
    """By what is asked for: the milliseconds at each size."""
    names = next(iter(found.values())).costs
    return {what: {size: each.costs[what][clock(kind)] for size, each in found.items()} for what in names}


def print_table(rows: list[list[str]]) -> None:
    width = max(len(row[0]) for row in rows)
    for row in rows:
        print(
            row[0].ljust(width) + "".join(cell.rjust(max(12, len(rows[0][n]) + 2)) for n, cell in enumerate(row[1:], 1))
        )
    print()


def print_targets(found: Measured) -> None:
    print("Targets with 100,000 studies on SQLite, in milliseconds of CPU:")
    ratio = found.beside["/trials/"]["ratio"]
    print(f"  the list, at most {MOST_TIMES_SQL:g} times SQL by hand: {ratio:.2f}, {met(ratio <= MOST_TIMES_SQL)}")
    for what, cost in found.costs.items():
        for kind, most in MOST.items():
            if what.startswith(kind):
                print(f"  {what}, at most {most:g} ms: {cost['cpu']:.0f}, {met(cost['cpu'] <= most)}")
    grown = found.memory[2] - found.memory[1]
    print(f"  memory of a worker flat: {grown:+.1f} MB from the middle to the end, {met(grown <= MOST_GROWTH)}")


def write_docs(found: Mapping[str, Mapping[int, Measured]], measured_on: str) -> None:
    title = "Milliseconds of a page that no copy answers"
    description = " ".join(
        f"{NAMES[kind]}: "
        + "; ".join(
            f"{what} {', '.join(f'{line[size]:.0f} ms at {size:,}' for size in line)}"
            for what, line in lines(kind, of_kind).items()
        )
        + "."
        for kind, of_kind in found.items()
    )
    databases = " and on ".join(NAMES[kind] for kind in found)
    panels = {NAMES[kind]: lines(kind, of_kind) for kind, of_kind in found.items()}
    (DOCS / "scale.svg").write_text(plot.scale(panels, title, description))
    tables = "\n\n".join(
        "\n".join(
            [f"| {' | '.join(rows[0])} |", "| --- |" + " ---: |" * (len(rows[0]) - 1)]
            + [f"| {' | '.join(row)} |" for row in rows[1:]]
        )
        for rows in (table(kind, of_kind) for kind, of_kind in found.items())
    )
    (DOCS / "scale.md").write_text(
        PAGE.format(title=title, machine=measured_on, databases=databases, tables=tables, requests=REQUESTS)
    )


PAGE = """\
# What many studies cost

Written by `make bench-scale`; its last run: {machine}.

![{title}, with 8, 1,000 and 100,000 studies on {databases}](scale.svg)

A visitor is nearly always answered from a rendered copy, which costs the same whatever the number of studies. These
are the costs of the first request after a study was saved: the median of several, through the whole site in one warm
process. On SQLite it is milliseconds of CPU, on PostgreSQL milliseconds by the clock, for there the database works in
processes of its own. “By hand” is SQL written for this one page, with indexes of its own, which fetches the same
studies, counts and totals, and renders nothing. A list is made from what the process keeps of the studies, of which
it has to read again the thousand among which one was saved. A process that has just started reads all of them,
unasked. The rare word of a search is in one study, the common one in three of ten, another in all. The database's
index of words names up to a thousand studies; where there are more, and for words of one or two letters, which are in
no index, the process looks through the texts that it keeps. Memory is that of the largest of two workers after a
tenth, half and all of {requests:,} different lists, searches and studies.

{tables}
"""


def remembered() -> dict[str, dict[int, Measured]]:
    """What this and earlier runs have measured, by database and size."""
    if not RESULTS.exists():
        return {}
    kept = json.loads(RESULTS.read_text())
    return {kind: {int(size): Measured(**each) for size, each in of_kind.items()} for kind, of_kind in kept.items()}


def remember(kind: str, size: int, measured: Measured) -> None:
    found = remembered()
    found.setdefault(kind, {})[size] = measured
    written = {kind: {size: asdict(each) for size, each in of_kind.items()} for kind, of_kind in found.items()}
    RESULTS.write_text(json.dumps(written))


def main() -> None:
    machine.stop_cleanly()
    wrong = set(DATABASES) - set(NAMES)
    if wrong or not SIZES or min(SIZES) < 8:
        sys.exit("DATABASES are sqlite and postgresql, and SIZES are whole numbers from 8 on.")
    try:
        if "postgresql" in DATABASES:
            services.postgresql_programs()
        measured_on = machine.described()
        print(measured_on)
        services.build_static()
        found = {}
        for kind in DATABASES:
            found[kind] = measure(kind)
            print_table(table(kind, found[kind]))
    except services.Missing as missing:
        sys.exit(f"{missing}. DATABASES=sqlite leaves PostgreSQL out.")
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    if 100_000 in SIZES and "sqlite" in found:
        print_targets(found["sqlite"][100_000])
    kept = remembered()
    whole = {
        kind: {size: kept[kind][size] for size in ALL_SIZES}
        for kind in NAMES
        if set(ALL_SIZES) <= set(kept.get(kind, {}))
    }
    if whole:
        write_docs(whole, measured_on)
        print(f"docs/scale.md and docs/scale.svg are written, for {' and '.join(NAMES[kind] for kind in whole)}.")


if __name__ == "__main__":
    main()
