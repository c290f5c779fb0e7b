"""What lists, counts and totals read of a study is what its rows add up to, whatever was done to it."""

import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from tests.factories import ANN, EVA, ROOT, make_arm, make_complete_trial, make_count, make_country, make_trial
from trials import actions, history, invented
from trials.digest import digest, split
from trials.models import OutcomeCount, Trial
from trials.models.trial import WORKED_OUT

pytestmark = pytest.mark.django_db

COLUMNS = sorted(set(WORKED_OUT) - {"search_text", "author_key", "publication_year"})


def columns(trial: Trial) -> dict[str, object]:
    return Trial.objects.values(*COLUMNS).get(pk=trial.pk)


def assert_stored_is_worked_out() -> None:
    assert Trial.objects.exists()
    for trial in Trial.objects.all():
        assert columns(trial) == digest(trial), trial.slug


def document(trial: Trial, analysed: int) -> history.Snapshot:
    """The study with so many people analysed in its first group."""
    found = actions.working_document(trial)
    found["arms"][0]["analysed"] = analysed
    return found


def test_columns_of_a_study_with_groups_of_all_kinds() -> None:
    trial = make_trial(countries=("TR", "ID"))  # cells: 3 of 10; placebo: 5 of 10
    more = make_arm(trial, name="More", role="cells", cell_source="placenta", randomised=9, analysed=8)
    make_arm(trial, name="Mild", role="other", randomised=7, analysed=None)
    make_count(trial, arm=more, events=2, total=8)
    make_count(trial, arm=more, days=90, events=4, total=8, headline=False)
    make_count(trial, arm=more, outcome="sae", events=8, total=8)
    actions.complete_trial(trial)
    assert columns(trial) == {
        "cell_sources": ",umbilical-cord,placenta,",
        "country_codes": ",ID,TR,",
        "people": 35,
        "cells_people": 18,
        "comparison_people": 10,
        "other_people": 7,
        "cells_deaths": 5,
        "cells_out_of": 18,
        "comparison_deaths": 5,
        "comparison_out_of": 10,
    }


def test_columns_of_a_study_without_rows() -> None:
    assert columns(make_trial(rows=False)) == {
        "cell_sources": "",
        "country_codes": "",
        "people": 0,
        "cells_people": None,
        "comparison_people": None,
        "other_people": None,
        "cells_deaths": None,
        "cells_out_of": None,
        "comparison_deaths": None,
        "comparison_out_of": None,
    }


def test_group_of_unknown_size_is_a_group() -> None:
    trial = make_trial(rows=False)
    make_arm(trial, role="comparison", randomised=None, analysed=None)
    actions.complete_trial(trial)
    assert (columns(trial)["comparison_people"], columns(trial)["cells_people"]) == (0, None)


@pytest.mark.parametrize(("text", "codes"), [("", []), (",ID,", ["ID"]), (",ID,TR,", ["ID", "TR"])])
def test_codes_come_out_of_their_text(text: str, codes: list[str]) -> None:
    assert split(text) == codes


# --- Every way in ---------------------------------------------------------------------------------------------


def test_edit_of_a_draft() -> None:
    draft = make_trial(status="draft")
    actions.created(draft, by=ANN)
    actions.edit(draft, document(draft, 4), by=ANN, base=1)
    assert columns(draft)["people"] == 14
    assert_stored_is_worked_out()


def test_edit_of_what_the_public_sees_changes_the_columns_when_it_is_published() -> None:
    trial = make_complete_trial()
    actions.loaded(trial)
    actions.edit(trial, document(trial, 4), by=ANN, base=1, reason="A misprint.")
    assert columns(trial)["people"] == 20
    assert_stored_is_worked_out()
    actions.submit(trial, by=ANN)
    assert columns(trial)["people"] == 20
    actions.publish(trial, by=EVA)
    assert columns(trial)["people"] == 14
    assert_stored_is_worked_out()


def test_restored_revision() -> None:
    draft = make_trial(status="draft")
    actions.created(draft, by=ANN)
    actions.edit(draft, document(draft, 4), by=ANN, base=1)
    actions.restore(draft, 1, by=ANN, base=2, reason="It was right.")
    assert columns(draft)["people"] == 20
    assert_stored_is_worked_out()


def test_imported_study() -> None:
    pattern = make_trial(countries=("ID",))
    found = actions.working_document(pattern)
    found["fields"] |= {"slug": "imported-2021"}
    for kind in history.ROWS:
        found[kind] = []
    trial, _ = actions.import_trial(found, by=ANN)
    assert columns(trial)["country_codes"] == ",ID,"
    assert_stored_is_worked_out()


def test_archived_study() -> None:
    trial = make_complete_trial()
    actions.loaded(trial)
    actions.archive(trial, by=ROOT, reason="It was withdrawn.")
    assert_stored_is_worked_out()


def test_country_that_gets_another_code() -> None:
    trial = make_trial(countries=("ID", "TR"))
    country = make_country(code="ID")
    country.code = "ZZ"
    actions.save_country(country)
    assert columns(trial)["country_codes"] == ",TR,ZZ,"
    assert_stored_is_worked_out()


@pytest.mark.usefixtures("eight_studies")
def test_studies_of_the_site() -> None:
    assert columns(Trial.objects.get(slug="hashemian-2021"))["cell_sources"] == ",umbilical-cord,placenta,"
    assert_stored_is_worked_out()


def test_invented_studies() -> None:
    make_country(code="ID")
    make_country(code="TR")
    actions.load_many(invented.invented(number, ["ID", "TR"]) for number in range(1, 21))
    assert Trial.objects.filter(people__gt=0).count() == 20
    assert_stored_is_worked_out()


@pytest.mark.usefixtures("eight_studies")
def test_studies_that_were_written_out_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    call_command("dumpdata", "trials.country", "trials.trial", "trials.arm", "trials.outcomecount", output=str(file))
    Trial.objects.all().delete()
    call_command("loaddata", str(file), verbosity=0)
    assert Trial.objects.count() == 8
    assert_stored_is_worked_out()


@pytest.mark.usefixtures("eight_studies")
def test_migration_fills_the_columns() -> None:
    lone = make_trial(slug="lone-2020", rows=False)
    OutcomeCount.objects.filter(arm__role="comparison", trial__slug="dilogo-2021").delete()
    Trial.objects.update(
        **dict.fromkeys(("cell_sources", "country_codes"), ""),
        **{name: None for name in COLUMNS if name.endswith(("_deaths", "_out_of", "_people"))},
        people=999,
    )
    importlib.import_module("trials.migrations.0005_digest").fill(apps, SimpleNamespace(connection=connection))
    assert columns(lone)["people"] == 0
    assert_stored_is_worked_out()
