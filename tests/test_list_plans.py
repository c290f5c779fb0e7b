"""How the database answers a list: from indexes alone, never by reading the wide table from end to end."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.test_query_counts import fill

pytestmark = pytest.mark.django_db

# A step on the table of studies that reads a study itself: only of those that the page shows, by their keys.
LOOKS_AT_STUDIES = re.compile(r"(SCAN|SEARCH) trials_trial\b(?!_)")
FINE = ("USING COVERING INDEX", "USING INTEGER PRIMARY KEY")


def steps(address: str) -> list[str]:
    """What SQLite says of every statement over the studies that this page needs."""
    with CaptureQueriesContext(connection) as asked:
        assert Client().get(address).status_code == 200
    statements = [query["sql"] for query in asked.captured_queries if "trials_trial" in query["sql"]]
    assert statements
    found = []
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            details = [detail for *_, detail in cursor.fetchall()]
            for _ in range(statement.count("words AS trials_trial")):  # what the search has found, under this name
                details.remove("SCAN trials_trial")
            found += details
    return found


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL goes by what its tables hold")
@pytest.mark.parametrize(
    "address",
    [
        "/trials/",
        "/trials/?page=3",
        "/trials/?sort=oldest",
        "/trials/?sort=largest&view=table",
        "/trials/?sort=author&page=2",
        "/trials/?design=randomised",
        "/trials/?design=randomised&sort=largest",
        "/trials/?country=ID&cells=placenta",
        "/trials/?year_min=1960&year_max=1990&sort=oldest",
        "/trials/?q=cells",
        "/trials/?q=number+cell&sort=author&page=2",
        "/trials/?q=cells&country=ID&year_min=1960&sort=largest",
        "/trials/?q=%25",
    ],
)
@pytest.mark.parametrize("analysed", [True, False])
def test_list_reads_indexes_alone(address: str, analysed: bool) -> None:
    fill(100)
    if not analysed:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1")
            cursor.execute("ANALYZE sqlite_schema")  # which reads what is left
    on_studies = [step for step in steps(address) if LOOKS_AT_STUDIES.search(step)]
    assert on_studies
    assert [step for step in on_studies if not any(words in step for words in FINE)] == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no such index of its own")
def test_a_word_too_short_for_the_index_reads_the_table_once_from_end_to_end() -> None:
    fill(100)
    read = [step for step in steps("/trials/?q=11&design=randomised&sort=author") if step == "SCAN trials_trial"]
    assert len(read) == 1
