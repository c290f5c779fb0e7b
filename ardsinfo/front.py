"""What stands before Django: it answers from the copies of the process (trials/copies.py).

For a page that is only to be sent again, making a request of it and taking it through Django is most of the work.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.db import connection

from ardsinfo import sqlite_file
from trials import copies

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
STATUS = {number: f"{number} {HTTPStatus(number).phrase}" for number in (200, 304)}


def application(django: Application) -> Application:
    """The WSGI application that asks `django` for what no copy is there for. Its middleware fills these copies."""
    own = copies.Copies()

    def found(environ: dict[str, Any]) -> copies.Copy | None:
        key = copies.key_of(environ)
        if key is None:
            return None
        # As Django does at the start of each request: the connection may have broken, or its file been replaced.
        connection.close_if_unusable_or_obsolete()
        sqlite_file.close_if_gone()
        if copies.has_session(environ):
            return None
        token = copies.content_token()
        return own.get(token, key) if token else None

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        copy = found(environ)
        if copy is None:
            environ[copies.COPIES] = own
            return django(environ, start_response)
        status, headers, body = copy.reply(environ)
        start_response(STATUS[status], headers)
        return [body]

    return answer
