"""/healthz and /readyz. tests/test_faults.py makes them tell of a running site what is wrong with its database."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from ardsinfo import health

OK = "database: ok\nmigrations: ok\ndisk: ok\n"


def assert_plain(response: Any, status: int, text: str) -> None:
    assert (response.status_code, response.content.decode()) == (status, text)
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert dict(response.cookies) == {}


def test_process_answers_without_a_database(client: Client) -> None:
    assert_plain(client.get("/healthz"), 200, "process: ok\n")


@pytest.mark.django_db
def test_site_that_can_do_its_work_is_ready(client: Client) -> None:
    assert_plain(client.get("/readyz"), 200, OK)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_load_balancer_asks_by_address_over_plain_http_and_in_maintenance(
    client: Client, settings: Any, address: str
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.MAINTENANCE = True
    assert client.get(address, headers={"host": "10.0.0.7:8000"}).status_code == 200
    answer = client.head(address, headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_it_can_only_be_read(client: Client, method: str) -> None:
    answer = getattr(client, method)("/healthz")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_nothing_near_these_addresses_is_answered_here(client: Client, db: None) -> None:
    assert client.get("/healthz/").status_code == 404
    assert client.get("/readyz/x").status_code == 404


@pytest.mark.django_db
def test_migration_that_has_not_run_is_missed(client: Client) -> None:
    newest = max(name for app, name in MigrationRecorder(connection).applied_migrations() if app == "trials")
    MigrationRecorder(connection).record_unapplied("trials", newest)
    assert_plain(client.get("/readyz"), 503, "database: ok\nmigrations: missing: run manage.py migrate\ndisk: ok\n")


@pytest.mark.django_db
def test_newer_database_does_no_harm(client: Client) -> None:
    """While one process after the other is brought up to date."""
    MigrationRecorder(connection).record_applied("trials", "0999_of_next_year")
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_disk_with_too_little_room_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_ROOM", 1024**6)  # more than any disk has
    assert_plain(client.get("/readyz"), 503, "database: ok\nmigrations: ok\ndisk: less than 1099511627776 MB left\n")


@pytest.mark.django_db
def test_check_costs_a_few_queries(django_assert_max_num_queries: Any) -> None:
    health.readiness()
    with django_assert_max_num_queries(6):  # two of them for a savepoint, in a test
        health.readiness()


def test_database_file_is_tried_by_writing_and_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "some.sqlite3"
    assert health._sqlite(file) == "is not there"
    assert not file.exists()
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA user_version = 7")
        assert health._sqlite(file) == "ok"
        assert database.execute("PRAGMA user_version").fetchone() == (7,)
        database.execute("BEGIN IMMEDIATE")
        assert health._sqlite(file) == "locked: somebody has been writing for 2 seconds"
        database.execute("ROLLBACK")
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        health._sqlite(file)
