"""Remarks on a record: internal, on the record or a value, until a person ticks them off."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import draft_of, draft_trial, published_page, published_trial, submit
from tests.trials.admin.forms import address, client_of, text
from tests.users import editor, member, reviewer, superuser
from trials.admin import form_store
from trials.models import Remark, Trial
from trials.models.remark import LONGEST_REMARK
from trials.workflow import remarks, steps
from trials.workflow.documents import document_of
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db


def say(user: Any, record: Any, words: str = "Give the page.", path: str = "") -> Any:
    return client_of(user).post(address(record, "remark"), {"text": words, "path": path}, follow=True)


def save(record: Any, **fields: Any) -> None:
    draft = steps.start_draft(record)
    document = document_of(draft)
    document["fields"] |= fields
    steps.save(draft, document, by=editor(), base=newest_revision(record).number)


def test_remark_on_a_value_leads_to_its_field_and_names_who_made_it_and_when() -> None:
    trial = draft_trial(by=editor())
    page = say(reviewer(), trial, "Per kg?", "dose")
    assert "Remarks (1 open)" in text(page)
    assert 'href="#id_dose">Dose per infusion</a>' in page.content.decode()
    remark = Remark.objects.get()
    assert (remark.made_by, remark.account, remark.path, remark.number) == ("rita", str(reviewer().pk), "dose", 1)


def test_remark_on_a_row_outlives_the_row() -> None:
    trial = draft_trial(by=editor())
    page = say(reviewer(), trial, "How many?", "arms.a2")
    assert 'href="#arms-a2">Group “Placebo”</a>' in page.content.decode()
    document = document_of(trial)
    document["arms"] = document["arms"][:1]
    document["counts"] = document["counts"][:1]
    steps.save(trial, document, by=editor(), base=1)
    assert "A group that was removed" in text(client_of(editor()).get(address(trial)))


def test_what_was_sent_back_stays_next_to_the_form_until_it_is_ticked_off() -> None:
    trial = published_trial()
    draft = draft_of(trial, by=editor(), journal="Another journal")
    submit(draft, reason="The journal was wrong.")
    steps.send_back(draft, by=reviewer(), base=3, reason="Give the page.")
    save(trial, pages="12")
    page = client_of(editor()).get(address(draft))
    assert "Give the page." in text(page)
    assert (
        f'href="{address(trial, "compare")}?a=4&amp;b=5">What changed since it was sent back' in page.content.decode()
    )
    client_of(editor()).post(address(trial, "tick", Remark.objects.get().pk))
    page = client_of(reviewer()).get(address(draft))
    assert "Remarks (0 open)" in text(page)
    assert "Ticked off by eva" in text(page)


def test_second_round_of_a_study_that_was_never_published_shows_what_changed() -> None:
    trial = draft_trial(by=editor())
    submit(trial)
    steps.send_back(trial, by=reviewer(), base=2, reason="Give the page.")
    save(trial, pages="12")
    submit(trial)
    link = f'href="{address(trial, "compare")}?a=3&amp;b=5">What changed since it was sent back'
    for name in ("change", "history"):
        assert link in client_of(reviewer()).get(address(trial, name)).content.decode()


def test_remarks_stay_as_history_after_publication_and_are_never_public(client: Client) -> None:
    trial = draft_trial(by=editor())
    remarks.add(trial, "Quagga?", by=reviewer())
    submit(trial)
    steps.publish(trial, by=reviewer(), base=2)
    assert "Quagga?" in text(client_of(editor()).get(address(trial)))
    for path in ("/trials/smith-2021/", "/trials/smith-2021/history/", "/changes/", "/changes.atom"):
        assert "Quagga?" not in client.get(path).content.decode()


@pytest.mark.parametrize(("record", "has_form"), [(draft_trial, True), (published_trial, False)])
def test_box_asks_for_a_save_only_where_there_is_a_form(record: Any, has_form: bool) -> None:
    page = text(client_of(editor()).get(address(record())))
    assert "Add a remark …" in page
    assert ("Save the form first" in page) is has_form


def test_remark_on_a_page() -> None:
    page = published_page()
    assert "Text Shorter." in text(say(editor(), page, "Shorter.", "body"))


@pytest.mark.parametrize(
    ("words", "path", "sentence"),
    [
        ("", "", "The remark was not saved."),
        ("x" * (LONGEST_REMARK + 1), "", "The remark was not saved."),
        ("a\x0bb", "", "holds a control character"),
        ("Why?", "arms.none", "Choose from the list what the remark is about."),
        ("Why?", "status", "Choose from the list what the remark is about."),
    ],
)
def test_remark_that_is_wrong_is_refused_with_a_sentence(words: str, path: str, sentence: str) -> None:
    trial = draft_trial(by=editor())
    assert sentence in text(say(editor(), trial, words, path))
    assert not Remark.objects.exists()


def test_remark_that_was_sent_after_the_log_in_expired_is_in_its_box_again_with_what_it_is_about() -> None:
    trial, client = draft_trial(by=editor()), client_of(editor())
    token = form_store.token(editor())
    client.logout()
    client.post(address(trial, "remark"), {"text": "How many?", "path": "arms.a2", "opened_by": token})
    client.force_login(editor())
    page = client.get(address(trial)).content.decode()
    assert ">How many?</textarea>" in page
    assert '<option value="arms.a2" selected>Group “Placebo”</option>' in page


def test_remark_is_ticked_off_once() -> None:
    trial = draft_trial(by=editor())
    remark = remarks.add(trial, "Why?", by=editor())
    remarks.tick_off(trial, remark.pk, by=reviewer())
    with pytest.raises(steps.ValidationError, match="rita has ticked it off already"):
        remarks.tick_off(trial, remark.pk, by=editor())


def test_remark_is_ticked_off_at_its_own_record_alone() -> None:
    remark = remarks.add(draft_trial(by=editor()), "Why?", by=editor())
    other = draft_trial(slug="brown-2022")
    assert client_of(superuser()).post(address(other, "tick", remark.pk)).status_code == 404
    assert Remark.objects.get().done_at is None


@pytest.mark.parametrize("name", ["remark", "tick"])
def test_remarks_need_a_post_and_the_right_to_change(name: str) -> None:
    trial = draft_trial(by=editor())
    remark = remarks.add(trial, "Why?", by=editor())
    args = [remark.pk] if name == "tick" else []
    assert client_of(member("max")).post(address(trial, name, *args), {"text": "No."}).status_code == 403
    assert Client().post(address(trial, name, *args), {"text": "No."}).status_code == 302
    assert client_of(editor()).get(f"{address(trial, name, *args)}?text=No").status_code == 302
    assert list(Remark.objects.values_list("text", "done_by")) == [("Why?", "")]
    assert Trial.objects.count() == 1
