"""Who wrote what is in a draft, by account: no person publishes a change that they wrote part of."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from tests.factories import arm, draft_of, draft_trial, newest, published_trial, submit
from tests.users import editor, reviewer
from trials.models import Trial
from trials.workflow import steps
from trials.workflow.documents import document_of
from trials.workflow.merge import combine
from trials.workflow.revisions import account_of, writers, wrote

pytestmark = pytest.mark.django_db

WROTE = "You wrote part of this change, so another person has to check and publish it."


def written(record: Any) -> dict[str, list[str]]:
    """Return what each person wrote, by their present name."""
    names = {account_of(user): user.username for user in User.objects.all()}
    return {names.get(account, account): paths for account, paths in writers(record).items()}


def test_each_value_is_remembered_with_the_account_that_wrote_it() -> None:
    trial = published_trial(arms=[arm("a1")], counts=[])
    draft = draft_of(trial, editor(), heading="Cells for people")
    document = document_of(draft)
    document["arms"][0]["note"] = "A note."
    steps.save(draft, document, by=reviewer(), base=2)
    assert written(trial) == {"eva": ["fields.heading"], "rita": ["arms.a1"]}


def test_two_people_who_changed_one_value_both_wrote_it() -> None:
    trial = published_trial()
    draft_of(trial, editor(), heading="Cells for pepole")
    draft_of(trial, reviewer(), heading="Cells for people")
    assert written(trial) == {"eva": ["fields.heading"], "rita": ["fields.heading"]}


def test_value_that_is_public_again_has_no_writer() -> None:
    trial = published_trial(heading="Cells")
    draft_of(trial, editor(), heading="More cells", journal="Another")
    draft_of(trial, reviewer(), heading="Cells")
    assert written(trial) == {"eva": ["fields.journal"]}


def test_renamed_account_cannot_publish_what_it_wrote() -> None:
    rita = reviewer()
    trial = published_trial()
    draft = draft_of(trial, rita, heading="Cells")
    submit(draft, rita)
    rita.username = "margaret"
    rita.save()
    assert steps.why_not_publish(draft, rita) == WROTE
    with pytest.raises(PermissionDenied):
        steps.publish(draft, by=rita, base=newest(trial))


def test_account_that_took_the_former_name_of_a_writer_can_publish() -> None:
    rita = reviewer()
    draft = draft_of(published_trial(), rita, heading="Cells")
    submit(draft, rita)
    rita.username = "margaret"
    rita.save()
    assert steps.why_not_publish(draft, reviewer("rita")) == ""


def test_restored_revision_of_a_draft_keeps_its_writers_and_gives_back_the_right() -> None:
    trial = published_trial()
    draft_of(trial, editor(), heading="Cells")
    draft_of(trial, reviewer(), heading="Cells!")
    steps.restore(trial, 2, by=editor("ben"), base=3)
    assert written(trial) == {"eva": ["fields.heading"]}
    submit(trial, editor())
    steps.publish(trial, by=reviewer(), base=newest(trial))


def test_restored_content_of_a_discarded_draft_has_its_writer_and_the_one_who_restored_it() -> None:
    trial = published_trial()
    draft_of(trial, reviewer(), heading="Cells")
    steps.discard(trial, by=reviewer(), base=2)
    steps.restore(trial, 2, by=editor(), base=3)
    assert written(trial) == {"eva": ["fields.heading"], "rita": ["fields.heading"]}


def test_person_who_restored_an_earlier_public_version_wrote_what_it_changes() -> None:
    trial = published_trial(heading="Old")
    submit(draft_of(trial, editor(), heading="New"), editor())
    steps.publish(trial, by=reviewer(), base=3)
    steps.restore(trial, 1, by=reviewer(), base=4)
    assert written(trial) == {"rita": ["fields.heading"]}


def test_merged_version_keeps_the_writers_of_both() -> None:
    trial = published_trial()
    draft = steps.start_draft(trial)
    mine = document_of(draft)
    mine["fields"]["journal"] = "Mine"
    draft_of(trial, reviewer(), heading="Theirs")
    theirs = document_of(Trial.objects.get(pk=draft.pk))
    steps.save(draft, combine(theirs, mine, ["fields.journal"]), by=editor(), base=2)
    assert written(trial) == {"eva": ["fields.journal"], "rita": ["fields.heading"]}


def test_published_record_has_no_writer_of_a_draft() -> None:
    trial = published_trial()
    submit(draft_of(trial, editor(), heading="Cells"), editor())
    steps.publish(trial, by=reviewer(), base=3)
    assert writers(trial) == {}
    assert not wrote(trial, editor())


# --- Approval of a correction


def corrected() -> Trial:
    """Return a submitted draft of Eva in which the reviewer Rita has corrected a word."""
    trial = published_trial()
    draft_of(trial, editor(), heading="Cells for pepole", journal="Another")
    draft = draft_of(trial, reviewer(), heading="Cells for people")
    submit(draft, reviewer())
    return draft


def test_reviewer_publishes_with_a_correction_that_the_writer_approved() -> None:
    draft = corrected()
    assert steps.why_not_publish(draft, reviewer()) == WROTE
    steps.approve(draft, by=editor(), base=4)
    assert written(draft) == {"eva": ["fields.heading", "fields.journal"]}
    steps.publish(draft, by=reviewer(), base=5)
    assert Trial.objects.public().get().heading == "Cells for people"


def test_person_who_approved_cannot_publish() -> None:
    draft = draft_trial(by=reviewer("rob"))
    draft_of(draft, reviewer(), heading="Cells for people")
    submit(draft, reviewer())
    steps.approve(draft, by=reviewer("rob"), base=3)
    draft = Trial.objects.get(pk=draft.pk)
    assert steps.why_not_publish(draft, reviewer("rob")) == WROTE
    assert steps.why_not_publish(draft, reviewer()) == ""


@pytest.mark.parametrize("name", ["ben", "rob"])
def test_person_who_wrote_nothing_cannot_approve(name: str) -> None:
    draft = corrected()
    person = editor("ben") if name == "ben" else reviewer("rob")
    with pytest.raises(PermissionDenied, match="Only a person who wrote part of this change"):
        steps.approve(draft, by=person, base=4)
    assert steps.why_not_publish(draft, reviewer()) == WROTE


def test_only_writer_has_nothing_to_approve() -> None:
    draft = draft_trial(by=reviewer())
    with pytest.raises(PermissionDenied, match="You wrote all of this change"):
        steps.approve(draft, by=reviewer(), base=1)


def test_reviewer_does_not_take_on_the_draft_of_an_editor_whom_that_would_not_help() -> None:
    draft = corrected()
    with pytest.raises(PermissionDenied, match="None of the others who wrote part of this may publish it"):
        steps.approve(draft, by=reviewer(), base=4)


def test_change_after_the_approval_needs_another() -> None:
    draft = corrected()
    steps.approve(draft, by=editor(), base=4)
    draft_of(draft, reviewer(), heading="Cells for many people")
    assert wrote(draft, reviewer())


# --- Discarding


@pytest.mark.parametrize("by_another_first", [True, False])
def test_draft_that_another_person_wrote_part_of_is_not_discarded(by_another_first: bool) -> None:
    draft = draft_trial(by=editor("ben") if by_another_first else editor())
    draft_of(draft, editor() if by_another_first else editor("ben"), heading="Cells")
    with pytest.raises(PermissionDenied, match="ben wrote part of this draft, so you cannot discard it"):
        steps.discard(draft, by=editor(), base=2)
    assert Trial.objects.exists()
    assert steps.discard(draft, by=reviewer(), base=2).step == "deleted"
