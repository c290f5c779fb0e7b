"""A value that changed while its sources did not is a question, until it is confirmed or its source is read again."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tests.factories import citation, draft_of, draft_trial, edited, published_page, published_trial, trial_document
from tests.users import editor
from trials.models import Trial
from trials.workflow import steps
from trials.workflow.documents import Document
from trials.workflow.questions import open_questions, proved_changes, questions
from trials.workflow.revisions import newest_revision, working_copy

pytestmark = pytest.mark.django_db


def setting(**fields: Any) -> Any:
    return lambda document: document["fields"].update(fields)


def cited(document: Document, path: str) -> dict[str, Any]:
    return next(row for row in document["citations"] if row["value"] == path)


def sentences(record: Any) -> list[str]:
    return [question.sentence for question in open_questions(record)]


def test_changed_value_with_an_unchanged_source_is_a_question() -> None:
    trial = published_trial(dose="1 × 10⁶", dose_unit="cells-per-kg")
    draft = edited(trial, setting(dose="2 × 10⁶"))
    [question] = questions(draft)
    assert question.sentence == "Dose per infusion changed; its source did not: is it still right?"
    assert (question.before, question.after) == ("1 × 10⁶ cells per kg", "2 × 10⁶ cells per kg")
    assert question.proofs[0].quote == "a randomised trial"
    assert str(question.proofs[0].source) == "Abstract of the paper"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (setting(journal="Another journal"), ["Journal changed; its source did not: is it still right?"]),
        (setting(design_wording="quasi-randomised"), ["Design changed; its source did not: is it still right?"]),
        (setting(heading="Another heading", slug="smith-2020", abstract="We did."), []),
        (setting(age="60 years"), []),  # without a source: it is among what is missing
        (lambda d: d["counts"][0].update(events=4), ["Death, Cells, by day 28: people with the event changed; "
                                                     "its source did not: is it still right?"]),
        (lambda d: d["arms"][1].update(analysed=9), ["Group “Placebo”: analysed changed; its source did not: is it "
                                                     "still right?"]),
        (lambda d: d["arms"][0].update(cell_source="placenta"), ["Source of cells changed; its source did not: is it "
                                                                 "still right?"]),
        (lambda d: d["counts"][0].update(headline=False), []),
        (lambda d: d["arms"][0].update(position=5), []),
    ],
)  # fmt: skip
def test_which_changes_are_questions(change: Any, expected: list[str]) -> None:
    assert sentences(edited(published_trial(), change)) == expected


def test_source_that_was_read_again_answers_the_question() -> None:
    trial = published_trial()

    def read_again(document: Document) -> None:
        cited(document, "journal")["quote"] = "Journal of Trials and Errors"

    edited(trial, setting(journal="Journal of Trials and Errors"))
    assert sentences(edited(trial, read_again)) == []
    assert len(sentences(edited(trial, setting(journal="Another journal")))) == 1


def test_value_that_is_changed_back_is_no_question() -> None:
    trial = published_trial()
    edited(trial, setting(journal="Another journal"))
    assert sentences(edited(trial, setting(journal="Journal of Trials"))) == []


def test_draft_that_was_never_published_is_asked_about_changes_after_its_first_citation() -> None:
    draft = draft_trial(citations=[])
    edited(draft, setting(journal="Another journal"))
    assert sentences(edited(draft, lambda document: document["citations"].append(citation("journal")))) == []
    assert len(sentences(edited(draft, setting(journal="A third journal")))) == 1


def test_submission_records_what_was_confirmed_and_refuses_what_was_not() -> None:
    trial = published_trial()
    draft = edited(trial, setting(journal="Another journal", masking="open"))
    by, base = editor(), newest_revision(trial).number
    tokens = [question.token for question in questions(draft)]
    with pytest.raises(ValidationError) as refusal:
        steps.submit(draft, by=by, base=base, reason="Read again.", confirmed=tokens[:1])
    assert refusal.value.messages == ["Masking changed; its source did not: is it still right?"]
    revision = steps.submit(draft, by=by, base=base, reason="Read again.", confirmed=[*tokens, "title"])
    assert revision.confirmed == ["journal", "masking"]
    assert sentences(working_copy(trial)) == []
    assert [question.answered_by for question in questions(working_copy(trial))] == ["eva", "eva"]
    assert sentences(edited(trial, setting(journal="A third journal"))) == [
        "Journal changed; its source did not: is it still right?"
    ]


def cited_again(document: Document) -> None:
    document["fields"]["journal"] = "A third journal"
    cited(document, "journal")["quote"] = "A third journal"


@pytest.mark.parametrize(
    "changes_since",
    [[setting(journal="A third journal")], [cited_again, setting(journal="Another journal")]],
    ids=["another value", "the same value with another citation"],
)
def test_tick_holds_for_the_value_and_the_citations_that_it_was_shown_for(changes_since: Any) -> None:
    trial = published_trial()
    [question] = questions(edited(trial, setting(journal="Another journal")))
    for change in changes_since:
        draft = edited(trial, change)
    with pytest.raises(ValidationError, match="Journal changed"):
        steps.submit(draft, by=editor(), base=newest_revision(trial).number, reason="Why.", confirmed=[question.token])


def test_text_without_sources_has_no_questions() -> None:
    assert questions(draft_of(published_page(), title="Another title")) == []


def test_each_changed_value_is_compared_with_its_sources() -> None:
    before = trial_document()
    after = trial_document(journal="Another journal", masking="open", age="60 years")
    after["citations"] = [
        row | {"key": f"n{row['key']}"} if row["value"] == "masking" else row for row in before["citations"]
    ]
    after["arms"][0]["analysed"] = 9
    after["counts"][0]["note"] = "Table 3"
    found = {
        change.path: (len(change.proofs), change.same_sources)
        for change in proved_changes(Trial, before, after)
        if not change.path.startswith("citations")
    }
    assert found == {
        "fields.journal": (1, True),
        "fields.masking": (1, False),
        "fields.age": (0, False),
        "arms.a1.analysed": (1, True),
        "counts.c1.note": (1, False),
    }
