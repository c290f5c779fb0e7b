"""The page on which a member of staff turns e-mails off, and what the log-in says of a form that was not accepted."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import draft_trial, published_trial
from tests.people import log_in
from tests.trials.admin.forms import address, client_of, opened, text
from tests.users import PASSWORD, editor, reviewer
from trials.admin import form_store
from trials.models import Preference, Revision

pytestmark = pytest.mark.django_db
PAGE = "/account/mail/"


def test_member_of_staff_turns_e_mails_off_and_on() -> None:
    client = client_of(editor())
    assert 'name="mail" id="id_mail" checked' in " ".join(client.get(PAGE).content.decode().split()).replace(
        'aria-describedby="id_mail_helptext" ', ""
    )
    client.post(PAGE, {})
    assert Preference.objects.get(user=editor()).mail is False
    client.post(PAGE, {"mail": "on"})
    assert Preference.objects.get(user=editor()).mail is True


def test_choice_is_one_s_own_and_is_not_made_by_a_get() -> None:
    client_of(editor()).get(f"{PAGE}?mail=")
    assert not Preference.objects.exists()
    client_of(editor()).post(PAGE, {"user": reviewer().pk})
    assert list(Preference.objects.values_list("user__username", flat=True)) == ["eva"]


def test_visitor_is_sent_to_the_log_in(client: Client) -> None:
    assert client.post(PAGE, {})["Location"] == f"/account/login/?next={PAGE}"


def expired(user: Any, path: str, data: dict[str, Any]) -> tuple[Client, str]:
    """Send a form after the log-in has expired, and return the client and the page of the log-in."""
    client = Client()
    return client, text(client.post(path, data | {"opened_by": form_store.token(user)}, follow=True))


def test_log_in_says_that_what_was_typed_is_kept() -> None:
    trial = draft_trial(by=editor())
    data = opened(client_of(editor()), trial)
    _, page = expired(editor(), address(trial), data | {"journal": "Typed long"})
    assert "What you typed has been kept, but it has not been saved or submitted yet." in page
    assert "What you typed has been kept" not in text(Client().get("/account/login/"))


def test_step_after_an_expired_log_in_says_that_it_was_not_taken() -> None:
    trial = published_trial()
    client, _ = expired(reviewer(), address(trial, "archive"), {"base": 1, "reason": "A note."})
    log_in(client, "rita", PASSWORD)
    page = client.get(address(trial, "archive"), follow=True)
    assert "This was not done, nor submitted: your log-in had expired" in text(page)
    assert "A note.</textarea>" in page.content.decode()
    assert Revision.objects.count() == 1
