"""The number of a request: in every line of the log, on the error pages and in the header X-Request-ID."""

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

# What a proxy may hand on. Anything longer or odder would let a stranger write into our log and our pages.
SAFE = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)

_current: ContextVar[str] = ContextVar("request id", default="")


def current() -> str:
    """The number of the request that this thread is answering, or "" outside of one."""
    return _current.get()


# By signal, not in the middleware: Django logs an error after the last middleware is left.
@receiver(request_started)
def _begin(environ: dict[str, Any] | None = None, **kwargs: Any) -> None:
    given = (environ or {}).get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXY else ""
    _current.set(given if SAFE.fullmatch(given) else secrets.token_hex(8))


@receiver(request_finished)
def _end(**kwargs: Any) -> None:
    _current.set("")


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Send the number back as a header."""

    def numbered(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["X-Request-ID"] = current()
        return response

    return numbered
