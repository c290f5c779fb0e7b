"""A form that is sent after its log-in has expired is shown again to the same person."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import draft_trial
from tests.trials.admin.forms import address, client_of, opened, save, text
from tests.users import editor
from trials.admin import form_store
from trials.models import Trial
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(db: Any) -> Trial:
    return draft_trial()


@pytest.fixture
def browser(trial: Trial) -> Client:
    """A browser that sent a form of Eva's after her log-in had expired."""
    client = client_of(editor())
    data = opened(client, trial) | {"journal": "Journal of Eva"}
    client.logout()
    assert client.post(address(trial), data).status_code == 302
    return client


def journal(page: Any) -> Any:
    return page.context["adminform"].form["journal"].value()


def test_form_is_shown_as_filled_in_after_the_next_log_in(trial: Trial, browser: Client) -> None:
    browser.force_login(editor())
    page = browser.get(address(trial))
    assert "Nothing is saved yet: your log-in had expired" in text(page)
    assert journal(page) == "Journal of Eva"
    assert newest_revision(trial).number == 1


def test_saving_the_form_forgets_it(trial: Trial, browser: Client) -> None:
    browser.force_login(editor())
    save(browser, trial)
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Eva"
    assert "Nothing is saved yet" not in text(browser.get(address(trial)))


def test_form_can_be_discarded(trial: Trial, browser: Client) -> None:
    browser.force_login(editor())
    assert "Discard what I filled in" in text(browser.get(address(trial)))
    assert journal(browser.post(address(trial, "forget"), follow=True)) == "Journal of Trials"


def test_form_is_not_shown_to_another_person(trial: Trial, browser: Client) -> None:
    browser.force_login(editor("ben"))
    assert journal(browser.get(address(trial))) == "Journal of Trials"


@pytest.mark.parametrize("token", ["", "forged:token"])
def test_form_of_a_stranger_is_not_stored(trial: Trial, token: str) -> None:
    client = Client()
    client.post(address(trial), {"journal": "Journal of Eve", "opened_by": token})
    assert form_store.SESSION_KEY not in client.session


def test_form_with_the_csrf_token_of_an_earlier_log_in_is_shown_again(trial: Trial) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor())
    assert journal(save(client, trial, journal="Journal of Eva", csrfmiddlewaretoken="x" * 64)) == "Journal of Eva"
    assert newest_revision(trial).number == 1
    assert client.post(address(trial), {"journal": "x"}).status_code == 403


def test_only_the_last_forms_of_a_session_are_stored(trial: Trial, eva: Client) -> None:
    data = opened(eva, trial)
    eva.logout()
    for number in range(form_store.MOST_FORMS + 2):
        eva.post(f"/admin/trials/trial/{number + 1000}/change/", data)
    assert len(eva.session[form_store.SESSION_KEY]) == form_store.MOST_FORMS
