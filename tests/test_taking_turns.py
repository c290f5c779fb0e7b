"""Two who write in the very same moment, on PostgreSQL: one waits for the other, and never each for the other."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from tests.factories import ANN, EVA, make_complete_trial, make_page
from tests.people import make_person
from trials import actions, importers
from trials.importers import files
from trials.models import ImportFile, Trial

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time by itself"),
]


def at_once(mine: Callable[[], Any], theirs: Callable[[], Any]) -> Any:
    """Do mine in one transaction that has begun before theirs does, and goes on once theirs waits for it.

    Returns what theirs came to.
    """

    def apart() -> Any:
        try:
            return theirs()
        finally:
            connections.close_all()

    @actions.one_at_a_time
    def action() -> Any:
        other = pool.submit(apart)
        until = time.monotonic() + 20
        while not other.done() and not somebody_waits():
            assert time.monotonic() < until
            time.sleep(0.01)
        mine()
        return other

    with ThreadPoolExecutor(1) as pool:
        return action().result()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
        return cursor.fetchone() is not None


@pytest.mark.parametrize("make", [make_complete_trial, make_page])
@pytest.mark.parametrize("view", ["preview", "change"])
def test_draft_is_published_while_somebody_looks_at_it(client: Client, make: Any, view: str) -> None:
    record = make()
    actions.loaded(record)
    document = actions.working_document(record)
    document["fields"]["title"] = "A new title"
    actions.edit(record, document, by=ANN, base=1, reason="As printed")
    actions.submit(record, by=ANN)
    client.force_login(make_person("ben", "Editors"))
    client.raise_request_exception = False
    address = f"/admin/trials/{record._meta.model_name}/{record.pk}/{view}/"
    page = at_once(lambda: actions.publish(record, by=EVA), lambda: client.get(address))
    assert (page.status_code, "A new title" in page.content.decode()) == (200, True)
    assert type(record).objects.public().get().title == "A new title"


TWO_RECORDS = """TY  - JOUR
TI  - Cells from the cord
AU  - Adaş, Gökhan
PY  - 2021
DO  - 10.1000/1
ER  -
TY  - JOUR
TI  - Marrow and nothing else
AU  - Yip, Hon-Kan
PY  - 2020
DO  - 10.1000/2
ER  -
"""


@pytest.mark.parametrize("first", ["file", "record"])
def test_record_is_added_once_while_its_whole_file_is_worked_through(client: Client, first: str) -> None:
    ann = make_person("ann", "Editors")
    client.force_login(ann)
    client.raise_request_exception = False
    file = files.keep(importers.read(TWO_RECORDS), "two.ris", ann)
    address = f"/admin/trials/trial/from-record/{file.pk}/1/"
    data = {"with": "new", "take": ["fields.title", "fields.authors", "fields.publication_date", "fields.doi"]}
    answers = []

    def work_on_the_file() -> None:
        files.work_on(ImportFile.objects.get(), ann)

    def take_the_record() -> None:
        answers.append(client.post(address, data).status_code)

    both = [work_on_the_file, take_the_record]
    at_once(*(both if first == "file" else both[::-1]))
    assert answers == [302]
    assert list(file.records.order_by("number").values_list("outcome", "reason")) == [("added", ""), ("added", "")]
    assert sorted(Trial.objects.values_list("doi", flat=True)) == ["10.1000/1", "10.1000/2"]
