"""The interface for programs: pages, filters, problems, headers, and its description."""

import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.dom import tree
from tests.factories import draft_of, published_trial, submit
from tests.users import reviewer
from trials import vocabulary as v
from trials.exports import study_json
from trials.listing.filters import SORTS
from trials.models import FormerSlug, Trial
from trials.models.values import study_values
from trials.views.api import NOT_IN_FILES, PagedTrials
from trials.workflow import steps

pytestmark = pytest.mark.django_db
OPENAPI = json.loads((Path(study_json.__file__).parent / "openapi.json").read_text())
LISTS = ["/api/v1/trials/", "/api/v1/deaths/", "/api/v1/changes/"]


def pages(client: Client, address: str) -> list[dict[str, Any]]:
    """Every page, from the first to the last, by the links between them."""
    found = []
    while address:
        response = client.get(address)
        assert response.status_code == 200, response.content
        found.append(response.json())
        link = re.fullmatch(r'<http://127\.0\.0\.1:8000([^>]+)>; rel="next"', response.get("Link", ""))
        address = link[1] if link else ""
    return found


@pytest.mark.usefixtures("all_records")
@pytest.mark.parametrize(
    "query", ["", "&sort=oldest", "&sort=largest", "&sort=author", "&design=randomised", "&q=stem"]
)
def test_pages_hold_the_studies_of_the_list_in_its_order(client: Client, query: str) -> None:
    slugs = [card.trial.slug for card in client.get(f"/trials/?{query}").context["list"].cards]
    found = pages(client, f"/api/v1/trials/?limit=3{query}")
    assert [study["id"] for page in found for study in page["trials"]] == slugs
    assert [len(page["trials"]) for page in found][:-1] == [3] * (len(found) - 1)


@pytest.mark.usefixtures("all_records")
def test_study_of_the_interface_is_that_of_the_file(client: Client) -> None:
    file = b"".join(client.get("/trials/monsel-2022.json").streaming_content)
    assert client.get("/api/v1/trials/monsel-2022/").json() == json.loads(file)


def test_page_goes_on_where_the_last_one_ended_although_a_study_came_in(client: Client) -> None:
    for year in (2019, 2020, 2021):
        published_trial(slug=f"smith-{year}", publication_date=str(year))
    link = client.get("/api/v1/trials/?limit=2")["Link"]
    published_trial(slug="smith-2022", publication_date="2022")
    steps.archive(Trial.objects.get(slug="smith-2020"), by=reviewer(), base=1, reason="It was retracted.")
    (page,) = pages(client, link[1 : link.index(">")].removeprefix("http://127.0.0.1:8000"))
    assert [study["id"] for study in page["trials"]] == ["smith-2019"]


@pytest.mark.usefixtures("all_records")
def test_deaths_are_those_of_the_evidence_page(client: Client) -> None:
    found = {row["study"]: row for page in pages(client, "/api/v1/deaths/?limit=2") for row in page["deaths"]}
    assert set(found) == {"lanzoni-2021", "dilogo-2021", "monsel-2022", "rebelatto-2022", "adas-2021"}
    lanzoni = found["lanzoni-2021"]
    assert (lanzoni["cells"], lanzoni["comparison"]) == ({"deaths": 2, "out_of": 12}, {"deaths": 7, "out_of": 12})
    assert lanzoni["counted_when"] == "by day 31"
    assert [round(lanzoni["risk_ratio"][name], 2) for name in ("estimate", "low", "high")] == [0.29, 0.07, 1.1]


def test_changes_say_what_changed(client: Client) -> None:
    trial = published_trial()
    draft_of(trial, control="standard-care")
    submit(trial, reason="It was misread.")
    steps.publish(trial, by=reviewer(), base=3)
    changed, loaded = [change for page in pages(client, "/api/v1/changes/?limit=1") for change in page["changes"]]
    assert (changed["event"], changed["version"], changed["reasons"]) == ("Changed", 4, ["It was misread."])
    assert changed["values"] == [{"label": "Comparison", "before": "Placebo", "after": "Standard care alone"}]
    assert (loaded["version"], loaded["values"]) == (1, [])
    assert client.get("/trials/smith-2021/v/4/").status_code == 200


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("page=1", "page"), ("view=table", "view"), ("colour=red", "colour"), ("limit=0", "limit"),
        ("limit=101", "limit"), ("limit=x", "limit"), ("after=x", "after"), ("after=WyIxIl0%00", "after"),
        ("after=" + "x" * 2001, "after"),
    ],
)  # fmt: skip
def test_wrong_parameter_is_a_problem(client: Client, address: str, query: str, parameter: str) -> None:
    published_trial()
    response = client.get(f"{address}?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert {error["parameter"] for error in response.json()["errors"]} == {parameter}
    assert response["Access-Control-Allow-Origin"] == "*"


def test_cursor_of_another_order_is_refused(client: Client) -> None:
    for slug in ("smith-2020", "smith-2021"):
        published_trial(slug=slug)
    cursor = re.search("after=([^&>]+)", client.get("/api/v1/trials/?limit=1")["Link"])
    assert cursor
    assert client.get(f"/api/v1/trials/?after={cursor[1]}").status_code == 200
    for address in (f"/api/v1/trials/?after={cursor[1]}&sort=largest", f"/api/v1/changes/?after={cursor[1]}"):
        assert [error["parameter"] for error in client.get(address).json()["errors"]] == ["after"]


def test_unknown_address_is_a_problem_and_a_former_one_redirects(client: Client) -> None:
    FormerSlug.objects.create(slug="old-2020", trial=published_trial())
    assert client.get("/api/v1/trials/old-2020/")["Location"] == "/api/v1/trials/smith-2021/"
    for address in ("/api/v1/trials/none-2020/", "/api/v1/nothing/", "/api/v2/trials/"):
        response = client.get(address)
        assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert client.get("/api/v1/trials?limit=1")["Location"] == "/api/v1/trials/?limit=1"
    steps.archive(Trial.objects.get(), by=reviewer(), base=1, reason="It was retracted.")
    assert client.get("/api/v1/trials/smith-2021/").json()["status"] == 410


@pytest.mark.parametrize("address", [*LISTS, "/api/v1/trials/smith-2021/"])
def test_answer_is_sent_again_only_if_the_content_changed(client: Client, address: str) -> None:
    trial = published_trial()
    etag = client.get(address)["ETag"]
    again = client.get(address, headers={"if-none-match": etag})
    assert (again.status_code, again.content, again["Access-Control-Allow-Origin"]) == (304, b"", "*")
    draft_of(trial, journal="Other")
    assert client.get(address, headers={"if-none-match": etag}).status_code == 200


def test_any_page_may_read_an_answer_but_without_cookies(client: Client) -> None:
    published_trial()
    response = client.get("/api/v1/trials/", headers={"origin": "https://example.org"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response
    assert response["Access-Control-Expose-Headers"] == "ETag, Link"
    asked = client.options("/api/v1/trials/", headers={"access-control-request-headers": "if-none-match"})
    assert (asked.status_code, asked["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert "If-None-Match" in asked["Access-Control-Allow-Headers"]
    assert Client(enforce_csrf_checks=True).post("/api/v1/trials/").status_code == 405


@pytest.mark.parametrize("address", LISTS)
def test_number_of_queries_does_not_grow(client: Client, address: str) -> None:
    counted = []
    for number in (2, 6):
        for _ in range(number):
            published_trial(slug=f"copy-{Trial.objects.count()}-2021")
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 15


# --- The description


def test_description_is_valid_and_served(client: Client) -> None:
    validate(OPENAPI)
    assert client.get("/api/v1/openapi.json").json() == OPENAPI


def test_description_has_the_words_and_values_of_the_site() -> None:
    parameters = OPENAPI["components"]["parameters"]
    for name, vocabulary in {
        "design": v.Design,
        "masking": v.Masking,
        "cause": v.Cause,
        "phase": v.Phase,
        "notice": v.NoticeKind,
        "registered": v.Registered,
    }.items():
        assert parameters[name]["schema"]["items"]["enum"] == vocabulary.values
    assert parameters["sort"]["schema"]["enum"] == list(SORTS)
    assert PagedTrials.base_filters.keys() - set(NOT_IN_FILES) == parameters.keys()
    assert OPENAPI["components"]["schemas"]["Status"]["enum"] == list(study_json.STATUSES)
    assert set(study_values()) <= OPENAPI["components"]["schemas"]["Trial"]["properties"].keys()


CHOSEN = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.mark.usefixtures("all_records")
def test_answers_are_as_described() -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    statuses: dict[str, set[int]] = {}
    generated = settings(
        max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    for found in schema.get_all_operations():

        @generated
        @given(case=found.ok().as_strategy())
        def ask(case: Any) -> None:
            answer = case.call_and_validate(checks=CHOSEN, headers={"Accept-Encoding": "identity"})
            statuses.setdefault(case.operation.label, set()).add(answer.status_code)

        ask()
    assert len(statuses) == 4
    assert [label for label, seen in statuses.items() if not seen & {200, 404}] == []


# --- The page of examples


@pytest.mark.usefixtures("all_records")
def test_every_example_works(client: Client) -> None:
    page = tree(client.get("/api/v1/"))
    examples = [link["href"] for link in page.all("a", class_="example")]
    assert len(examples) == 7
    assert [address for address in examples if client.get(address).status_code != 200] == []


@pytest.mark.usefixtures("all_records")
def test_example_in_python_reads_all_studies(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "".join(map(str, tree(client.get("/api/v1/")).one("code", id="python").children))

    def urlopen(address: str) -> Any:
        response = client.get(address.removeprefix("http://127.0.0.1:8000"))
        answer = io.BytesIO(response.content)
        answer.headers = response.headers  # type: ignore[attr-defined]
        return answer

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(code, {})  # noqa: S102 - our own example
    assert len(output.getvalue().splitlines()) == 8
    assert "rebelatto-2022 randomised reported\n" in output.getvalue()
