"""The site on two machines: each with its own gunicorn and address, one PostgreSQL, one Redis, nginx in front.

What is saved on one is seen by the next request on the other, a log-in and its limits hold on both, and one that dies
under load takes nobody's page with it.
"""

import http.client
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests import services
from tests.dom import parse
from tests.proxy import HOST, Answer, Proxy, Reader, proxy
from tests.tools import missing

TOKEN = "x" * 32
PASSWORD = "correct horse battery"
PEOPLE = f"""
from django.contrib.auth.models import Group, User
for name, group in (("eva", "Reviewers"), ("ann", "Editors"), ("ben", "Editors")):
    User.objects.create_user(name, f"{{name}}@example.org", "{PASSWORD}", is_staff=True).groups.add(
        Group.objects.get(name=group)
    )
"""
TRIED_AGAIN = 11  # seconds until each process of nginx has asked again a machine that did not answer
WORKERS = 2  # as deploy/gunicorn.conf.py has it


@dataclass
class Machine:
    """One gunicorn, asked straight, as nginx would ask it."""

    host: str
    port: int
    environment: dict[str, str]
    access_log: Path
    running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        log = ("--access-logfile", str(self.access_log), "--access-logformat", "%(U)s")
        site = services.gunicorn(self.environment, *log, host=self.host, port=self.port)
        self.server = self.running.enter_context(site)

    def kill(self) -> None:
        """As the power would: all processes at once, without a word."""
        for process in [self.server.process.pid, *self.server.workers]:
            os.kill(process, signal.SIGKILL)
        self.server.process.wait()

    @property
    def answered(self) -> int:
        return self.access_log.read_bytes().count(b"\n")

    def forms_at(self, path: str) -> int:
        """How many requests at this address it has answered: tests only send forms there."""
        return self.access_log.read_text().split().count(path)

    def ask(self, path: str, data: dict[str, str] | None = None, session: str = "", place: str = "192.0.2.1") -> Answer:
        """One request of a reader or, with the key of a session, of a member of staff; a POST if there is `data`."""
        method, body, headers = sent(data, session)
        headers |= {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": place}
        with closing(http.client.HTTPConnection(self.host, self.port, timeout=60)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def log_in(self, name: str, password: str = PASSWORD, place: str = "192.0.2.1") -> str:
        """The key of the new session, or what the form says."""
        answer = self.ask("/account/login/", {"login": name, "password": password}, place=place)
        if answer.status == 302:
            key = re.search(r"sessionid=(\w+);.* Secure", "; ".join(answer.headers.get_all("Set-Cookie")))
            assert key
            return key[1]
        return " ".join(element.text for element in page(answer).all("ul", class_="errorlist"))


def sent(data: dict[str, str] | None, session: str) -> tuple[str, bytes | None, dict[str, str]]:
    """What a browser sends: the method, the body and the headers. A form if there is `data`."""
    headers = {"Cookie": f"__Host-csrftoken={TOKEN}" + (f"; sessionid={session}" if session else "")}
    if data is None:
        return "GET", None, headers
    headers |= {"Origin": f"https://{HOST}", "Content-Type": "application/x-www-form-urlencoded"}
    return "POST", urlencode({**data, "csrfmiddlewaretoken": TOKEN}).encode(), headers


def page(answer: Answer):
    return parse(answer.body.decode())


@dataclass
class Site:
    first: Machine
    second: Machine
    front: Proxy


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("machines")
    with ExitStack() as running:
        try:
            database = running.enter_context(services.postgresql(folder))
            cache = running.enter_context(services.redis(folder))
            services.program("nginx", "nginx")
        except services.Missing as nothing:
            missing(str(nothing))
        environment = services.environment(
            folder,
            DATABASE_URL=database.address,
            CACHE_URL=cache.address,
            ARDSINFO_SITE_URL=f"https://{HOST}",
            ARDSINFO_TRUSTED_PROXY="true",
        )
        services.build_static()
        services.manage(environment, "migrate", "--verbosity", "0")
        services.manage(environment, "load_studies", "--verbosity", "0")
        services.manage(environment, "shell", "-c", PEOPLE)
        machines = []
        for host in ("127.0.0.2", "127.0.0.3"):
            machine = Machine(host, services.free_port(host), environment, folder / f"access-{host}")
            machine.start()
            running.enter_context(machine.running)
            machines.append(machine)
        (folder / "proxy").mkdir()
        front = running.enter_context(proxy(folder / "proxy", *(machine.server.address for machine in machines)))
        yield Site(*machines, front)


def until(is_so: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def shown(machine: Machine) -> set[str]:
    """How each of the machine's processes names the country of the study of Dilogo and others."""
    # More requests than processes, at once, so that each of them answers some.
    answers: list[str] = []

    def ask() -> None:
        text = page(machine.ask("/trials/dilogo-2021/")).text
        answers.append("Java" if "Republic of Java" in text else "Indonesia" if "Indonesia" in text else text)

    threads = [threading.Thread(target=ask) for _ in range(4 * WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return set(answers)


def form_of_indonesia(machine: Machine, session: str) -> str:
    """The address of the form of that country."""
    listed = page(machine.ask("/admin/trials/country/?q=Indonesia", session=session)).one("table", id="result_list")
    return listed.all("a")[-1]["href"].partition("?")[0]


def test_what_is_saved_on_one_is_seen_by_the_next_request_on_the_other(site: Site) -> None:
    for here, there in ((site.first, site.second), (site.second, site.first)):
        assert shown(here) == shown(there) == {"Indonesia"}
        known = there.ask("/trials/dilogo-2021/").headers["ETag"]
        assert known
        session = here.log_in("eva")
        form = form_of_indonesia(here, session)

        def name_it(name: str, here: Machine = here, form: str = form, session: str = session) -> None:
            answer = here.ask(form, {"name": name, "code": "ID", "other_names": ""}, session)
            assert answer.status == 302, page(answer).text

        name_it("Republic of Java")
        answer = there.ask("/trials/dilogo-2021/")  # the very next request
        assert "Republic of Java" in page(answer).text
        assert answer.headers["ETag"] != known
        assert shown(there) == shown(here) == {"Java"}
        assert "Republic of Java" in page(there.ask("/trials/")).text
        name_it("Indonesia")
        assert shown(there) == shown(here) == {"Indonesia"}


def test_what_is_saved_through_nginx_is_seen_by_the_next_request_on_either(site: Site) -> None:
    session = site.first.log_in("eva")
    form = form_of_indonesia(site.first, session)
    machines = (site.first, site.second)
    before = [machine.forms_at(form) for machine in machines]
    for attempt in range(20):  # until nginx has given a form to each
        name = ("Republic of Java", "Indonesia")[attempt % 2]
        method, body, headers = sent({"name": name, "code": "ID", "other_names": ""}, session)
        answer = site.front.ask(form, method, body, headers)
        assert answer.status == 302, page(answer).text
        for machine in machines:
            text = page(machine.ask("/trials/dilogo-2021/")).text
            assert ("Republic of Java" in text) == (name == "Republic of Java")
        taken = [machine.forms_at(form) > number for machine, number in zip(machines, before, strict=True)]
        if all(taken) and name == "Indonesia":
            break
    assert all(taken), taken


def test_a_log_in_on_one_holds_on_the_other_until_it_ends(site: Site) -> None:
    session = site.first.log_in("ann")
    for machine in (site.second, site.first):
        assert page(machine.ask("/admin/", session=session)).one("h1").text == "Desk"
    site.second.ask("/account/logout/", {}, session)
    for machine in (site.first, site.second):
        gone = machine.ask("/admin/", session=session)
        assert (gone.status, gone.headers["Location"]) == (302, "/admin/login/?next=/admin/")


def test_failed_log_ins_on_both_count_together(site: Site) -> None:
    wrong = "That name and that password do not fit together. Check both and try again."
    wait = "Too many failed attempts from your network. Wait five minutes, then try again."
    place = "192.0.2.7"
    for machine in (site.first, site.second, site.first, site.second, site.first):
        assert machine.log_in("ben", "guessed", place) == wrong
    assert site.second.log_in("ben", PASSWORD, place) == wait
    assert site.first.log_in("ben", PASSWORD, place) == wait
    assert re.fullmatch(r"\w{32}", site.second.log_in("ben", PASSWORD, place="192.0.2.8"))


class Load:
    """Readers who ask for one page after the other, and what they were told that is not that page."""

    # A parameter that the site does not know: nginx keeps no copy and asks the application.
    PAGES = {
        "/?reader=1": "Cells",
        "/trials/?reader=1": "Dilogo",
        "/trials/?q=dilogo": "Dilogo",
        "/trials/dilogo-2021/?reader=1": "Dilogo",
        "/about/?reader=1": "About",
        "/account/login/": "Forgotten your password?",
    }
    PAUSE = 0.05  # seconds between two pages of a reader: nginx lets a network search five times a second

    def __init__(self, front: Proxy, readers: int = 4) -> None:
        self.front, self.failed, self.seen = front, [], 0
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.read, args=(f"127.0.1.{n}",)) for n in range(1, readers + 1)]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def read(self, place: str) -> None:
        with closing(Reader(self.front.port, self.front.certificate, place)) as reader:
            while not self.stopped.is_set():
                for path, text in self.PAGES.items():
                    self.stopped.wait(self.PAUSE)
                    try:
                        answer = reader.ask(path)
                        if answer.status != 200 or text not in answer.body.decode():
                            self.failed.append((path, answer.status, answer.body[:200]))
                    except (OSError, http.client.HTTPException) as error:
                        self.failed.append((path, repr(error)))
                        reader.close()
                    self.seen += 1

    def goes_on(self, machine: Machine, answers: int = 40) -> None:
        """Wait until this machine has answered as many requests more."""
        wanted = machine.answered + answers
        until(lambda: machine.answered >= wanted)


def test_either_may_die_under_load_and_takes_nobodys_page_with_it_and_comes_back(site: Site) -> None:
    with Load(site.front) as load:
        load.goes_on(site.first)
        for dying, other in ((site.second, site.first), (site.first, site.second)):
            load.goes_on(dying)
            dying.kill()
            load.goes_on(other, 100)
            dying.start()
            time.sleep(TRIED_AGAIN)
            load.goes_on(dying)
    assert load.failed == []
    assert load.seen > 360
