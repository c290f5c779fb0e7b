"""The steps of a record from draft to published, who may take them, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tests.factories import (
    archived_trial,
    arm,
    blank,
    citation,
    comparison,
    draft_trial,
    edited,
    newest,
    page_document,
    publish,
    published_term,
    published_trial,
    submit,
    term_document,
    trial_document,
)
from tests.users import administrator, editor, member, reviewer, superuser
from trials.models import FormerSlug, GlossaryTerm, Page, Revision, Trial
from trials.models.fields import new_key
from trials.models.values import study_values
from trials.workflow import steps
from trials.workflow.documents import document_of
from trials.workflow.revisions import account_of, newest_revision, revisions, working_copy, writers
from trials.workflow.versions import content_version

pytestmark = pytest.mark.django_db

NEEDS_REASON = "Say what changed and why: the public reads this in the history."


def fresh(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


def change(record: Any, by: Any = None, **fields: Any) -> Any:
    """Save these fields in the draft of the record, with a citation of each value, and return the draft."""

    def edit(document: Any) -> None:
        document["fields"] |= fields
        names = set(fields) & set(study_values())
        document.setdefault("citations", []).extend(citation(name, new_key()) for name in names)

    return edited(record, edit, by)


def history(record: Any) -> list[tuple[str, str, bool]]:
    return [(each.step, each.made_by, each.live) for each in revisions(record)]


# --- From draft to published


def test_new_study_is_published_by_a_second_person() -> None:
    draft = draft_trial()
    assert list(Trial.objects.public()) == []
    submit(draft)
    assert fresh(draft).status == "in-review"
    publish(draft)
    assert list(Trial.objects.public()) == [draft]
    assert history(draft) == [("created", "eva", False), ("submitted", "eva", False), ("published", "rita", True)]
    assert newest_revision(draft).data == document_of(fresh(draft))


def test_change_to_a_published_study_is_public_only_after_publishing() -> None:
    trial = published_trial()
    draft = change(trial, age="40 to 60")
    assert fresh(trial).age == ""
    assert draft.draft_of == trial
    submit(draft)
    publish(draft)
    assert fresh(trial).age == "40 to 60"
    assert list(Trial.objects.all()) == [trial]
    assert newest_revision(trial).reason == "A misprint."


@pytest.mark.parametrize(
    ("model", "document", "field"),
    [(Page, page_document(), "body"), (GlossaryTerm, term_document(), "meaning")],
    ids=["page", "term"],
)
def test_pages_and_terms_take_the_same_steps(model: Any, document: Any, field: str) -> None:
    record = steps.create(model, document, by=editor())
    submit(record)
    publish(record)
    submit(change(record, **{field: "Other words."}))
    publish(record)
    assert getattr(model.objects.public().get(), field) == "Other words."
    assert [step for step, _, live in history(record) if live] == ["published", "published"]


def test_rows_are_published_with_their_keys() -> None:
    trial = published_trial()
    document = document_of(steps.start_draft(trial))
    document["arms"].append(arm("a3", position=3, name="More cells"))
    document["counts"][1]["events"] = 6
    steps.save(trial, document, by=editor(), base=1)
    assert [row.key for row in fresh(trial).arms.all()] == ["a1", "a2"]
    submit(trial)
    with pytest.raises(ValidationError, match="Group “More cells” has no source"):
        publish(trial)
    document["citations"].append(document["citations"][0] | {"key": "q99", "value": "arms.a3"})
    steps.save(trial, document, by=editor(), base=newest(trial))
    submit(trial)
    publish(trial)
    assert [row.key for row in fresh(trial).arms.all()] == ["a1", "a2", "a3"]
    assert [(row.arm.key, row.events) for row in fresh(trial).counts.all()] == [("a1", 3), ("a2", 6)]
    assert (fresh(trial).people, fresh(trial).comparison_deaths) == (30, 6)


def test_draft_that_was_sent_back_can_be_submitted_again() -> None:
    draft = draft_trial()
    submit(draft)
    steps.send_back(draft, by=reviewer(), base=2, reason="The dose is missing.")
    assert fresh(draft).status == "draft"
    assert newest_revision(draft).reason == "The dose is missing."
    submit(draft)
    publish(draft)
    assert fresh(draft).is_public


def test_editing_twice_continues_the_same_draft() -> None:
    trial = published_trial()
    assert steps.start_draft(trial).pk == steps.start_draft(trial).pk
    assert steps.start_draft(steps.start_draft(trial)).pk == working_copy(trial).pk


def test_draft_is_a_copy_of_the_record_as_it_is_stored() -> None:
    trial = published_trial()
    outdated = fresh(trial)
    submit(change(trial, age="40"))
    publish(trial)
    assert steps.start_draft(outdated).age == "40"


# --- The two-person rule


def written_and_submitted() -> Trial:
    trial = published_trial()
    submit(change(trial, by=member("ann", "Editors", "Reviewers"), age="40"))
    return trial


@pytest.mark.parametrize(
    ("user", "refusal"),
    [
        (lambda: editor(), "Only a reviewer can publish."),
        (lambda: member("ann"), "You wrote part of this change, so another person has to check and publish it."),
        (lambda: reviewer(), ""),
        (lambda: administrator(), ""),
        (lambda: superuser(), ""),
    ],
    ids=["editor", "writer with the right", "reviewer", "administrator", "superuser"],
)
def test_who_may_publish_a_change_that_ann_wrote(user: Callable[[], Any], refusal: str) -> None:
    assert steps.why_not_publish(written_and_submitted(), user()) == refusal


def test_refusal_is_enforced() -> None:
    trial = written_and_submitted()
    with pytest.raises(PermissionDenied, match="You wrote part of this change"):
        publish(trial, by=member("ann"))
    assert fresh(trial).age == ""


def test_draft_has_to_be_submitted_first() -> None:
    trial = published_trial()
    assert steps.why_not_publish(trial, reviewer()) == "There is no draft to publish."
    change(trial, age="40")
    assert steps.why_not_publish(trial, reviewer()) == "It has to be submitted for a check first."


def test_each_person_who_wrote_is_a_writer() -> None:
    trial = published_trial()
    change(trial, by=member("ann", "Editors"), age="40")
    change(trial, by=reviewer("rob"), age="50")
    submit(trial, by=reviewer("sue"))
    assert set(writers(trial)) == {account_of(editor("ann")), account_of(reviewer("rob"))}
    assert steps.why_not_publish(trial, reviewer("sue")) == ""


def test_writer_of_a_discarded_draft_may_check_the_next() -> None:
    trial = published_trial()
    change(trial, by=reviewer("rob"), age="40")
    steps.discard(trial, by=reviewer("rob"), base=2)
    submit(change(trial, by=editor(), age="50"))
    assert steps.why_not_publish(trial, reviewer("rob")) == ""


def test_superuser_publishes_alone_and_the_history_says_so() -> None:
    trial = published_trial()
    change(trial, by=superuser(), age="40")
    with pytest.raises(ValidationError, match=NEEDS_REASON):
        publish(trial, by=superuser())
    assert publish(trial, by=superuser(), reason="A misprint.").reason == (
        "A misprint.\nPublished by a superuser, without the check by a second person."
    )


def test_superuser_can_be_the_second_person() -> None:
    trial = written_and_submitted()
    assert publish(trial, by=superuser()).reason == "A misprint."


@pytest.mark.parametrize("step", [steps.send_back, steps.archive])
def test_only_a_reviewer_sends_back_or_archives_and_says_why(step: Any) -> None:
    trial = written_and_submitted()
    with pytest.raises(PermissionDenied, match="Only a reviewer can do this"):
        step(trial, by=editor(), base=newest(trial), reason="It is wrong.")
    with pytest.raises(ValidationError, match="Say "):
        step(trial, by=reviewer(), base=newest(trial), reason=" ")
    step(trial, by=reviewer(), base=newest(trial), reason="It is wrong.")


# --- Reasons


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_change_to_a_published_record_needs_a_reason_when_submitted(reason: str) -> None:
    trial = published_trial()
    change(trial, age="40")
    with pytest.raises(ValidationError, match=NEEDS_REASON):
        submit(trial, reason=reason)
    assert working_copy(trial).status == "draft"


def test_first_version_needs_no_reason_and_keeps_the_notes_of_colleagues() -> None:
    draft = draft_trial()
    submit(draft, reason="Please look at the dose.")
    assert publish(draft).reason == ""


def test_public_reason_is_that_of_the_last_submission() -> None:
    trial = published_trial()
    change(trial, age="40")
    submit(trial, reason="A misprint.")
    change(trial, sex="10 men")
    submit(trial, reason="A misprint, and the sex was missing.")
    assert publish(trial).reason == "A misprint, and the sex was missing."


def test_draft_that_changes_nothing_is_not_submitted() -> None:
    trial = published_trial()
    with pytest.raises(ValidationError, match="The draft is the same as what the public sees"):
        submit(steps.start_draft(trial), by=reviewer(), reason="Words for the public.")


def test_reason_that_was_not_asked_for_is_not_public() -> None:
    assert publish(written_and_submitted(), reason="Words for the public.").reason == "A misprint."


def test_reason_with_a_control_character_is_refused() -> None:
    trial = published_trial()
    change(trial, age="40")
    with pytest.raises(ValidationError, match=r"In the reason, “a�b” holds a control character \(U\+000B"):
        submit(trial, reason="a\x0bb")


# --- Steps that do not fit


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (lambda t: steps.save(t, document_of(t), by=editor(), base=1), "This is published. Choose “Edit”"),
        (lambda t: steps.submit(t, by=editor(), base=1, reason="Why.", confirmed=[]), "There is no draft to check."),
        (lambda t: steps.send_back(t, by=reviewer(), base=1, reason="Why."), "It has not been submitted."),
        (lambda t: steps.discard(t, by=editor(), base=1), "There is no draft to discard."),
    ],
    ids=["save", "submit", "send back", "discard"],
)
def test_step_that_a_published_record_cannot_take(step: Any, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        step(published_trial())


def test_draft_is_submitted_once() -> None:
    draft = draft_trial()
    submit(draft)
    with pytest.raises(ValidationError, match="eva has submitted it already"):
        submit(draft, by=editor("ann"))


def test_draft_cannot_be_archived() -> None:
    with pytest.raises(ValidationError, match="Only what is published can be archived"):
        steps.archive(draft_trial(), by=reviewer(), base=1, reason="Why.")


def test_study_with_something_missing_is_not_published() -> None:
    draft = draft_trial(plain_summary="", arms=[comparison("a2")], counts=[])
    submit(draft)
    with pytest.raises(ValidationError) as refusal:
        publish(draft)
    assert refusal.value.messages == [
        "The plain-language summary is missing.",
        "There is no group that was given cells.",
    ]
    assert fresh(draft).status == "in-review"


# --- Archived, discarded


def test_archived_study_is_not_public_and_can_be_published_again() -> None:
    trial = published_trial()
    change(trial, age="40")
    steps.archive(trial, by=reviewer(), base=2, reason="It was retracted.")
    assert list(Trial.objects.public()) == []
    assert [(t.pk, t.status, t.age) for t in Trial.objects.all()] == [(trial.pk, "archived", "")]
    draft = change(trial, age="50")
    assert list(Trial.objects.public()) == []
    submit(draft, reason="The retraction was withdrawn.")
    publish(draft)
    assert [(t.pk, t.status, t.age) for t in Trial.objects.all()] == [(trial.pk, "published", "50")]
    assert newest_revision(trial).reason == "The retraction was withdrawn."


def test_discarded_draft_of_a_published_study_leaves_it_and_stays_in_the_history() -> None:
    trial = published_trial()
    change(trial, age="40")
    steps.discard(trial, by=editor(), base=2, reason="Not needed.")
    assert working_copy(trial) == trial
    assert history(trial)[-1] == ("withdrawn", "eva", False)
    assert newest_revision(trial).data["fields"]["age"] == "40"


def test_discarded_study_that_was_never_public_keeps_its_revisions() -> None:
    draft = draft_trial()
    steps.discard(fresh(draft), by=editor(), base=1)
    assert not Trial.objects.exists()
    assert history(draft) == [("created", "eva", False), ("deleted", "eva", False)]


def test_study_that_is_or_was_public_is_not_discarded() -> None:
    opened = draft_trial()
    submit(opened)
    publish(opened)
    for record in (opened, archived_trial(slug="brown-2020")):
        with pytest.raises(ValidationError, match="There is no draft to discard"):
            steps.discard(record, by=reviewer(), base=newest(record))
        assert Trial.objects.filter(pk=record.pk).exists()


# --- Two people at once


def test_second_of_two_who_opened_the_same_revision_gets_a_conflict() -> None:
    trial = published_trial()
    mine = document_of(steps.start_draft(trial))
    change(trial, by=editor("ann"), age="40")
    mine["fields"]["age"] = "50"
    with pytest.raises(steps.Conflict, match=r"ann has added revision 2 since \(edited\)") as conflict:
        steps.save(trial, mine, by=editor(), base=1)
    assert (conflict.value.base.number, conflict.value.newest.number) == (1, 2)
    assert conflict.value.document == mine
    assert working_copy(trial).age == "40"


@pytest.mark.parametrize(
    "step",
    [
        lambda t: steps.submit(t, by=editor(), base=1, reason="Why.", confirmed=[]),
        lambda t: steps.publish(t, by=reviewer(), base=1),
        lambda t: steps.send_back(t, by=reviewer(), base=1, reason="Why."),
        lambda t: steps.archive(t, by=reviewer(), base=1, reason="Why."),
        lambda t: steps.discard(t, by=editor(), base=1),
        lambda t: steps.restore(t, 1, by=editor(), base=1),
    ],
    ids=["submit", "publish", "send back", "archive", "discard", "restore"],
)
def test_step_on_an_outdated_revision_is_a_conflict(step: Any) -> None:
    trial = written_and_submitted()
    before = history(trial)
    with pytest.raises(steps.Conflict):
        step(trial)
    assert history(trial) == before


def test_save_after_the_draft_was_published_is_a_conflict() -> None:
    trial = published_trial()
    draft = change(trial, age="40")
    mine = document_of(draft)
    submit(trial)
    publish(trial)
    with pytest.raises(steps.Conflict):
        steps.save(draft, mine, by=editor(), base=2)


# --- Nothing is written


def test_saving_without_a_change_writes_nothing() -> None:
    draft = draft_trial(blanks=[blank("age")])
    before = content_version()
    assert steps.save(draft, document_of(draft), by=editor(), base=1) is None
    assert (content_version(), newest(draft)) == (before, 1)


def test_order_of_the_rows_in_a_document_is_no_change() -> None:
    draft = draft_trial()
    document = document_of(draft)
    document["arms"].reverse()
    assert steps.save(draft, document, by=editor(), base=1) is None


def test_restoring_the_present_content_writes_nothing() -> None:
    trial = published_trial()
    before = content_version()
    assert steps.restore(trial, 1, by=editor(), base=1) is None
    assert (content_version(), Trial.objects.count()) == (before, 1)


def test_refused_document_leaves_no_trace() -> None:
    draft = draft_trial()
    document = document_of(draft)
    document["fields"]["age"] = "40"
    document["counts"][0]["events"] = 11
    before = content_version()
    with pytest.raises(ValidationError, match="There cannot be 11 people with the event among 10 people"):
        steps.save(draft, document, by=editor(), base=1)
    assert (fresh(draft).age, content_version(), newest(draft)) == ("", before, 1)


def test_publishing_that_fails_keeps_the_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = written_and_submitted()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(steps, "add_revision", fail)
    with pytest.raises(OSError, match="The disk is full"):
        publish(trial)
    assert fresh(trial).age == ""
    assert working_copy(trial).age == "40"


# --- Restore


def test_restored_revision_is_a_new_one_in_a_draft() -> None:
    trial = published_trial()
    submit(change(trial, age="40"))
    publish(trial)
    steps.restore(trial, 1, by=editor(), base=4)
    assert (fresh(trial).age, working_copy(trial).age) == ("40", "")
    assert (newest_revision(trial).step, newest_revision(trial).reason) == ("restored", "Revision 1.")


def test_revision_that_does_not_exist_is_not_restored() -> None:
    with pytest.raises(Revision.DoesNotExist):
        steps.restore(draft_trial(), 7, by=editor(), base=1)


# --- Addresses and identifiers


def test_former_address_redirects_once_the_new_one_is_public() -> None:
    trial = published_trial()
    draft = change(trial, slug="smith-2022")
    assert not FormerSlug.objects.exists()
    submit(draft)
    publish(draft)
    assert [(former.slug, former.trial) for former in FormerSlug.objects.all()] == [("smith-2021", trial)]


def test_address_that_comes_back_no_longer_redirects() -> None:
    trial = published_trial()
    for slug in ("smith-2022", "smith-2021"):
        submit(change(trial, slug=slug))
        publish(trial)
    assert [former.slug for former in FormerSlug.objects.all()] == ["smith-2022"]


def test_address_that_was_never_public_does_not_redirect() -> None:
    draft = change(draft_trial(), slug="smith-2022")
    submit(draft)
    publish(draft)
    assert not FormerSlug.objects.exists()


def test_former_address_is_refused_to_another_study_even_after_the_study_is_archived() -> None:
    trial = published_trial()
    submit(change(trial, slug="smith-2022"))
    publish(trial)
    steps.archive(trial, by=reviewer(), base=newest(trial), reason="It was retracted.")
    with pytest.raises(ValidationError) as refusal:
        steps.create(Trial, trial_document(), by=editor())
    assert refusal.value.message_dict == {"slug": ["“smith-2021” was the address of Smith 2021, and redirects there."]}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("slug", "brown-2022", "Address “brown-2022” is that of another entry: Smith 2021: Cells for"),
        ("doi", "10.1000/taken", "DOI “10.1000/taken” is that of another entry: Smith 2021: Cells for"),
    ],
)
def test_draft_is_not_published_if_another_study_took_its_identifier(name: str, value: str, message: str) -> None:
    trial = published_trial()
    submit(change(trial, **{name: value}))
    published_trial(**{"slug": "jones-2022", name: value})
    with pytest.raises(ValidationError, match=message):
        publish(trial)
    assert working_copy(trial).status == "in-review"


def test_two_terms_never_share_a_word() -> None:
    published_term()
    with pytest.raises(ValidationError) as refusal:
        steps.create(GlossaryTerm, term_document(slug="other"), by=editor())
    assert list(refusal.value.message_dict) == ["term"]


# --- A document is tidied


def test_value_that_is_entered_removes_its_blank() -> None:
    draft = draft_trial(blanks=[blank("age", "b1"), blank("sex", "b2")])
    assert [row.value for row in change(draft, age="40").blanks.all()] == ["sex"]


def test_value_that_is_emptied_keeps_its_citation_and_can_have_a_blank() -> None:
    draft = draft_trial(age="40")
    document = document_of(draft)
    document["fields"]["age"] = ""
    document["blanks"].append(blank("age"))
    steps.save(draft, document, by=editor(), base=1)
    assert [row.value for row in fresh(draft).blanks.all()] == ["age"]
    assert fresh(draft).citations.filter(value="age").exists()


def test_row_that_is_deleted_takes_its_citations_and_blanks_along() -> None:
    draft = draft_trial(blanks=[blank("arms.a2.note")])
    document = document_of(draft)
    document["arms"].pop()
    document["counts"].pop()
    steps.save(draft, document, by=editor(), base=1)
    paths = {row.value for row in [*fresh(draft).citations.all(), *fresh(draft).blanks.all()]}
    assert {path for path in paths if path.startswith(("arms", "counts"))} == {"arms.a1", "counts.c1"}
