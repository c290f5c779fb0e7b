"""The feeds of new studies and of one study, and ids that stay."""

from typing import Any

import feedparser
import pytest
from django.test import Client

from tests.dom import tree
from tests.factories import draft_of, published_page, published_trial, submit
from tests.users import reviewer
from trials.models import Trial
from trials.workflow import steps

pytestmark = pytest.mark.django_db
FEEDS = ["/changes.atom", "/new-studies.atom", "/trials/smith-2021/changes.atom"]


@pytest.fixture
def trial() -> Trial:
    trial = published_trial(authors="Adaş, Gökhan\nالبحيري, أحمد")
    published_page()
    draft_of(trial, control="standard-care")
    submit(trial, reason="It was misread.")
    steps.publish(trial, by=reviewer(), base=3)
    return trial


def feed(client: Client, address: str) -> Any:
    found = feedparser.parse(client.get(address).content)
    assert found.bozo == 0
    return found


def test_new_study_is_in_the_feed_once(client: Client, trial: Trial) -> None:
    (entry,) = feed(client, "/new-studies.atom").entries
    assert entry.title == "Adaş 2021: Cells for 20 people with ARDS in Indonesia"
    assert entry.link == "http://127.0.0.1:8000/trials/smith-2021/"
    assert entry.summary == (
        "Cells for acute respiratory distress syndrome: a randomised trial. Randomised controlled trial, 20 people. "
        "20 people took part."
    )


def test_feed_of_a_study_says_what_changed_in_it(client: Client, trial: Trial) -> None:
    changed, loaded = feed(client, "/trials/smith-2021/changes.atom").entries
    assert changed.summary == "Comparison: was “Placebo”, now “Standard care alone”. Why: It was misread."
    assert loaded.summary.startswith("Study: ")
    link = tree(client.get("/trials/smith-2021/")).all("link", type="application/atom+xml")[-1]
    assert link["href"] == "/trials/smith-2021/changes.atom"


@pytest.mark.parametrize("address", FEEDS)
def test_ids_survive_a_change_of_host(client: Client, trial: Trial, address: str, settings: Any) -> None:
    before = feed(client, address)
    settings.SITE_URL = "https://ards.example.org"
    settings.ALLOWED_HOSTS = ["testserver"]
    after = feed(client, address)
    assert [after.feed.id, *(entry.id for entry in after.entries)] == [
        before.feed.id, *(entry.id for entry in before.entries),
    ]  # fmt: skip
    assert after.entries[0].link.startswith("https://ards.example.org/")
    assert {entry.id.partition(",")[0] for entry in after.entries} == {"tag:ardsinfo"}


def test_id_survives_a_change_of_address(client: Client, trial: Trial) -> None:
    before = [entry.id for entry in feed(client, FEEDS[2]).entries]
    draft_of(trial, slug="adas-2021")
    submit(trial, reason="The name was wrong.")
    steps.publish(trial, by=reviewer(), base=6)
    assert client.get(FEEDS[2])["Location"] == "/trials/adas-2021/changes.atom"
    assert [entry.id for entry in feed(client, "/trials/adas-2021/changes.atom").entries][1:] == before


def test_feed_of_a_study_says_that_it_was_taken_off(client: Client, trial: Trial) -> None:
    steps.archive(trial, by=reviewer(), base=4, reason="It was retracted.")
    entry = feed(client, FEEDS[2]).entries[0]
    assert entry.summary == "Study: taken off the public pages. Why: It was retracted."
