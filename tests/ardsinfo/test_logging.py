"""The log and the mails of errors: what they say, and what they leave out."""

import json
import logging
import sys
from types import TracebackType
from typing import Any

import pytest
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import include, path
from django_guid.log_filters import CorrelationId

from ardsinfo.logging import Json, Lines, ThrottledAdminEmailHandler, configuration

REQUEST_ID = "0123456789abcdef0123456789abcdef"
SECRETS = [
    ("Error handling request /trials/?q=my-illness", "Error handling request /trials/?…"),
    ('"GET /trials/?q=my-illness HTTP/1.1" 200', '"GET /trials/?… HTTP/1.1" 200'),
    ("Not Found: /account/password/reset/3-my-illness/", "Not Found: /account/password/reset/…/"),
]
urlpatterns: list[Any] = [path("fail/", lambda request: 1 / 0), path("", include("ardsinfo.urls"))]
handler500 = "ardsinfo.errors.server_error"


def record(message: str, error: BaseException | None = None, name: str = "trials", line: int = 1) -> logging.LogRecord:
    trace: TracebackType | None = error.__traceback__ if error else None
    entry = logging.LogRecord(name, logging.ERROR, __file__, line, message, (), error and (type(error), error, trace))
    entry.correlation_id = REQUEST_ID
    return entry


def test_json_entry_has_the_fields_of_the_log_and_no_others() -> None:
    entry = record("Failed", error=ZeroDivisionError("division by zero"))
    entry.request, entry.status_code = RequestFactory().get("/trials/?q=my-illness"), 500
    fields = json.loads(Json().format(entry))
    assert fields.pop("time").endswith("+00:00")
    assert fields == {
        "level": "ERROR",
        "logger": "trials",
        "message": "Failed",
        "request_id": REQUEST_ID,
        "exception": "ZeroDivisionError: division by zero",
    }


@pytest.mark.parametrize(("message", "shown"), SECRETS)
def test_queries_and_reset_keys_are_left_out(message: str, shown: str) -> None:
    assert json.loads(Json().format(record(message)))["message"] == shown
    assert Lines().format(record(message)).endswith(f" ERROR trials: {shown} [{REQUEST_ID}]")


def test_query_in_an_exception_is_left_out() -> None:
    assert "my-illness" not in Json().format(record("Failed", error=ValueError("no page /trials/?q=my-illness")))


def test_terminal_gets_lines_and_a_collector_gets_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert configuration()["handlers"]["stderr"]["formatter"] == "lines"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert configuration()["handlers"]["stderr"]["formatter"] == "json"


@pytest.fixture
def django_log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.handler.addFilter(CorrelationId())
    caplog.handler.setFormatter(Json())
    return caplog


@pytest.mark.urls(__name__)
def test_error_of_a_request_is_logged_with_its_id(django_log: pytest.LogCaptureFixture) -> None:
    client = Client(raise_request_exception=False)
    response = client.get("/fail/?q=my-illness", headers={"X-Request-ID": REQUEST_ID})
    fields = json.loads(django_log.handler.format(django_log.records[-1]))
    assert (fields["message"], fields["request_id"]) == ("Internal Server Error: /fail/", REQUEST_ID)
    assert "my-illness" not in str(fields)
    assert REQUEST_ID in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("sent", ["x" * 32, "short", "<script>", "0123456789abcdef" * 20])
def test_request_id_of_another_form_is_replaced(client: Client, sent: str) -> None:
    response = client.get("/account/login/", headers={"X-Request-ID": sent})
    assert len(response.headers["X-Request-ID"]) == 32
    assert response.headers["X-Request-ID"] != sent


# --- Mail -----------------------------------------------------------------------------------------------------


@pytest.fixture
def handler(settings: Any) -> ThrottledAdminEmailHandler:
    settings.ADMINS = [("", "operator@example.org")]
    handler = ThrottledAdminEmailHandler()
    handler.setFormatter(Lines())
    return handler


def test_error_is_mailed_without_its_request(handler: ThrottledAdminEmailHandler) -> None:
    entry = record("Internal Server Error: /trials/")
    entry.request = RequestFactory().post("/admin/", {"note": "my-illness"})
    handler.handle(entry)
    assert mail.outbox[0].to == ["operator@example.org"]
    assert mail.outbox[0].subject == "[ARDSinfo] ERROR: Internal Server Error: /trials/"
    assert REQUEST_ID in mail.outbox[0].body
    assert "my-illness" not in mail.outbox[0].body


def test_same_error_is_mailed_again_after_ten_minutes(
    handler: ThrottledAdminEmailHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seconds in (1000, 1599, 1601):
        monkeypatch.setattr("ardsinfo.logging.time.monotonic", lambda seconds=seconds: seconds)
        handler.handle(record("Failed"))
    assert len(mail.outbox) == 2


def test_refused_host_is_not_mailed(handler: ThrottledAdminEmailHandler) -> None:
    handler.handle(record("Invalid HTTP_HOST header", name="django.security.DisallowedHost"))
    assert mail.outbox == []
