"""`load_studies` adds what is missing, and leaves alone what staff have edited, renamed or deleted."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.management import CommandError, call_command

from tests.factories import ANN, make_country, make_page, make_trial
from trials import actions, history
from trials.models import Arm, Blank, Country, FormerSlug, GlossaryTerm, LoadedRecord, Page, Revision, Source, Trial

pytestmark = pytest.mark.django_db

COUNTRIES = [{"model": "trials.country", "fields": {"code": "ID", "name": "Indonesia"}}]
PAGES = [
    {
        "model": "trials.page",
        "fields": {
            "slug": "about",
            "title": "About",
            "description": "About us.",
            "body": "We are librarians.",
            "last_reviewed": "2026-11-22",
            "review_due": "2027-05-22",
        },
    }
]
STUDY = [
    {
        "model": "trials.trial",
        "fields": {
            "slug": "dilogo-2021",
            "status": "published",
            "title": "Cells for ARDS",
            "authors": "Dilogo, Ismail",
            "publication_date": "2021-06",
            "doi": "10.1000/x",
            "design": "randomised",
            "last_reviewed": "2026-11-22",
            "countries": [["ID"]],
        },
    },
    {
        "model": "trials.arm",
        "fields": {"trial": ["dilogo-2021"], "position": 1, "name": "Cells", "role": "cells", "randomised": 20},
    },
    {
        "model": "trials.outcomecount",
        "fields": {
            "trial": ["dilogo-2021"],
            "position": 1,
            "arm": ["dilogo-2021", 1],
            "outcome": "death",
            "events": 10,
            "total": 20,
            "headline": True,
        },
    },
    {
        "model": "trials.source",
        "fields": {
            "trial": ["dilogo-2021"],
            "position": 1,
            "value": "arm-1",
            "label": "Abstract",
            "kind": "paper",
            "address": "https://doi.org/10.1000/x",
            "basis": "stated",
        },
    },
    {"model": "trials.blank", "fields": {"trial": ["dilogo-2021"], "value": "age", "reason": "not-checked"}},
]
SUMMARY = (
    "Studies, pages, terms and countries: {} added, {} already there, {} different here and left as they are, "
    "{} removed or renamed here and not brought back."
)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.FIXTURE_DIRS = [tmp_path]
    write(tmp_path / "countries.json", COUNTRIES)
    write(tmp_path / "a-study.json", STUDY)  # before the countries in the alphabet, and in need of them
    write(tmp_path / "pages.json", PAGES)
    return tmp_path


def write(path: Path, records: Any) -> None:
    path.write_text(json.dumps(records), encoding="utf-8")


def copy(records: Any) -> Any:
    return json.loads(json.dumps(records))


def load(capsys: Any, verbosity: int = 1) -> list[str]:
    capsys.readouterr()
    call_command("load_studies", verbosity=verbosity)
    return capsys.readouterr().out.splitlines()


def rows() -> list[Any]:
    """Every row of every model, with its pk and the time of its last change."""
    models = (Country, Page, GlossaryTerm, Trial, Arm, Source, Blank, FormerSlug, LoadedRecord, Revision)
    return [row for model in models for row in model.objects.order_by("pk").values()]


def test_first_run_adds_everything(folder: Path, capsys: Any) -> None:
    assert load(capsys) == [
        "added      country ID",
        "added      page about",
        "added      study dilogo-2021",
        SUMMARY.format(3, 0, 0, 0),
    ]
    trial = Trial.objects.get()
    assert trial.search_text == "cells for ards 10.1000/x ismail dilogo indonesia"
    assert trial.author_key == "dilogo"
    assert [country.code for country in trial.countries.all()] == ["ID"]
    assert [(count.arm.name, count.events, count.total) for count in trial.counts.all()] == [("Cells", 10, 20)]
    assert [source.value for source in trial.sources.all()] == ["arm-1"]
    assert [blank.value for blank in trial.blanks.all()] == ["age"]


def test_second_run_changes_nothing(folder: Path, capsys: Any) -> None:
    load(capsys)
    before = rows()
    assert load(capsys) == [SUMMARY.format(0, 3, 0, 0)]
    assert rows() == before


def test_the_site_s_own_fixtures_load_twice(eight_studies: None, capsys: Any) -> None:
    assert Trial.objects.public().count() == 8
    before = rows()
    out = load(capsys)
    assert len(out) == 1
    assert ": 0 added, " in out[0]
    assert ", 0 different" in out[0]
    assert ", 0 removed" in out[0]
    assert rows() == before


def test_second_run_lists_what_is_the_same_when_asked(folder: Path, capsys: Any) -> None:
    load(capsys)
    assert load(capsys, verbosity=2)[:-1] == [
        "same       country ID",
        "same       page about",
        "same       study dilogo-2021",
    ]


def test_silent_when_asked(folder: Path, capsys: Any) -> None:
    assert load(capsys, verbosity=0) == []


def test_edited_study_is_left_and_the_fields_are_named(folder: Path, capsys: Any) -> None:
    load(capsys)
    trial = Trial.objects.get()
    trial.title = "Edited"
    actions.save_trial(trial)
    trial.arms.update(name="Edited group")
    trial.sources.all().delete()
    Blank.objects.create(trial=trial, value="sex", reason="not-checked")
    trial.countries.clear()
    before = rows()
    assert load(capsys) == [
        "different  study dilogo-2021 (title, countries, arm-1.name, source-1 only in the file, blank sex only here): "
        "left as it is here",
        SUMMARY.format(0, 2, 1, 0),
    ]
    assert rows() == before


def test_edited_page_and_country_are_left(folder: Path, capsys: Any) -> None:
    load(capsys)
    Page.objects.update(body="Edited")
    Country.objects.update(name="Edited")
    assert load(capsys) == [
        "different  country ID (name): left as it is here",
        "different  page about (body): left as it is here",
        SUMMARY.format(0, 1, 2, 0),
    ]
    assert Page.objects.get().body == "Edited"
    assert Country.objects.get().name == "Edited"


def test_changed_fixture_overwrites_nothing(folder: Path, capsys: Any) -> None:
    load(capsys)
    changed = copy(STUDY)
    changed[0]["fields"]["title"] = "Another title"
    write(folder / "a-study.json", changed)
    before = rows()
    assert load(capsys)[0] == "different  study dilogo-2021 (title): left as it is here"
    assert rows() == before


def test_deleted_records_do_not_come_back(folder: Path, capsys: Any) -> None:
    load(capsys)
    trial = Trial.objects.get()
    trial.status = "archived"
    actions.save_trial(trial)
    actions.delete_record(trial)
    Page.objects.all().delete()
    assert load(capsys, verbosity=2) == [
        "same       country ID",
        "gone       page about: removed or renamed here, not brought back",
        "gone       study dilogo-2021: removed or renamed here, not brought back",
        SUMMARY.format(0, 1, 0, 2),
    ]
    assert (Trial.objects.count(), Page.objects.count()) == (0, 0)


def test_renamed_study_does_not_come_back(folder: Path, capsys: Any) -> None:
    load(capsys)
    trial = Trial.objects.get()
    trial.slug = "dilogo-and-others-2021"
    actions.save_trial(trial)
    assert load(capsys)[-1] == SUMMARY.format(0, 2, 0, 1)
    assert [trial.slug for trial in Trial.objects.all()] == ["dilogo-and-others-2021"]


def test_what_loaddata_put_there_is_remembered_too(folder: Path, capsys: Any) -> None:
    make_page(slug="about", status="draft", title="About", description="About us.")  # as if by another way
    make_country(code="ID", name="Indonesia")
    assert load(capsys)[0] == "added      study dilogo-2021"
    Page.objects.all().delete()
    load(capsys)
    assert Page.objects.count() == 0


def test_history_of_each_record_begins_with_its_loading(folder: Path, capsys: Any) -> None:
    draft = copy(STUDY)
    draft[0]["fields"] |= {"slug": "draft-2022", "status": "draft", "doi": None}
    for record in draft[1:]:
        record["fields"]["trial"] = ["draft-2022"]
    draft[2]["fields"]["arm"] = ["draft-2022", 1]
    write(folder / "draft.json", draft)
    pages = copy(PAGES)
    pages[0]["fields"]["status"] = "published"
    write(folder / "pages.json", pages)
    load(capsys)
    begun = [(r.kind, r.name, r.number, r.step, r.live, r.made_by) for r in Revision.objects.order_by("kind", "name")]
    assert begun == [
        ("page", "about", 1, "loaded", True, "the site itself"),
        ("trial", "dilogo-2021", 1, "loaded", True, "the site itself"),
        ("trial", "draft-2022", 1, "loaded", False, "the site itself"),
    ]
    trial = Trial.objects.get(slug="dilogo-2021")
    (kept,) = actions.revisions(trial)
    assert kept.data == history.snapshot(trial)
    assert [len(kept.data[rows]) for rows in ("arms", "counts", "sources", "blanks")] == [1, 1, 1, 1]


def test_second_run_begins_no_second_history(folder: Path, capsys: Any) -> None:
    load(capsys)
    load(capsys)
    assert [(r.name, r.number) for r in Revision.objects.all()] == [("about", 1), ("dilogo-2021", 1)]


def test_study_whose_rows_have_other_keys_is_still_the_same(folder: Path, capsys: Any) -> None:
    load(capsys)
    trial = Trial.objects.get()
    document = history.snapshot(trial)
    for number, row in enumerate([*document["arms"], *document["counts"], *document["sources"]]):
        row["id"] = f"00000000-0000-4000-8000-00000000000{number}"
    document["counts"][0]["arm"] = document["arms"][0]["id"]
    history.put(trial, document)
    assert load(capsys) == [SUMMARY.format(0, 3, 0, 0)]


def test_draft_of_a_published_study_is_not_compared(folder: Path, capsys: Any) -> None:
    load(capsys)
    trial = Trial.objects.get()
    document = history.snapshot(trial)
    document["fields"]["title"] = "Another title"
    actions.edit(trial, document, by=ANN, base=1, reason="As the journal corrected it")
    assert load(capsys) == [SUMMARY.format(0, 3, 0, 0)]


def test_study_that_staff_added_under_another_address_is_not_added_again(folder: Path, capsys: Any) -> None:
    make_trial(slug="my-dilogo", doi="10.1000/x")
    assert load(capsys)[2:] == [
        "different  study dilogo-2021: not added, because something here has the same doi",
        SUMMARY.format(2, 0, 1, 0),
    ]
    assert [trial.slug for trial in Trial.objects.all()] == ["my-dilogo"]


def broken(change: Any) -> Any:
    records = copy(STUDY)
    change(records)
    return records


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ({}, "a-study.json is not a list of records."),
        ([*STUDY, {"model": "trials.arm"}], "a-study.json, record 6 has no “model” and “fields”."),
        ([*STUDY, {"model": "auth.user", "fields": {}}], "a-study.json, record 6: “auth.user” does not belong here"),
        (broken(lambda r: r[0]["fields"].update(colour="red")), "a-study.json, record 1: trials.trial has no colour."),
        (broken(lambda r: r[1]["fields"].update(trial=["other"])), "a-study.json, record 2 does not belong to dilogo"),
        (broken(lambda r: r[1]["fields"].pop("position")), "a-study.json, record 2 has no position."),
        (broken(lambda r: r[0]["fields"].update(design="guess")), "a-study.json, trials.trial dilogo-2021: design: "),
        (broken(lambda r: r[0]["fields"].update(countries=[["XX"]])), "a-study.json, trials.trial dilogo-2021: "),
        (broken(lambda r: r[1]["fields"].update(role="boss")), "a-study.json, trials.arm 1: role: "),
        (broken(lambda r: r[2]["fields"].update(events=21)), "a-study.json, trials.outcomecount 1: "),
        (broken(lambda r: r[2]["fields"].update(total=21)), "a-study.json, trials.outcomecount 1: total: 21 is more"),
        (broken(lambda r: r[3]["fields"].update(value="arm-2")), "a-study.json: Source 1 is a source of “arm-2”"),
        (broken(lambda r: r[4]["fields"].update(value="title")), "a-study.json, trials.blank title: value: title is"),
        ([*STUDY, STUDY[1]], "a-study.json, record 6: trials.arm 1 is in this file twice."),
    ],
)
def test_broken_file_is_named_and_nothing_of_it_is_loaded(folder: Path, records: Any, message: str) -> None:
    write(folder / "a-study.json", records)
    with pytest.raises(CommandError) as raised:
        call_command("load_studies", verbosity=0)
    assert str(raised.value).startswith(message)
    assert (Trial.objects.count(), Arm.objects.count(), Source.objects.count()) == (0, 0, 0)
    assert not LoadedRecord.objects.filter(kind="study").exists()


def test_file_that_is_not_json_is_named_before_anything_is_written(folder: Path) -> None:
    (folder / "z-last.json").write_text("[{")
    with pytest.raises(CommandError, match=r"^z-last\.json is not JSON: "):
        call_command("load_studies", verbosity=0)
    assert rows() == []


def test_folder_without_files_is_no_error(tmp_path: Path, settings: Any, capsys: Any) -> None:
    settings.FIXTURE_DIRS = [tmp_path]
    assert load(capsys) == [SUMMARY.format(0, 0, 0, 0)]


# --- dump_studies, the way back ---------------------------------------------------------------------------------


def test_dumped_study_says_what_the_loaded_one_said(folder: Path, capsys: Any) -> None:
    load(capsys)
    call_command("dump_studies", stdout=StringIO())
    text = (folder / "dilogo-2021.json").read_text(encoding="utf-8")
    records = json.loads(text)
    assert text.startswith('[\n {\n  "model": "trials.trial",\n  "fields": {\n   "slug": "dilogo-2021",\n')
    assert text.endswith("\n]\n")
    assert [record["model"] for record in records] == [record["model"] for record in STUDY]
    for record, wanted in zip(records, STUDY, strict=True):
        assert "pk" not in record
        assert record["fields"] | wanted["fields"] == record["fields"]
    assert records[0]["fields"]["search_text"] == "cells for ards 10.1000/x ismail dilogo indonesia"
    assert "publication_year" not in records[0]["fields"]


def test_dumped_study_loads_and_dumps_again_as_the_same_file(folder: Path, capsys: Any) -> None:
    load(capsys)
    (folder / "a-study.json").unlink()
    call_command("dump_studies", stdout=StringIO())
    first = (folder / "dilogo-2021.json").read_bytes()
    Trial.objects.all().delete()
    LoadedRecord.objects.all().delete()
    load(capsys)
    out = StringIO()
    call_command("dump_studies", stdout=out)
    assert (folder / "dilogo-2021.json").read_bytes() == first
    assert out.getvalue() == "unchanged  dilogo-2021.json\n"


def test_dump_of_one_study_leaves_the_others(folder: Path, capsys: Any) -> None:
    make_trial(slug="one-2020")
    make_trial(slug="two-2020")
    out = StringIO()
    call_command("dump_studies", "two-2020", stdout=out)
    assert out.getvalue() == "written    two-2020.json\n"
    assert not (folder / "one-2020.json").exists()


def test_dump_of_a_study_that_is_not_there_is_refused(folder: Path) -> None:
    with pytest.raises(CommandError, match=r"^There is no study “nobody-2020”\.$"):
        call_command("dump_studies", "nobody-2020")


def test_invented_studies_are_not_dumped(eight_studies: None, tmp_path: Path, settings: Any) -> None:
    call_command("make_demo_studies", "2", verbosity=0)
    settings.FIXTURE_DIRS = [tmp_path]
    trial = Trial.objects.get(slug="invented-000001")
    trial.slug, trial.doi = "renamed-2020", "10.1000/renamed"
    actions.save_trial(trial)
    for slugs in ([], ["adas-2021", "renamed-2020"], ["invented-000002"]):
        with pytest.raises(CommandError) as refusal:
            call_command("dump_studies", *slugs)
        assert str(refusal.value) == "Invented studies do not belong into fixtures/: name those that are to be written."
    call_command("dump_studies", "adas-2021", stdout=StringIO())
    assert [path.name for path in tmp_path.iterdir()] == ["adas-2021.json"]


def test_site_s_own_fixtures_also_go_in_by_loaddata(capsys: Any) -> None:
    files = sorted(str(path) for path in Path(site_settings.FIXTURE_DIRS[0]).glob("*.json"))
    countries = [file for file in files if file.endswith("countries.json")]
    call_command("loaddata", *countries, *files, verbosity=0)
    assert Trial.objects.public().count() == 8
    assert load(capsys)[-1].startswith("Studies, pages, terms and countries: 0 added, ")
