"""A record becomes a JSON document and comes back the same."""

from typing import Any

import pytest
from django.core.management import call_command

from tests.factories import arm, count, published_page, published_trial, registration, source, trial_document
from tests.users import editor
from trials.models import Arm, OutcomeCount, Revision, Trial
from trials.workflow import steps
from trials.workflow.documents import MODELS, ROWS, build, document_of, write

pytestmark = pytest.mark.django_db


def in_memory(document: dict[str, Any]) -> Trial:
    return build(document, Trial())  # type: ignore[no-any-return]


def rows_in_memory(trial: Trial) -> dict[str, Any]:
    return {kind: getattr(trial, kind).all() for kind in ROWS}


def test_each_record_of_the_site_comes_back_the_same() -> None:
    call_command("loaddata", "studies", "pages", "glossary", "other_studies", "reviews", verbosity=0)
    for revision in Revision.objects.all():
        record = MODELS[revision.kind]._default_manager.get(pk=revision.record_id)
        assert document_of(record) == revision.data, revision.name
        built = build(revision.data, record)
        rows = rows_in_memory(built) if isinstance(built, Trial) else None
        assert document_of(built, rows) == revision.data, revision.name


def test_document_of_a_study() -> None:
    document = document_of(published_trial(countries=["FR", "ID"], citations=[]))
    assert document["fields"]["countries"] == ["FR", "ID"]
    assert document["fields"]["last_reviewed"] == "2026-11-22"
    assert document["fields"]["doi"] is None
    assert [(row["key"], row["arm"], row["headline"]) for row in document["counts"]] == [
        ("c1", "a1", True),
        ("c2", "a2", True),
    ]
    assert {"id", "status", "draft_of", "updated", "people", "search_text"}.isdisjoint(document["fields"])


def test_document_of_a_page_holds_fields_alone() -> None:
    assert list(document_of(published_page())) == ["fields"]


def test_building_reads_and_writes_nothing(django_assert_num_queries: Any) -> None:
    document = trial_document(registrations=[registration()])
    with django_assert_num_queries(0):
        trial = in_memory(document)
        assert [row.name for row in trial.arms.all()] == ["Cells", "Placebo"]
        assert [row.arm.name for row in trial.counts.all()] == ["Cells", "Placebo"]
        assert {row.source.label for row in trial.citations.all()} == {"Abstract of the paper"}
        assert trial.registrations.all()[0].identifier == "NCT04457609"


def test_rows_are_sorted_by_position() -> None:
    document = trial_document(sources=[source("s1", position=2, label="B"), source("s2", position=1, label="A")])
    assert [row.label for row in in_memory(document).sources.all()] == ["A", "B"]


def test_older_document_leaves_newer_fields_at_their_defaults() -> None:
    document = trial_document(centres=4)
    del document["fields"]["centres"], document["registrations"], document["blanks"]
    document["fields"]["colour"] = "A field that is gone."
    trial = in_memory(document)
    assert (trial.centres, list(trial.registrations.all())) == (None, [])
    assert not steps.create(Trial, document, by=editor()).blanks.exists()


def test_written_rows_replace_the_stored_ones() -> None:
    trial = published_trial()
    document = trial_document(arms=[arm("a7", name="Only group")], counts=[count("c7", "a7")], citations=[])
    write(build(document, trial))
    assert [row.name for row in Arm.objects.all()] == ["Only group"]
    assert [(row.key, row.arm.name) for row in OutcomeCount.objects.all()] == [("c7", "Only group")]
    assert Trial.objects.get().people == 10
