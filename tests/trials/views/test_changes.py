"""The history of a study and the list of all changes."""

import pytest
from django.test import Client

from tests.dom import tree
from tests.factories import published_page, published_trial, republished
from trials.models import Trial
from trials.views import changes as changes_view

pytestmark = pytest.mark.django_db
HISTORY = "/trials/smith-2021/history/"
LONG = " ".join(f"word{number}" for number in range(40))


@pytest.fixture
def trial() -> Trial:
    """A study of which one change was published."""
    trial = published_trial(primary_result=f"{LONG} old {LONG}")
    return republished(trial, "It was misread.", control="standard-care", primary_result=f"{LONG} new {LONG}")


def test_history_shows_what_changed_and_why(client: Client, trial: Trial) -> None:
    changed, loaded = tree(client.get(HISTORY)).all("section", class_="change")
    assert changed.one("h2").text.endswith("Changed")
    assert "Why It was misread." in changed.text
    assert "Comparison Before Placebo Now Standard care alone" in changed.text
    assert (changed.all("del")[-1].text, changed.all("ins")[-1].text) == ("removed: old (end)", "new: new (end)")
    assert loaded.one("h2").text.endswith("Included at launch")


def test_list_of_changes_links_each_record_under_its_day(client: Client, trial: Trial) -> None:
    republished(published_page(), lead="We are librarians.")
    (day,) = tree(client.get("/changes/")).all("section", class_="day")
    assert [heading.one("a")["href"] for heading in day.all("h3")] == [
        "/about/",
        "/trials/smith-2021/",
        "/trials/smith-2021/",
    ]


def test_no_page_or_feed_names_a_person(client: Client, trial: Trial) -> None:
    for address in (HISTORY, "/changes/", "/changes.atom"):
        text = client.get(address).content.decode()
        assert [name for name in ("eva", "rita", "the site itself") if name in text.lower()] == []


@pytest.mark.parametrize("address", ["/changes/", HISTORY])
@pytest.mark.parametrize(("number", "status"), [("abc", 400), ("1.5", 400), ("0", 404), ("-1", 404), ("99", 404)])
def test_page_number_that_does_not_exist_is_named(
    client: Client, trial: Trial, address: str, number: str, status: int
) -> None:
    response = client.get(address, {"page": number})
    page = tree(response)
    assert (response.status_code, number in page.one(class_="problem").text) == (status, True)
    assert page.one("meta", name="robots")["content"] == "noindex"


@pytest.mark.parametrize("address", ["/changes/", HISTORY])
def test_long_list_has_pages(client: Client, trial: Trial, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_view, "PAGE_SIZE", 1)
    page = tree(client.get(address, {"page": "2"}))
    assert len(page.all(class_="change")) == 1
    assert page.one(class_="pages").one("a", rel="prev")["href"] == "?page=1"
    assert page.one("link", rel="canonical")["href"] == f"http://127.0.0.1:8000{address}?page=2"


def test_site_without_changes_says_so(client: Client) -> None:
    assert "Nothing has changed yet." in client.get("/changes/").content.decode()
