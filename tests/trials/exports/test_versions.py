"""A study as it was: its address, its band, and which versions have one."""

import pytest
from django.test import Client

from tests.dom import tree
from tests.factories import draft_of, published_trial, submit
from tests.users import reviewer
from trials.models import Trial
from trials.workflow import steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial() -> Trial:
    """A study of which version 4 is public; before it came version 1, with another journal and another address."""
    trial = published_trial(journal="Old Journal", slug="smith-2020")
    draft_of(trial, journal="New Journal", slug="smith-2021")
    submit(trial, reason="It was misread.")
    steps.publish(trial, by=reviewer(), base=3)
    return Trial.objects.get(pk=trial.pk)


def test_earlier_version_is_shown_with_a_band(client: Client, trial: Trial) -> None:
    page = tree(client.get("/trials/smith-2021/v/1/"))
    assert "Old Journal" in page.one("main").text
    assert "New Journal" not in page.one("main").text
    band = page.one("aside", aria_label="An earlier version")
    assert band.text.startswith("Version 1, of ")
    assert band.one("a")["href"] == "/trials/smith-2021/"
    assert page.one("meta", name="robots")["content"] == "noindex"
    assert page.one("link", rel="canonical")["href"] == "http://127.0.0.1:8000/trials/smith-2021/"


def test_present_version_has_an_address_too(client: Client, trial: Trial) -> None:
    assert "New Journal" in tree(client.get("/trials/smith-2021/v/4/")).one("main").text
    assert tree(client.get("/trials/smith-2021/")).all("aside", aria_label="An earlier version") == []


def test_version_at_a_former_address_redirects(client: Client, trial: Trial) -> None:
    assert client.get("/trials/smith-2020/v/1/")["Location"] == "/trials/smith-2021/v/1/"


@pytest.mark.parametrize("number", ["0", "2", "3", "5", "99999999999999999999"])
def test_only_a_version_that_was_public_is_shown(client: Client, trial: Trial, number: str) -> None:
    assert client.get(f"/trials/smith-2021/v/{number}/").status_code == 404


def test_version_of_a_study_that_was_taken_off_says_so(client: Client, trial: Trial) -> None:
    steps.archive(trial, by=reviewer(), base=4, reason="It was retracted.")
    response = client.get("/trials/smith-2021/v/1/")
    assert response.status_code == 410
    assert "It was retracted." in tree(response).one("main").text
    assert client.get("/trials/smith-2021/v/2/").status_code == 404


def test_earlier_version_is_cited_with_its_own_number_and_date(client: Client, trial: Trial) -> None:
    page = tree(client.get("/trials/smith-2021/v/1/"))
    section = page.one("section", class_="exports")
    assert [heading.text for heading in section.all("h3")] == ["Cite the paper", "Cite this page"]
    paper, ours = [cited.text for cited in section.all("p", class_="citation")]
    assert "Old Journal" in paper
    assert ours.endswith("Version 1. 30 November 2026. http://127.0.0.1:8000/trials/smith-2021/v/1/")
    # It is cited, not offered: no files, and nothing in its head for reference managers and search engines.
    assert (section.all("ul"), page.all("script", type="application/ld+json")) == ([], [])
