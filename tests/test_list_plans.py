"""How the database answers what a list needs: from an index alone, and of a study itself only those on the page."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.test_query_counts import fill
from trials import catalogue
from trials.models import Trial

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
            found += [detail for *_, detail in cursor.fetchall()]
    return [step for step in found if LOOKS_AT_STUDIES.search(step)]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL goes by what its tables hold")
@pytest.mark.parametrize(
    "address",
    [
        "/trials/",
        "/trials/?sort=author&page=2",
        "/trials/?design=randomised&country=ID&year_min=1960&sort=largest",
        "/trials/?q=number+cell&view=table",
    ],
)
@pytest.mark.parametrize("analysed", [True, False])
def test_list_reads_indexes_alone(address: str, analysed: bool) -> None:
    fill(100)
    if not analysed:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1")
            cursor.execute("ANALYZE sqlite_schema")  # which reads what is left
    catalogue.forget()
    first = steps(address)
    (block,) = {number // 1000 for number in Trial.objects.values_list("pk", flat=True)}
    assert "SEARCH trials_trial USING COVERING INDEX trials_trial_catalogue (status=? AND id>? AND id<?)" in first
    assert catalogue.catalogue().tokens.keys() == {block}
    assert [step for step in first if not any(words in step for words in FINE)] == []
    # Once the studies are known, none is looked at but those on the page.
    assert {step.partition("(")[0] for step in steps(address)} == {"SEARCH trials_trial USING INTEGER PRIMARY KEY "}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no such index of its own")
def test_a_word_too_short_for_the_index_reads_the_table_once_from_end_to_end() -> None:
    fill(100)
    read = [step for step in steps("/trials/?q=11&design=randomised&sort=author") if step == "SCAN trials_trial"]
    assert len(read) == 1
