"""What our worker does beyond gunicorn's: the head and the body of an answer leave at once, so that one that is killed
has sent all of it or nothing; and the memory that a costly answer took is given back.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn

from ardsinfo import worker as ours
from ardsinfo.worker import Worker
from bench.machine import memory
from tests.tools import missing

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PLACE = ("127.0.0.1", 8000)


def sent(application: Application, request: str = "GET / HTTP/1.1") -> list[bytes]:
    """What the worker sends, one piece for each time that it asks the system to send something."""
    settings = Config()
    settings.set("keepalive", 0)
    # This kind of socket keeps what was sent at once together, and apart from what came before and after.
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        theirs.sendall(f"{request}\r\nHost: 127.0.0.1\r\n\r\n".encode())
        worker = Worker(1, os.getpid(), [], None, 30, settings, Logger(settings))
        worker.wsgi = application
        try:
            worker.handle(TConn(settings, ours, PLACE, PLACE))
        finally:
            worker.tmp.close()
        ours.close()
        return list(iter(lambda: theirs.recv(1_000_000), b""))


def answering(*pieces: bytes, status: str = "200 OK", length: int | None = None) -> Application:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response(status, [] if length is None else [("Content-Length", str(length))])
        yield from pieces

    return application


def parted(piece: bytes) -> tuple[bytes, bytes]:
    """The first line of an answer, and what follows its head."""
    head, found, body = piece.partition(b"\r\n\r\n")
    assert found
    return head.partition(b"\r\n")[0], body


def test_a_page_leaves_at_once() -> None:
    [whole] = sent(answering(b"x" * 100_000, length=100_000))
    assert parted(whole) == (b"HTTP/1.1 200 OK", b"x" * 100_000)


@pytest.mark.parametrize(
    ("request_line", "status"), [("HEAD / HTTP/1.1", "200 OK"), ("GET / HTTP/1.1", "304 Not Modified")]
)
def test_a_head_without_a_body_is_sent_too(request_line: str, status: str) -> None:
    [whole] = sent(answering(b"", status=status), request_line)
    assert parted(whole) == (f"HTTP/1.1 {status}".encode(), b"")


def test_what_comes_in_pieces_is_sent_as_it_comes() -> None:
    first, second, last = sent(answering(b"one", b"two"))
    assert parted(first) == (b"HTTP/1.1 200 OK", b"3\r\none\r\n")
    assert (second, last) == (b"3\r\ntwo\r\n", b"0\r\n\r\n")


def test_a_file_follows_its_head(tmp_path: Path) -> None:
    (tmp_path / "style.css").write_bytes(b"body {}")

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "7")])
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"]((tmp_path / "style.css").open("rb"))
        return wrapped

    assert parted(b"".join(sent(application))) == (b"HTTP/1.1 200 OK", b"body {}")


def test_of_an_answer_that_fails_before_its_body_nothing_is_sent() -> None:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b""
        raise ValueError

    assert sent(application) == []


def busy(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_what_a_costly_answer_took_is_given_back() -> None:
    if not ours.give_back:
        missing("The C library of this machine is not glibc: nothing gives memory back")
    most: list[float] = []
    kept: list[bytes] = []

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        size = len(environ["PATH_INFO"]) * 1000  # not a constant, or there would be one string of bytes
        taken = [b"x" * size for _ in range(50_000)]
        kept.append(b"x" * size)  # beyond the others: what glibc gives back by itself is only what lies at the end
        most.append(memory(os.getpid()))
        del taken
        busy(ours.MUCH)
        start_response("200 OK", [])
        yield b"done"

    sent(application)
    assert most[0] - memory(os.getpid()) > 35  # MB, of 50


def test_a_cheap_answer_does_not_stop_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []
    monkeypatch.setattr(ours, "give_back", times.append)
    sent(answering(b"x"))
    assert times == []

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        busy(ours.MUCH)
        yield from answering(b"x")(environ, start_response)

    sent(application)
    assert times == [0]


# Four threads that have memory at once, in a worker that has just begun; then the C library says which heaps there are.
HEAPS = """
import ctypes, sys, threading
from gunicorn.workers.gthread import ThreadWorker
from ardsinfo.worker import Worker

ThreadWorker.init_process = lambda self: None
if sys.argv[1] == "ours":
    Worker.init_process(object.__new__(Worker))
together = threading.Barrier(4)

def work():
    taken = [b"x" * (20_000 + number) for number in range(100)]
    together.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


@pytest.mark.parametrize(("worker", "heaps"), [("gunicorn's", 5), ("ours", 1)])
def test_its_threads_share_one_heap(worker: str, heaps: int) -> None:
    if not ours.set_memory:
        missing("The C library of this machine is not glibc: its heaps cannot be counted")
    said = subprocess.run([sys.executable, "-c", HEAPS, worker], capture_output=True, text=True, check=True).stdout
    assert said.count("<heap nr=") == heaps
