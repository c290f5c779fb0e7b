"""The history of a study, the list of all changes, and the feed."""

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils.timezone import localdate

from tests.dom import tree
from tests.factories import draft_of, published_page, published_trial, submit
from tests.users import reviewer
from trials.models import Revision, Trial
from trials.views import changes as changes_view
from trials.workflow import steps
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db
HISTORY = "/trials/smith-2021/history/"
ATOM = "{http://www.w3.org/2005/Atom}"
LONG = " ".join(f"word{number}" for number in range(40))


@pytest.fixture
def trial() -> Trial:
    """A study of which one change was published."""
    trial = published_trial(primary_result=f"{LONG} old {LONG}")
    draft_of(trial, control="standard-care", primary_result=f"{LONG} new {LONG}")
    publish(trial)
    return trial


def publish(record: Any) -> None:
    submit(record, reason="It was misread.")
    steps.publish(record, by=reviewer(), base=newest_revision(record).number)


def test_history_shows_what_changed_and_why(client: Client, trial: Trial) -> None:
    changed, loaded = tree(client.get(HISTORY)).all("section", class_="change")
    assert changed.one("h2").text.endswith("Changed")
    assert "Why It was misread." in changed.text
    assert "Comparison Before Placebo Now Standard care alone" in changed.text
    assert (changed.all("del")[-1].text, changed.all("ins")[-1].text) == ("removed: old (end)", "new: new (end)")
    assert loaded.one("h2").text.endswith("Included at launch")


def test_list_of_changes_links_each_record_under_its_day(client: Client, trial: Trial) -> None:
    page = published_page()
    draft_of(page, lead="We are librarians.")
    publish(page)
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


# --- The feed


def entries(client: Client) -> list[ElementTree.Element]:
    return ElementTree.fromstring(client.get("/changes.atom").content).findall(f"{ATOM}entry")  # noqa: S314 - our own


def text_of(entry: ElementTree.Element, name: str) -> str:
    return entry.findtext(f"{ATOM}{name}") or ""


def test_feed_tells_what_changed(client: Client, trial: Trial) -> None:
    changed, loaded = entries(client)
    assert text_of(changed, "title") == "Smith 2021: changed"
    summary = "Comparison: was “Placebo”, now “Standard care alone”. Result for the primary outcome: reworded."
    assert text_of(changed, "summary") == f"{summary} Why: It was misread."
    assert text_of(loaded, "summary") == "Study: included at launch."
    assert changed.find(f"{ATOM}link").attrib["href"] == f"http://127.0.0.1:8000{HISTORY}"  # type: ignore[union-attr]


def test_entry_of_the_feed_has_an_id_that_stays_and_shows_no_key(client: Client, trial: Trial) -> None:
    before = [text_of(entry, "id") for entry in entries(client)]
    draft_of(trial, journal="Draft Journal")
    assert [text_of(entry, "id") for entry in entries(client)] == before
    made_at = Revision.objects.get(number=1).made_at
    assert before[-1] == f"tag:ardsinfo,{localdate(made_at)}:trial/smith-2021/{made_at:%H%M%S%f}"


def test_feed_is_valid_xml_whatever_characters_a_reason_holds(client: Client, trial: Trial) -> None:
    Revision.objects.bulk_create(
        [
            Revision(
                kind="trial", record_id=trial.pk, name="smith-2021", number=9, step="published", live=True,
                reason="<b>\x08 & “x”", data=Revision.objects.last().data,
            )
        ]
    )  # fmt: skip
    assert text_of(entries(client)[0], "summary").endswith("Why: &lt;b&gt;  &amp; “x”")


def test_feed_is_found_from_every_page(client: Client, trial: Trial) -> None:
    link = tree(client.get(HISTORY)).one("link", type="application/atom+xml")
    assert link["href"] == "/changes.atom"
