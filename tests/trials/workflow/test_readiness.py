"""What a study needs before it can be published."""

from typing import Any

import pytest

from tests.factories import (
    arm,
    citation,
    comparison,
    draft_trial,
    page_document,
    published_page,
    registration,
    trial_document,
)
from tests.users import editor
from trials.models import Page, Trial
from trials.workflow import steps
from trials.workflow.documents import build
from trials.workflow.readiness import gaps, missing


def missing_from(**values: Any) -> list[str]:
    return missing(build(trial_document(**values), Trial()))


def without_citations_of(*paths: str, **values: Any) -> list[str]:
    document = trial_document(**values)
    document["citations"] = [row for row in document["citations"] if row["value"] not in paths]
    return missing(build(document, Trial()))


def test_study_of_the_factories_can_be_published() -> None:
    assert missing_from() == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("title", "The title is missing."),
        ("authors", "The list of authors is missing."),
        ("journal", "The journal is missing."),
        ("publication_date", "The date of publication is missing."),
        ("design", "The design is missing."),
        ("heading", "The plain heading is missing."),
        ("plain_summary", "The plain-language summary is missing."),
        ("last_reviewed", "The date of the last review is missing."),
        ("review_due", "The date of the next review is missing."),
    ],
)
def test_field_that_has_to_be_filled(name: str, sentence: str) -> None:
    assert missing_from(**{name: None if name in ("last_reviewed", "review_due") else ""}) == [sentence]


def test_study_needs_a_country_and_a_group_given_cells() -> None:
    found = missing_from(countries=[], arms=[comparison("a2")], counts=[])
    assert found == ["There is no group that was given cells.", "The country is missing."]


@pytest.mark.parametrize(
    ("values", "path", "sentence"),
    [
        ({"age": "40"}, "age", "“Age” has no source."),
        ({"centres": 1}, "centres", "“Number of centres” has no source."),
        ({"dose": "1", "dose_unit": "cells"}, "dose_unit", ""),
        ({"recruitment_end": "2020"}, "recruitment_end", "“Recruitment began” has no source."),
        ({}, "cell_source", "“Source of cells” has no source."),
        ({}, "arms.a1", "Group “Cells” has no source."),
        ({}, "counts.c2", "Death, Placebo, by day 28 has no source."),
        ({"registrations": [registration()]}, "registrations.r1", "Registration NCT04457609 has no source."),
        ({"design_wording": "a randomised trial"}, "design_wording", ""),
    ],
)
def test_value_needs_a_source(values: dict[str, Any], path: str, sentence: str) -> None:
    assert without_citations_of(path, **values) == [sentence] * bool(sentence)


def test_source_of_one_field_is_enough_for_a_group() -> None:
    document = trial_document()
    document["citations"] = [row for row in document["citations"] if row["value"] != "arms.a1"]
    document["citations"].append(citation("arms.a1.given", "x1"))
    assert missing(build(document, Trial())) == []


def test_registration_can_be_cited_field_by_field() -> None:
    document = trial_document(registrations=[registration("r1", enrolment=0, note="Read twice.")])
    document["citations"] = [row for row in document["citations"] if row["value"] != "registrations.r1"]
    fields = ("registry", "identifier")
    document["citations"] += [citation(f"registrations.r1.{name}", f"x{name[:9]}") for name in fields]
    assert missing(build(document, Trial())) == ["Registration NCT04457609 has no source."]
    document["citations"].append(citation("registrations.r1.enrolment", "x3"))
    assert missing(build(document, Trial())) == []


def test_gap_names_the_place_where_it_is_filled() -> None:
    document = trial_document(age="40", arms=[arm("a1", cell_source="")], counts=[], citations=[], journal="")
    paths = [gap.path for gap in gaps(build(document, Trial()))]
    assert {"journal", "age", "arms.a1"} <= set(paths)


@pytest.mark.django_db
def test_stored_draft_is_read_from_its_rows() -> None:
    assert missing(draft_trial()) == []
    assert missing(published_page()) == []


@pytest.mark.parametrize(
    ("name", "empty", "sentence"),
    [
        ("body", "", "The text is missing."),
        ("description", "", "The description is missing."),
        ("last_reviewed", None, "The date of the last review is missing."),
        ("review_due", None, "The date of the next review is missing."),
    ],
)
def test_page_can_be_saved_half_written_and_not_published(db: None, name: str, empty: Any, sentence: str) -> None:
    page = steps.create(Page, page_document(**{name: empty}), by=editor())
    assert missing(page) == [sentence]
