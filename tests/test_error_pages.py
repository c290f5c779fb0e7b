"""The pages for our own faults (500) and the database's (503): they need no database, and give back what was typed."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError, ProgrammingError
from django.test import Client, RequestFactory

from ardsinfo import errors
from tests.dom import parse, tree
from trials.admin import kept


def answer(error: Exception, request: Any = None) -> Any:
    """What the handler makes of this error."""
    try:
        raise error
    except type(error):
        return errors.server_error(request or RequestFactory().get("/"))


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError, InternalError])
def test_fault_of_the_database_is_503(kind: type[Exception]) -> None:
    response = answer(kind("disk I/O error"))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.headers["Cache-Control"] == "no-store"
    page = parse(response.content.decode())
    assert page.one("h1").text == "Not available just now"
    assert "disk I/O" not in page.text
    assert page.one("meta", property="og:image")["content"] == "http://127.0.0.1:8000/static/img/share.png"


@pytest.mark.parametrize("kind", [ProgrammingError, DataError, IntegrityError, ValueError])
def test_fault_of_our_own_is_500(kind: type[Exception]) -> None:
    response = answer(kind("x"))
    assert (response.status_code, response.headers["Cache-Control"]) == (500, "no-store")
    assert "Retry-After" not in response.headers
    page = parse(response.content.decode())
    assert page.one("h1").text == "Something went wrong here"
    assert page.one("meta", property="og:image")["content"] == "http://127.0.0.1:8000/static/img/share.png"


def test_it_answers_where_the_templates_are_gone_too(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [], "APP_DIRS": False}]
    response = answer(OperationalError("gone"))
    assert response.status_code == 503
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.startswith(b"Something went wrong at ARDSinfo. The fault is ours.")
    assert caplog.messages == ["The page unavailable.html could not be made"]


def test_it_answers_where_the_static_files_were_not_built(settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    settings.STATIC_ROOT = "/nowhere"
    assert answer(ValueError("x")).content.startswith(b"Something went wrong at ARDSinfo.")


# --- What was typed -------------------------------------------------------------------------------------------


def sent(**values: Any) -> Any:
    return RequestFactory().post("/admin/trials/trial/7/change/?_popup=1", values)


def test_form_that_we_gave_out_is_given_back_as_it_was_sent() -> None:
    token = kept.token(User(pk=7))
    text = 'A "quote" <b>& more\r\nAnd a line.'
    request = sent(opened_by=token, plain_summary=text, countries=["1", "4"], empty="")
    for error in (OperationalError("gone"), ValueError("x")):
        form = parse(answer(error, request).content.decode()).one("form")
        assert (form["action"], form["method"]) == ("/admin/trials/trial/7/change/?_popup=1", "post")
        found = [(field["name"], field["value"]) for field in form.all("input", type="hidden")]
        assert found == [
            ("opened_by", token), ("plain_summary", text), ("countries", "1"), ("countries", "4"), ("empty", ""),
        ]  # fmt: skip


@pytest.mark.parametrize("opened_by", ["", "1", "eyJ4IjoxfQ:1abcde:forged"])
def test_nothing_else_is_given_back(opened_by: str) -> None:
    """Not the password of the log-in, and nothing that a stranger made somebody send."""
    page = answer(OperationalError("gone"), sent(opened_by=opened_by, password="secret words")).content.decode()
    assert "secret" not in page
    assert "<form" not in page


def test_form_that_is_sent_again_goes_to_this_site_alone() -> None:
    request = RequestFactory().post("/x", {"opened_by": kept.token(User(pk=7))})
    request.path = "//elsewhere.example/"
    form = parse(answer(ValueError("x"), request).content.decode()).one("form")
    assert not re.match(r"//|\w+:", form["action"])


@pytest.mark.usefixtures("eight_studies")
def test_view_that_loses_its_database_answers_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("trials.views.pages.render_markdown", gone)
    client.raise_request_exception = False
    response = client.get("/glossary/")
    assert response.status_code == 503
    assert tree(response).one("code").text == response.headers["X-Request-ID"]
