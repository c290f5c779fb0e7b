"""The public part of the history: what went live, when, why, and what it changed."""

from typing import Any

import pytest

from tests.factories import (
    archived_trial,
    arm,
    comparison,
    draft_of,
    draft_trial,
    edited,
    publish,
    published_page,
    published_term,
    published_trial,
    republished,
    submit,
    trial_document,
)
from tests.users import reviewer
from trials.models import Trial
from trials.presenters.changelog import (
    ChangedValue,
    PublishedChange,
    live_revisions,
    published_changes,
    recent_revisions,
)
from trials.workflow import steps
from trials.workflow.diff import Change

pytestmark = pytest.mark.django_db


def change_rows(trial: Trial, **rows: list[dict[str, Any]]) -> None:
    edited(trial, lambda document: document.update(rows))
    submit(trial)
    publish(trial)


def history_of(trial: Trial) -> list[PublishedChange]:
    return published_changes(live_revisions(trial), trial)


def test_change_gives_its_values_and_reasons_newest_first() -> None:
    trial = republished(published_trial(), "The table was misread.\nSee page 3.", control="standard-care")
    changed, loaded = history_of(trial)
    assert (changed.event, loaded.event) == ("Changed", "Included at launch")
    assert [value.sentence for value in changed.values] == ["Comparison: was “Placebo”, now “Standard care alone”."]
    assert changed.reasons == ["The table was misread.", "See page 3."]


def test_change_is_compared_with_what_was_live_and_not_with_a_draft() -> None:
    trial = published_trial()
    draft_of(trial, control="none", journal="Draft Journal")
    republished(trial, control="standard-care", journal="Journal of Trials")
    assert [value.label for value in history_of(trial)[0].values] == ["Comparison"]


def test_history_of_a_study_from_its_first_publication_to_its_return() -> None:
    trial = draft_trial()
    submit(trial)
    publish(trial)
    steps.archive(trial, by=reviewer(), base=3, reason="It was retracted.")
    steps.start_draft(Trial.objects.get(pk=trial.pk))
    submit(trial)
    publish(trial)
    events = [change.event for change in history_of(trial)]
    assert events == ["Published again", "Taken off the public pages", "Published for the first time"]


def test_removed_and_added_rows_are_told_in_words() -> None:
    trial = published_trial(counts=[])
    arms = [arm("a1", position=1), comparison("a3", name="Saline", position=2)]
    change_rows(trial, arms=arms, citations=trial_document(arms=arms, counts=[])["citations"])
    changed = {value.label: (value.before, value.after) for value in history_of(trial)[0].values}
    assert changed["Group “Placebo”"][1] == ""
    assert changed["Group “Saline”"][0] == ""
    assert "Saline" in changed["Group “Saline”"][1]


def test_change_of_order_alone_is_said() -> None:
    trial = published_trial()
    change_rows(trial, arms=[arm("a1", position=2), comparison("a2", position=1)])
    changed = history_of(trial)[0]
    assert (changed.values, changed.no_values) == ([], "Only the order of the rows changed.")


def test_change_of_what_is_not_public_is_said() -> None:
    trial = republished(published_trial(), abstract="We gave cells.")
    assert history_of(trial)[0].no_values == "No values changed."


def test_recent_changes_leave_out_what_was_never_public_and_the_texts_that_came_with_the_site() -> None:
    published_trial(slug="shown-2021")
    archived_trial(slug="gone-2020", publication_date="2020")
    draft_trial(slug="draft-2021")
    published_term()
    republished(published_page(), title="About us")
    shown = [(change.kind, change.name, change.event) for change in published_changes(recent_revisions())]
    assert shown == [
        ("Page", "About us", "Changed"),
        ("Study", "Smith 2020", "Taken off the public pages"),
        ("Study", "Smith 2020", "Included at launch"),
        ("Study", "Smith 2021", "Included at launch"),
    ]


def test_list_of_all_changes_shows_the_first_values_of_a_study_and_counts_the_others() -> None:
    names = ("volume", "issue", "pages", "language", "severity", "age", "sex", "schedule")
    republished(published_trial(**dict.fromkeys(names, "old")), **dict.fromkeys(names, "new"))
    (change, _) = published_changes(recent_revisions())
    assert len(change.first_values) == 6
    assert change.further_count == len(change.values) - 6 > 0


@pytest.mark.parametrize(("records", "queries"), [(1, 4), (3, 4)])
def test_number_of_queries_does_not_grow_with_the_number_of_changes(
    records: int, queries: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(records):
        republished(published_trial(slug=f"smith-{number}"), control="none")
    with django_assert_max_num_queries(queries):
        assert len(published_changes(recent_revisions())) == 2 * records


# --- One value


def value(before: str, after: str) -> ChangedValue:
    return ChangedValue(Change("fields.limits", "Limits", before, after))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("a", "b", "Limits: was “a”, now “b”."),
        ("empty", "b", "Limits: now “b”."),
        ("a", "empty", "Limits: was “a”, now empty."),
        ("a", "removed", "Limits: was “a”, now removed."),
        ("a " * 40, "b " * 40, "Limits: reworded."),
    ],
)
def test_changed_value_as_one_sentence(before: str, after: str, sentence: str) -> None:
    assert value(before, after).sentence == sentence


def test_long_text_shows_the_words_around_each_change() -> None:
    start = " ".join(f"s{number}" for number in range(30))
    end = " ".join(f"e{number}" for number in range(30))
    assert value(f"{start} old {end}", f"{start} new {end}").pieces == [
        ("same", "… s22 s23 s24 s25 s26 s27 s28 s29"),
        ("removed", "old"),
        ("added", "new"),
        ("same", "e0 e1 e2 e3 e4 e5 e6 e7 …"),
    ]


@pytest.mark.parametrize(("before", "after"), [("a", "b"), ("a " * 40, "b " * 40), ("a " * 40, "a  " * 40)])
def test_text_without_a_common_word_or_without_a_changed_one_is_shown_whole(before: str, after: str) -> None:
    assert value(before, after).pieces == []
