"""Who is told of a step by e-mail."""

import re
from typing import Any

import pytest
from django.core import mail

from tests.factories import draft_of, draft_trial, publish, published_trial, submit
from tests.people import sent_mail
from tests.trials.admin.forms import client_of
from tests.users import editor, member, reviewer
from trials.models import Preference, Trial
from trials.workflow import steps
from trials.workflow.documents import document_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Any:
    """What is done inside is committed, so that its messages leave."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def receivers() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


def test_submission_is_told_to_those_who_can_check_it(commit: Any) -> None:
    rita = reviewer()
    editor("ben")
    member("left", "Reviewers", is_active=False)
    member("gone", "Reviewers", is_staff=False)
    member("silent", "Reviewers", email="")
    draft = draft_trial(by=editor())
    with commit():
        submit(draft, reason="Please look at the dose.")
    [message] = sent_mail(1)
    assert message.to == [rita.email]
    assert message.subject == "[ARDSinfo] To check: Smith 2021"
    assert "eva has asked for Smith 2021 to be checked.\n\nPlease look at the dose." in message.body
    assert f"http://127.0.0.1:8000/admin/trials/trial/{draft.pk}/edit/" in message.body
    assert "http://127.0.0.1:8000/account/mail/" in message.body


def test_address_in_a_message_leads_to_the_draft_and_to_the_record_once_it_is_published(commit: Any) -> None:
    trial, reader = published_trial(), client_of(reviewer())
    draft = draft_of(trial, journal="Another journal")
    with commit():
        submit(draft)
    [message] = sent_mail(1)
    (path,) = re.findall(r"http://127\.0\.0\.1:8000(/admin/\S+)", message.body)
    assert reader.get(path)["Location"] == f"/admin/trials/trial/{draft.pk}/change/"
    publish(draft)
    assert reader.get(path)["Location"] == f"/admin/trials/trial/{trial.pk}/change/"


def test_draft_that_is_sent_back_is_told_to_its_writers(commit: Any) -> None:
    draft = draft_trial(by=editor())
    submit(draft, by=editor("ben"))
    with commit():
        steps.send_back(draft, by=reviewer(), base=2, reason="Give the page & the table.")
    [message] = sent_mail(1)
    assert message.to == ["eva@example.org"]
    assert "rita sent Smith 2021 back. What needs to be done:\n\nGive the page & the table." in message.body


@pytest.mark.parametrize("step", [steps.discard, steps.archive])
def test_end_of_a_draft_is_told_to_its_writers(commit: Any, step: Any) -> None:
    trial = published_trial()
    draft_of(trial, by=editor(), heading="Another heading")
    with commit():
        step(trial, by=reviewer(), base=2, reason="It was retracted.")
    [message] = sent_mail(1)
    assert (message.to, message.subject) == (["eva@example.org"], "[ARDSinfo] Draft discarded: Smith 2021")
    assert "rita ended the draft of Smith 2021 that you wrote part of. The reason:\n\nIt was retracted." in message.body
    assert f"http://127.0.0.1:8000/admin/trials/trial/{trial.pk}/history/" in message.body


def test_publication_is_told_to_the_writers(commit: Any) -> None:
    draft = draft_trial(by=editor())
    submit(draft)
    with commit():
        steps.publish(draft, by=reviewer(), base=2)
    [message] = sent_mail(1)
    assert (message.to, message.subject) == (["eva@example.org"], "[ARDSinfo] Published: Smith 2021")


def test_correction_is_told_to_the_writer_and_its_approval_to_the_reviewer(commit: Any) -> None:
    draft = draft_trial(by=editor())
    document = document_of(draft)
    document["fields"]["pages"] = "12"
    steps.save(draft, document, by=reviewer(), base=1)
    with commit():
        submit(draft, by=reviewer())
    [message] = sent_mail(1)
    assert (message.to, message.subject) == (["eva@example.org"], "[ARDSinfo] To approve: Smith 2021")
    with commit():
        steps.approve(draft, by=editor(), base=3)
    assert sent_mail(2)[1].to == ["rita@example.org"]


def test_person_who_turned_it_off_is_not_told(commit: Any) -> None:
    Preference.objects.create(user=reviewer(), mail=False)
    Preference.objects.create(user=reviewer("rob"), mail=True)
    draft = draft_trial(by=editor())
    with commit():
        submit(draft)
    sent_mail(1)
    assert receivers() == ["rob@example.org"]


def test_step_that_is_refused_tells_no_one(django_capture_on_commit_callbacks: Any) -> None:
    reviewer()
    trial = published_trial()
    with pytest.raises(steps.ValidationError), django_capture_on_commit_callbacks(execute=True) as callbacks:
        submit(trial, reason="Why.")
    assert callbacks == []


def test_mail_server_that_fails_does_not_fail_the_step(
    commit: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "tests.no.such.Backend"
    reviewer()
    draft = draft_trial(by=editor())
    with commit():
        submit(draft)
    assert Trial.objects.get(pk=draft.pk).status == "in-review"
