"""Two editors save at once: nothing of either is lost, and the second one chooses."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.factories import draft_of, draft_trial, published_trial, source, submit
from tests.trials.admin.forms import address, client_of, new_row, opened, save, text
from tests.users import editor, reviewer
from trials.models import Trial
from trials.workflow import steps
from trials.workflow.documents import document_of
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db


def saved_by_ann(trial: Any, base: int = 1, **fields: Any) -> None:
    document = document_of(trial)
    document["fields"] |= fields
    steps.save(trial, document, by=editor("ann"), base=base)


def conflict_of(client: Client, trial: Any, **fields: Any) -> Any:
    """Return the page for a journal that two editors changed."""
    data = opened(client, trial) | {"journal": "Journal of Eva"} | fields
    saved_by_ann(trial, journal="Journal of Ann", sex="Half were women")
    return client.post(address(trial), data)


def choose(client: Any, trial: Any, page: Any, **sides: str) -> Any:
    (signed,) = re.findall(r'name="signed" value="([^"]+)"', page.content.decode())
    chosen = re.findall(r'name="take-([^"]+)" value="(\w+)"[^>]*checked', page.content.decode())
    data = {f"take-{path}": side for path, side in chosen} | {
        f"take-fields.{name}": side for name, side in sides.items()
    }
    return client.post(address(trial, "conflict"), data | {"signed": signed}, follow=True)


def test_second_editor_chooses_field_by_field(eva: Client) -> None:
    trial = draft_trial()
    page = conflict_of(eva, trial, age="60", **{"arms-1-name": "Saline"})
    assert page.status_code == 409
    for words in ("ann added revision 2", "Journal of Eva", "Journal of Ann", "Half were women", "Saline"):
        assert words in text(page)
    assert "Choose one version of “Journal”." in text(choose(eva, trial, page))
    choose(eva, trial, page, journal="mine")
    saved = Trial.objects.get(pk=trial.pk)
    assert (saved.journal, saved.age, saved.sex) == ("Journal of Eva", "60", "Half were women")
    assert [arm.name for arm in saved.arms.all()] == ["Cells", "Saline"]
    assert newest_revision(trial).number == 3


def test_conflict_can_be_decided_for_the_other_side(eva: Client) -> None:
    trial = draft_trial()
    page = conflict_of(eva, trial)
    assert "Nothing was changed" in text(choose(eva, trial, page, journal="theirs"))
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Ann"


def test_source_that_both_added_is_one_source(eva: Client) -> None:
    trial = draft_trial()
    data = opened(eva, trial)
    registry = {"label": "Registry", "kind": "registry", "address": "https://example.org/r"}
    new_row(data, "sources", **registry)
    document = document_of(trial)
    document["sources"].append(source("s9", position=2, **registry))
    steps.save(trial, document, by=editor("ann"), base=1)
    choose(eva, trial, eva.post(address(trial), data))
    assert [row.label for row in trial.sources.all()] == ["Abstract of the paper", "Registry"]


def test_form_in_which_nothing_was_changed_is_not_a_conflict(eva: Client) -> None:
    trial = draft_trial()
    data = opened(eva, trial)
    saved_by_ann(trial, journal="Journal of Ann")
    assert "You had changed nothing, so nothing was saved." in text(eva.post(address(trial), data, follow=True))


def test_third_save_while_choosing_asks_again(eva: Client) -> None:
    trial = draft_trial()
    page = conflict_of(eva, trial)
    saved_by_ann(trial, base=2, journal="Journal of Cleo")
    again = choose(eva, trial, page, journal="mine")
    assert "Look at the choices again." in text(again)
    assert "Journal of Cleo" in text(again)
    choose(eva, trial, again, journal="mine")
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Eva"


def submit_and_publish(trial: Trial) -> None:
    submit(trial, by=editor("ann"), reason="Clearer.")
    steps.publish(trial, by=reviewer(), base=3)


def discard(trial: Trial) -> None:
    steps.discard(trial, by=editor("ann"), base=2)


@pytest.mark.parametrize("end_draft", [submit_and_publish, discard])
def test_form_of_a_draft_that_is_gone_becomes_a_draft_again(eva: Client, end_draft: Callable[[Trial], None]) -> None:
    trial = published_trial()
    draft = draft_of(trial, by=editor("ann"), plain_summary="20 people were treated.")
    data = opened(eva, draft) | {"journal": "Journal of Eva"}
    end_draft(trial)
    page = eva.post(address(draft), data)
    assert page.status_code == 409
    assert "saved revision" not in text(page)
    choose(eva, trial, page, journal="mine")
    assert Trial.objects.get(draft_of=trial).journal == "Journal of Eva"
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Trials"


def test_form_of_a_first_version_that_was_published_becomes_a_draft_of_it(eva: Client) -> None:
    trial = draft_trial(by=editor("ann"))
    data = opened(eva, trial) | {"journal": "Journal of Eva"}
    submit(trial, by=editor("ann"))
    steps.publish(trial, by=reviewer(), base=2)
    choose(eva, trial, eva.post(address(trial), data), journal="mine")
    assert Trial.objects.get(pk=trial.pk).journal == "Journal of Trials"
    assert Trial.objects.get(draft_of=trial).journal == "Journal of Eva"


def test_form_of_a_deleted_record_shows_what_was_sent(eva: Client) -> None:
    trial = draft_trial()
    data = opened(eva, trial) | {"journal": "Journal of Eva"}
    steps.discard(trial, by=editor(), base=1)
    page = eva.post(address(trial), data)
    assert page.status_code == 410
    assert "Journal of Eva" in text(page)


def test_form_that_does_not_name_its_revision_is_compared_with_the_newest(eva: Client) -> None:
    page = save(eva, draft_trial(), journal="Journal of Eva", base="")
    assert "The form did not say which revision it was opened with" in text(page)


@pytest.mark.parametrize("signed", ["", "forged:1:2"])
def test_forged_conflict_is_refused(eva: Client, signed: str) -> None:
    trial = draft_trial()
    response = eva.post(address(trial, "conflict"), {"signed": signed}, follow=True)
    assert "This page was not made for you, or is too old." in text(response)
    assert newest_revision(trial).number == 1


def test_conflict_page_of_another_user_is_refused(eva: Client) -> None:
    trial = draft_trial()
    page = conflict_of(eva, trial)
    assert "not made for you" in text(choose(client_of(editor("cleo")), trial, page, journal="mine"))
