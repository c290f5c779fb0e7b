"""Where the titles, papers and registrations of the eight studies differ."""

from typing import Any

import pytest
from django.test import Client

from tests.dom import tree
from tests.factories import citation, published_trial, registration, source

DIFFERENCES = {
    "adas-2021": ["Design", "Registered late", "Comparison"],
    "dilogo-2021": ["Masking", "Registered late", "Primary outcome"],
    "hashemian-2021": ["Phase", "People", "Registered late", "Design", "Phase", "People", "Registered late"],
    "kaffash-farkhad-2022": ["Design", "Masking", "Phase", "Comparison"],
    "lanzoni-2021": ["Masking"],
    "monsel-2022": ["Masking", "Phase"],
    "rebelatto-2022": ["Registered late"],
    "yip-2020": ["People"],
}


@pytest.mark.usefixtures("all_records")
def test_page_lists_what_the_eight_studies_differ_on(client: Client) -> None:
    page = tree(client.get("/disagreements/"))
    found = {
        section.one("h3")["id"]: [item.text.partition(":")[0] for item in section.all("li")]
        for section in page.one("article").all("section")
    }
    assert found == DIFFERENCES
    assert (
        "start 1 April 2020 (a registry record), registered 25 April 2020 in NCT04392778: 24 days after the start."
        in page.text
    )
    assert "31 to 61 days after the start" in page.text


@pytest.mark.django_db
def test_number_of_queries_does_not_grow(client: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(3):
        published_trial(slug=f"smith-{number}", registrations=[registration(masking="open")])
    with django_assert_max_num_queries(12):
        assert client.get("/disagreements/").status_code == 200


@pytest.mark.django_db
def test_readings_of_the_comparison_the_people_the_outcome_and_the_timing(client: Client) -> None:
    planned = {"enrolment": 40, "enrolment_type": "estimated", "registered": "2020-05-27"}
    entry = registration(comparison="Salt water (saline)", primary_outcome="Safety", **planned)
    title = "A control-placebo group trial"
    quote = citation("control", basis="disputed", quote="control-placebo group", note="The title says control-placebo.")
    values = {"control": "standard-care", "primary_outcome": "Deaths", "recruitment_start": "2020-05-01"}
    start = citation("recruitment_start", "q2", source="s2")
    sources = [source(), source("s2", kind="press", label="A news report")]
    published_trial(title=title, registrations=[entry], sources=sources, citations=[quote, start], **values)
    page = tree(client.get("/trials/smith-2021/"))
    rows = [page.one(id=f"value-{name}-table") for name in ("control", "people", "primary_outcome", "timing")]
    assert [[cell.text for cell in row.all("td")] for row in rows] == [
        ["“control-placebo group”", "Standard care alone", "Salt water (saline) NCT04457609"],
        ["not in the title", "20 randomised", "40 planned NCT04457609"],
        ["not in the title", "Deaths", "Safety NCT04457609"],
        [
            "not in the title",
            "Start: 1 May 2020 From a press report, not the paper",
            "Registered 27 May 2020: 26 days after the start (1 May 2020) NCT04457609",
        ],
    ]
    differences = [item.text.partition(":")[0] for item in page.one(class_="differences").all("li")]
    assert differences == ["People", "Registered late", "Comparison"]
