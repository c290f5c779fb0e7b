"""Two editors save at once: nothing of either is lost, and the second one chooses."""

import re
from typing import Any

import pytest

from tests.factories import draft_of, draft_trial, published_trial, source
from tests.trials.admin.forms import address, client_of, new_row, opened, text
from tests.users import editor, reviewer
from trials.models import Trial
from trials.workflow import steps
from trials.workflow.documents import document_of
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db


def saved_by_another(trial: Any, base: int = 1, **fields: Any) -> None:
    document = document_of(trial)
    document["fields"] |= fields
    steps.save(trial, document, by=editor("ann"), base=base)


def choose(client: Any, trial: Any, page: Any, **sides: str) -> Any:
    (signed,) = re.findall(r'name="signed" value="([^"]+)"', page.content.decode())
    chosen = re.findall(r'name="take-([^"]+)" value="(\w+)"[^>]*checked', page.content.decode())
    data = {f"take-{path}": side for path, side in chosen} | {
        f"take-fields.{name}": side for name, side in sides.items()
    }
    return client.post(address(trial, "conflict"), data | {"signed": signed}, follow=True)


def test_second_editor_chooses_field_by_field() -> None:
    trial = draft_trial()
    client = client_of(editor("ben"))
    data = opened(client, trial) | {"journal": "Journal of Ben", "age": "60", "arms-1-name": "Saline"}
    saved_by_another(trial, journal="Journal of Ann", sex="Half were women")
    page = client.post(address(trial), data)
    assert page.status_code == 409
    for words in ("ann saved revision 2", "Journal of Ben", "Journal of Ann", "Half were women", "Saline"):
        assert words in text(page)
    assert "Choose one version of “Journal”." in text(choose(client, trial, page))
    choose(client, trial, page, journal="mine")
    saved = Trial.objects.get(pk=trial.pk)
    assert (saved.journal, saved.age, saved.sex) == ("Journal of Ben", "60", "Half were women")
    assert [arm.name for arm in saved.arms.all()] == ["Cells", "Saline"]
    assert newest_revision(trial).number == 3


def test_conflict_can_be_decided_for_the_other_side() -> None:
    trial = draft_trial()
    client = client_of(editor("ben"))
    data = opened(client, trial) | {"journal": "Journal of Ben"}
    saved_by_another(trial, journal="Journal of Ann")
    response = choose(client, trial, client.post(address(trial), data), journal="theirs")
    assert "Nothing was changed" in text(response)
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Ann"


def test_source_that_both_added_is_one_source() -> None:
    trial = draft_trial()
    client = client_of(editor("ben"))
    data = opened(client, trial)
    new_row(data, "sources", label="Registry", kind="registry", address="https://example.org/r")
    document = document_of(trial)
    document["sources"].append(
        source("s9", label="Registry", kind="registry", address="https://example.org/r", position=2)
    )
    steps.save(trial, document, by=editor("ann"), base=1)
    page = client.post(address(trial), data)
    choose(client, trial, page)
    assert [row.label for row in trial.sources.all()] == ["Abstract of the paper", "Registry"]


def test_form_in_which_nothing_was_changed_is_not_a_conflict() -> None:
    trial = draft_trial()
    client = client_of(editor("ben"))
    data = opened(client, trial)
    saved_by_another(trial, journal="Journal of Ann")
    assert "You had changed nothing, so nothing was saved." in text(client.post(address(trial), data, follow=True))


def test_third_save_while_choosing_asks_again() -> None:
    trial = draft_trial()
    client = client_of(editor("ben"))
    data = opened(client, trial) | {"journal": "Journal of Ben"}
    saved_by_another(trial, journal="Journal of Ann")
    page = client.post(address(trial), data)
    saved_by_another(trial, base=2, journal="Journal of Cleo")
    again = choose(client, trial, page, journal="mine")
    assert "Look at the choices again." in text(again)
    assert "Journal of Cleo" in text(again)
    choose(client, trial, again, journal="mine")
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Ben"


@pytest.mark.parametrize("end", ["publish", "withdraw"])
def test_form_of_a_draft_that_is_gone_keeps_what_was_filled_in(end: str) -> None:
    trial = published_trial()
    draft = draft_of(trial, by=editor("ann"), plain_summary="20 people were treated.")
    client = client_of(editor("ben"))
    data = opened(client, draft) | {"journal": "Journal of Ben"}
    if_published = {"submit": 2, "publish": 3} if end == "publish" else {"withdraw": 2}
    people = {"submit": editor("ann"), "publish": reviewer(), "withdraw": editor("ann")}
    functions = {"submit": steps.submit, "publish": steps.publish, "withdraw": steps.withdraw}
    for step, base in if_published.items():
        functions[step](trial, by=people[step], base=base, reason="Clearer.")
    page = client.post(address(draft), data)
    assert page.status_code == 409
    assert "Journal of Ben" in text(page)
    choose(client, trial, page, journal="mine")
    assert Trial.objects.get(draft_of=trial).journal == "Journal of Ben"
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Trials"


def test_form_of_a_first_version_that_was_published_becomes_a_draft_of_it() -> None:
    trial = draft_trial(by=editor("ann"))
    client = client_of(editor("ben"))
    data = opened(client, trial) | {"journal": "Journal of Ben"}
    steps.submit(trial, by=editor("ann"), base=1)
    steps.publish(trial, by=reviewer(), base=2)
    choose(client, trial, client.post(address(trial), data), journal="mine")
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Trials"
    assert Trial.objects.get(draft_of=trial).journal == "Journal of Ben"


def test_form_of_a_deleted_record_shows_what_was_sent() -> None:
    trial = draft_trial()
    client = client_of(editor())
    data = opened(client, trial) | {"journal": "Journal of Ben"}
    steps.delete(trial, by=editor())
    page = client.post(address(trial), data)
    assert page.status_code == 410
    assert "Journal of Ben" in text(page)


def test_form_that_does_not_name_its_revision_is_compared_with_the_newest() -> None:
    trial = draft_trial()
    client = client_of(editor())
    data = opened(client, trial) | {"journal": "Journal of Ben", "base": ""}
    assert "The form did not say which revision it was opened with" in text(client.post(address(trial), data))


@pytest.mark.parametrize("signed", ["", "forged:1:2"])
def test_forged_conflict_is_refused(signed: str) -> None:
    trial = draft_trial()
    response = client_of(editor()).post(address(trial, "conflict"), {"signed": signed}, follow=True)
    assert "This page was not made for you, or is too old." in text(response)
    assert newest_revision(trial).number == 1


def test_conflict_page_of_another_user_is_refused() -> None:
    trial = draft_trial()
    client = client_of(editor("ben"))
    data = opened(client, trial) | {"journal": "Journal of Ben"}
    saved_by_another(trial, journal="Journal of Ann")
    page = client.post(address(trial), data)
    assert "not made for you" in text(choose(client_of(editor("cleo")), trial, page, journal="mine"))
