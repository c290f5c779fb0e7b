"""How the database answers what a list needs: studies are looked up by their keys, and none twice."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.test_query_counts import fill
from trials import catalogue

pytestmark = pytest.mark.django_db

A_BLOCK = "SEARCH trials_trial USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
THE_PAGE = "SEARCH trials_trial USING INTEGER PRIMARY KEY (rowid=?)"


def steps(address: str) -> list[str]:
    """What SQLite says of how it gets at studies, for every statement that this page needs."""
    with CaptureQueriesContext(connection) as asked:
        assert Client().get(address).status_code == 200
    statements = [query["sql"] for query in asked.captured_queries if "trials_trial " in query["sql"].replace('"', "")]
    found = []
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            found += [detail for *_, detail in cursor.fetchall()]
    return [step for step in found if step.split()[1] == "trials_trial"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL goes by what its tables hold")
@pytest.mark.parametrize(
    "address",
    [
        "/trials/",
        "/trials/?sort=author&page=2",
        "/trials/?design=randomised&country=ID&year_min=1960&sort=largest",
        "/trials/?q=number+cell",
        "/trials/?q=11",
    ],
)
@pytest.mark.parametrize("analysed", [True, False])
def test_list_looks_up_studies_by_their_keys(address: str, analysed: bool) -> None:
    fill(100)
    if not analysed:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1")
            cursor.execute("ANALYZE sqlite_schema")  # which reads what is left
    catalogue.forget()
    assert steps(address) == [A_BLOCK, THE_PAGE]
    assert steps(f"{address}{'&' if '?' in address else '?'}view=list") == [THE_PAGE]  # another copy, the same studies
