"""The page of studies side by side."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import published_trial

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_studies() -> None:
    published_trial()
    published_trial(slug="jones-2020", title="B")


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 200, "Choose two to four studies"),
        ("?trial=smith-2021", 200, "Choose two to four studies"),
        ("?trial=smith-2021&trial=%3Cb%3E", 400, "“&lt;b&gt;” is not a study on the list."),
    ],
)
def test_page_says_what_to_choose(client: Client, query: str, status: int, words: str) -> None:
    response = client.get(f"/trials/compare/{query}")
    assert (response.status_code, words in response.content.decode()) == (status, True)


def test_address_of_the_comparison_holds_the_studies_alone(client: Client) -> None:
    response = client.get("/trials/compare/?q=&year_min=2020&trial=smith-2021&trial=jones-2020&only=")
    assert (response.status_code, response.headers["Location"]) == (
        302,
        "/trials/compare/?trial=smith-2021&trial=jones-2020&only=",
    )
    assert client.get("/trials/compare/?q=").headers["Location"] == "/trials/compare/"


def test_number_of_queries_is_fixed(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(14):
        client.get("/trials/compare/?trial=smith-2021&trial=jones-2020")
