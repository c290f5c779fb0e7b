"""A new record never gets the number, and with it the history, of one that was deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from tests.factories import ANN, make_page, make_term, make_trial
from trials import actions
from trials.numbers import last_number


def as_a_migration_does(model: Any, field: str) -> None:
    """Make a field longer, and then what it was again: SQLite makes the whole table anew for that."""
    now = model._meta.get_field(field)
    longer = now.clone()
    longer.max_length += 1
    longer.set_attributes_from_name(field)
    longer.model = model
    with connection.schema_editor() as editor:
        editor.alter_field(model, now, longer)
        editor.alter_field(model, longer, now)
    call_command("migrate", verbosity=0)


@pytest.mark.parametrize(
    ("make", "field"),
    [(make_trial, "acronym"), (make_page, "title"), (make_term, "term")],
    ids=["study", "page", "term"],
)
def test_the_number_of_a_deleted_record_is_given_to_no_other_after_a_migration(
    transactional_db: None, make: Callable[..., Any], field: str
) -> None:
    first = make(slug="first", **({} if make is make_trial else {field: "first"}))
    gone = make(slug="gone", status="draft")
    actions.created(gone, by=ANN)
    number = gone.pk
    assert number == first.pk + 1
    actions.delete_record(gone)
    assert last_number(type(gone)) == number
    as_a_migration_does(type(gone), field)
    assert last_number(type(gone)) == number

    new = make(slug="new", status="draft")
    assert new.pk == number + 1
    actions.created(new, by=ANN)
    assert [(revision.name, revision.number) for revision in actions.revisions(new)] == [("new", 1)]
