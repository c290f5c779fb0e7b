"""gunicorn's worker with threads, which sends the head and the body of an answer at once and gives memory back.

gunicorn sends one after the other. A worker that is killed between the two has sent half an answer, and then nginx can
ask nobody else for it any more.

A search that finds very many studies takes some MB for a moment. glibc keeps what is free again, in a heap for each
thread, and each heap with holes of its own: a worker would grow for hours. So there is one heap, and what is free in it
goes back after each costly answer.
"""

import ctypes
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

MUCH = 0.02  # seconds of CPU for one answer; to give back what is free takes half a thousandth
ARENA_MAX = -8  # M_ARENA_MAX in glibc's malloc.h: the most heaps
# glibc alone has these two.
give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
set_memory = getattr(ctypes.CDLL(None), "mallopt", None)


class Whole:
    """A socket for one answer. What is sent first, its head, waits for what comes next or for `flush`."""

    def __init__(self, sock: Any) -> None:
        self.sock = sock
        self.head: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)

    def sendall(self, data: bytes) -> None:
        if self.head is None:
            self.head = data
        else:
            head, self.head = self.head, b""
            self.sock.sendall(head + data)

    def sendfile(self, *args: Any, **kwargs: Any) -> int:
        self.flush()
        return int(self.sock.sendfile(*args, **kwargs))

    def flush(self) -> None:
        if self.head:
            self.sendall(b"")


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    def init_process(self) -> None:
        if set_memory:
            set_memory(ARENA_MAX, 1)  # before there are threads
        super().init_process()

    def handle_request(self, req: Any, conn: Any) -> bool:
        began = time.thread_time()
        plain, conn.sock = conn.sock, Whole(conn.sock)
        try:
            keep = super().handle_request(req, conn)
            conn.sock.flush()  # a head without a body
            return bool(keep)
        finally:
            conn.sock = plain
            if give_back and time.thread_time() - began > MUCH:
                give_back(0)
