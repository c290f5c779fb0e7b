"""PostgreSQL itself: its checks, such as how it sorts, and that a hostile request is no error there."""

import pytest
from django.core import checks
from django.test import Client

pytestmark = pytest.mark.django_db


def test_checks_of_the_database_find_nothing() -> None:
    assert checks.run_checks(tags=["ardsinfo"], include_deployment_checks=True, databases=["default"]) == []


@pytest.mark.parametrize(
    "address", ["/trials/?q=%00", "/trials/?country=%00", "/trials/%00/", "/account/login/?next=%00"]
)
def test_nul_in_an_address_is_no_server_error(client: Client, address: str) -> None:
    assert client.get(address).status_code in (200, 400, 404)


def test_healthz_answers(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
