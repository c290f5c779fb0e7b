"""The desk: what each person finds on the front page of the admin, in how many queries, and the whole of each list."""

import datetime
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from tests.factories import make_page, make_registration, make_term, make_trial
from trials import actions
from trials.admin.desk import Desk, Shelf
from trials.models import Page, Trial
from trials.presenters.page import StudyPage
from trials.unchecked import with_unchecked

pytestmark = pytest.mark.django_db

RECORDS = ("trial", "page", "glossaryterm")
TODAY = datetime.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)


def person(name: str, *rights: str, records: tuple[str, ...] = RECORDS) -> User:
    user = User.objects.create_user(name, is_staff=True)
    names = [f"{right}_{record}" for right in rights for record in records]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def anna() -> User:
    return person("anna", "view", "add", "change")


@pytest.fixture
def ravi() -> User:
    return person("ravi", "view", "add", "change", "publish")


def newest(record: Any) -> int:
    return int(actions.newest_revision(record).number)


def edit(record: Any, by: User, **values: str) -> None:
    document = actions.working_document(record)
    document["fields"] |= values
    assert actions.edit(record, document, by=by, base=newest(record), reason="Read in the supplement.")


def shelf(user: User, name: str) -> Shelf:
    return Desk(user).shelf(name, 0, 10)


def titles(user: User, name: str) -> list[str]:
    return [item.title for item in shelf(user, name).items]


# --- Waiting for my check ---------------------------------------------------------------------------------------


def test_what_somebody_else_submitted_waits_for_my_check(anna: User, ravi: User) -> None:
    trial = make_trial(status="draft")
    actions.created(trial, by=anna)
    actions.submit(trial, by=anna, reason="Please look at the dose.")
    (item,) = shelf(ravi, "waiting").items
    assert item.title == "Smith 2021"
    assert item.address == f"/admin/trials/trial/{trial.pk}/change/"
    assert item.detail.startswith("submitted by anna, ")
    assert item.lines == ["Please look at the dose."]


def test_pages_and_terms_wait_too_oldest_first(anna: User, ravi: User) -> None:
    for record in (make_page(), make_term(), make_trial(status="draft")):
        actions.created(record, by=anna)
        actions.submit(record, by=anna)
    assert titles(ravi, "waiting") == ["Page: About this site", "Term: placebo", "Smith 2021"]


def test_what_i_wrote_part_of_does_not_wait_for_me(anna: User, ravi: User) -> None:
    trial = make_trial(status="draft")
    actions.created(trial, by=ravi)
    edit(trial, anna, journal="The Lancet")
    actions.submit(trial, by=anna)
    assert titles(ravi, "waiting") == []
    other = person("mei", "view", "change", "publish")
    assert titles(other, "waiting") == ["Smith 2021"]


def test_what_i_wrote_before_it_went_live_may_be_checked_by_me(anna: User, ravi: User) -> None:
    trial = make_trial(status="draft", plain_summary="Twenty people took part.")
    actions.created(trial, by=ravi)
    root = User.objects.create_superuser("root")
    trial.status = "published"
    trial.save()
    actions._add(trial, actions.Step.PUBLISHED, root.username, live=True)
    edit(trial, anna, journal="The Lancet")
    actions.submit(trial, by=anna)
    assert titles(ravi, "waiting") == ["Smith 2021"]


def test_what_i_wrote_before_the_draft_was_withdrawn_may_be_checked_by_me(anna: User, ravi: User) -> None:
    trial = make_trial()
    edit(trial, ravi, journal="The Lancet")
    actions.withdraw(trial, by=ravi)
    edit(trial, anna, journal="The BMJ")
    actions.submit(trial, by=anna)
    assert actions.why_not_publish(trial, ravi) == ""
    assert titles(ravi, "waiting") == ["Smith 2021"]
    assert titles(ravi, "drafts") == []


def test_what_was_sent_back_waits_no_longer(anna: User, ravi: User) -> None:
    trial = make_trial(status="draft")
    actions.created(trial, by=anna)
    actions.submit(trial, by=anna)
    actions.send_back(trial, by=ravi, reason="The dose has no unit.")
    assert titles(ravi, "waiting") == []


def test_only_a_reviewer_has_the_list(anna: User) -> None:
    assert "waiting" not in Desk(anna).makers


def test_reviewer_of_pages_alone_sees_no_studies(anna: User) -> None:
    for record in (make_page(), make_trial(status="draft")):
        actions.created(record, by=anna)
        actions.submit(record, by=anna)
    user = person("mei", "view", "publish", records=("page",))
    assert titles(user, "waiting") == ["Page: About this site"]


def test_deleted_record_waits_for_nobody(anna: User, ravi: User) -> None:
    trial = make_trial(status="draft")
    actions.created(trial, by=anna)
    actions.submit(trial, by=anna)
    trial.delete()
    assert titles(ravi, "waiting") == []


# --- My drafts --------------------------------------------------------------------------------------------------


def test_draft_of_mine_is_on_my_desk_alone(anna: User, ravi: User) -> None:
    trial = make_trial(status="draft")
    actions.created(trial, by=anna)
    (item,) = shelf(anna, "drafts").items
    assert (item.title, item.detail[:9]) == ("Smith 2021", "created, ")
    assert titles(ravi, "drafts") == []


def test_draft_of_a_published_study_is_mine(anna: User) -> None:
    edit(make_trial(), anna, journal="The Lancet")
    (item,) = shelf(anna, "drafts").items
    assert (item.title, item.detail[:8]) == ("Smith 2021", "edited, ")
    assert item.lines == ["Read in the supplement."]


def test_draft_that_was_sent_back_is_still_mine_and_not_the_reviewers(anna: User, ravi: User) -> None:
    trial = make_trial(status="draft")
    actions.created(trial, by=anna)
    actions.submit(trial, by=anna)
    actions.send_back(trial, by=ravi, reason="The dose has no unit.")
    (item,) = shelf(anna, "drafts").items
    assert item.detail.startswith("returned to the editor by ravi, ")
    assert item.lines == ["The dose has no unit."]
    assert titles(ravi, "drafts") == []


def test_draft_that_i_submitted_says_that_it_waits(anna: User) -> None:
    trial = make_trial(status="draft")
    actions.created(trial, by=anna)
    actions.submit(trial, by=anna)
    (item,) = shelf(anna, "drafts").items
    assert item.detail.startswith("waits for a check since ")


def test_draft_that_was_withdrawn_or_published_is_gone(anna: User) -> None:
    first, second = make_trial(), make_trial(slug="jones-2020")
    edit(first, anna, journal="The Lancet")
    actions.withdraw(first, by=anna)
    edit(second, anna, journal="The Lancet")
    actions._add(second, actions.Step.PUBLISHED, "ravi", live=True)
    assert titles(anna, "drafts") == []


# --- Changed lately ---------------------------------------------------------------------------------------------


def test_last_ten_changes_with_who_and_what_and_the_number_of_all(anna: User) -> None:
    page, trial = make_page(), make_trial(status="draft")
    actions.loaded(page)
    actions.created(trial, by=anna)
    for number in range(10):
        edit(trial, anna, journal=f"Journal {number}")
    found = shelf(anna, "changed")
    assert found.total == 12
    assert found.has_more
    assert [item.title for item in found.items] == ["Smith 2021"] * 10
    assert found.items[0].detail.startswith("edited by anna, ")
    (last,) = Desk(anna).shelf("changed", 11, 12).items
    assert last.detail.startswith("loaded with the site, ")


def test_change_of_a_deleted_record_is_told_without_a_link(anna: User) -> None:
    trial = make_trial(status="draft")
    actions.created(trial, by=anna)
    trial.delete()
    (item,) = shelf(anna, "changed").items
    assert (item.title, item.address) == ("smith-2021 (deleted)", "")


def test_changes_of_what_i_may_not_see_are_not_told(anna: User) -> None:
    actions.created(make_trial(), by=anna)
    actions.created(make_page(), by=anna)
    assert titles(person("mei", "view", records=("page",)), "changed") == ["Page: About this site"]


# --- Reviews ----------------------------------------------------------------------------------------------------


def test_reviews_overdue_and_due_in_60_days(anna: User) -> None:
    reviewed = datetime.date(2025, 1, 1)

    def due(slug: str, day: datetime.date | None, **values: Any) -> None:
        make_trial(slug=slug, authors=slug, last_reviewed=reviewed, review_due=day, rows=False, **values)

    due("yesterday", datetime.date(2026, 11, 21))
    due("today", TODAY)
    due("sixty", datetime.date(2027, 1, 21))
    due("later", datetime.date(2027, 1, 22))
    due("never", None)
    due("gone", datetime.date(2026, 1, 1), status="archived")
    make_page(last_reviewed=reviewed, review_due=datetime.date(2026, 3, 1))
    make_page(slug="methods", title="Methods", last_reviewed=reviewed, review_due=datetime.date(2026, 12, 1))
    assert [(i.title, i.detail) for i in shelf(anna, "overdue").items] == [
        ("Page: About this site", "1 March 2026"),
        ("yesterday 2021", "21 November 2026"),
    ]
    assert [(i.title, i.detail) for i in shelf(anna, "due").items] == [
        ("today 2021", "22 November 2026"),
        ("Page: Methods", "1 December 2026"),
        ("sixty 2021", "21 January 2027"),
    ]
    pages_only = person("mei", "view", records=("page",))
    assert titles(pages_only, "overdue") == ["Page: About this site"]


# --- Blanks -----------------------------------------------------------------------------------------------------


def test_studies_with_the_most_blanks_come_first(eight_studies: None, anna: User) -> None:
    assert [(item.title, item.detail) for item in shelf(anna, "blanks").items] == [
        ("Kaffash Farkhad 2022", "18 values"),
        ("Adas 2021", "15 values"),
        ("Yip 2020", "14 values"),
        ("Hashemian 2021", "13 values"),
        ("Rebelatto 2022", "12 values"),
        ("Dilogo 2021", "10 values"),
        ("Monsel 2022", "8 values"),
        ("Lanzoni 2021", "5 values"),
    ]


def test_number_of_blanks_is_that_of_the_study_page(eight_studies: None) -> None:
    make_trial(countries=("ID",), cause="", cause_wording="ARDS of any cause", centres_note="two wards", dose="")
    make_trial(slug="jones-2020", rows=False, recruitment_end="2020", doi="10.1000/x")
    counted = {trial.slug: trial.unchecked for trial in with_unchecked(Trial.objects.all())}  # type: ignore[attr-defined]
    assert counted == {trial.slug: StudyPage(trial).not_checked_count for trial in Trial.objects.all()}
    assert (counted["smith-2021"], counted["jones-2020"]) == (36, 37)


# --- Paper and registry -----------------------------------------------------------------------------------------


def test_studies_whose_registry_differs_say_in_what(anna: User) -> None:
    trial = make_trial(recruitment_start="2020-05-01")
    make_registration(trial, phase="1", masking="triple", registered="2020-06-01")
    make_registration(make_trial(slug="jones-2020"), phase="2", masking="double")
    (item,) = shelf(anna, "disagreements").items
    assert (item.title, item.detail) == ("Smith 2021", "masking, phase, registered late")
    assert item.lines[1] == "Phase: phase 2 in the paper, phase 1 in NCT04457609."


def test_only_so_many_studies_are_compared(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trials.admin.desk.LOOKED_AT", 2)
    for slug in ("a-2021", "b-2021", "c-2021"):
        make_registration(make_trial(slug=slug), phase="1")
    found = shelf(anna, "disagreements")
    assert (found.total, found.note) == (2, "Of the 2 studies changed last.")
    found = shelf(anna, "blanks")
    assert (found.total, found.note) == (2, "Of the 2 studies changed last.")
    newest = Trial.objects.filter(slug__in=("b-2021", "c-2021"))
    assert [item.record_id for item in found.items] == list(newest.order_by("slug").values_list("pk", flat=True))


# --- The page ---------------------------------------------------------------------------------------------------


def headings(client: Client) -> list[str]:
    page = client.get("/admin/").content.decode()
    return [re.sub(r"<[^>]+>|\s+", " ", h).strip() for h in re.findall(r'<h2 id="shelf-.*?</h2>', page, re.S)]


def test_reviewer_finds_every_list_and_kind_words_where_there_is_nothing(client: Client, ravi: User) -> None:
    client.force_login(ravi)
    assert headings(client) == [
        "Waiting for my check",
        "My drafts",
        "Changed lately",
        "Reviews overdue",
        "Reviews due in 60 days",
        "Blanks not yet checked",
        "Paper and registry differ",
    ]
    page = client.get("/admin/").content.decode()
    for words in (
        "Nothing waits for your check.",
        "You have no draft. Whatever you add or change is one until it is published.",
        "Nothing has been changed yet.",
        "No review is overdue.",
        "No review falls due in the next 60 days.",
        "Every blank has its reason.",
        "Papers and registries agree, as far as we have entered them.",
    ):
        assert words in page


def test_staff_without_any_right_find_no_list(client: Client) -> None:
    make_trial()
    client.force_login(person("mei"))
    assert headings(client) == []


def test_list_on_the_desk_has_ten_lines_and_the_way_to_all(client: Client, anna: User) -> None:
    for number in range(12):
        actions.created(make_trial(slug=f"made-{number}", rows=False), by=anna)
    client.force_login(anna)
    page = client.get("/admin/").content.decode()
    assert '<a href="/admin/desk/changed/">All 12</a>' in page
    changed = page.split('id="shelf-changed"')[1].split("</section>")[0]
    assert changed.count("<li>") == 10


def test_whole_list_is_paged(client: Client, anna: User) -> None:
    for number in range(51):
        actions.created(make_trial(slug=f"made-{number}", rows=False), by=anna)
    client.force_login(anna)
    first = client.get("/admin/desk/changed/").content.decode()
    assert first.count("created by anna") == 50
    assert '<a href="?page=2">After</a>' in first
    second = client.get("/admin/desk/changed/?page=2").content.decode()
    assert second.count("created by anna") == 1
    assert '<ol start="51">' in second
    assert client.get("/admin/desk/changed/?page=3").status_code == 404
    assert client.get("/admin/desk/changed/?page=nonsense").content.decode().count("created by anna") == 50


def test_whole_list_shows_both_readings(client: Client, anna: User) -> None:
    make_registration(make_trial(), phase="1")
    client.force_login(anna)
    page = client.get("/admin/desk/disagreements/").content.decode()
    assert "Phase: phase 2 in the paper, phase 1 in NCT04457609." in page


def test_list_that_somebody_has_not_is_not_found(client: Client, anna: User) -> None:
    client.force_login(anna)
    assert client.get("/admin/desk/waiting/").status_code == 404
    assert client.get("/admin/desk/nonsense/").status_code == 404


def test_visitor_is_sent_to_the_login(client: Client) -> None:
    assert client.get("/admin/desk/changed/").headers["Location"] == "/admin/login/?next=/admin/desk/changed/"


def test_desk_changes_nothing(client: Client, ravi: User) -> None:
    make_trial()
    client.force_login(ravi)
    client.get("/admin/")
    assert actions.revisions(Trial.objects.get()).count() == 0


@pytest.mark.parametrize("number", [3, 30])
def test_desk_takes_the_same_queries_however_many_records(
    client: Client, anna: User, ravi: User, django_assert_num_queries: Any, number: int
) -> None:
    for n in range(number):
        trial = make_trial(
            slug=f"made-{n}", authors=f"Author{n}", review_due=datetime.date(2026, 12, 1), last_reviewed="2026-01-01"
        )
        make_registration(trial, identifier=f"NCT{n:08}", phase="1")
        edit(trial, anna if n % 2 else ravi, journal="The Lancet")
        actions.submit(trial, by=anna if n % 2 else ravi)
    actions.created(make_page(last_reviewed="2025-01-01", review_due="2026-01-01"), by=anna)
    client.force_login(ravi)
    with django_assert_num_queries(23):
        page = client.get("/admin/").content.decode()
    assert f'Blanks not yet checked <span class="number">({number})</span>' in page
    assert Page.objects.count() == 1
