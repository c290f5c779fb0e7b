"""Every request has a number: in the header, on the pages that report a fault, in the log."""

import re

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from ardsinfo import request_id
from tests.dom import tree
from tests.tools import assert_valid_html

pytestmark = pytest.mark.django_db  # the frame of a page may ask for something

OWN = r"[0-9a-f]{16}"


def breaks(request: HttpRequest, kind: str) -> HttpResponse:
    raise {"refused": SuspiciousOperation, "broken": ZeroDivisionError}[kind]


urlpatterns = [path("<slug:kind>/", breaks), path("", include("ardsinfo.urls"))]


def number(client: Client, **headers: str) -> str:
    return str(client.get("/robots.txt", headers=headers).headers["X-Request-ID"])


def test_each_answer_has_its_own(client: Client) -> None:
    first, second = number(client), number(client)
    assert re.fullmatch(OWN, first)
    assert re.fullmatch(OWN, second)
    assert first != second
    assert request_id.current() == ""  # nothing is left for what comes after the request


def test_a_number_is_taken_from_our_own_proxy_alone(client: Client) -> None:
    assert re.fullmatch(OWN, number(client, X_Request_ID="0123456789abcdef-proxy"))
    with override_settings(TRUSTED_PROXY=True):
        assert number(client, X_Request_ID="0123456789abcdef-proxy") == "0123456789abcdef-proxy"


@pytest.mark.parametrize(
    "odd", ["", "short", "x" * 65, "12345678\n", '12345678"><b>', "12345678 9", "１２３４５６７８"], ids=repr
)
def test_a_number_of_another_form_is_replaced(odd: str) -> None:
    with override_settings(TRUSTED_PROXY=True):
        answer = Client(HTTP_X_REQUEST_ID=odd).get("/robots.txt")
    assert re.fullmatch(OWN, answer.headers["X-Request-ID"])


@pytest.mark.parametrize(
    ("kind", "status", "heading"),
    [("refused", 400, "That request cannot be answered"), ("broken", 500, "Something went wrong here")],
)
def test_an_error_page_says_it(kind: str, status: int, heading: str) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        answer = Client(raise_request_exception=False).get(f"/{kind}/")
    assert answer.status_code == status
    page = tree(answer)
    assert page.one("h1").text == heading
    assert f"If you tell us about this, quote the number {answer.headers['X-Request-ID']}." in page.one("main").text
    assert_valid_html({kind: answer.content})


def test_the_page_of_a_refusal_says_it() -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "a"})
    assert answer.status_code == 403
    assert answer.headers["X-Request-ID"] in tree(answer).one("main").text


def test_the_maintenance_page_says_it(client: Client) -> None:
    with override_settings(MAINTENANCE=True):
        answer = client.get("/trials/")
    assert answer.status_code == 503
    assert answer.headers["X-Request-ID"] in tree(answer).one("main").text
