"""Two versions of one record: what has to be chosen, what moves out of the way, and what comes out."""

import copy
import uuid
from typing import Any

import pytest

from tests.factories import make_blank, make_registration, make_source, make_term, make_trial
from trials import history, merge
from trials.models import GlossaryTerm, Trial

pytestmark = pytest.mark.django_db

NEW = str(uuid.UUID(int=1))
OTHER = str(uuid.UUID(int=2))


@pytest.fixture
def base() -> Any:
    trial = make_trial(countries=("ID",))
    make_source(trial)
    make_blank(trial)
    make_registration(trial)
    return history.snapshot(trial)


def versions(base: Any) -> tuple[Any, Any]:
    return copy.deepcopy(base), copy.deepcopy(base)


def told(base: Any, theirs: Any, mine: Any) -> list[tuple[str, str, str, str, str]]:
    found = merge.choices(Trial, base, theirs, mine)
    return [(c.label, c.before, c.theirs, c.mine, c.preselected) for c in found]


def test_value_that_one_side_changed_is_preselected(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["fields"]["age"] = "40 to 60"
    mine["fields"]["centres"] = 0
    assert told(base, theirs, mine) == [
        ("Number of centres", "empty", "empty", "0", "mine"),
        ("Age", "empty", "40 to 60", "empty", "theirs"),
    ]


def test_value_that_both_changed_has_to_be_chosen(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["countries"], mine["countries"] = [], ["ID", "XX"]
    assert told(base, theirs, mine) == [("Countries", "Country ID", "empty", "Country ID, XX", "")]


def test_same_change_needs_no_choice(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["fields"]["age"] = mine["fields"]["age"] = "40"
    assert told(base, theirs, mine) == []


def test_row_that_one_removed_and_the_other_changed_is_offered_whole(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["sources"] = []
    mine["sources"][0]["label"] = "Methods"
    choice = merge.choices(Trial, base, theirs, mine)[0]
    assert (choice.label, choice.theirs, choice.preselected) == ("Source 1 (design)", "not there", "")
    assert "Label: Abstract of the paper;" in choice.before
    assert "Label: Methods;" in choice.mine
    taken = merge.merged(theirs, mine, [choice.path])
    assert [row["label"] for row in taken["sources"]] == ["Methods"]
    assert merge.merged(theirs, mine, [])["sources"] == []


def test_row_that_i_removed_and_they_changed_goes_if_i_say_so(base: Any) -> None:
    theirs, mine = versions(base)
    theirs["sources"][0]["label"] = "Methods"
    mine["sources"] = []
    choice = merge.choices(Trial, base, theirs, mine)[0]
    assert merge.merged(theirs, mine, [choice.path])["sources"] == []
    assert merge.merged(theirs, mine, [])["sources"][0]["label"] == "Methods"


def added(document: Any, kind: str, key: str, **values: Any) -> None:
    document[kind].append({**document[kind][-1], "id": key, **values})


def test_row_of_mine_whose_number_was_given_away_gets_the_next_free_one(base: Any) -> None:
    theirs, mine = versions(base)
    added(theirs, "sources", NEW, position=2)
    added(mine, "sources", OTHER, position=2, value="masking")
    moved, said = merge.fit(base, theirs, mine)
    assert [(row["position"], row["value"]) for row in moved["sources"]] == [(1, "design"), (3, "masking")]
    assert said == ["Your source 2 has become source 3: another source 2 was saved while you were writing."]
    assert [row["position"] for row in mine["sources"]] == [1, 2]  # what was sent is not touched


def test_what_names_a_moved_row_follows_it(base: Any) -> None:
    theirs, mine = versions(base)
    added(theirs, "arms", NEW, position=3)
    added(mine, "arms", OTHER, position=3)
    mine["sources"][0]["value"] = "arm-3.analysed"
    mine["blanks"][0]["value"] = "arm-3"
    moved, _said = merge.fit(base, theirs, mine)
    assert moved["sources"][0]["value"] == "arm-4.analysed"
    assert moved["blanks"][0]["value"] == "arm-4"


def test_rows_that_changed_places_in_my_version_alone_stay_there(base: Any) -> None:
    theirs, mine = versions(base)
    mine["arms"][0]["position"], mine["arms"][1]["position"] = 2, 1
    moved, said = merge.fit(base, theirs, mine)
    assert [row["position"] for row in moved["arms"]] == [2, 1]
    assert said == []


@pytest.mark.parametrize("kind", ["blanks", "registrations"])
def test_same_row_that_both_added_is_one(base: Any, kind: str) -> None:
    was = copy.deepcopy(base)
    was[kind] = []
    theirs, mine = versions(was)
    theirs[kind] = [{**base[kind][0], "id": NEW, "note": "theirs"}]
    mine[kind] = [{**base[kind][0], "id": OTHER, "note": "mine"}]
    moved, said = merge.fit(was, theirs, mine)
    choices = merge.choices(Trial, was, theirs, moved)
    assert [(choice.path, choice.preselected) for choice in choices] == [(f"{kind}.{NEW}", "")]
    assert [row["note"] for row in merge.merged(theirs, moved, [f"{kind}.{NEW}"])[kind]] == ["mine"]
    assert said == []


def test_text_has_no_rows_to_move() -> None:
    base = history.snapshot(make_term())
    theirs, mine = copy.deepcopy(base), copy.deepcopy(base)
    mine["fields"]["meaning"] = "Looks like the treatment."
    assert merge.fit(base, theirs, mine) == (mine, [])
    assert [choice.path for choice in merge.choices(GlossaryTerm, base, theirs, mine)] == ["fields.meaning"]
