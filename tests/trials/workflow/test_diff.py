"""The differences between two documents, in words."""

import copy
from typing import Any

import pytest

from tests.factories import arm, blank, citation, comparison, notice, page_document, registration, trial_document
from trials.models import Page, Trial
from trials.workflow.diff import Change, changes, take


@pytest.fixture
def before() -> Any:
    return trial_document(
        registrations=[registration()], blanks=[blank("age")], citations=[citation("design"), citation("arms.a1", "q2")]
    )


def found(before: Any, after: Any, model: Any = Trial) -> list[tuple[str, str, str]]:
    return [(change.label, change.before, change.after) for change in changes(model, before, after)]


def test_equal_documents_have_no_change(before: Any) -> None:
    assert found(before, copy.deepcopy(before)) == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("centres", 0, ("Number of centres", "empty", "0")),
        ("design", "single-arm", ("Design", "Randomised controlled trial", "Single-arm trial")),
        ("countries", ["FR", "ID"], ("Countries", "Indonesia", "France, Indonesia")),
        ("countries", ["XX"], ("Countries", "Indonesia", "XX")),
        ("publication_date", "2021-06", ("Published", "8 June 2021", "June 2021")),
        ("publication_date", "2021-13", ("Published", "8 June 2021", "2021-13")),
        ("authors_complete", False, ("Author list is complete", "yes", "no")),
        ("review_due", None, ("Next review due", "22 May 2027", "empty")),
    ],
)
def test_changed_field_is_shown_in_words(before: Any, name: str, value: Any, expected: tuple[str, str, str]) -> None:
    after = copy.deepcopy(before)
    after["fields"][name] = value
    assert found(before, after) == [expected]


def test_changed_fields_of_rows(before: Any) -> None:
    after = copy.deepcopy(before)
    after["arms"][0]["analysed"] = 0
    after["counts"][0] |= {"arm": None, "headline": False}
    after["sources"][0]["position"] = 2
    after["citations"][1]["value"] = "arms.a2"
    assert found(before, after) == [
        ("Group “Cells”: analysed", "10", "0"),
        ("Death, Cells, by day 28: group", "Cells", "all groups given cells"),
        ("Death, Cells, by day 28: main count", "yes", "no"),
        ("Source “Abstract of the paper”: no.", "1", "2"),
        ("Citation of “Group “Cells””: value", "Group “Cells”", "Group “Placebo”"),
    ]


def test_added_and_removed_rows(before: Any) -> None:
    after = copy.deepcopy(before)
    after["blanks"] = []
    after["arms"].append(comparison("a3", position=3, name="No cells", randomised=0, given=""))
    after["notices"] = [notice(position=1, kind="concern")]
    assert found(before, after) == [
        (
            "Group “No cells”",
            "not there",
            "Name: No cells; Role: Comparison; Randomised: 0; Analysed: 10",
        ),
        ("Reason for the blank “Age”", "Value: Age; Reason: not reported", "removed"),
        (
            "Expression of concern of March 2022",
            "not there",
            "Kind: Expression of concern; Date: March 2022; Where it can be read: https://doi.org/10.1000/correction",
        ),
    ]


def test_row_is_recognised_by_its_key_and_not_by_its_place(before: Any) -> None:
    after = copy.deepcopy(before)
    after["arms"].reverse()
    assert found(before, after) == []


def test_older_document_counts_as_having_the_default_of_a_newer_field(before: Any) -> None:
    older = copy.deepcopy(before)
    before["fields"]["age"] = ""
    assert found(older, before) == []
    before["fields"]["age"] = "40"
    assert found(older, before) == [("Age", "empty", "40")]


def test_document_with_a_field_that_no_longer_exists_is_compared(before: Any) -> None:
    after = copy.deepcopy(before)
    after["citations"][0]["value"] = "colour"
    assert found(before, after) == [("Citation of “Design”: value", "Design", "colour")]


def test_page_has_fields_alone() -> None:
    assert found(page_document(), page_document(body="We are doctors."), Page) == [
        ("Text", "We are librarians.", "We are doctors.")
    ]


def test_long_text_is_compared_word_by_word() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve thirteen"
    change = Change("fields.limits", "Limits", text, text.replace("three", "3").replace("twelve ", ""))
    assert change.in_places
    assert change.words == [
        ("same", "one two"),
        ("removed", "three"),
        ("added", "3"),
        ("same", "four five six seven eight nine ten eleven"),
        ("removed", "twelve"),
        ("same", "thirteen"),
    ]


def test_very_long_texts_are_not_compared_word_by_word() -> None:
    change = Change("fields.limits", "Limits", "start " + "a " * 3000 + "end", "start " + "b " * 3000 + "end")
    assert [kind for kind, _ in change.words] == ["same", "removed", "added", "same"]


def test_change_of_spaces_alone() -> None:
    assert Change("fields.limits", "Limits", "a b", "a\nb").only_spaces
    assert not Change("fields.limits", "Limits", "a b", "ab").only_spaces


@pytest.mark.parametrize(
    "edit",
    [
        lambda document: document["fields"].update(age="40"),
        lambda document: document["arms"][0].update(analysed=9),
        lambda document: document["arms"].append(arm("a3", position=3)),
        lambda document: document["citations"].pop(),
        lambda document: document["sources"][0].update(label="Methods"),
    ],
)
def test_taking_each_change_makes_the_documents_equal(before: Any, edit: Any) -> None:
    after = copy.deepcopy(before)
    edit(after)
    paths = [change.path for change in changes(Trial, before, after)]
    for path in paths:
        take(before, after, path)
    assert before == after


def test_comparison_for_editors_marks_where_lines_end() -> None:
    joined = Change(
        "fields.body", "Text", "First paragraph here.\n\nSecond paragraph here.", "First paragraph here. Second one."
    )
    assert joined.marked == [
        ("same", "First paragraph here."),
        ("removed", "¶\n ¶\n"),
        ("same", "Second"),
        ("removed", "paragraph here."),
        ("added", "one."),
    ]
    assert not joined.same_lines
    assert Change("fields.body", "Text", "One  two\nthree", "One two\nthree").same_lines
