"""Files of the list and of one study: which studies are in them, and how they are sent."""

import csv
import io
import json
import tracemalloc
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import count, draft_of, published_trial, trial_document
from tests.trials.exports.studies import hard_trial
from tests.users import reviewer
from trials.exports.formats import FORMATS
from trials.models import FormerSlug, Trial
from trials.workflow import steps
from trials.workflow.documents import build, write

pytestmark = pytest.mark.django_db
LIST_FILES = ["/trials.csv", "/outcomes.csv", "/trials.ris", "/trials.bib", "/trials.json"]
STUDY_FILES = [
    "/trials/smith-2021.csv",
    "/trials/smith-2021/outcomes.csv",
    "/trials/smith-2021.ris",
    "/trials/smith-2021.bib",
    "/trials/smith-2021.json",
]


def body(response: Any) -> str:
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content).decode()


def rows(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(client.get(address)).removeprefix("\ufeff"), newline="")))


# --- The same studies in the same order


@pytest.mark.usefixtures("all_records")
@pytest.mark.parametrize(
    "query", ["", "?design=randomised&sort=largest", "?q=umbilical&year_max=2021", "?q=nothing+has"]
)
def test_files_hold_the_studies_of_the_list_in_its_order(client: Client, query: str) -> None:
    slugs = [card.trial.slug for card in client.get(f"/trials/{query}").context["list"].cards]
    assert [row["id"] for row in rows(client, f"/trials.csv{query}")] == slugs
    assert [study["id"] for study in json.loads(body(client.get(f"/trials.json{query}")))["trials"]] == slugs
    ris = body(client.get(f"/trials.ris{query}"))
    assert [line[6:] for line in ris.splitlines() if line.startswith("ID")] == slugs
    bib = body(client.get(f"/trials.bib{query}"))
    assert [line[9:-1] for line in bib.splitlines() if line.startswith("@")] == slugs
    counted = list(dict.fromkeys(row["study"] for row in rows(client, f"/outcomes.csv{query}")))
    assert counted == [slug for slug in slugs if slug in counted]


def test_file_of_the_deaths_has_the_columns_of_metafor(client: Client) -> None:
    published_trial(authors="=Smith, Ann", counts=[count("c1", "a1", days=28), count("c2", "a2", days=28, events=5)])
    response = client.get("/evidence/deaths.csv?design=randomised")
    header, row = response.content.decode("utf-8-sig").splitlines()
    assert header == "study,listed,design,ai,n1i,ci,n2i,counted_when,counted_of"
    assert row == "'=Smith 2021,yes,Randomised controlled trial,3,10,5,10,by day 28,everyone randomised"
    assert response["Content-Disposition"] == 'attachment; filename="ardsinfo-deaths-2026-11-30.csv"'


def test_page_and_view_of_the_list_change_no_file(client: Client) -> None:
    published_trial()
    assert rows(client, "/trials.csv?view=table&page=1&design=") == rows(client, "/trials.csv")


@pytest.mark.parametrize("address", [*LIST_FILES, "/evidence/deaths.csv", "/evidence/deaths.svg"])
def test_wrong_and_unknown_parameters_are_refused_as_a_problem(client: Client, address: str) -> None:
    response = client.get(f"{address}?year_min=abc&colour=red")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    problem = response.json()
    assert (problem["status"], problem["title"]) == (400, "Bad Request")
    assert [error["parameter"] for error in problem["errors"]] == ["colour", "year_min"]
    assert problem["errors"][1]["detail"] == "“abc” is not a whole number from 1900 to 2100."
    assert "ETag" not in response


@pytest.mark.parametrize("accept", ["text/plain", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"])
def test_person_reads_a_problem_as_plain_text(client: Client, accept: str) -> None:
    response = client.get("/trials.csv?design=zebra", headers={"accept": accept})
    assert (response.status_code, response["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert "\ndesign: “zebra” is not " in response.content.decode()


@pytest.mark.parametrize("address", STUDY_FILES)
def test_files_of_a_study_follow_its_address_and_know_no_parameter(client: Client, address: str) -> None:
    trial = published_trial()
    FormerSlug.objects.create(slug="old-2020", trial=trial)
    assert "smith-2021" in body(client.get(address))
    assert client.get(address.replace("smith-2021", "old-2020"))["Location"] == address
    missing = client.get(address.replace("smith-2021", "none-2020"))
    assert (missing.status_code, missing.json()["status"]) == (404, 404)
    assert client.get(f"{address}?sort=newest").status_code == 400


# --- How they are sent


@pytest.mark.parametrize("address", [*LIST_FILES, *STUDY_FILES])
def test_file_is_not_sent_again_while_the_content_is_the_same(client: Client, address: str) -> None:
    published_trial()
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again["ETag"], again.content) == (304, first["ETag"], b"")


@pytest.mark.parametrize("address", LIST_FILES)
def test_file_of_the_list_is_sent_again_when_the_content_changed(client: Client, address: str) -> None:
    trial = published_trial()
    first = client.get(address)
    steps.archive(trial, by=reviewer(), base=1, reason="It was retracted.")
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("address", STUDY_FILES)
def test_file_of_a_study_that_was_taken_off_says_where_it_is_told_why(client: Client, address: str) -> None:
    trial = published_trial()
    steps.archive(trial, by=reviewer(), base=1, reason="It was retracted.")
    gone = client.get(address)
    assert (gone.status_code, gone["Content-Type"]) == (410, "application/problem+json")
    assert "/trials/smith-2021/" in gone.json()["detail"]


@pytest.mark.parametrize("address", LIST_FILES)
def test_head_is_answered_without_reading_a_study(client: Client, address: str) -> None:
    published_trial()
    with CaptureQueriesContext(connection) as queries:
        response = client.head(address)
        assert b"".join(response.streaming_content) == b""
    assert [query["sql"] for query in queries if "trials_trial" in query["sql"]] == []
    assert response["ETag"] == client.get(address)["ETag"]


def test_date_of_a_file_is_that_of_the_content(client: Client) -> None:
    call_command("loaddata", "studies", verbosity=0)
    name = client.get("/trials.csv")["Content-Disposition"]
    assert name == 'attachment; filename="ardsinfo-trials-2026-11-22.csv"'
    assert json.loads(body(client.get("/trials.json")))["version_date"] == "2026-11-22"


def copies(number: int) -> None:
    """Add so many public studies, past the workflow, which would take longer."""
    for _ in range(number):
        document = trial_document(slug=f"copy-{Trial.objects.count()}-2021")
        write(build(document, Trial(status="published")))


@pytest.mark.parametrize("address", LIST_FILES)
def test_number_of_queries_does_not_grow(client: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trials.exports.streams.CHUNK", 2)
    counted = []
    for number in (1, 6):
        copies(number)
        with CaptureQueriesContext(connection) as queries:
            body(client.get(address))
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 12


def test_memory_does_not_grow_with_the_number_of_studies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trials.exports.streams.CHUNK", 10)
    peaks: list[dict[str, int]] = []
    for number in (40, 200):
        copies(number)
        peaks.append({})
        for name, kind in FORMATS.items():
            tracemalloc.start()
            assert all(chunk for chunk in kind.chunks(Trial.objects.public(), {}))
            peaks[-1][name] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert {name: sizes for name, sizes in peaks[1].items() if sizes > 1.5 * peaks[0][name]} == {}


# --- The table


def test_text_that_a_program_could_run_has_an_apostrophe(client: Client) -> None:
    hard_trial()
    (row,) = rows(client, "/trials.csv")
    assert row["severity"] == "'=1+1"
    assert row["dose"] == "'+1 × 10⁶"
    assert row["age"] == "'-5 to 70 years\nsecond line, “quoted”"
    assert [row["arm"] for row in rows(client, "/outcomes.csv")] == ["'=Cells", "Placebo", "All groups given cells"]


def test_number_has_no_apostrophe_and_an_unknown_one_is_empty(client: Client) -> None:
    published_trial(centres=None, infusions=3)
    (row,) = rows(client, "/trials.csv")
    assert (row["centres"], row["infusions"], row["people"], row["cells_deaths"]) == ("", "3", "20", "3")


@pytest.mark.usefixtures("all_records")
def test_counts_of_a_study_are_those_of_its_page(client: Client) -> None:
    found = rows(client, "/trials/lanzoni-2021/outcomes.csv")[:2]
    assert [list(row.values())[2:] for row in found] == [
        ["cells", "death", "", "31", "2", "12", "randomised"],
        ["comparison", "death", "", "31", "7", "12", "randomised"],
    ]


def test_file_shows_what_is_published_and_not_its_draft(client: Client) -> None:
    draft_of(published_trial(), journal="Quagga Journal")
    assert [name for name in LIST_FILES if "Quagga" in body(client.get(name))] == []
