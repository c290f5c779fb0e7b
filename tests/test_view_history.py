"""The history of a study as the public reads it: what went live, why, and nothing of drafts or of staff."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.dom import Element, tree
from tests.factories import ANN, BEN, EVA, ROOT, make_complete_trial, make_country
from trials import actions
from trials.models import FormerSlug, Revision, Trial

pytestmark = pytest.mark.django_db

HISTORY = "/trials/smith-2021/history/"


@pytest.fixture
def trial() -> Trial:
    """A published study that came with the site."""
    trial = make_complete_trial(
        age="40 to 60", limits="Small groups. Nobody was masked, and few people were followed up."
    )
    actions.loaded(trial)
    return trial


def draft(trial: Any, *, by: Any = ANN, reason: str = "Why not", change: Any = None, **fields: Any) -> None:
    document = actions.working_document(trial)
    document["fields"] |= fields
    if change:
        change(document)
    actions.edit(trial, document, by=by, base=actions.newest_revision(trial).number, reason=reason)


def publish(trial: Any, *, by: Any = ANN, **kwargs: Any) -> None:
    draft(trial, by=by, **kwargs)
    actions.submit(trial, by=by)
    actions.publish(trial, by=EVA)


def told(page: Element) -> list[str]:
    return [section.text for section in page.all("section", class_="change")]


def when(day: int, number: int) -> None:
    """Date revision `number` back. Nothing on the site can do that."""
    made = timezone.make_aware(datetime.datetime(2026, 11, day, 12))
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE trials_revision SET made_at = %s WHERE number = %s", [made, number])


def test_history_tells_newest_first_what_changed_and_why(client: Client, trial: Trial) -> None:
    publish(trial, age="", sex="9 men", reason="Table 1 was read again")
    publish(trial, by=BEN, limits="Small groups. Nobody was masked, and few people were followed up to the end.")
    for day, number in ((1, 1), (3, 4), (22, 7)):
        when(day, number)
    page = tree(client.get(HISTORY))
    assert told(page) == [
        "22 November 2026 Changed Why Why not Limits we see Small groups. Nobody was masked, and few people were "
        "followed removed: up. (end) new: up to the end. (end)",
        "3 November 2026 Changed Why Table 1 was read again Age Before 40 to 60 Now empty Sex Before empty Now 9 men",
        "1 November 2026 Came with the site",
    ]
    assert [time["datetime"] for time in page.all("time")] == ["2026-11-22", "2026-11-03", "2026-11-01"]
    assert [(e.tag, e.text) for e in page.all() if e.tag in ("del", "ins")] == [
        ("del", "removed: up. (end)"),
        ("ins", "new: up to the end. (end)"),
        ("del", "40 to 60"),
        ("ins", "9 men"),
    ]


def test_history_compares_with_what_was_live_before_and_not_with_a_draft(client: Client, trial: Trial) -> None:
    draft(trial, age="a slip of the pen", reason="First try")
    publish(trial, age="50", reason="Second try")
    newest = told(tree(client.get(HISTORY)))[0]
    assert newest.endswith("Changed Why First try Second try Age Before 40 to 60 Now 50")
    assert "slip" not in newest


def test_rows_are_told_in_words_and_a_mere_place_is_not(client: Client, trial: Trial) -> None:
    make_country(code="TR", name="Türkiye")

    def change(document: Any) -> None:
        document["arms"][0]["analysed"] = 0
        document["counts"].pop(0)
        document["sources"] = [s for s in document["sources"] if s["value"] != "count-1"]
        document["sources"][0]["position"] = 90
        document["countries"] = ["ID", "TR"]

    publish(trial, change=change)
    (changed, _) = tree(client.get(HISTORY)).all("section", class_="change")
    assert [dt.text for dt in changed.all("dt")] == [
        "Countries",
        "Group 1 “Cells”: analysed",
        "Count 1: Death, Cells",
        "Source 16 (count 1)",
    ]
    assert [dd.text for dd in changed.all("dd")][:6] == [
        "Before Country ID",
        "Now Country ID, Türkiye",
        "Before 10",
        "Now 0",
        "Before Group: Cells; Outcome: Death; Day: 28; People with the event: 3; Out of: 10; Main count: yes",
        "Now removed",
    ]


def test_change_of_order_alone_and_no_change_at_all_are_said(client: Client, trial: Trial) -> None:
    publish(trial, change=lambda d: d["sources"][0].update(position=90))
    publish(trial, age="50")
    draft(trial, age="51")
    draft(trial, age="50")
    actions.submit(trial, by=ANN)
    actions.publish(trial, by=EVA)
    entries = told(tree(client.get(HISTORY)))
    assert entries[0].endswith("Changed Why Why not No value changed.")
    assert entries[2].endswith("Changed Why Why not Only the order of its rows changed.")


def test_road_of_a_study_is_told_from_first_publication_to_return(client: Client) -> None:
    trial = make_complete_trial(status="draft")
    actions.created(trial, by=ANN, reason="Ann's own note")
    actions.submit(trial, by=ANN, reason="Please look")
    actions.publish(trial, by=EVA)
    actions.archive(trial, by=EVA, reason="Retracted")
    assert client.get(HISTORY).status_code == 404
    draft(trial, age="41", reason="A note while it was away")
    actions.submit(trial, by=ANN)
    actions.publish(trial, by=EVA)
    entries = told(tree(client.get(HISTORY)))
    assert [entry.split("2026 ")[1] for entry in entries] == [
        "Published again Age Before empty Now 41",
        "Taken off the public pages Why Retracted",
        "Published for the first time",
    ]


def test_publication_without_a_second_person_is_said(client: Client, trial: Trial) -> None:
    draft(trial, age="50", reason="In a hurry")
    actions.publish(trial, by=ROOT)
    assert told(tree(client.get(HISTORY)))[0].endswith(
        "Changed Why In a hurry Published by a superuser, without the check by a second person. "
        "Age Before 40 to 60 Now 50"
    )


def test_no_names_of_staff_and_nothing_of_drafts(client: Client, trial: Trial) -> None:
    publish(trial, age="50")
    draft(trial, age="TELLING", reason="SECRET")
    actions.withdraw(trial, by=BEN, reason="CONCEALED")
    draft(trial, sex="TELLING", reason="SECRET")
    actions.submit(trial, by=ANN, reason="CONCEALED")
    actions.send_back(trial, by=EVA, reason="CONCEALED")
    text = client.get(HISTORY).content.decode()
    assert [
        w for w in ("TELLING", "SECRET", "CONCEALED", ">ann", " ann", " ben", " eva", "the site itself") if w in text
    ] == []
    assert len(told(tree(client.get(HISTORY)))) == 2
    # Nor does a reason that was given with it come to light once the next draft is published.
    actions.withdraw(trial, by=ANN)
    publish(trial, age="51", reason="Open")
    text = client.get(HISTORY).content.decode()
    assert ("Open" in text, "SECRET" in text, "CONCEALED" in text) == (True, False, False)


def test_what_editors_write_is_text_and_no_html(client: Client, trial: Trial) -> None:
    publish(
        trial,
        age="<b>50</b>",
        limits="<script>x</script> and a few more words than sixty characters hold",
        reason="<i>x</i>\nand y",
    )
    response = client.get(HISTORY)
    assert "<b>50" not in response.content.decode()
    assert "<i>x" not in response.content.decode()
    assert "<script>x" not in response.content.decode()
    assert "Why <i>x</i> and y Age" in tree(response).text.replace("and y", " and y").replace("  ", " ")


def test_study_that_came_without_a_history_says_so(client: Client) -> None:
    make_complete_trial()
    page = tree(client.get(HISTORY))
    assert "This entry came with the site and has not changed since." in page.text
    assert Revision.objects.count() == 0


def test_study_and_its_history_lead_to_each_other(client: Client, trial: Trial) -> None:
    (link,) = [a for a in tree(client.get("/trials/smith-2021/")).all("a") if a.text == "What changed and when"]
    assert link["href"] == HISTORY
    page = tree(client.get(HISTORY))
    assert page.one("h1").text == "What changed and when"
    back = {a.text: a["href"] for a in page.one("main").all("a")}
    assert back["Back to the study"] == back["Smith 2021"] == "/trials/smith-2021/"
    assert back["What changed on the whole site"] == "/changes/"
    assert page.one("link", rel="canonical")["href"] == "http://127.0.0.1:8000/trials/smith-2021/history/"


@pytest.mark.parametrize("status", ["draft", "in-review", "archived"])
def test_study_that_is_not_public_has_no_public_history(admin_client: Client, status: str) -> None:
    trial = make_complete_trial(status=status)
    actions.created(trial, by=ANN)
    assert admin_client.get(HISTORY).status_code == 404
    assert admin_client.get("/trials/nobody-1999/history/").status_code == 404


def test_former_address_leads_to_the_history(client: Client, trial: Trial) -> None:
    publish(trial, slug="smith-2022")
    response = client.get(HISTORY)
    assert (response.status_code, response["Location"]) == (301, "/trials/smith-2022/history/")
    assert "Address Before smith-2021 Now smith-2022" in tree(client.get(response["Location"])).text
    other = make_complete_trial(slug="draft-2020", status="draft")
    FormerSlug.objects.create(slug="older-2019", trial=other)
    assert client.get("/trials/older-2019/history/").status_code == 404


def test_long_history_has_pages(client: Client, trial: Trial) -> None:
    for number in range(20):
        publish(trial, age=f"{number} years")
    page = tree(client.get(HISTORY))
    assert len(told(page)) == 20
    assert told(page)[-1].endswith("Age Before 40 to 60 Now 0 years")
    assert [(a.text, a["href"]) for a in page.one("nav", aria_label="Pages").all("a")] == [
        ("Page 2", "?page=2"),
        ("Older", "?page=2"),
    ]
    second = tree(client.get(HISTORY + "?page=2"))
    assert [entry.split("2026 ")[1] for entry in told(second)] == ["Came with the site"]
    assert second.one("link", rel="canonical")["href"] == f"http://127.0.0.1:8000{HISTORY}?page=2"
    beyond = client.get(HISTORY + "?page=3")
    assert beyond.status_code == 404
    assert "There are 2 pages and no page 3. Go to the first page" in tree(beyond).text


@pytest.mark.parametrize("number", ["0", "-1", "abc", "", "1.5", "١", "9999999999"])
def test_page_number_that_is_none_is_named(client: Client, trial: Trial, number: str) -> None:
    response = client.get(HISTORY, {"page": number})
    assert response.status_code == 400
    assert f"“{number}” is not the number of a page." in tree(response).text


def test_only_reading_is_answered(client: Client, trial: Trial) -> None:
    assert client.post(HISTORY).status_code == 405
    assert client.head(HISTORY).content == b""


def test_queries_do_not_grow_with_the_number_of_revisions(
    client: Client, trial: Trial, django_assert_num_queries: Any
) -> None:
    make_country(code="TR")
    publish(trial, age="50")
    # The content version, the study, the revisions (their number, keys and texts), the countries, what is invented.
    with django_assert_num_queries(7):
        client.get(HISTORY)
    for number in range(6):
        publish(
            trial, age=f"{number}", change=lambda d: d.update(countries=["ID", "TR"][: len(d["countries"]) % 2 + 1])
        )
    with django_assert_num_queries(7):
        assert len(told(tree(client.get(HISTORY)))) == 8
