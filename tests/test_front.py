"""What stands before Django in a worker: it sends copies, and leaves everything else to Django."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from ardsinfo import front
from trials import copies
from trials.models import Trial

pytestmark = pytest.mark.django_db

Answer = tuple[str, dict[str, str], bytes]


class Worker:
    """A worker whose Django counts how often it is asked."""

    def __init__(self) -> None:
        self.django = WSGIHandler()
        self.asked = 0
        self.application = front.application(self.counted)

    def counted(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked += 1
        return self.django(environ, start_response)

    def __call__(self, address: str, method: str = "get", **headers: str) -> Answer:
        environ = getattr(RequestFactory(SERVER_NAME="127.0.0.1"), method)(address, **headers).environ
        environ.setdefault("HTTP_HOST", "127.0.0.1")
        begun: list[Any] = []
        body = b"".join(self.application(environ, lambda status, headers: begun.extend((status, dict(headers)))))
        return begun[0], begun[1], body


@pytest.fixture
def worker(eight_studies: None, monkeypatch: pytest.MonkeyPatch) -> Worker:
    # At the start of a request Django gives up a connection that is in a transaction, as that of a test is.
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    return Worker()


def test_django_is_asked_once(worker: Worker) -> None:
    first = worker("/trials/")
    assert worker("/trials/?unknown=1") == first
    assert worker("/trials/", "head") == (first[0], first[1], b"")
    assert worker.asked == 1
    assert first[0] == "200 OK"
    assert b"Dilogo" in first[2]


def test_a_copy_is_what_django_itself_would_answer(worker: Worker) -> None:
    worker("/trials/")
    _, headers, body = worker("/trials/")
    page = Client().get("/trials/", headers={"Host": "127.0.0.1"})
    assert (body, headers) == (page.content, dict(page.headers))


def test_an_unchanged_page_is_not_sent_again(worker: Worker) -> None:
    etag = worker("/")[1]["ETag"]
    status, headers, body = worker("/", HTTP_IF_NONE_MATCH=etag)
    assert (status, headers["ETag"], body) == ("304 Not Modified", etag, b"")
    assert worker.asked == 1


def test_a_change_shows_on_the_next_request(worker: Worker) -> None:
    worker("/trials/dilogo-2021/")
    Trial.objects.filter(slug="dilogo-2021").update(title="Changed a moment ago")
    assert b"Changed a moment ago" in worker("/trials/dilogo-2021/")[2]
    assert worker.asked == 2


def test_one_worker_sees_what_another_has_changed(worker: Worker) -> None:
    other = Worker()
    for each in (worker, other):
        assert b"<dt>published studies</dt><dd>8</dd>" in each("/")[2]
    Trial.objects.filter(slug="dilogo-2021").delete()
    for each in (worker, other):
        assert b"<dt>published studies</dt><dd>7</dd>" in each("/")[2]


@pytest.mark.parametrize(
    "headers",
    [{"HTTP_HOST": "evil.example"}, {"HTTP_HOST": ""}, {"HTTP_HOST": "a b"}],
    ids=["host", "no host", "odd host"],
)
def test_these_are_left_to_django(worker: Worker, headers: dict[str, str]) -> None:
    worker("/trials/")
    worker("/trials/", **headers)
    assert worker.asked == 2


@pytest.mark.parametrize("address", ["/nowhere/", "/account/login/", "/healthz", "/tri%C3%A4ls/"])
def test_other_addresses_are_left_to_django(worker: Worker, address: str) -> None:
    for _ in range(2):
        worker(address)
    assert worker.asked == 2


def test_staff_see_their_draft_and_readers_do_not(worker: Worker) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("ann"))
    Trial.objects.filter(slug="dilogo-2021").update(status="draft")
    cookie = client.cookies["sessionid"].value
    assert worker("/trials/dilogo-2021/", HTTP_COOKIE=f"sessionid={cookie}")[0] == "200 OK"
    assert worker("/trials/dilogo-2021/")[0] == "404 Not Found"


def test_a_session_that_nobody_has_is_answered_like_none(worker: Worker) -> None:
    page = worker("/trials/")
    assert worker("/trials/", HTTP_COOKIE=f"sessionid={'0' * 32}") == page
    assert worker.asked == 1


def test_without_the_database_nothing_is_sent_from_memory(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    worker("/trials/")

    def gone() -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(copies.connection, "cursor", gone)
    status, _, body = worker("/trials/")
    assert status == "503 Service Unavailable"
    assert b"Dilogo" not in body


def test_https_is_asked_of_our_own_proxy_alone(settings: Any) -> None:
    environ = {"wsgi.url_scheme": "http", "HTTP_X_FORWARDED_PROTO": "https"}
    assert copies.is_secure(environ) is False
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert copies.is_secure(environ) is True
    assert copies.is_secure({"wsgi.url_scheme": "https", "HTTP_X_FORWARDED_PROTO": "http"}) is False
    assert copies.is_secure({"wsgi.url_scheme": "https"}) is True
