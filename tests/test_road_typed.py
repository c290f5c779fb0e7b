"""What an editor typed outlives a log-in that ran out, and is shown to nobody else."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.factories import make_term, make_trial
from tests.forms import errors, typed
from tests.people import make_person
from trials import actions
from trials.models import Trial

pytestmark = pytest.mark.django_db

TOLD = "Nothing is saved yet: your log-in had run out"


@pytest.fixture
def draft() -> Trial:
    trial = make_trial(status="draft")
    actions.loaded(trial)
    return trial


@pytest.fixture
def ann(client: Client) -> Client:
    client.force_login(make_person("ann", "Editors"))
    return client


def form(record: Any, end: str = "change") -> str:
    return f"/admin/trials/{record._meta.model_name}/{record.pk}/{end}/"


def run_out() -> None:
    """Every log-in has run out, as the clock would have it."""
    Session.objects.update(expire_date=timezone.now() - timezone.timedelta(seconds=1))


def log_in_again(client: Client, name: str = "ann") -> None:
    """On the log-in page, with its form."""
    answer = client.post("/account/login/", {"login": name, "password": "correct horse battery"})
    assert answer.status_code == 302, "the log-in failed"


def lost(client: Client, address: str, sent: dict[str, Any]) -> str:
    """Send a form after the log-in has run out. Where the browser is led."""
    run_out()
    answer = client.post(address, sent)
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_form_comes_back_as_typed_after_the_log_in(ann: Client, draft: Trial) -> None:
    new = {"arms-2-name": "Less ill", "arms-2-role": "other", "sources-0-value": "age"}
    sent = typed(ann.get(form(draft)), age="40 to 60", plain_summary="One\nTwo", reason="Table 1", **new)
    assert lost(ann, form(draft), sent) == f"/admin/login/?next={form(draft)}"
    log_in_again(ann)
    page = ann.get(form(draft))
    assert TOLD in errors(page)
    shown = page.context["adminform"].form
    assert [shown[name].value() for name in ("age", "plain_summary", "reason")] == ["40 to 60", "One\r\nTwo", "Table 1"]
    assert 'value="Less ill"' in page.content.decode()
    assert actions.newest_revision(draft).number == 1
    ann.post(form(draft), typed(page, **{"sources-0-value": ""}))
    draft.refresh_from_db()
    assert (draft.age, draft.plain_summary, draft.arms.count()) == ("40 to 60", "One\nTwo", 3)
    # And once it is saved it is not shown again.
    assert TOLD not in ann.get(form(draft)).content.decode()


def test_new_record_comes_back_as_typed(ann: Client) -> None:
    add = "/admin/trials/glossaryterm/add/"
    sent = typed(ann.get(add), term="sham", slug="sham", meaning="Looks like the treatment.")
    lost(ann, add, sent)
    log_in_again(ann)
    page = ann.get(add)
    assert TOLD in errors(page)
    assert page.context["adminform"].form["meaning"].value() == "Looks like the treatment."
    assert ann.post(add, typed(page)).status_code == 302


def test_it_waits_through_a_look_at_another_page(ann: Client, draft: Trial) -> None:
    lost(ann, form(draft), typed(ann.get(form(draft)), age="40 to 60"))
    log_in_again(ann)
    ann.get("/admin/")
    ann.get(form(draft))
    assert ann.get(form(draft)).context["adminform"].form["age"].value() == "40 to 60"


def test_two_forms_in_two_windows_are_both_kept(ann: Client, draft: Trial) -> None:
    term = make_term(status="draft")
    actions.loaded(term)
    sent = {record: typed(ann.get(form(record))) for record in (draft, term)}
    lost(ann, form(draft), sent[draft] | {"age": "40 to 60"})
    assert ann.post(form(term), sent[term] | {"meaning": "Salt water."}).status_code == 302
    log_in_again(ann)
    ann.post(form(term), typed(ann.get(form(term))))
    term.refresh_from_db()
    assert term.meaning == "Salt water."
    assert ann.get(form(draft)).context["adminform"].form["age"].value() == "40 to 60"


def test_it_can_be_thrown_away(ann: Client, draft: Trial) -> None:
    lost(ann, form(draft), typed(ann.get(form(draft)), age="40 to 60"))
    log_in_again(ann)
    assert "Throw away what was typed" in ann.get(form(draft)).content.decode()
    ann.post(form(draft, "discard"))
    assert ann.get(form(draft)).context["adminform"].form["age"].value() == ""


def test_somebody_else_who_logs_in_sees_nothing_of_it(ann: Client, draft: Trial) -> None:
    lost(ann, form(draft), typed(ann.get(form(draft)), age="40 to 60"))
    make_person("ben", "Editors")
    log_in_again(ann, "ben")
    assert "40 to 60" not in ann.get(form(draft)).content.decode()


def test_somebody_saved_meanwhile_is_told_as_ever(ann: Client, draft: Trial) -> None:
    lost(ann, form(draft), typed(ann.get(form(draft)), age="40 to 60"))
    document = actions.working_document(draft)
    document["fields"]["sex"] = "12 women"
    actions.edit(draft, document, by=make_person("ben"), base=1)
    log_in_again(ann)
    page = ann.post(form(draft), typed(ann.get(form(draft))))
    assert page.status_code == 409
    assert "40 to 60" in page.content.decode()


def test_stranger_can_keep_nothing_here(client: Client, draft: Trial) -> None:
    for opened_by in ("", "1", "eyJ4IjoxfQ:1abcde:forged"):
        client.post(form(draft), {"opened_by": opened_by, "age": "x" * 1000})
    assert Session.objects.count() == 0


def test_reason_of_a_step_comes_back(ann: Client, draft: Trial) -> None:
    page = ann.get(form(draft)).content.decode()
    token = re.search(r'name="opened_by" value="([^"]*)"', page)
    assert token
    sent = {"base": "1", "reason": "Please look at\r\npage 3", "opened_by": token[1]}
    lost(ann, form(draft, "submit"), sent)
    log_in_again(ann)
    page = ann.get(form(draft, "submit"), follow=True).content.decode()
    assert re.search(r'<textarea id="road-submit-reason"[^>]*>Please look at\r?\npage 3</textarea>', page)
    assert actions.newest_revision(draft).step == "loaded"


def test_choices_between_two_versions_come_back(ann: Client, draft: Trial) -> None:
    sent = typed(ann.get(form(draft)), age="40 to 60", sex="10 men")
    document = actions.working_document(draft)
    document["fields"]["sex"] = "12 women"
    actions.edit(draft, document, by=make_person("ben"), base=1)
    html = ann.post(form(draft), sent).content.decode()
    again = dict(re.findall(r'<input type="hidden" name="(signed|opened_by)" value="([^"]*)">', html))
    again |= {"take-fields.age": "theirs", "take-fields.sex": "mine", "reason": "Table 1"}
    lost(ann, form(draft, "conflict"), again)
    log_in_again(ann)
    page = ann.get(form(draft, "conflict"))
    assert TOLD in page.content.decode()
    assert re.search(r'name="take-fields.age" value="theirs" checked', page.content.decode())
    assert re.search(r'name="take-fields.sex" value="mine" checked', page.content.decode())
    assert ">Table 1</textarea>" in page.content.decode()
    ann.post(form(draft, "conflict"), again)
    draft.refresh_from_db()
    assert (draft.age, draft.sex) == ("", "10 men")


def test_log_in_again_in_another_window_loses_nothing(draft: Trial) -> None:
    ann = Client(enforce_csrf_checks=True)
    person = make_person("ann", "Editors")
    ann.force_login(person)
    page = ann.get(form(draft))
    old = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', page.content.decode())
    assert old
    sent = typed(page, age="40 to 60") | {"csrfmiddlewaretoken": old[1]}
    ann.cookies["csrftoken"] = "x" * 32  # as a log-in in another window makes it anew
    answer = ann.post(form(draft), sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, form(draft))
    page = ann.get(form(draft))
    assert TOLD in errors(page)
    assert page.context["adminform"].form["age"].value() == "40 to 60"
    assert actions.newest_revision(draft).number == 1


def test_forged_form_of_another_site_is_refused_as_ever(draft: Trial) -> None:
    ann = Client(enforce_csrf_checks=True)
    ann.force_login(make_person("ann", "Editors"))
    answer = ann.post(form(draft), {"title": "Forged", "base": "1", "opened_by": "1"})
    assert answer.status_code == 403
    assert "Forged" not in ann.get(form(draft)).content.decode()


def test_text_of_a_term_survives_too(ann: Client) -> None:
    term = make_term()
    actions.loaded(term)
    lost(ann, form(term), typed(ann.get(form(term)), meaning="Salt water."))
    log_in_again(ann)
    assert ann.get(form(term)).context["adminform"].form["meaning"].value() == "Salt water."
