"""What each kind of page costs, uncached, in one process on one database, beside SQL written by hand.

Run as a program with the environment of a site: `python -m bench.costs` prints one line of JSON. Every request goes
through every middleware, with a connection that is open and a process that is warm; a study is saved before each, so
that no rendered copy answers. On SQLite the CPU of the process is all there is; on PostgreSQL the database
works in processes of its own, so there only the clock tells.
"""

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench import by_hand
from bench.cold import application, ask, save_a_study

ROUNDS = 7
LIST = "/trials/"
FILTERED = "/trials/?design=randomised&cause=covid-19"
Cost = dict[str, float]  # "cpu" and "wall", both in milliseconds


def addresses() -> dict[str, str]:
    """What is asked for, by what it is called. There are the eight studies in every database."""
    from trials.models import Trial
    from trials.views.studies import PAGE_SIZE

    public = Trial.objects.public()
    total = public.count()
    middle = public.order_by("publication_date", "pk").values_list("slug", flat=True)[total // 2]
    last = (total - 1) // PAGE_SIZE + 1
    common, every = ("mesenchymal", "cell") if total == 8 else ("inflammation", "invented")
    return {
        "list": LIST,
        "filtered list": FILTERED,
        "search, rare word": "/trials/?q=dilogo",
        "search, common word": f"/trials/?q={common}",
        "search, word of all": f"/trials/?q={every}",
        "search, two words": "/trials/?q=cells+random",
        "search, two letters": "/trials/?q=di",
        "last page": f"/trials/?page={last}",
        "study": f"/trials/{middle}/",
        "admin list": "/admin/trials/trial/",
        "admin search": "/admin/trials/trial/?q=dilogo",
        "admin search, common": "/admin/trials/trial/?q=mesenchymal"
        if total == 8
        else "/admin/trials/trial/?q=invented",
    }


def staff_cookie() -> str:
    """The Cookie header of a superuser who is logged in."""
    from django.contrib.auth.models import User
    from django.test import Client

    user, _ = User.objects.get_or_create(username="bench", defaults={"is_staff": True, "is_superuser": True})
    client = Client()
    client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def timed(action: Callable[[], Any]) -> Cost:
    cpu, wall = time.process_time(), time.perf_counter()
    action()
    return {"cpu": (time.process_time() - cpu) * 1000, "wall": (time.perf_counter() - wall) * 1000}


def median(costs: list[Cost]) -> Cost:
    return {kind: statistics.median(cost[kind] for cost in costs) for kind in ("cpu", "wall")}


def request(site: Callable[..., Any], address: str, headers: dict[str, str]) -> None:
    status, _content = ask(site, address, headers)
    if not status.startswith("200"):
        raise ValueError(f"{address} was answered with {status}")


def cost_of(site: Callable[..., Any], address: str, cookie: str) -> Cost:
    headers = {"HTTP_COOKIE": cookie} if address.startswith("/admin/") else {}
    costs = []
    for _ in range(ROUNDS + 1):
        save_a_study()
        costs.append(timed(lambda: request(site, address, headers)))
    return median(costs[1:])  # the first one warms


def beside_sql(site: Callable[..., Any], address: str) -> dict[str, Any]:
    """The cost of a list by the site and by hand, taken in turn, and the median of the ratios of the rounds.

    Raises ValueError if the two do not find the same studies and counts.
    """
    from django.db import connection
    from django.http import QueryDict

    chosen = dict(QueryDict(address.partition("?")[2]).lists())
    shown, found = by_hand.shown_by(by_hand.context_of(address)), by_hand.list_page(connection, chosen)
    if shown != found:
        raise ValueError(f"{address}: the page and the SQL by hand differ:\n{shown}\n{found}")
    ours, theirs = [], []
    for _ in range(ROUNDS + 1):
        save_a_study()
        ours.append(timed(lambda: request(site, address, {})))
        theirs.append(timed(lambda: by_hand.list_page(connection, chosen)))
    # The CPU of SQLite is our own; of PostgreSQL only the clock knows.
    kind = "cpu" if connection.vendor == "sqlite" else "wall"
    ratio = statistics.median(a[kind] / b[kind] for a, b in zip(ours[1:], theirs[1:], strict=True))
    return {"site": median(ours[1:]), "by hand": median(theirs[1:]), "ratio": ratio}


def just_started(site: Callable[..., Any]) -> Cost:
    """The cost of the first list of a process that knows no study yet."""
    from trials import catalogue

    costs = []
    for _ in range(ROUNDS):
        save_a_study()
        catalogue.forget()
        costs.append(timed(lambda: request(site, LIST, {})))
    return median(costs)


def main() -> None:
    from django.db import connection

    site = application()
    cookie = staff_cookie()
    costs = {name: cost_of(site, address, cookie) for name, address in addresses().items()}
    costs["list, process just started"] = just_started(site)
    with by_hand.indexes(connection):
        beside = {address: beside_sql(site, address) for address in (LIST, FILTERED)}
    print(json.dumps({"costs": costs, "beside": beside}))


if __name__ == "__main__":
    main()
