"""The error pages and /healthz."""

from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from ardsinfo import health


def broken_query(request: HttpRequest) -> HttpResponse:
    raise IntegrityError


def no_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError


urlpatterns = [path("query/", broken_query), path("database/", no_database), path("", include("ardsinfo.urls"))]
handler500 = "ardsinfo.errors.server_error"


@pytest.fixture
def reader() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.urls(__name__)
def test_database_that_is_away_is_503(reader: Client) -> None:
    response = reader.get("/database/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.urls(__name__)
def test_fault_of_a_query_is_500(reader: Client) -> None:
    response = reader.get("/query/")
    assert response.status_code == 500
    assert "Something went wrong here" in response.content.decode()


@pytest.mark.urls(__name__)
def test_error_is_answered_in_plain_text_without_templates(reader: Client, settings: Any) -> None:
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": []}]
    response = reader.get("/query/")
    assert (response.status_code, response.headers["Content-Type"]) == (500, "text/plain; charset=utf-8")


def test_maintenance_is_503_without_a_database(client: Client, settings: Any) -> None:
    settings.MAINTENANCE = True
    response = client.get("/trials/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "600")


@pytest.mark.django_db
@pytest.mark.parametrize("maintenance", [True, False])
def test_healthz_answers_over_plain_http_and_in_maintenance(client: Client, settings: Any, maintenance: bool) -> None:
    settings.SECURE_SSL_REDIRECT, settings.MAINTENANCE = True, maintenance
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_healthz_is_503_where_a_migration_is_missing(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="trials").delete()
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"migrations are missing: run manage.py migrate\n")


def test_healthz_is_503_where_the_database_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> bool:
        raise OperationalError

    monkeypatch.setattr(health, "has_every_migration", fail)
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"the database does not answer\n")


def test_healthz_can_only_be_read(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


@pytest.mark.parametrize("cookie", ['"\\000aaaaaaaaaaaaaaaa"', '"aaaaaaaa\\000"'])
def test_nul_in_a_cookie_is_refused(client: Client, cookie: str) -> None:
    assert client.get("/about/", headers={"Cookie": f"sessionid={cookie}"}).status_code == 400


def test_nul_in_a_parameter_of_staff_is_refused(client: Client) -> None:
    assert client.get("/admin/?q=%00").status_code == 400
