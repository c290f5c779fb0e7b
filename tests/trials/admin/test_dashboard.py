"""The dashboard of the admin."""

import datetime
import re
from typing import Any

import pytest
from django.utils import timezone

from tests.factories import (
    draft_of,
    draft_trial,
    published_page,
    published_term,
    published_trial,
    registration,
    submit,
    trial_document,
)
from tests.trials.admin.forms import address, client_of, text
from tests.users import administrator, editor, member, reviewer
from trials.admin import dashboard
from trials.admin.dashboard import Item
from trials.models import Trial
from trials.vocabulary import Step
from trials.workflow import steps
from trials.workflow.documents import document_of

pytestmark = pytest.mark.django_db


def sections(user: Any) -> dict[str, list[Item]]:
    return {section.name: list(section.page(1, 10)) for section in dashboard.sections(user)}


def titles(items: list[Item]) -> list[str]:
    return [item.title for item in items]


def days(number: int) -> str:
    return (timezone.localdate() + datetime.timedelta(days=number)).isoformat()


def test_submitted_draft_waits_for_those_who_did_not_write_it() -> None:
    trial = published_trial()
    draft = draft_of(trial, by=reviewer("ruth"), journal="Another journal")
    submit(draft, by=reviewer("ruth"), reason="The journal was wrong.")
    waiting = sections(reviewer())["waiting"]
    assert titles(waiting) == ["Smith 2021"]
    assert waiting[0].address == address(draft)
    assert titles(sections(reviewer("ruth"))["waiting"]) == []
    assert titles(sections(reviewer("ruth"))["drafts"]) == ["Smith 2021"]
    assert "waiting" not in sections(editor())


def test_draft_that_was_sent_back_stays_with_its_writer() -> None:
    trial = draft_trial(by=editor())
    submit(trial)
    steps.send_back(trial, by=reviewer(), base=2, reason="Give the page.")
    returned = sections(editor())["returned"]
    assert titles(returned) == ["Smith 2021"]
    assert returned[0].lines == ["Give the page."]
    assert titles(sections(editor())["drafts"]) == titles(sections(editor("ben"))["returned"]) == []


def test_draft_that_was_sent_back_stays_first_until_it_is_submitted_again() -> None:
    trial = draft_trial(by=editor())
    submit(trial)
    steps.send_back(trial, by=reviewer(), base=2, reason="Give the page.")
    document = document_of(trial)
    document["fields"]["pages"] = "12"
    steps.save(trial, document, by=editor(), base=3)
    assert titles(sections(editor())["returned"]) == ["Smith 2021"]
    assert next(iter(sections(editor()))) == "returned"
    submit(trial)
    assert titles(sections(editor())["returned"]) == []


def test_draft_of_a_renamed_account_stays_theirs() -> None:
    eva = editor()
    draft_trial(by=eva)
    eva.username = "evelyn"
    eva.save()
    assert titles(sections(eva)["drafts"]) == ["Smith 2021"]
    assert " by " not in sections(eva)["drafts"][0].detail
    assert titles(sections(editor("eva"))["drafts"]) == []


def test_line_has_the_title_of_the_paper() -> None:
    draft_trial(by=editor(), title="Cells in ARDS: a trial")
    assert sections(editor())["drafts"][0].about == "Cells in ARDS: a trial"


def test_import_of_many_records_pushes_no_draft_off_the_page() -> None:
    draft_trial(by=editor())
    for number in range(12):
        document = trial_document(slug=f"import-{number}")
        steps.create(Trial, document, by=editor(), step=Step.IMPORTED)
    found = sections(editor())
    assert titles(found["drafts"]) == ["Smith 2021"]
    assert len(found["imported"]) == 10
    page = text(client_of(editor()).get("/admin/"))
    assert "Imported by me, not begun (12)" in page
    assert "Changed recently (13)" in page


def corrected() -> Trial:
    """Return a submitted study of Eva that the reviewer Rita has corrected."""
    trial = draft_trial(by=editor())
    document = document_of(trial)
    document["fields"]["pages"] = "12"
    steps.save(trial, document, by=reviewer(), base=1)
    submit(trial, by=reviewer())
    return trial


def test_correction_by_a_reviewer_is_for_the_writer_to_approve() -> None:
    trial = corrected()
    assert titles(sections(editor())["approve"]) == ["Smith 2021"]
    assert titles(sections(editor("ben"))["approve"]) == []
    assert titles(sections(reviewer())["waiting"]) == []
    steps.approve(trial, by=editor(), base=3)
    assert titles(sections(editor())["approve"]) == []
    assert titles(sections(reviewer())["waiting"]) == ["Smith 2021"]


def test_draft_that_no_active_account_may_publish_is_shown_to_everyone() -> None:
    corrected()
    assert titles(sections(editor("ben"))["stuck"]) == ["Smith 2021"]
    sue = reviewer("sue")
    assert titles(sections(editor("ben"))["stuck"]) == []
    sue.is_active = False
    sue.save()
    assert titles(sections(editor("ben"))["stuck"]) == ["Smith 2021"]
    assert "No colleague may publish (1)" in text(client_of(editor("ben")).get("/admin/"))


def test_header_of_every_page_has_the_number_of_drafts_that_wait() -> None:
    trial = draft_trial(by=editor())
    submit(trial)
    for path in ("/admin/", "/admin/trials/page/", address(trial), address(trial, "history")):
        assert "1 draft waits for you" in text(client_of(reviewer()).get(path))
        assert "for you" not in text(client_of(editor()).get(path))


def test_published_and_discarded_drafts_are_no_drafts() -> None:
    trial = published_trial()
    draft_of(trial, journal="Another journal")
    steps.discard(trial, by=editor(), base=2)
    assert titles(sections(editor())["drafts"]) == []


def test_changes_lead_to_the_history_of_a_deleted_record() -> None:
    steps.discard(draft_trial(), by=editor(), base=1)
    published_term()
    changed = sections(editor())["changed"]
    assert titles(changed) == ["Glossary term: placebo", "smith-2021 (deleted)"]
    page = client_of(editor()).get(changed[1].address)
    assert "new draft discarded" in text(page)


def test_changes_have_one_line_for_a_record() -> None:
    draft_of(published_trial(), journal="Another journal")
    assert titles(sections(editor())["changed"]) == ["Smith 2021"]


def test_reviews_are_overdue_or_due_soon() -> None:
    published_trial(last_reviewed="2020-01-01", review_due=days(-1))
    published_page(last_reviewed="2020-01-01", review_due=days(0))
    published_trial(slug="brown-2022", authors="Brown, Ann", last_reviewed="2020-01-01", review_due=days(61))
    draft_of(published_trial(slug="adams-2020", last_reviewed="2020-01-01", review_due=days(99)), review_due=days(1))
    found = sections(editor())
    assert titles(found["overdue"]) == ["Smith 2021"]
    assert titles(found["due"]) == ["Page: About this site"]


def test_unchecked_values_and_disagreements_are_listed() -> None:
    published_trial(masking="open", registrations=[registration(masking="double")])
    found = sections(editor())
    assert titles(found["blanks"]) == ["Smith 2021"]
    assert found["disagreements"][0].detail == "masking"
    page = client_of(editor()).get("/admin/dashboard/disagreements/")
    assert "Masking: open label in the paper, double masked in NCT04457609." in text(page)


def test_long_list_has_pages(django_assert_max_num_queries: Any) -> None:
    for number in range(60):
        published_term(slug=f"word-{number}", term=f"word {number}")
    client = client_of(editor())
    assert "All 60" in text(client.get("/admin/"))
    assert "Page 2 of 2" in text(client.get("/admin/dashboard/changed/?page=2"))
    with django_assert_max_num_queries(31):
        client.get("/admin/")


@pytest.mark.parametrize("path", ["nothing/", "changed/?page=9", "waiting/"])
def test_list_that_the_user_does_not_have_is_not_found(path: str) -> None:
    assert client_of(editor()).get(f"/admin/dashboard/{path}").status_code == 404


def test_member_of_staff_without_rights_sees_nothing_of_the_records() -> None:
    published_trial()
    administrator()
    page = client_of(member("max")).get("/admin/")
    assert page.context["sections"] == []
    assert "Ask a site administrator (ada) to put your account into a group" in text(page)
    assert "Smith" not in text(page)


def test_dates_have_one_form_on_every_page() -> None:
    draft_trial(by=administrator())
    client = client_of(administrator())
    for path in (
        "/admin/",
        "/admin/trials/trial/",
        "/admin/trials/page/",
        "/admin/auth/user/",
        "/admin/admin/logentry/",
    ):
        found = re.findall(r"\d+ [A-Z][a-z]{2} \d{4}|\d\d/\d\d/\d{4}|\d:\d\d [ap]\.m\.", text(client.get(path)))
        assert [words for words in found if " May " not in words] == []
