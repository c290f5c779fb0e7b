"""Every write of what the public sees moves the content version, in its own transaction; nothing else does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from django.utils.timezone import now

from tests.factories import (
    make_arm,
    make_blank,
    make_count,
    make_page,
    make_registration,
    make_source,
    make_term,
    make_trial,
)
from trials import triggers
from trials.models import (
    Arm,
    Blank,
    ContentVersion,
    Country,
    FormerSlug,
    GlossaryTerm,
    LoadedRecord,
    OutcomeCount,
    Page,
    Registration,
    Revision,
    Source,
    Trial,
)

pytestmark = pytest.mark.django_db


def token() -> str:
    return ContentVersion.objects.get().token


def make_one_of_each() -> Trial:
    trial = make_trial(countries=("ID",))
    make_arm(trial, position=9)
    make_count(trial, position=9)
    make_registration(trial)
    make_source(trial)
    make_blank(trial)
    FormerSlug.objects.create(slug="older-2020", trial=trial)
    make_page(slug="funding", title="Funding")
    make_term()
    return trial


CHANGES: dict[str, Callable[[Trial], Any]] = {
    # Straight at the tables, past every model and action.
    "study": lambda trial: Trial.objects.update(title="Changed"),
    "group": lambda trial: Arm.objects.update(name="Changed"),
    "count": lambda trial: OutcomeCount.objects.update(note="Changed"),
    "registration": lambda trial: Registration.objects.update(note="Changed"),
    "source": lambda trial: Source.objects.update(note="Changed"),
    "blank": lambda trial: Blank.objects.update(note="Changed"),
    "country": lambda trial: Country.objects.update(other_names="Changed"),
    "countries of a study": lambda trial: trial.countries.clear(),
    "former address": lambda trial: FormerSlug.objects.update(slug="changed-2020"),
    "page": lambda trial: Page.objects.update(title="Changed"),
    "term": lambda trial: GlossaryTerm.objects.update(meaning="Changed"),
    "a study invented": lambda trial: LoadedRecord.objects.create(kind="invented", key="x-2020"),
    "a group gone": lambda trial: Arm.objects.all()._raw_delete("default"),  # type: ignore[attr-defined]
    "many at once": lambda trial: Country.objects.bulk_create([Country(code="XX", name="Nowhere")]),
    "a revision": lambda trial: Revision.objects.bulk_create(
        [Revision(kind="trial", record_id=trial.pk, name="x", number=99, step="edited", made_by="ann", data={})]
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_write_of_content_moves_it(change: Callable[[Trial], Any]) -> None:
    trial = make_one_of_each()
    if change is CHANGES["a group gone"]:
        OutcomeCount.objects.all().delete()
    before = token()
    change(trial)
    assert token() != before


def test_reading_does_not_move_it() -> None:
    trial = make_one_of_each()
    before = token()
    assert list(Trial.objects.all()) == [trial]
    assert token() == before


def test_a_log_in_and_an_entry_of_the_audit_log_do_not_move_it() -> None:
    make_one_of_each()
    user = User.objects.create_user("ann")
    before = token()
    User.objects.filter(pk=user.pk).update(last_login=now())
    assert token() == before


def test_a_write_that_is_taken_back_leaves_it() -> None:
    make_one_of_each()
    before = token()
    with transaction.atomic():
        Trial.objects.update(title="Changed")
        assert token() != before
        transaction.set_rollback(True)
    assert token() == before


def test_no_token_comes_twice() -> None:
    make_trial()
    seen = set()
    for number in range(50):
        Trial.objects.update(title=f"Title {number}")
        seen.add(token())
    assert len(seen) == 50


def test_the_database_refuses_a_second_row() -> None:
    with pytest.raises(Exception, match="trials_contentversion_one_row"), transaction.atomic():
        ContentVersion.objects.create(id=2, token="other")


def test_migrate_puts_back_a_trigger_that_a_migration_has_dropped() -> None:
    make_trial()
    name = "trials_trial_content_update" if connection.vendor == "sqlite" else "trials_trial_content"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (" ON trials_trial" if connection.vendor == "postgresql" else ""))
    before = token()
    Trial.objects.update(title="Changed unseen")
    assert token() == before
    assert list(triggers.missing()) == [name]
    call_command("migrate", verbosity=0)
    assert triggers.missing() == {}
    assert token() != before, "what was written while it was missing is not seen"
    between = token()
    Trial.objects.update(title="Changed and seen")
    assert token() != between


TRIGGER = "CREATE TRIGGER trials_trial_content AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON trials_trial"
SPOILT = {
    "switched off": ["ALTER TABLE trials_trial DISABLE TRIGGER trials_trial_content"],
    "for replicas alone": ["ALTER TABLE trials_trial ENABLE REPLICA TRIGGER trials_trial_content"],
    "on another table": [
        "DROP TRIGGER trials_trial_content ON trials_trial",
        f"{TRIGGER.replace('ON trials_trial', 'ON django_admin_log')} "
        "FOR EACH STATEMENT EXECUTE FUNCTION trials_content_moved()",
    ],
    "another function": [
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        "DROP TRIGGER trials_trial_content ON trials_trial",
        f"{TRIGGER} FOR EACH STATEMENT EXECUTE FUNCTION nothing()",
    ],
    "at fewer events": [
        "DROP TRIGGER trials_trial_content ON trials_trial",
        f"{TRIGGER.replace(' OR UPDATE', '')} FOR EACH STATEMENT EXECUTE FUNCTION trials_content_moved()",
    ],
}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps the text of a trigger and has no switch")
@pytest.mark.parametrize("statements", SPOILT.values(), ids=SPOILT)
def test_migrate_mends_a_trigger_that_is_there_by_name_alone(statements: list[str]) -> None:
    make_trial()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table is altered before what waits is checked
        for statement in statements:
            cursor.execute(statement)
    before = token()
    Trial.objects.update(title="Changed unseen")
    assert token() == before
    assert list(triggers.missing()) == ["trials_trial_content"]
    call_command("migrate", verbosity=0)
    assert triggers.missing() == {}
    between = token()
    Trial.objects.update(title="Changed and seen")
    assert token() != between


# --- Every table, by every kind of statement ------------------------------------------------------------------


def test_everything_that_the_public_sees_is_content() -> None:
    assert [model._meta.db_table for model in triggers.CONTENT] == [
        "trials_trial", "trials_trial_countries", "trials_formerslug", "trials_arm", "trials_outcomecount",
        "trials_registration", "trials_source", "trials_blank", "trials_country", "trials_page",
        "trials_glossaryterm", "trials_revision", "trials_loadedrecord",
    ]  # fmt: skip


@pytest.mark.parametrize("model", triggers.CONTENT, ids=lambda model: model._meta.db_table)
def test_every_kind_of_statement_on_a_table_moves_it(model: type[Model]) -> None:
    make_one_of_each()
    Revision.objects.create(kind="page", record_id=1, name="x", number=1, step="edited", made_by="ann", data={})
    LoadedRecord.objects.create(kind="trial", key="x-2020")
    table, key, rows = model._meta.db_table, model._meta.pk.column, list(model._base_manager.all())
    assert rows
    seen = [token()]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
            cursor.execute(statement)
            seen.append(token())
        model._base_manager.bulk_create(rows)
        seen.append(token())
        transaction.set_rollback(True)  # for what belonged to a row that was gone
    assert len(set(seen)) == 4


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("model", triggers.CONTENT, ids=lambda model: model._meta.db_table)
def test_emptying_a_table_moves_it(model: type[Model]) -> None:
    make_one_of_each()
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # Of the tables that are emptied with it, none shall move it.
        for other in triggers.CONTENT:
            if other is not model:
                cursor.execute(f"ALTER TABLE {other._meta.db_table} DISABLE TRIGGER {other._meta.db_table}_content")
        before = token()
        cursor.execute(f"TRUNCATE {table} CASCADE")
    assert token() != before
