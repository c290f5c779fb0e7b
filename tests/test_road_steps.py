"""The steps of the road by their buttons: who is offered which, what they do, and what is refused in words."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils.html import escape

from tests.factories import BEN, ROOT, Person, make_complete_trial, make_page, make_term, make_trial
from tests.people import make_person
from trials import actions
from trials.models import GlossaryTerm, Trial

pytestmark = pytest.mark.django_db

UNCHECKED = "You can publish it without the check by a second person. The history will say so."


def place(record: Any, end: str = "change") -> str:
    return f"/admin/trials/{record._meta.model_name}/{record.pk}/{end}/"


def as_(name: str) -> Client:
    """Ann and Ben are editors, Eva and Finn reviewers, Root a superuser, Vera may only look."""
    groups = {"ann": ["Editors"], "ben": ["Editors"], "eva": ["Reviewers"], "finn": ["Reviewers"]}
    client = Client()
    person = make_person(name, *groups.get(name, []), is_superuser=name == "root")
    if name == "vera":
        person.user_permissions.add(Permission.objects.get(codename="view_trial"))
    client.force_login(person)
    return client


def reviewer(name: str) -> Person:
    return Person(name, is_reviewer=True)


def edited(record: Any, by: str, **fields: Any) -> None:
    document = actions.working_document(record)
    document["fields"] |= fields
    base = actions.newest_revision(record).number
    assert actions.edit(record, document, by=reviewer(by), base=base, reason="Page 3")


def in_state(state: str) -> Trial:
    """A study in this state; Eva wrote what is not live."""
    trial = make_complete_trial(age="40 to 60", status="published" if state.startswith("public") else "draft")
    if trial.is_public:
        actions.loaded(trial)
    else:
        actions.created(trial, by=reviewer("eva"))
    if "draft" in state and trial.is_public:
        edited(trial, "eva", age="18 to 80")
    if "review" in state:
        actions.submit(trial, by=reviewer("eva"))
    if state == "archived":
        actions.publish(trial, by=ROOT)
        actions.archive(trial, by=reviewer("finn"), reason="Retracted")
    return trial


def offered(client: Client, record: Any) -> list[str]:
    page = client.get(place(record)).content.decode()
    return re.findall(r'<form method="post" action="[^"]*" id="road-([a-z-]+)">', page)


STATES = {
    "draft": {"ann": "submit", "eva": "submit", "finn": "submit", "root": "submit publish", "vera": ""},
    "draft in review": {
        "ann": "",
        "eva": "send-back",
        "finn": "publish send-back",
        "root": "publish send-back",
        "vera": "",
    },
    "public": {"ann": "", "eva": "archive", "finn": "archive", "root": "archive", "vera": ""},
    "public, draft": {
        "ann": "submit withdraw",
        "eva": "submit withdraw archive",
        "finn": "submit withdraw archive",
        "root": "submit publish withdraw archive",
        "vera": "",
    },
    "public, draft in review": {
        "ann": "withdraw",
        "eva": "send-back withdraw archive",
        "finn": "publish send-back withdraw archive",
        "root": "publish send-back withdraw archive",
        "vera": "",
    },
    "archived": {"ann": "submit", "eva": "submit", "finn": "submit", "root": "submit publish", "vera": ""},
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_each_is_offered_exactly_the_steps_they_may_take(state: str) -> None:
    trial = in_state(state)
    assert {who: " ".join(offered(as_(who), trial)) for who in STATES[state]} == STATES[state]


# Who may take a step that is not offered finds it done; who may not is refused, and nothing changes.
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", ["ann", "eva", "finn", "root", "vera"])
def test_step_that_is_not_offered_is_refused_when_it_is_sent_all_the_same(state: str, who: str) -> None:
    trial, client = in_state(state), as_(who)
    number = actions.newest_revision(trial).number
    status = Trial.objects.get().status
    for name in {"submit", "publish", "send-back", "withdraw", "archive"} - set(STATES[state][who].split()):
        answer = client.post(place(trial, name), {"base": number, "reason": "Because"})
        assert answer.status_code in (302, 403), name
        assert actions.newest_revision(trial).number == number, name
    assert Trial.objects.get().status == status


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def press(client: Client, record: Any, name: str, **sent: Any) -> Any:
    """Press a button as it stands on the form now."""
    page = client.get(place(record)).content.decode()
    form = re.search(rf'<form method="post" action="([^"]*)" id="road-{name}">(.*?)</form>', page, re.S)
    assert form, f"{name} is not offered"
    base = re.search(r'name="base" value="(\d+)"', form[2])
    assert base
    return client.post(form[1], {"base": base[1]} | sent, follow=True)


@pytest.mark.parametrize(
    ("make", "field", "new"),
    [(make_complete_trial, "age", "18 to 80"), (make_page, "lead", "We are two."), (make_term, "meaning", "Salt.")],
    ids=["study", "page", "term"],
)
def test_two_people_bring_a_draft_live(make: Any, field: str, new: str) -> None:
    record = make()
    actions.loaded(record)
    edited(record, "ann", **{field: new})
    ann, eva = as_("ann"), as_("eva")
    assert said(press(ann, record, "submit", reason="Please look at page 3"))[0].startswith("Submitted.")
    page = eva.get(place(record)).content.decode()
    assert "Published, with a draft in review (revision 3): submitted by ann on " in page
    assert "<strong>ann says:</strong> Please look at page 3" in page
    record.refresh_from_db()
    assert getattr(record, field) != new
    assert said(press(eva, record, "publish")) == ["Published: the public sees it now."]
    record.refresh_from_db()
    assert getattr(record, field) == new
    newest = actions.newest_revision(record)
    assert (newest.step, newest.live, newest.made_by, newest.reason) == ("published", True, "eva", "Page 3")
    assert "Published: revision 4 is live." in eva.get(place(record)).content.decode()


def test_writer_is_told_why_they_cannot_publish() -> None:
    trial = in_state("public, draft in review")
    eva = as_("eva")
    page = eva.get(place(trial)).content.decode()
    assert "You wrote part of this change, so somebody else has to check and publish it." in page
    answer = eva.post(place(trial, "publish"), {"base": 3})
    assert answer.status_code == 403
    assert "You wrote part of this change, so somebody else has to check and publish it." in answer.content.decode()
    assert "Back to the form" in answer.content.decode()


def test_editor_is_told_why_they_cannot_publish() -> None:
    trial = in_state("draft")
    assert escape("Publishing needs the reviewer's right.") in as_("ann").get(place(trial)).content.decode()


def test_superuser_publishes_alone_and_the_history_says_so() -> None:
    trial, root = in_state("public, draft"), as_("root")
    assert UNCHECKED in root.get(place(trial)).content.decode()
    press(root, trial, "publish")
    reason = "Page 3\nPublished by a superuser, without the check by a second person."
    assert actions.newest_revision(trial).reason == reason


def test_superuser_who_checks_somebody_else_s_submission_needs_no_remark() -> None:
    trial, root = in_state("public, draft in review"), as_("root")
    assert UNCHECKED not in root.get(place(trial)).content.decode()
    press(root, trial, "publish")
    assert actions.newest_revision(trial).reason == "Page 3"


def test_what_is_missing_stands_in_place_of_the_button_and_leads_to_the_field() -> None:
    trial = make_trial(status="draft")
    actions.created(trial, by=BEN)
    actions.submit(trial, by=BEN)
    finn = as_("finn")
    page = finn.get(place(trial)).content.decode()
    lacks = re.findall(r'<li><a href="(#[^"]*)">([^<]*)</a></li>', page)
    assert lacks[:2] == [
        ("#id_plain_summary", "The plain-language summary is missing."),
        ("#id_countries", "The country is missing."),
    ]
    assert ("#sources-heading", "“Title” (title) has no source.") in lacks
    for anchor, _sentence in lacks:
        assert f'id="{anchor[1:]}"' in page
    assert "publish" not in offered(finn, trial)
    answer = finn.post(place(trial, "publish"), {"base": 2}, follow=True)
    assert said(answer) == [sentence for _anchor, sentence in lacks]
    assert Trial.objects.get().status == "in-review"


def test_what_is_sent_back_says_why() -> None:
    trial = in_state("draft in review")
    finn, ann = as_("finn"), as_("ann")
    assert said(press(finn, trial, "send-back", reason=" ")) == ["Say what has to be done before it can be published."]
    press(finn, trial, "send-back", reason="The dose has\r\nno source")
    page = ann.get(place(trial)).content.decode()
    assert "<strong>Sent back by finn:</strong> The dose has<br>no source" in page
    assert "Draft, revision 3. The public does not see it." in page
    assert offered(ann, trial) == ["submit"]


def test_withdrawn_draft_is_gone_from_the_form_and_kept_in_the_history() -> None:
    trial, ann = in_state("public, draft"), as_("ann")
    assert said(press(ann, trial, "withdraw"))[0].startswith("The draft was withdrawn.")
    page = ann.get(place(trial))
    assert page.context["adminform"].form["age"].value() == "40 to 60"
    assert "Published: revision 1 is live." in page.content.decode()
    assert actions.revisions(trial).get(number=2).data["fields"]["age"] == "18 to 80"


def test_archive_asks_why_and_takes_the_page_away() -> None:
    trial, finn = in_state("public"), as_("finn")
    assert said(press(finn, trial, "archive", reason="")) == ["Say why it is taken off the public pages."]
    assert said(press(finn, trial, "archive", reason="Retracted")) == ["Archived: the public does not see it any more."]
    assert Client().get("/trials/smith-2021/").status_code == 404
    assert "Archived, revision 2. The public does not see it." in finn.get(place(trial)).content.decode()


@pytest.mark.parametrize("name", ["submit", "publish", "send-back", "withdraw", "archive"])
def test_nobody_takes_a_step_with_what_they_have_not_seen(name: str) -> None:
    trial = in_state("public, draft in review")
    edited(trial, "ann", age="19 to 80")
    if name != "submit":
        actions.submit(trial, by=reviewer("ann"))
    number = actions.newest_revision(trial).number
    answer = as_("finn").post(place(trial, name), {"base": 3, "reason": "Because"}, follow=True)
    told = said(answer)[0]
    assert told.startswith(f"Nothing was done. Revision {number} came while you were reading: ")
    assert actions.newest_revision(trial).number == number


def test_the_reason_of_a_step_that_was_refused_is_still_there_and_nobody_else_s() -> None:
    trial, finn = in_state("public, draft in review"), as_("finn")
    page = finn.get(place(trial)).content.decode()
    opened_by = re.search(r'name="opened_by" value="([^"]+)"', page)
    assert opened_by
    sent = {"base": 3, "opened_by": opened_by[1], "reason": "The dose\x0bhas no source"}
    answer = finn.post(place(trial, "send-back"), sent, follow=True)
    assert said(answer) == [
        "In the reason, “The dose�has no source” holds a control character (U+000B, shown here as �). Delete it, or "
        "type a space or a new line."
    ]
    assert actions.newest_revision(trial).number == 3
    box = re.compile(r'<textarea id="road-send-back-reason"[^>]*>([^<]*)</textarea>')
    assert box.findall(answer.content.decode()) == ["The dose\x0bhas no source"]
    assert box.findall(as_("eva").get(place(trial)).content.decode()) == [""]
    said(finn.post(place(trial, "send-back"), sent | {"reason": "The dose has no source"}, follow=True))
    assert actions.newest_revision(trial).reason == "The dose has no source"
    assert not finn.session["typed"]


def test_step_without_the_number_of_what_was_seen_is_refused() -> None:
    trial = in_state("draft")
    answer = as_("ann").post(place(trial, "submit"), {}, follow=True)
    assert said(answer) == ["Nothing was done: the page did not say which revision it showed. Try again from the form."]
    assert actions.newest_revision(trial).step == "created"


def test_buttons_are_protected_against_other_sites() -> None:
    trial = in_state("draft")
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_person("ann", "Editors"))
    assert client.post(place(trial, "submit"), {"base": 1}).status_code == 403
    assert actions.newest_revision(trial).step == "created"


def test_link_to_a_step_leads_to_the_form() -> None:
    trial = in_state("draft")
    answer = as_("ann").get(place(trial, "submit"))
    assert answer.headers["Location"] == place(trial)
    assert actions.newest_revision(trial).step == "created"


def test_steps_of_what_is_not_there_are_not_found() -> None:
    assert as_("root").post("/admin/trials/trial/999/submit/", {"base": 1}).status_code == 404


@pytest.mark.parametrize("how", ["page", "list"])
def test_what_is_published_while_it_is_being_deleted_stays(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    other, record = make_term(slug="a", term="A", status="draft"), make_term(slug="b", term="B", status="draft")
    root, delete_record = as_("root"), actions.delete_record

    def late(asked: Any) -> None:
        GlossaryTerm.objects.filter(pk=record.pk).update(status="published")
        delete_record(asked)

    monkeypatch.setattr(actions, "delete_record", late)
    if how == "page":
        answer = root.post(place(record, "delete"), {"post": "yes"}, follow=True)
    else:
        chosen = {"action": "delete_selected", "_selected_action": [other.pk, record.pk], "post": "yes"}
        answer = root.post("/admin/trials/glossaryterm/", chosen, follow=True)
    assert said(answer) == [
        ("" if how == "page" else "Nothing was deleted. ")
        + "B is published, so its address may be cited: it cannot be deleted. Archive it instead, which takes it off "
        "the public pages."
    ]
    assert list(GlossaryTerm.objects.order_by("slug")) == [other, record]
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize("make", [make_page, make_term], ids=["page", "term"])
def test_published_text_is_not_deleted(make: Any) -> None:
    record = make()
    root = as_("root")
    answer = root.post(place(record, "delete"), {"post": "yes"}, follow=True)
    assert "open it and choose “Archive”." in said(answer)[0]
    chosen = {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"}
    answer = root.post(f"/admin/trials/{record._meta.model_name}/", chosen, follow=True)
    assert said(answer)[0].startswith("Nothing was deleted.")
    assert type(record).objects.count() == 1


def test_public_page_stays_until_the_draft_is_published() -> None:
    trial = in_state("public, draft in review")
    assert "18 to 80" not in Client().get("/trials/smith-2021/").content.decode()
    actions.publish(trial, by=reviewer("finn"))
    assert "18 to 80" in Client().get("/trials/smith-2021/").content.decode()
