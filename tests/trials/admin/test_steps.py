"""The steps of a record in the admin: who can take them, and what the box at the top of the form offers."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.factories import archived_trial, draft_of, draft_trial, published_page, published_trial, submit
from tests.trials.admin.forms import address, client_of, save, text
from tests.users import editor, member, reviewer, superuser
from trials.admin import form_store
from trials.models import Revision, Trial
from trials.workflow import steps
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db


def take(user: User, record: Any, step: str, base: int, reason: str = "") -> Any:
    data = {"base": base, "reason": reason, "opened_by": form_store.token(user)}
    return client_of(user).post(address(record, step), data, follow=True)


def shown(user: User, record: Any, name: str = "change") -> str:
    """Return what this user reads on the form of a record, or on another of its pages."""
    return text(client_of(user).get(address(record, name)))


def submitted(trial: Any) -> Any:
    draft = draft_of(trial, journal="Another journal")
    submit(draft, reason="The journal was wrong.")
    return Trial.objects.get(pk=draft.pk)


def status(trial: Any) -> str:
    return str(Trial.objects.get(pk=trial.pk).status)


def test_reviewer_cannot_publish_what_they_wrote() -> None:
    trial = draft_trial(by=reviewer())
    submit(trial, by=reviewer())
    assert "You wrote part of this change" in shown(reviewer(), trial)
    refused = take(reviewer(), trial, "publish", 2)
    assert refused.status_code == 403
    assert "You wrote part of this change" in text(refused)
    assert status(trial) == "in-review"


@pytest.mark.parametrize("step", ["publish", "send-back", "archive"])
def test_editor_cannot_take_the_steps_of_a_reviewer(step: str) -> None:
    trial = published_trial()
    submitted(trial)
    response = take(editor("ben"), trial, step, 3, "Because.")
    assert response.status_code == 403
    assert status(trial) == "published"
    assert newest_revision(trial).number == 3


@pytest.mark.parametrize(
    "step", ["edit", "publish", "send-back", "discard", "archive", "conflict", "forget", "preview"]
)
def test_anonymous_visitor_is_sent_to_the_log_in(step: str) -> None:
    trial = draft_trial()
    response = Client().post(address(trial, step), {"base": 1, "reason": "Because."})
    assert response["Location"].startswith("/admin/login/")
    assert Revision.objects.count() == 1


@pytest.mark.parametrize("step", ["edit", "approve", "discard"])
def test_member_of_staff_without_rights_is_refused(step: str) -> None:
    trial = published_trial()
    assert client_of(member("max")).post(address(trial, step), {"base": 1}).status_code == 403
    assert not Trial.objects.filter(draft_of=trial).exists()


@pytest.mark.parametrize("step", ["edit", "publish", "send-back", "discard", "archive"])
def test_step_is_not_taken_by_a_get(step: str) -> None:
    trial = draft_trial()
    response = client_of(superuser()).get(address(trial, step))
    assert response["Location"] == address(trial)
    assert Revision.objects.count() == 1


def test_step_after_another_revision_is_not_taken() -> None:
    trial = published_trial()
    draft_of(trial, journal="Another journal")
    response = take(reviewer(), trial, "discard", 1, "The journal was wrong.")
    assert "Nothing was done. eva has added revision 2 since (edited)." in text(response)
    assert newest_revision(trial).number == 2
    assert "The journal was wrong.</textarea>" in response.content.decode()


def test_step_that_names_no_revision_is_not_taken() -> None:
    trial = published_trial()
    response = client_of(reviewer()).post(address(trial, "archive"), {"reason": "It was retracted."}, follow=True)
    assert "Nothing was done. The form did not say which revision it was opened with." in text(response)
    assert newest_revision(trial).number == 1


def test_sent_back_draft_says_what_to_do() -> None:
    trial = published_trial()
    draft = submitted(trial)
    take(reviewer(), trial, "send-back", 3, "Give the page.")
    page = shown(editor(), draft)
    assert "Draft of a published study, sent back by rita on" in page
    assert "Give the page. rita," in page


def test_state_names_the_draft_of_an_archived_study() -> None:
    trial = published_trial()
    steps.archive(trial, by=reviewer(), base=1, reason="It was retracted.")
    assert "Draft of an archived study. Nothing is changed yet." in shown(editor(), steps.start_draft(trial))


def test_box_lists_what_is_missing_and_leads_to_its_place() -> None:
    trial = draft_trial(
        countries=[], registrations=[{"registry": "isrctn", "identifier": "ISRCTN12345678", "key": "r1"}]
    )
    trial.citations.filter(value="registrations.r1").delete()
    page = client_of(superuser()).get(address(trial))
    assert "The country is missing." in text(page)
    assert 'href="#uncited-registrations.r1"' in page.content.decode()
    assert 'id="uncited-registrations.r1"' in page.content.decode()
    assert 'id="registrations-r1"' in page.content.decode()
    assert 'id="step-publish"' not in page.content.decode()


def test_save_of_a_submitted_draft_has_to_be_submitted_again() -> None:
    draft = submitted(published_trial())
    response = save(client_of(editor()), draft, journal="A third journal")
    assert "Submit it again for the check." in text(response)
    assert status(draft) == "draft"


# --- The list


def test_list_holds_originals_and_leads_to_their_drafts() -> None:
    trial = published_trial()
    draft = draft_of(trial, title="A draft title that differs")
    page = client_of(editor()).get("/admin/trials/trial/")
    assert "1 study" in text(page)
    assert "Published; has a draft" in text(page)
    assert address(draft) in page.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=SMÍTH", ["smith-2021"]),
        ("q=brown-2022", ["brown-2022"]),
        ("q=https://doi.org/10.1000/brown", ["brown-2022"]),
        ("q=“cells in ards”", ["brown-2022"]),
        ("q=nothing", []),
        ("draft=review", ["smith-2021"]),
        ("status__exact=published", ["brown-2022", "smith-2021"]),
        ("draft=published", ["smith-2021"]),
    ],
)
def test_list_is_searched_and_filtered(query: str, found: list[str]) -> None:
    submitted(published_trial())
    published_trial(
        slug="brown-2022", countries=["FR"], authors="Brown, Ann", title="Cells in ARDS", doi="10.1000/brown"
    )
    page = client_of(editor()).get(f"/admin/trials/trial/?{query}")
    assert sorted(trial.slug for trial in page.context["cl"].result_list) == found


@pytest.mark.parametrize("query", ["title__regex=(a%2B)%2B$", "arms__name=x", "draft_of__slug=x"])
def test_list_refuses_lookups_that_it_does_not_offer(query: str) -> None:
    assert client_of(editor()).get(f"/admin/trials/trial/?{query}").status_code == 400


@pytest.mark.parametrize("record", [draft_trial, published_trial, archived_trial, published_page])
def test_no_record_is_deleted_at_the_address_of_the_admin(record: Any) -> None:
    there = record()
    client = client_of(superuser())
    assert client.post(address(there, "delete"), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": there.pk, "post": "yes"}
    client.post(address(there).partition(f"{there.pk}/")[0], chosen, follow=True)
    assert type(there).objects.filter(pk=there.pk).exists()


@pytest.mark.parametrize("key", ["abc", "9" * 30, ""])
@pytest.mark.parametrize(
    ("path", "action"), [("/admin/trials/trial/", "discard_my_drafts"), ("/admin/auth/user/", "send_invitation")]
)
def test_action_on_a_key_that_no_row_has_is_refused(path: str, action: str, key: str) -> None:
    chosen = {"action": action, "_selected_action": key}
    assert client_of(superuser()).post(path, chosen).status_code == 400


# --- Discarding, and approving a correction


def discard(user: User, *trials: Trial) -> str:
    chosen = {"action": "discard_my_drafts", "_selected_action": [trial.pk for trial in trials]}
    return text(client_of(user).post("/admin/trials/trial/", chosen, follow=True))


def test_editor_discards_several_drafts_of_their_own_and_no_other() -> None:
    mine = [draft_trial(by=editor(), slug=f"mine-{number}") for number in range(2)]
    other = draft_trial(by=editor("ben"), slug="other-2021")
    public = published_trial(slug="public-2021")
    page = discard(editor(), *mine, other, public)
    assert "2 drafts discarded. The history keeps them." in page
    assert "ben wrote part of this draft, so it is not yours." in page
    assert f"{public}: There is no draft to discard." in page
    assert sorted(Trial.objects.values_list("slug", flat=True)) == ["other-2021", "public-2021"]


def test_action_discards_the_draft_of_a_published_study_and_leaves_the_study() -> None:
    trial = published_trial()
    draft_of(trial, by=editor(), journal="Another journal")
    assert "1 draft discarded." in discard(editor(), trial)
    assert list(Trial.objects.all()) == [trial]


def test_editor_discards_a_draft_in_the_box_and_can_read_its_history() -> None:
    trial = draft_trial(by=editor())
    page = take(editor(), trial, "discard", 1)
    assert "The draft is discarded. The history keeps it." in text(page)
    assert "This draft was deleted. It was never public." in shown(editor(), trial, "history")
    compared = client_of(editor()).get(f"{address(trial, 'compare')}?a=1&b=2")
    assert (compared.status_code, "Restore" in text(compared)) == (200, False)
    assert client_of(member("max")).get(address(trial, "history")).status_code == 403
    assert client_of(editor()).get("/admin/trials/trial/999/history/").status_code == 404


@pytest.mark.parametrize("step", ["discard", "approve"])
def test_another_person_neither_discards_nor_approves(step: str) -> None:
    trial = draft_trial(by=editor())
    assert take(editor("ben"), trial, step, 1).status_code == 403
    assert Revision.objects.count() == 1


def test_reviewer_discards_the_draft_of_another_person_in_its_box_but_not_among_their_own() -> None:
    trial = draft_trial(by=editor())
    assert "eva wrote part of this draft, so it is not yours." in discard(reviewer(), trial)
    assert "Discard the draft" in shown(reviewer(), trial)
    assert "Discard the draft" not in shown(editor("ben"), trial)
    assert "The draft is discarded." in text(take(reviewer(), trial, "discard", 1, "It is there twice."))
    assert list(Revision.objects.values_list("step", "made_by")) == [("created", "eva"), ("deleted", "rita")]


def test_box_says_what_a_save_costs_a_reviewer_and_how_to_get_the_right_back() -> None:
    trial = draft_trial(by=editor())
    submit(trial)
    assert "If you save a change yourself, you have written part of it" in shown(reviewer(), trial)
    save(client_of(reviewer()), trial, journal="Another journal")
    submit(trial, by=reviewer())
    page = shown(reviewer(), trial)
    assert "You can publish it if eva approves your change, or if you restore the revision before it." in page
    assert "No colleague may publish this." in page
    assert "Approve what rita changed" in shown(editor(), trial)
    approved = text(take(editor(), trial, "approve", 4))
    assert "You answer for all of the draft now, so those who made the change can check it." in approved
    assert "once it is submitted" not in approved
    assert "Published." in text(take(reviewer(), trial, "publish", 5))


def test_box_names_the_revision_that_a_step_takes() -> None:
    """Without a script, changes in the form that are not saved do not stop a step."""
    trial = draft_trial(by=editor())
    submit(trial)
    words = "A step takes revision 2, as it is saved. Changes in the form below count only once they are saved."
    assert words in shown(reviewer(), trial)


def test_archiving_says_whose_draft_it_ends_and_adds_that_to_the_history() -> None:
    trial = published_trial()
    assert "archiving ends it" not in shown(reviewer(), trial)
    draft_of(trial, by=editor(), heading="Another heading")
    assert "There is a draft by eva; archiving ends it." in shown(reviewer(), trial)
    take(reviewer(), trial, "archive", 2, "It was retracted.")
    steps_taken = Revision.objects.filter(number__gt=2).values_list("number", "step", "made_by", "live")
    assert list(steps_taken) == [(3, "withdrawn", "rita", False), (4, "archived", "rita", True)]


@pytest.mark.parametrize("slug", ["about", "evidence", "other-studies", "reviews", "data"])
def test_page_that_other_pages_lead_to_is_not_archived(slug: str) -> None:
    page = published_page(slug=slug)
    response = take(reviewer(), page, "archive", 1, "Not needed.")
    assert "The menu, the footer or other pages always lead to “About this site”" in text(response)
    assert "Archive" not in shown(reviewer(), page)
    assert type(page).objects.get().status == "published"
