"""The bare Django project that the site is measured against: `gunicorn bench.bare`.

It answers from memory with the bytes and the content headers that the site gave, and does nothing else: no middleware,
no apps, no database, one address pattern, one dictionary look-up, DEBUG off. It is the most that Django under this
gunicorn can do. Of the site's headers it sends only those that describe the content (CONTENT_HEADERS): the security
headers are a part of what the site does more, so their cost counts against the site.

BARE_ANSWERS names the file with the answers, as `save` writes it.
"""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import re_path

from ardsinfo import request_id

CONTENT_HEADERS = (
    "Cache-Control",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "ETag",
    "Last-Modified",
    "Vary",
)


@dataclass(frozen=True)
class Answer:
    """`headers` are sent with the content; `unchanged` with a 304, for which the visitor sends the `etag`."""

    content: bytes
    headers: dict[str, str]
    unchanged: dict[str, str]

    @property
    def etag(self) -> str:
        return self.headers.get("ETag", "")


def save(answers: Mapping[str, Answer], file: Path) -> None:
    """Write the answers (by address, with its query) for `load`."""
    written = {
        address: [base64.b64encode(answer.content).decode(), answer.headers, answer.unchanged]
        for address, answer in answers.items()
    }
    file.write_text(json.dumps(written))


def load(file: Path) -> dict[str, Answer]:
    return {
        address: Answer(base64.b64decode(content), headers, unchanged)
        for address, (content, headers, unchanged) in json.loads(file.read_text()).items()
    }


answers: dict[str, Answer] = {}


def view(request: HttpRequest) -> HttpResponse:
    answer = answers.get(request.META["RAW_URI"])
    if answer is None:
        return HttpResponse()  # to whoever asks whether the server is there
    if answer.etag and request.META.get("HTTP_IF_NONE_MATCH") == answer.etag:
        return HttpResponseNotModified(headers=answer.unchanged)
    return HttpResponse(answer.content, headers=answer.headers)


urlpatterns = [re_path("", view)]

if file := os.environ.get("BARE_ANSWERS"):
    answers = load(Path(file))
    settings.configure(
        DEBUG=False,
        SECRET_KEY="bare" * 16,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        INSTALLED_APPS=[],
    )
    # They come with the log that deploy/gunicorn.conf.py sets up: the site numbers its requests, bare Django does not.
    request_started.disconnect(request_id._begin)
    request_finished.disconnect(request_id._end)
    application = get_wsgi_application()
