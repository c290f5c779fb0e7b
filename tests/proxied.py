"""The site behind nginx with deploy/nginx.conf, and readers before it: while a change is published, and while the
application is away. The tests and `make bench-proxy` watch the same."""

import gzip
import itertools
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import brotli

from tests import services
from tests.proxy import HOST, Answer, Proxy, Reader

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
SECONDS_WITHOUT = 30

_MAKE_ANN = """
from django.contrib.auth.models import User
User.objects.create_superuser("ann", password="correct horse")
"""

CHANGED = "/methods/"
_PUBLISH = """
import time
from django.contrib.auth.models import User
from trials import actions
from trials.models import Page
page, ann = Page.objects.get(slug="methods"), User.objects.get(username="ann")
document = actions.working_document(page)
document["fields"]["body"] += "\\n\\nWords nobody has read before."
base = actions.newest_revision(page).number
actions.edit(page, document, by=ann, base=base, reason="To see how long it takes.")
actions.publish(page, by=ann)
print(time.monotonic())
"""


@dataclass
class Site:
    """The site with the eight studies and a member of staff, and its parts. `start` and `kill` are for the application;
    the socket where nginx asks for it stays the same."""

    folder: Path
    environment: dict[str, str] = field(init=False)
    front: Proxy = field(init=False)
    running: ExitStack = field(default_factory=ExitStack)
    application: services.Server = field(init=False)

    def __post_init__(self) -> None:
        self.environment = services.environment(
            self.folder,
            ARDSINFO_SITE_URL=f"https://{HOST}",
            ARDSINFO_TRUSTED_PROXY="true",
            ARDSINFO_CONTACT_EMAIL=f"contact@{HOST}",
        )
        self.place = self.folder / "gunicorn.sock"
        services.build_static()
        services.manage(self.environment, "migrate", "--verbosity", "0")
        services.manage(self.environment, "load_studies", "--verbosity", "0")
        self.run(_MAKE_ANN)

    def start(self) -> None:
        self.application = self.running.enter_context(
            services.gunicorn(self.environment, "--bind", f"unix:{self.place}")
        )

    def _signal(self, number: signal.Signals) -> None:
        for pid in (self.application.process.pid, *self.application.workers):
            os.kill(pid, number)

    def kill(self) -> None:
        """All its processes at once, as when the machine runs out of memory."""
        self._signal(signal.SIGSTOP)  # or the main one would start new workers for those that are gone
        self._signal(signal.SIGKILL)
        self.application.process.wait()
        self.running.close()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Its processes are there and do nothing."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def run(self, code: str) -> str:
        """What this Python code prints in another process."""
        return services.manage(self.environment, "shell", "--verbosity", "0", "--command", code)


# --- Readers --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """A request and what came of it, at seconds of the monotonic clock."""

    asked: float
    came: float
    address: str
    answer: Answer | Exception

    @property
    def text(self) -> bytes | None:
        """What was on the page; None where there was none."""
        if isinstance(self.answer, Exception) or self.answer.status != 200:
            return None
        packed = {"br": brotli.decompress, "gzip": gzip.decompress}
        text: bytes = packed.get(self.answer.headers["Content-Encoding"], bytes)(self.answer.body)
        return text


@dataclass
class Readers:
    """Readers who go round `addresses`, each on a connection of its own, until the end of the block."""

    front: Proxy
    addresses: Sequence[str]
    number: int = 4
    seen: list[View] = field(default_factory=list)

    def __enter__(self) -> "Readers":
        self.end = threading.Event()
        self.threads = [threading.Thread(target=self.read, args=[number]) for number in range(self.number)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.end.set()
        for thread in self.threads:
            thread.join()

    def read(self, number: int) -> None:
        with closing(Reader(self.front.port, self.front.certificate)) as reader:
            for turn in itertools.count(number):
                if self.end.wait(0.02):
                    return
                address, asked = self.addresses[turn % len(self.addresses)], time.monotonic()
                answer: Answer | Exception
                try:
                    answer = reader.ask(address, headers=BROWSER)
                except Exception as error:
                    answer = error
                    reader.close()  # the next request opens it again
                self.seen.append(View(asked, time.monotonic(), address, answer))


# --- A published change ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Published:
    """What readers saw of a page that was changed while they asked for it."""

    last_old: float  # seconds after the change when somebody asked last and got the old text
    stated: float  # how many that may be: two, and two answers of the application
    new: int  # answers with the new text
    failed: list[View]  # with neither


def publish(site: Site, watched: float = 10) -> Published:
    with Readers(site.front, [CHANGED]) as readers:
        services.wait_until(lambda: len(readers.seen) > 20, site.application.process, "reading")
        published = float(site.run(_PUBLISH))
        services.wait_until(
            lambda: readers.seen[-1].asked > published + watched, site.application.process, "reading on"
        )
    old, new = readers.seen[0].text, View(0, 0, CHANGED, site.front.ask(CHANGED)).text
    if old == new or b"Words nobody has read before." not in (new or b""):
        raise ValueError("the change did not come about")
    # Only of that page, and only what came since: an answer of another may have taken longer for its own reasons.
    since = {
        view.answer.headers["X-Request-ID"]
        for view in readers.seen
        if view.came > published and isinstance(view.answer, Answer)
    }
    lines = [json.loads(line) for line in site.front.log().splitlines()]
    slowest = max(
        float(line["application_seconds"])
        for line in lines
        if line["request"] in since and line["application_status"] in ("200", "304")
    )
    return Published(
        last_old=max(view.asked for view in readers.seen if view.text == old) - published,
        stated=2 + 2 * slowest,
        new=sum(view.text == new for view in readers.seen),
        failed=[view for view in readers.seen if view.text not in (old, new)],
    )


# --- No application -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Killed:
    """What readers saw of pages that nginx has, with the application killed for some time and started again."""

    failed: list[View]  # anything but the page as it was before
    without: list[Answer]  # to what was asked while there was no application


def kill(site: Site, addresses: Sequence[str], beside: Callable[[], object] = lambda: None) -> Killed:
    """Kill the application for SECONDS_WITHOUT, do what there is to do `beside` the readers, and start it again."""
    known = {address: View(0, 0, address, site.front.ask(address, headers=BROWSER)).text for address in addresses}
    with Readers(site.front, addresses) as readers:
        services.wait_until(lambda: len(readers.seen) > 40, site.application.process, "reading")
        killed = time.monotonic()
        site.kill()
        beside()
        readers.end.wait(killed + SECONDS_WITHOUT - time.monotonic())
        site.start()
        back = time.monotonic()
        services.wait_until(
            lambda: any(
                view.asked > back and isinstance(view.answer, Answer) and view.answer.copy == "REVALIDATED"
                for view in readers.seen[-20:]
            ),
            site.application.process,
            "asking the application again",
        )
    return Killed(
        failed=[view for view in readers.seen if view.text is None or view.text != known[view.address]],
        without=[
            view.answer
            for view in readers.seen
            if killed < view.asked < killed + SECONDS_WITHOUT and isinstance(view.answer, Answer)
        ],
    )
