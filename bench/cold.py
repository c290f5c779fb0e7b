"""CPU of requests that no rendered copy answers, in one process and through every middleware.

Run as a program with the environment of a site: `python -m bench.cold ADDRESS …` prints a line of JSON for each.
"""

import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

ROUNDS = 31


def application() -> Callable[..., Any]:
    """The site as gunicorn loads it. The environment must name its settings."""
    from ardsinfo.wsgi import application

    return application


def ask(application: Callable[..., Any], address: str, headers: dict[str, str] | None = None) -> tuple[str, bytes]:
    """Status and content of one GET, by WSGI alone: no socket and no test client take time. `headers` as HTTP_… ."""
    path, _, query = address.partition("?")
    said: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_ACCEPT_ENCODING": "gzip, br",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        **(headers or {}),
    }
    answer = application(environ, lambda status, headers, exc_info=None: said.append(status))
    try:
        content = b"".join(answer)
    finally:
        answer.close()
    return said[0], content


def save_a_study() -> None:
    """Write a study, as a publish does: no rendered copy holds any more, nor what is known of the studies beside it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE trials_trial SET slug = slug WHERE id = (SELECT max(id) FROM trials_trial)")


def cold(application: Callable[..., Any], address: str, rounds: int = ROUNDS) -> dict[str, float]:
    """Milliseconds of CPU (of the whole process) and of the clock for one cold answer: the medians."""
    cpu, wall = [], []
    for _ in range(rounds):
        save_a_study()
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        status, _content = ask(application, address)
        cpu.append((time.process_time() - cpu_before) * 1000)
        wall.append((time.perf_counter() - wall_before) * 1000)
        if not status.startswith("200"):
            raise ValueError(f"{address} was answered with {status}")
    return {"cpu": statistics.median(cpu), "wall": statistics.median(wall)}


def main() -> None:
    site = application()
    for address in sys.argv[1:]:
        cold(site, address, rounds=5)  # templates, imports and connections are there afterwards
        print(json.dumps({"address": address, **cold(site, address)}))


if __name__ == "__main__":
    main()
