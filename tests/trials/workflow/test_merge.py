"""Two people changed one record: the choices to make, and the document that results."""

import copy
from typing import Any

import pytest

from tests.factories import blank, citation, registration, source, term_document, trial_document
from trials.models import GlossaryTerm, Trial
from trials.workflow.merge import align_keys, choices, combine


@pytest.fixture
def base() -> Any:
    return trial_document(registrations=[registration()], blanks=[blank("age")], citations=[citation("design")])


def versions(base: Any) -> tuple[Any, Any]:
    return copy.deepcopy(base), copy.deepcopy(base)


def found(base: Any, theirs: Any, mine: Any) -> list[tuple[str, str, str, str, str]]:
    return [(c.label, c.before, c.theirs, c.mine, c.preselected) for c in choices(Trial, base, theirs, mine)]


def test_value_that_one_side_changed_is_preselected(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["fields"]["age"] = "40 to 60"
    mine["fields"]["centres"] = 0
    assert found(base, theirs, mine) == [
        ("Number of centres", "empty", "empty", "0", "mine"),
        ("Age", "empty", "40 to 60", "empty", "theirs"),
    ]


def test_value_that_both_changed_has_to_be_chosen(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["fields"]["countries"], mine["fields"]["countries"] = [], ["FR", "ID"]
    assert found(base, theirs, mine) == [("Countries", "Indonesia", "empty", "France, Indonesia", "")]


def test_same_change_needs_no_choice(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["fields"]["age"] = mine["fields"]["age"] = "40"
    assert found(base, theirs, mine) == []


def test_values_of_one_row_are_chosen_one_by_one(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["arms"][0]["analysed"] = 9
    mine["arms"][0]["note"] = "One person left."
    assert [path.path for path in choices(Trial, base, theirs, mine)] == ["arms.a1.analysed", "arms.a1.note"]
    taken = combine(theirs, mine, ["arms.a1.note"])["arms"][0]
    assert (taken["analysed"], taken["note"]) == (9, "One person left.")


def test_row_that_one_removed_and_the_other_changed_is_chosen_whole(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["sources"] = []
    mine["sources"][0]["label"] = "Methods"
    (choice,) = [choice for choice in choices(Trial, base, theirs, mine) if choice.path.startswith("sources")]
    assert (choice.path, choice.label, choice.theirs) == ("sources.s1", "Source “Methods”", "not there")
    assert choice.preselected == ""
    assert "Label: Abstract of the paper;" in choice.before
    assert [row["label"] for row in combine(theirs, mine, ["sources.s1"])["sources"]] == ["Methods"]
    assert combine(theirs, mine, [])["sources"] == []
    assert combine(mine, theirs, ["sources.s1"])["sources"] == []


def test_rows_that_each_side_added_are_both_kept(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["sources"].append(source("s2", position=2, label="Registry"))
    mine["sources"].append(source("s3", position=2, label="Review"))
    mine = align_keys(base, theirs, mine)
    paths = [choice.path for choice in choices(Trial, base, theirs, mine) if choice.preselected == "mine"]
    assert [row["label"] for row in combine(theirs, mine, paths)["sources"]] == [
        "Abstract of the paper",
        "Registry",
        "Review",
    ]


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("blanks", blank("sex", "n1")),
        ("registrations", registration("n1", registry="isrctn", identifier="ISRCTN52319075")),
        ("sources", source("n1", label="Registry", position=2)),
    ],
)
def test_same_row_that_both_added_is_one_row(base: Any, kind: str, row: Any) -> None:
    theirs, mine = versions(base)
    theirs[kind].append(row)
    mine[kind].append(row | {"key": "n2"})
    assert found(base, theirs, align_keys(base, theirs, mine)) == []
    assert mine[kind][-1]["key"] == "n2"


def test_references_follow_a_row_to_the_key_that_it_gets(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["registrations"].append(registration("t1", registry="isrctn", identifier="ISRCTN52319075"))
    theirs["sources"].append(source("t2", label="Registry"))
    mine["registrations"].append(registration("e", registry="isrctn", identifier="ISRCTN52319075"))
    mine["sources"].append(source("m2", label="Registry"))
    mine["citations"] += [citation("registrations.e", "m3", "m2"), citation("registrations.e.phase", "m4", "m2")]
    mine["blanks"].append(blank("registrations.e.sponsor", "m5"))
    mine = align_keys(base, theirs, mine)
    assert [(row["value"], row["source"]) for row in mine["citations"]] == [
        ("design", "s1"),
        ("registrations.t1", "t2"),
        ("registrations.t1.phase", "t2"),
    ]
    assert mine["blanks"][-1]["value"] == "registrations.t1.sponsor"


def test_merging_changes_neither_document(base: Any) -> None:
    theirs, mine = versions(base)
    mine["fields"]["age"] = "40"
    combine(theirs, mine, ["fields.age"])
    assert theirs == base


def test_term_has_fields_alone() -> None:
    base, mine = term_document(), term_document(meaning="Looks like the treatment.")
    assert align_keys(base, base, mine) == mine
    assert [choice.path for choice in choices(GlossaryTerm, base, base, mine)] == ["fields.meaning"]
