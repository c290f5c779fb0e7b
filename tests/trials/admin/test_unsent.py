"""A form that is sent after its log-in has expired is shown again to the same person."""

import pytest
from django.test import Client

from tests.factories import draft_trial
from tests.trials.admin.forms import address, client_of, opened, text
from tests.users import editor
from trials.admin import unsent
from trials.models import Trial
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db


def sent_after_expiry(trial: Trial) -> Client:
    """Return the client of a browser that sent a form of Eva's after her log-in had expired."""
    client = client_of(editor())
    data = opened(client, trial) | {"journal": "Journal of Eva"}
    client.logout()
    assert client.post(address(trial), data).status_code == 302
    return client


def test_form_is_shown_as_filled_in_after_the_next_log_in() -> None:
    trial = draft_trial()
    client = sent_after_expiry(trial)
    assert newest_revision(trial).number == 1
    client.force_login(editor())
    page = client.get(address(trial))
    assert "Nothing is saved yet: your log-in had expired" in text(page)
    assert page.context["adminform"].form["journal"].value() == "Journal of Eva"


def test_saving_the_form_forgets_it() -> None:
    trial = draft_trial()
    client = sent_after_expiry(trial)
    client.force_login(editor())
    client.post(address(trial), opened(client, trial))
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Eva"
    assert "Nothing is saved yet" not in text(client.get(address(trial)))


def test_form_can_be_discarded() -> None:
    trial = draft_trial()
    client = sent_after_expiry(trial)
    client.force_login(editor())
    page = client.post(address(trial, "discard"), follow=True)
    assert page.context["adminform"].form["journal"].value() == "Journal of Trials"


def test_form_is_not_shown_to_another_person() -> None:
    trial = draft_trial()
    client = sent_after_expiry(trial)
    client.force_login(editor("ben"))
    assert client.get(address(trial)).context["adminform"].form["journal"].value() == "Journal of Trials"


@pytest.mark.parametrize("token", ["", "forged:token"])
def test_form_of_a_stranger_is_not_stored(token: str) -> None:
    trial = draft_trial()
    client = Client()
    client.post(address(trial), {"journal": "Journal of Eve", "opened_by": token})
    assert unsent.SESSION_KEY not in client.session


def test_form_with_the_csrf_token_of_an_earlier_log_in_is_shown_again() -> None:
    trial = draft_trial()
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor())
    data = opened(client, trial) | {"journal": "Journal of Eva", "csrfmiddlewaretoken": "x" * 64}
    page = client.post(address(trial), data, follow=True)
    assert page.context["adminform"].form["journal"].value() == "Journal of Eva"
    assert newest_revision(trial).number == 1
    assert client.post(address(trial), {"journal": "x"}).status_code == 403


def test_only_the_last_forms_of_a_session_are_stored() -> None:
    client = client_of(editor())
    trial = draft_trial()
    data = opened(client, trial)
    client.logout()
    for number in range(unsent.MOST_FORMS + 2):
        client.post(f"/admin/trials/trial/{number + 1000}/change/", data)
    assert len(client.session[unsent.SESSION_KEY]) == unsent.MOST_FORMS
