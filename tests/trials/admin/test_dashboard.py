"""The dashboard of the admin."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from tests.factories import draft_of, draft_trial, published_page, published_term, published_trial, registration
from tests.trials.admin.forms import address, client_of, text
from tests.users import editor, member, reviewer
from trials.admin import dashboard
from trials.admin.dashboard import Item
from trials.workflow import steps

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
    steps.submit(draft, by=reviewer("ruth"), base=2, reason="The journal was wrong.")
    waiting = sections(reviewer())["waiting"]
    assert titles(waiting) == ["Smith 2021"]
    assert waiting[0].address == address(draft)
    assert titles(sections(reviewer("ruth"))["waiting"]) == []
    assert titles(sections(reviewer("ruth"))["drafts"]) == ["Smith 2021"]
    assert "waiting" not in sections(editor())


def test_draft_that_was_sent_back_stays_with_its_writer() -> None:
    trial = draft_trial(by=editor())
    steps.submit(trial, by=editor(), base=1)
    steps.send_back(trial, by=reviewer(), base=2, reason="Give the page.")
    drafts = sections(editor())["drafts"]
    assert titles(drafts) == ["Smith 2021"]
    assert drafts[0].lines == ["Give the page."]
    assert titles(sections(editor("ben"))["drafts"]) == []


def test_published_and_withdrawn_drafts_are_no_drafts() -> None:
    trial = published_trial()
    draft_of(trial, journal="Another journal")
    steps.withdraw(trial, by=editor(), base=2)
    assert titles(sections(editor())["drafts"]) == []


def test_changes_name_deleted_records_without_a_link() -> None:
    steps.delete(draft_trial(), by=editor())
    published_term()
    changed = sections(editor())["changed"]
    assert titles(changed) == ["Term: placebo", "smith-2021 (deleted)"]
    assert changed[1].address == ""


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
    with django_assert_max_num_queries(30):
        client.get("/admin/")


@pytest.mark.parametrize("path", ["nothing/", "changed/?page=9", "waiting/"])
def test_list_that_the_user_does_not_have_is_not_found(path: str) -> None:
    assert client_of(editor()).get(f"/admin/dashboard/{path}").status_code == 404


def test_member_of_staff_without_rights_sees_nothing_of_the_records() -> None:
    published_trial()
    page = client_of(member("max")).get("/admin/")
    assert page.context["sections"] == []
    assert "Smith" not in text(page)
