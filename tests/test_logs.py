"""The log: one entry a record, with the number of the request and with nothing about whoever asked."""

import io
import json
import logging
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import DisallowedHost, PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from ardsinfo import logs
from tests import services

pytestmark = pytest.mark.django_db  # the frame of a page may ask for something

# Whatever a person sends, each in a place of its own.
PRIVATE = (
    "breathless",
    "ann@example.org",
    "192.0.2.44",
    "2001:db8::7",
    "s3cret-cookie",
    "typed-by-hand",
    "Mz-reset-key",
)
Breaking = Callable[[BaseException], None]


def breaks(request: HttpRequest, **kwargs: str) -> HttpResponse:
    raise planned[0]


planned: list[BaseException] = []
urlpatterns = [
    path("trials/one/", breaks),
    path("account/password/reset/key/<slug:key>/", breaks),
    path("", include("ardsinfo.urls")),
]


@pytest.fixture
def entries() -> Iterator[Callable[[], list[dict[str, str]]]]:
    """What has been written so far, as it was written: each line is read as JSON by itself."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.Json())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def ask(error: BaseException, address: str = "/trials/one/") -> str:
    """Send everything private there is to a view that raises `error`; gives the answer's number."""
    planned[:] = [error]
    client = Client(raise_request_exception=False, REMOTE_ADDR="192.0.2.44", HTTP_X_FORWARDED_FOR="2001:db8::7")
    client.cookies["sessionid"] = "s3cret-cookie"
    with override_settings(ROOT_URLCONF=__name__):
        answer = client.post(
            f"{address}?q=breathless&from=ann@example.org", {"note": "typed-by-hand"}, HTTP_REFERER="/?q=breathless"
        )
    return str(answer.headers["X-Request-ID"])


def is_private(text: str) -> list[str]:
    return [word for word in PRIVATE if word in text]


SAID = "breathless ann@example.org 192.0.2.44 2001:db8::7 s3cret-cookie typed-by-hand Mz-reset-key"


@pytest.mark.parametrize(
    ("error", "level", "logger", "message", "trace"),
    [
        (ValueError(SAID), "ERROR", "django.request", "Internal Server Error: /trials/one/", "ValueError"),
        (IntegrityError(SAID), "ERROR", "django.request", "Internal Server Error: /trials/one/", "IntegrityError"),
        (PermissionDenied(SAID), "WARNING", "django.request", "Forbidden: /trials/one/", None),
        (
            SuspiciousOperation(SAID),
            "ERROR",
            "django.security.SuspiciousOperation",
            "Bad Request: /trials/one/",
            None,
        ),
        (DisallowedHost(SAID), "ERROR", "django.security.DisallowedHost", "Bad Request: /trials/one/", None),
    ],
    ids=["value", "integrity", "forbidden", "suspicious", "host"],
)
def test_an_error_is_one_line_that_tells_nothing_of_whoever_asked(
    entries: Any, error: BaseException, level: str, logger: str, message: str, trace: str | None
) -> None:
    number = ask(error)
    (entry,) = entries()
    time, exception = entry.pop("time"), entry.pop("exception", None)
    assert entry == {"level": level, "logger": logger, "message": message, "request": number}
    assert time[:2] == "20"
    assert time.endswith("+00:00")
    if trace:
        assert exception.splitlines()[-1] == trace
        assert 'tests/test_logs.py", line' in exception
        assert "raise planned[0]" in exception
    else:
        assert exception is None
    assert is_private(json.dumps(entry) + str(exception)) == []


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"HTTP_ORIGIN": "https://ann-at-192.0.2.44.example"}, "Origin checking failed"),
        ({"HTTP_REFERER": "https://other.example/breathless?to=ann@example.org"}, "Referer checking failed"),
        ({"HTTP_REFERER": "http://testserver/breathless/"}, "Referer checking failed"),
        ({}, "Referer checking failed"),
        ({"HTTP_ORIGIN": "https://testserver"}, "CSRF cookie not set."),
    ],
    ids=["origin", "referer", "insecure", "none", "cookie"],
)
def test_a_refused_form_is_told_by_the_kind_of_reason(entries: Any, headers: dict[str, str], reason: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.post("/account/login/", {"login": "typed-by-hand"}, secure=True, **headers)
    (entry,) = entries()
    assert entry["logger"] == "django.security.csrf"
    assert entry["message"] == f"Forbidden ({reason}): /account/login/"


def test_the_words_of_the_machine_are_kept_but_for_persons(entries: Any) -> None:
    words = "to 192.0.2.44, 2001:db8::7 and 127.0.0.1 at 12:30:45 for ann@example.org"
    try:
        raise ConnectionResetError(words)
    except ConnectionResetError as cause:
        error = OperationalError("database is locked\nDETAIL: row (typed-by-hand)")
        error.__cause__ = cause
    ask(error)
    (entry,) = entries()
    lines = entry["exception"].splitlines()
    assert lines[-1] == "OperationalError: database is locked"
    assert "ConnectionResetError: to [address], [address] and 127.0.0.1 at 12:30:45 for [e-mail]" in lines
    assert is_private(entry["exception"]) == []


def test_the_key_that_resets_a_password_is_not_written_down(entries: Any) -> None:
    ask(ValueError(), "/account/password/reset/key/Mz-reset-key/")
    (entry,) = entries()
    assert entry["message"] == "Internal Server Error: /account/password/reset/key/…"
    with override_settings(ROOT_URLCONF=__name__):
        Client().get("/account/password/reset/key/Mz-reset-key/typo/")
    assert [entry["message"] for entry in entries()[1:]] == ["Not Found: /account/…"]


def test_a_record_of_any_other_logger_is_cleaned_too(entries: Any) -> None:
    logging.getLogger("gunicorn.error").error(
        "Error for %s", "ann@example.org at 192.0.2.44: GET /trials/?q=breathless&page=2"
    )
    logging.getLogger("other").error("two\nlines, /account/password/reset/key/Mz-reset-key/ and a question? Yes.")
    first, second = entries()
    assert first["message"] == "Error for [e-mail] at [address]: GET /trials/?…"
    assert second["message"] == "two\\x0alines, /account/password/reset/key/… and a question? Yes."
    assert "request" not in first


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("GET /trials/?q=breathless&page=2", "GET /trials/?…"),
        ("GET /trials/?q=breathless 'typed-by-hand' \"typed-by-hand\"", "GET /trials/?…"),
        ("GET /trials/?q='breathless' and ann@example.org", "GET /trials/?…"),
        ("GET /a-?q=breathless", "GET /a-?…"),
        ("GET /a?q=breath\nless", "GET /a?…"),
        ("GET ?q=breathless", "GET ?…"),
        ("a question? Yes.", "a question? Yes."),
        ("is it there?", "is it there?"),
        ("to ann@example.org, <ben@example.org>", "to [e-mail] <[e-mail]>"),
        ("/a/ann%40example.org/b/ann%2540example.org", "/a/[e-mail]/b/[e-mail]"),
        ("192.0.2.44 192.0.2.44. 192.0.2.44, (192.0.2.44)", "[address] [address]. [address], ([address])"),
        ("192.0.2.44:5432 192.0.2.44: refused", "[address]:5432 [address]: refused"),
        ("peer:192.0.2.44 from=192.0.2.44/24", "peer:[address] from=[address]/24"),
        ("2001:db8::7 2001:db8::7. 2001:db8::7: refused", "[address] [address]. [address]: refused"),
        ("[2001:db8::7]:5432 2001:db8:: 2001:db8::/32", "[[address]]:5432 [address] [address]/32"),
        ("1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:8:5432", "[address] [address]:5432"),
        ("::ffff:192.0.2.44 ::ffff:192.0.2.44:5432", "[address] [address]:5432"),
        ("127.0.0.1:5432 ::1 [::1]:80 127.0.0.1: refused", "127.0.0.1:5432 ::1 [::1]:80 127.0.0.1: refused"),
        ("at 12:30:45.678 of 2026-11-22T12:30:45+00:00", "at 12:30:45.678 of 2026-11-22T12:30:45+00:00"),
        ("front.py:12: logs::clean 3.34 5.2.8", "front.py:12: logs::clean 3.34 5.2.8"),
    ],
)
def test_what_may_be_about_a_person_is_taken_out(text: str, written: str) -> None:
    assert logs.clean(text) == written


@pytest.mark.parametrize("piece", ["a", "1", ":", "1.1.1.", "a%25", "a@"])
def test_a_long_text_costs_no_more_than_its_length(piece: str) -> None:
    """Anybody can ask for an address of 4,000 characters that is not there."""
    began = time.thread_time()
    logs.clean(piece * 20_000)
    assert time.thread_time() - began < 1


def test_lines_can_be_read_and_not_forged() -> None:
    record = logging.LogRecord("trials", logging.ERROR, __file__, 1, "no room\n2026-11-22 INFO all is well", None, None)
    record.created = 0
    assert logs.Lines().format(record) == (
        "1970-01-01T00:00:00.000+00:00 ERROR trials: no room\\x0a2026-11-22 INFO all is well"
    )
    try:
        raise OSError("disk full")
    except OSError:
        record.exc_info = sys.exc_info()
    first, *rest = logs.Lines().format(record).splitlines()
    assert first.startswith("1970-01-01T00:00:00.000+00:00 ERROR trials: no room")
    assert rest[-1] == "    OSError: disk full"
    assert [line for line in rest if not line.startswith("    ")] == []


def test_a_terminal_gets_lines_and_whatever_collects_logs_gets_json(monkeypatch: pytest.MonkeyPatch) -> None:
    def form(asked: str = "") -> object:
        return logs.configuration(asked)["formatters"]["entry"]["()"]

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert form() is logs.Lines
    assert form("json") is logs.Json
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert form() is logs.Json
    assert form("lines") is logs.Lines


def test_a_running_site_writes_json_and_nothing_else(tmp_path: Path) -> None:
    """Without a database, so that every page is an error. And a request that is no HTTP."""
    environment = services.environment(tmp_path)
    services.manage(environment, "collectstatic", "--noinput")
    with (tmp_path / "log").open("wb") as log, services.gunicorn(environment, log=log) as site:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{site.address}/trials/?q=breathless", timeout=30)
        with refused.value as answer:
            number, page = answer.headers["X-Request-ID"], answer.read().decode()
        no_header = urllib.request.Request(site.address, headers={"A b": "s3cret-cookie"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(no_header, timeout=30)
        refused.value.close()
    assert number in page
    (entry,) = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert entry["message"] == "Service Unavailable: /trials/"
    assert entry["exception"].splitlines()[-1] == "OperationalError: unable to open database file"
    assert entry["request"] == number
    assert is_private((tmp_path / "log").read_text()) == []


def test_what_stops_the_start_is_said_in_full(tmp_path: Path) -> None:
    environment = services.environment(tmp_path, ARDSINFO_DEBUG="Flase")
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "ardsinfo.wsgi"]
    stopped = subprocess.run(
        [*command, "--bind", f"127.0.0.1:{services.free_port()}"],
        cwd=services.PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    entry = json.loads(stopped.stderr.splitlines()[0])
    assert entry["logger"] == "gunicorn.error"
    said = "ImproperlyConfigured: ARDSINFO_DEBUG is set to 'Flase'. Write true or false."
    assert entry["exception"].splitlines()[-1] == said
