"""A record as a document and back, what changed between two documents, and a history that is only added to."""

import copy
import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import (
    ANN,
    make_arm,
    make_blank,
    make_complete_trial,
    make_country,
    make_page,
    make_registration,
    make_source,
    make_term,
    make_trial,
)
from trials import actions, history
from trials.models import AppendOnly, Arm, GlossaryTerm, OutcomeCount, Page, Revision, Trial

pytestmark = pytest.mark.django_db

Changes = list[tuple[str, str, str]]


def said(before: Any, after: Any, model: Any = Trial) -> Changes:
    """(label, before, after) of each change."""
    return [(change.label, change.before, change.after) for change in history.changes(model, before, after)]


def changed(document: Any, **fields: Any) -> Any:
    other = copy.deepcopy(document)
    other["fields"] |= fields
    return other


# --- The document ---------------------------------------------------------------------------------------------


def test_snapshot_of_everything_comes_back_from_json_and_tables_the_same(eight_studies: None) -> None:
    records = [*Trial.objects.all(), *Page.objects.all(), *GlossaryTerm.objects.all()]
    assert (len(Trial.objects.all()), len(Page.objects.all())) == (8, 6)
    for record in records:
        before = history.snapshot(record)
        # Through the database, too: what a revision holds is what is compared.
        kept = Revision.objects.of(history.KINDS[type(record)], record.pk).get().data
        assert kept == json.loads(json.dumps(before)) == before, record
        history.put(record, kept)
        assert history.snapshot(type(record).objects.get(pk=record.pk)) == before, record


def test_snapshot_holds_what_an_editor_writes_and_nothing_else() -> None:
    trial = make_trial(countries=("TR", "ID"))
    document = history.snapshot(trial)
    assert set(document) == {"fields", "countries", "arms", "counts", "registrations", "sources", "blanks"}
    assert {"slug", "title", "doi", "last_reviewed"} <= set(document["fields"])
    assert not {"id", "status", "updated", "search_text", "author_key", "publication_year"} & set(document["fields"])
    assert document["fields"]["last_reviewed"] == "2026-11-22"
    assert document["countries"] == ["ID", "TR"]
    arm = Arm.objects.get(position=1)
    assert document["arms"][0] == {
        "id": str(arm.pk),
        "position": 1,
        "name": "Cells",
        "role": "cells",
        "cell_source": "umbilical-cord",
        "given": "",
        "randomised": 10,
        "analysed": 10,
        "note": "",
    }
    assert document["counts"][0]["arm"] == str(arm.pk)


def test_values_that_look_alike_are_told_apart_in_a_document() -> None:
    trial = make_trial(rows=False, acronym="", doi=None, authors_complete=False, who_masked=[])
    make_arm(trial, randomised=0, analysed=None, note="")
    document = json.loads(json.dumps(history.snapshot(trial)))
    values = [document["fields"][name] for name in ("acronym", "doi", "authors_complete", "who_masked")]
    values += [document["arms"][0][name] for name in ("randomised", "analysed")]
    assert [repr(value) for value in values] == ["''", "None", "False", "[]", "0", "None"]
    history.put(trial, document)
    arm, trial = Arm.objects.get(), Trial.objects.get()
    there = [trial.acronym, trial.doi, trial.authors_complete, trial.who_masked, arm.randomised, arm.analysed]
    assert [repr(value) for value in there] == ["''", "None", "False", "[]", "0", "None"]


def test_document_is_independent_of_the_record() -> None:
    trial = make_trial(who_masked=["participant"])
    document = history.snapshot(trial)
    document["fields"]["who_masked"].append("investigator")
    assert trial.who_masked == ["participant"]
    history.put(trial, document)
    trial.who_masked.append("care-provider")
    assert document["fields"]["who_masked"] == ["participant", "investigator"]


def test_snapshot_of_an_unread_record_equals_that_of_the_record_read_back() -> None:
    """What was typed or set in code (a member of a vocabulary, a date as text) is kept as the tables give it back."""
    from trials.vocabulary import Design

    page = make_page(last_reviewed="2026-11-22", review_due="2027-05-22")
    assert history.snapshot(page) == history.snapshot(Page.objects.get())
    trial = make_trial(design=Design.RANDOMISED)
    document = history.snapshot(trial)
    assert type(document["fields"]["design"]) is str
    assert history.changes(Trial, document, history.snapshot(Trial.objects.get())) == []


def test_put_keeps_status_and_what_an_older_document_does_not_know() -> None:
    trial = make_trial(status="published", age="40 to 60", sex="9 men")
    older = history.snapshot(trial)
    del older["fields"]["age"]
    older["fields"]["sex"] = ""
    older["fields"]["a_field_that_is_gone"] = "x"
    history.put(trial, older)
    trial = Trial.objects.get()
    assert (trial.status, trial.age, trial.sex) == ("published", "40 to 60", "")


def test_put_keeps_the_keys_of_rows() -> None:
    trial = make_trial()
    document = history.snapshot(trial)
    keys = set(Arm.objects.values_list("pk", flat=True))
    history.put(trial, document)
    assert set(Arm.objects.values_list("pk", flat=True)) == keys
    assert [(c.arm.name, c.events) for c in OutcomeCount.objects.order_by("position")] == [("Cells", 3), ("Placebo", 5)]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: d.update(countries=["ID", "ZZ"]), "There is no country ZZ any more."),
        (lambda d: d["arms"].pop(0), "Count 1 belongs to a group that is not there any more."),
        (
            lambda d: d["arms"][0].update(position=2),
            "It does not fit what is there now: two of its rows are in each other's way, or another record has the "
            "same address or identifier.",
        ),
    ],
    ids=["country", "group", "position"],
)
def test_put_of_what_does_not_fit_is_refused_and_changes_nothing(spoil: Any, message: str) -> None:
    trial = make_trial(countries=("ID",))
    before = history.snapshot(trial)
    document = changed(before, title="Other")
    spoil(document)
    with pytest.raises(history.DoesNotFit) as refused:
        history.put(trial, document)
    assert refused.value.messages == [message]
    assert history.snapshot(Trial.objects.get()) == before


def test_as_if_shows_the_document_inside_and_leaves_the_tables_alone() -> None:
    trial = make_trial(age="40")
    before = history.snapshot(trial)
    document = changed(before, age="50")
    document["arms"][0]["name"] = "More cells"
    new = str(uuid.uuid4())
    document["arms"].append(document["arms"][0] | {"id": new, "position": 3, "name": "Third"})
    with history.as_if(trial, document) as as_draft:
        assert Trial.objects.get().age == as_draft.age == "50"
        assert [arm.name for arm in as_draft.arms.all()] == ["More cells", "Placebo", "Third"]
        assert str(Arm.objects.get(position=3).pk) == new
    assert history.snapshot(Trial.objects.get()) == before


def test_as_if_leaves_the_tables_alone_when_something_fails_inside() -> None:
    page = make_page()
    before = history.snapshot(page)
    seen = []
    with pytest.raises(ZeroDivisionError), history.as_if(page, changed(before, title="Other")):  # noqa: PT012
        seen.append(Page.objects.get().title)
        raise ZeroDivisionError
    assert seen == ["Other"]
    assert history.snapshot(Page.objects.get()) == before


# --- What changed ---------------------------------------------------------------------------------------------


def test_no_change_is_no_change() -> None:
    document = history.snapshot(make_complete_trial())
    assert said(document, copy.deepcopy(document)) == []


def test_values_that_look_alike_are_told_apart_in_changes() -> None:
    trial = make_trial(rows=False, centres=None)
    make_arm(trial, randomised=None, analysed=None)
    before = history.snapshot(trial)

    def to(name: str, old: Any, new: Any) -> Changes:
        one, two = copy.deepcopy(before), copy.deepcopy(before)
        one["arms"][0][name], two["arms"][0][name] = old, new
        return said(one, two)

    assert to("analysed", None, 0) == [("Group 1 “Cells”: analysed", "empty", "0")]
    assert to("analysed", 0, None) == [("Group 1 “Cells”: analysed", "0", "empty")]
    assert to("note", "", "0") == [("Group 1 “Cells”: note", "empty", "0")]
    # Alike by == alone.
    assert to("analysed", 0, False) == [("Group 1 “Cells”: analysed", "0", "no")]
    assert to("analysed", 1, True) == [("Group 1 “Cells”: analysed", "1", "yes")]
    assert said(before, changed(before, authors_complete=False)) == [("Author list is complete", "yes", "no")]
    assert said(changed(before, doi=""), changed(before, doi=None)) == [("DOI", "empty", "empty")]
    assert said(changed(before, who_masked=[]), changed(before, who_masked=["participant", "investigator"])) == [
        ("Who was masked", "empty", "Participant, Investigator")
    ]


def test_changes_are_said_in_words() -> None:
    trial = make_trial(countries=("ID",))
    make_country(code="TR", name="Türkiye")
    before = history.snapshot(trial)
    after = changed(
        before, design="single-arm", publication_date="2021-07", last_reviewed="2026-12-01", authors_complete=False
    )
    after["countries"] = ["ID", "TR"]
    assert said(before, after) == [
        ("Author list is complete", "yes", "no"),
        ("Published", "8 June 2021", "July 2021"),
        ("Design", "Randomised controlled trial", "Single-arm trial"),
        ("Last reviewed", "22 November 2026", "1 December 2026"),
        ("Countries", "Country ID", "Country ID, Türkiye"),
    ]


def test_code_that_is_no_longer_in_use_is_shown_as_it_is() -> None:
    before = history.snapshot(make_trial())
    after = changed(before, who_masked=["pharmacist"], design="n-of-1")
    assert said(before, after) == [
        ("Design", "Randomised controlled trial", "n-of-1"),
        ("Who was masked", "empty", "pharmacist"),
    ]


def test_field_that_an_older_document_does_not_know_is_no_change() -> None:
    after = history.snapshot(make_trial(age=""))
    before = copy.deepcopy(after)
    del before["fields"]["age"]
    del before["arms"][0]["note"]
    assert said(before, after) == said(after, before) == []
    assert said(before, changed(after, age="40")) == [("Age", "empty", "40")]


def test_rows_added_removed_and_changed_are_said() -> None:
    trial = make_trial(rows=False)
    make_arm(trial, name="Low dose", randomised=5, analysed=0)
    make_registration(trial)
    make_blank(trial, value="cell_source", reason="not-reported")
    make_source(trial, value="arm-1.analysed", checked_twice=False)
    before = history.snapshot(trial)
    after = copy.deepcopy(before)
    after["arms"][0]["name"] = "Lower dose"
    after["registrations"], after["blanks"] = [], []
    after["arms"].append({"id": str(uuid.uuid4()), "position": 2, "name": "High dose", "role": "cells"})
    assert said(before, after) == [
        ("Group 1 “Low dose”: name", "Low dose", "Lower dose"),
        ("Group 2 “High dose”", "not there", "Name: High dose; Role: Given cells"),
        ("Registration NCT04457609", "Registry: ClinicalTrials.gov; Identifier: NCT04457609", "removed"),
        ("Reason for the blank “tissue of the cells”", "Value: tissue of the cells; Reason: not reported", "removed"),
    ]
    assert said(after, before)[1] == (
        "Group 2 “High dose”",
        "Name: High dose; Role: Given cells",
        "removed",
    )
    assert said({**before, "arms": []}, before)[0] == (
        "Group 1 “Low dose”",
        "not there",
        "Name: Low dose; Role: Given cells; Randomised: 5; Analysed: 0",
    )
    named = changed(before)
    named["sources"][0]["label"] = "Table 2"
    assert said(before, named) == [
        ("Source 1 (group 1, analysed): label", "Abstract of the paper", "Table 2"),
    ]


def test_rows_in_another_order_are_their_positions_and_no_more() -> None:
    before = history.snapshot(make_trial())
    after = copy.deepcopy(before)
    after["arms"][0]["position"], after["arms"][1]["position"] = 2, 1
    after["arms"].reverse()
    assert said(before, after) == [
        ("Group 1 “Cells”: position", "1", "2"),
        ("Group 2 “Placebo”: position", "2", "1"),
    ]
    unsorted = copy.deepcopy(before)
    unsorted["arms"].reverse()
    assert said(before, unsorted) == []


def test_count_moved_to_another_group_names_both() -> None:
    before = history.snapshot(make_trial())
    after = copy.deepcopy(before)
    after["counts"][0]["arm"] = None
    assert said(before, after) == [("Count 1: Death, Cells: group", "Cells", "all given cells")]
    assert said(after, before) == [("Count 1: Death, all given cells: group", "all given cells", "Cells")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("dose", "dose per infusion"),
        ("cause", "cause of ARDS"),
        ("countries", "countries"),
        ("cell_source", "tissue of the cells"),
        ("arm-2", "group 2"),
        ("arm-1.given", "group 1, what was given"),
        ("count-3.events", "count 3, people with the event"),
        ("registration-1.who_masked", "registration 1, who was masked"),
        ("a_field_that_is_gone", "a_field_that_is_gone"),
    ],
)
def test_what_a_source_stands_for_in_words(value: str, words: str) -> None:
    assert history.value_in_words(value) == words


def test_long_text_is_compared_word_by_word() -> None:
    change = history.Change(
        "fields.limits",
        "Limits",
        "The groups were small and nobody was masked in this study of two centres.",
        "The groups were very small and one person was masked in this study of two centres.",
    )
    assert change.is_long
    assert change.words == [
        ("same", "The groups were"),
        ("new", "very"),
        ("same", "small and"),
        ("gone", "nobody"),
        ("new", "one person"),
        ("same", "was masked in this study of two centres."),
    ]


def test_text_repeated_is_not_counted_twice() -> None:
    assert history.Change("x", "X", "a a", "a a a").words == [("same", "a a"), ("new", "a")]
    assert history.Change("x", "X", "", "new").words == [("new", "new")]
    assert history.Change("x", "X", "old", "").words == [("gone", "old")]


def test_very_long_text_that_is_wholly_new_is_not_searched_for_likenesses() -> None:
    old, new = " ".join(f"o{n % 7}" for n in range(2001)), " ".join(f"n{n}" for n in range(2001))
    words = history.Change("x", "X", f"Begin {old} end", f"Begin {new} end").words
    assert words == [("same", "Begin"), ("gone", old), ("new", new), ("same", "end")]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_words_give_both_texts_back(old: list[str], new: list[str]) -> None:
    words = history.Change("x", "X", " ".join(old), " ".join(new)).words
    assert " ".join(text for kind, text in words if kind != "new").split() == old
    assert " ".join(text for kind, text in words if kind != "gone").split() == new


# --- Taking one change --------------------------------------------------------------------------------------


def test_take_of_each_kind_of_path() -> None:
    trial = make_trial(countries=("ID",), age="40", sex="9 men")
    make_country(code="TR")
    mine = history.snapshot(trial)
    theirs = changed(mine, age="50", sex="8 men")
    theirs["countries"] = ["ID", "TR"]
    cells, placebo = theirs["arms"]
    cells["analysed"], cells["note"] = 9, "One left."
    theirs["arms"].remove(placebo)
    third = {**cells, "id": str(uuid.uuid4()), "position": 3, "name": "Third"}
    theirs["arms"].append(third)

    history.take(mine, theirs, "fields.age")
    assert (mine["fields"]["age"], mine["fields"]["sex"]) == ("50", "9 men")
    history.take(mine, theirs, "countries")
    assert mine["countries"] == ["ID", "TR"]
    history.take(mine, theirs, f"arms.{cells['id']}.analysed")
    assert (mine["arms"][0]["analysed"], mine["arms"][0]["note"]) == (9, "")
    history.take(mine, theirs, f"arms.{third['id']}")
    assert [arm["name"] for arm in mine["arms"]] == ["Cells", "Placebo", "Third"]
    history.take(mine, theirs, f"arms.{placebo['id']}")
    assert [arm["name"] for arm in mine["arms"]] == ["Cells", "Third"]
    history.take(mine, theirs, f"arms.{cells['id']}")
    assert mine["arms"][0]["note"] == "One left."
    mine["countries"].append("ZZ")
    mine["arms"][1]["name"] = "Fourth"
    assert theirs["countries"] == ["ID", "TR"]
    assert third["name"] == "Third"


def test_take_from_a_document_that_does_not_know_the_field_changes_nothing() -> None:
    mine = history.snapshot(make_trial(age="40"))
    older = copy.deepcopy(mine)
    del older["fields"]["age"]
    del older["arms"][0]["note"]
    before = copy.deepcopy(mine)
    history.take(mine, older, "fields.age")
    history.take(mine, older, f"arms.{mine['arms'][0]['id']}.note")
    assert mine == before


KEYS = [str(uuid.UUID(int=number)) for number in range(4)]
VALUES = st.sampled_from([None, "", "a", "b"])
COUNTED = st.sampled_from([None, 0, 1, 12])


def rows_of(positioned: bool, **fields: Any) -> Any:
    """Up to four rows with keys from a small set, so that two documents share some; each at a place of its own."""
    row = st.fixed_dictionaries({"id": st.sampled_from(KEYS), **fields})
    rows = st.lists(row, max_size=4, unique_by=lambda row: row["id"])
    order = st.permutations(range(1, 5))

    def placed(pair: Any) -> Any:
        found, places = pair
        name = "position" if positioned else "value"
        given_place = [{**row, name: place if positioned else f"v{place}"} for row, place in zip(found, places)]  # noqa: B905
        return sorted(given_place, key=lambda row: row[name])

    return st.tuples(rows, order).map(placed)


DOCUMENTS = st.fixed_dictionaries(
    {
        "fields": st.fixed_dictionaries(
            {"age": VALUES, "doi": VALUES, "centres": COUNTED, "authors_complete": st.booleans()}
        ),
        "countries": st.lists(st.sampled_from(["BR", "ID", "TR"]), unique=True).map(sorted),
        "arms": rows_of(True, name=VALUES, role=st.just("cells"), analysed=COUNTED),
        "counts": rows_of(
            True, outcome=st.just("death"), arm=st.sampled_from([None, *KEYS]), events=COUNTED, headline=st.booleans()
        ),
        "registrations": rows_of(True, identifier=VALUES, who_masked=st.sampled_from([[], ["participant"]])),
        "sources": rows_of(True, value=st.sampled_from(["age", "arm-1"]), quote=VALUES),
        "blanks": rows_of(False, reason=st.sampled_from(["not-checked", "not-reported"]), note=VALUES),
    }
)


@settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(before=DOCUMENTS, after=DOCUMENTS)
def test_taking_every_change_turns_one_document_into_the_other(before: Any, after: Any) -> None:
    kept = copy.deepcopy(after)
    paths = [change.path for change in history.changes(Trial, before, after)]
    assert (paths == []) == (before == after)
    for path in paths:
        history.take(before, after, path)
    assert before == after == kept


# --- Only ever added to ---------------------------------------------------------------------------------------


@pytest.fixture
def revision() -> Revision:
    return actions.created(make_page(), by=ANN)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda r: r.save(),
        lambda r: r.save(update_fields=["made_by"]),
        lambda r: r.save(force_update=True),
        lambda r: r.delete(),
        lambda r: Revision.objects.update(made_by="x"),
        lambda r: Revision.objects.filter(pk=r.pk).update(made_by="x"),
        lambda r: Revision.objects.all().delete(),
        lambda r: Revision.objects.live().delete(),
        lambda r: Revision.objects.of("page", r.record_id).delete(),
        lambda r: Revision.objects.bulk_update([r], ["made_by"]),
        lambda r: Revision.objects.update_or_create(pk=r.pk, defaults={"made_by": "x"}),
        lambda r: Revision.objects.bulk_create(
            [r], update_conflicts=True, update_fields=["made_by"], unique_fields=["pk"]
        ),
    ],
    ids=[
        "save",
        "save of a field",
        "forced save",
        "delete",
        "update",
        "update of one",
        "delete all",
        "delete live",
        "delete of a record",
        "bulk_update",
        "update_or_create",
        "bulk_create over",
    ],
)
def test_revision_is_neither_changed_nor_deleted(revision: Revision, attempt: Any) -> None:
    before = Revision.objects.values().get()
    revision.made_by = "x"
    with pytest.raises(AppendOnly):
        attempt(revision)
    assert Revision.objects.values().get() == before


def test_new_object_with_an_old_key_does_not_overwrite(revision: Revision) -> None:
    before = Revision.objects.values().get()
    forged = Revision(**(before | {"made_by": "x"}))
    with pytest.raises(IntegrityError), transaction.atomic():
        forged.save()
    assert Revision.objects.values().get() == before


def test_history_outlives_the_record_and_the_person() -> None:
    user = User.objects.create_user("zoe")
    trial = make_trial(status="draft")
    actions.created(trial, by=user, reason="Found in a search")
    key = trial.pk
    actions.delete_record(trial)
    user.delete()
    (kept,) = Revision.objects.of("trial", key)
    assert (kept.made_by, kept.reason, kept.name) == ("zoe", "Found in a search", "smith-2021")
    assert [arm["name"] for arm in kept.data["arms"]] == ["Cells", "Placebo"]


def test_history_of_a_deleted_record_is_not_that_of_the_next() -> None:
    page = make_page()
    actions.created(page, by=ANN)
    page.delete()
    assert list(actions.revisions(make_page())) == []


def test_revisions_of_one_record_are_those_of_no_other_kind() -> None:
    page, term = make_page(), make_term()
    Page.objects.filter(pk=page.pk).update(id=77)
    GlossaryTerm.objects.filter(pk=term.pk).update(id=77)
    actions.created(Page.objects.get(), by=ANN)
    assert [str(revision) for revision in Revision.objects.of("page", 77)] == ["about, revision 1: created"]
    assert list(Revision.objects.of("term", 77)) == []


def test_wrong_kind_of_value_in_a_document_is_refused() -> None:
    trial = make_trial()
    document = changed(history.snapshot(trial), centres="many")
    with pytest.raises(ValidationError, match="integer"):
        history.put(trial, document)
