"""Two people who save at the same moment: one saves, and the other gets the conflict. Nothing is lost."""

import threading
from typing import Any

import pytest
from django.db import connection

from tests.factories import draft_trial, published_trial
from tests.users import editor
from trials.models import Trial
from trials.workflow import steps
from trials.workflow.documents import document_of
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def at_once(*functions: Any) -> list[str]:
    """Run the functions in threads that start together, and return the names of the errors, sorted."""
    barrier, errors = threading.Barrier(len(functions)), []

    def run(function: Any) -> None:
        barrier.wait(timeout=10)
        try:
            function()
        except Exception as error:
            errors.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(errors)


def test_one_of_two_saves_is_a_conflict() -> None:
    draft = draft_trial()
    documents = [document_of(draft) | {"fields": document_of(draft)["fields"] | {"age": age}} for age in ("40", "50")]
    by = editor()
    errors = at_once(*(lambda d=document: steps.save(draft, d, by=by, base=1) for document in documents))
    assert errors == ["Conflict"]
    assert newest_revision(draft).number == 2
    assert newest_revision(draft).data == document_of(Trial.objects.get())


def test_two_who_choose_edit_get_the_same_draft() -> None:
    trial = published_trial()
    assert at_once(lambda: steps.start_draft(trial), lambda: steps.start_draft(trial)) == []
    assert Trial.objects.filter(draft_of=trial).count() == 1
