"""`load_studies` fills an empty database once, and never changes an edit."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.factories import draft_trial, page_document, published_term
from tests.users import editor
from trials.models import GlossaryTerm, Page, Revision, Trial
from trials.workflow import steps
from trials.workflow.documents import document_of
from trials.workflow.revisions import revisions
from trials.workflow.versions import content_version

pytestmark = pytest.mark.django_db


def load_studies() -> str:
    output = StringIO()
    call_command("load_studies", stdout=output)
    return output.getvalue().strip()


def test_empty_database_is_filled() -> None:
    assert load_studies() == "Studies, pages and glossary loaded."
    assert content_version()
    assert Trial.objects.public().filter(slug="dilogo-2021").exists()
    assert Page.objects.public().filter(slug="overview").exists()
    assert GlossaryTerm.objects.public().filter(slug="ards").exists()
    assert [revision.step for revision in revisions(Trial.objects.get(slug="dilogo-2021"))] == ["loaded"]


def test_studies_alone_are_enough_for_a_site_that_shows_them(client: Client) -> None:
    call_command("loaddata", "studies", verbosity=0)
    for path in ("/", "/trials/"):
        assert "Dilogo 2021" in client.get(path).content.decode()


def test_second_run_changes_nothing() -> None:
    load_studies()
    trial = Trial.objects.get(slug="dilogo-2021")
    document = document_of(steps.start_draft(trial))
    document["fields"]["age"] = "40"
    steps.save(trial, document, by=editor(), base=1)
    before = (content_version(), Revision.objects.count())
    assert load_studies() == "Nothing was loaded: there is content already."
    assert (content_version(), Revision.objects.count()) == before
    assert Trial.objects.get(draft_of=trial).age == "40"


@pytest.mark.parametrize("make", [draft_trial, published_term])
def test_any_content_keeps_the_fixtures_out(make: Any) -> None:
    make()
    assert load_studies() == "Nothing was loaded: there is content already."
    assert not Page.objects.exists()


def test_deleted_content_does_not_come_back() -> None:
    page = steps.create(Page, page_document(), by=editor())
    steps.discard(page, by=editor(), base=1)
    assert load_studies() == "Nothing was loaded: there is content already."


def test_records_written_after_the_fixtures_get_keys_of_their_own() -> None:
    load_studies()
    draft = draft_trial()
    assert [revision.number for revision in revisions(draft)] == [1]
    assert Trial.objects.filter(slug="dilogo-2021").exists()
