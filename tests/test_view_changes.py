"""What changed lately on the whole site: the page and the feed."""

import datetime
from typing import Any

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page as BrowserPage

from tests.dom import Element, tree
from tests.factories import ANN, EVA, make_complete_trial, make_page, make_term
from tests.tools import assert_accessible, assert_valid_html
from trials import actions
from trials.models import GlossaryTerm, Page, Revision, Trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial() -> Trial:
    trial = make_complete_trial(age="40 to 60")
    actions.loaded(trial)
    return trial


def draft(record: Any, *, reason: str = "Why not", **fields: Any) -> None:
    document = actions.working_document(record)
    document["fields"] |= fields
    actions.edit(record, document, by=ANN, base=actions.newest_revision(record).number, reason=reason)


def publish(record: Any, **fields: Any) -> None:
    draft(record, **fields)
    actions.submit(record, by=ANN)
    actions.publish(record, by=EVA)


def when(record: Any, *days: int) -> None:
    """Date the live revisions of the record back. Nothing on the site can do that."""
    for revision, day in zip(actions.revisions(record).filter(live=True), days, strict=True):
        made = timezone.make_aware(datetime.datetime(2026, 11, day, 0, 30, 0, day))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE trials_revision SET made_at = %s WHERE id = %s", [made, revision.pk])


def told(page: Element) -> list[tuple[str, list[str]]]:
    """(day, what is told of each record)"""
    return [
        (day.one("h2").text, [article.text for article in day.all("article")])
        for day in page.all("section", class_="day")
    ]


def test_changes_of_all_records_are_told_by_day_newest_first(client: Client, trial: Trial) -> None:
    page, term = make_page(), make_term()
    actions.loaded(page)
    actions.created(term, by=ANN)
    publish(trial, age="50", reason="Read again")
    publish(page, title="Who we are", reason="Plainer")
    publish(term, meaning="Salt water.", reason="Shorter")
    when(trial, 1, 3)
    when(page, 1, 22)
    when(term, 22)
    assert told(tree(client.get("/changes/"))) == [
        (
            "22 November 2026",
            [
                "placebo Glossary term: published for the first time Why Shorter",
                "Who we are Page: changed Why Plainer Title Before About this site Now Who we are",
            ],
        ),
        (
            "3 November 2026",
            [
                "Smith 2021 Study: changed Cells for acute respiratory distress syndrome: a randomised trial "
                "Why Read again Age Before 40 to 60 Now 50",
            ],
        ),
        (
            "1 November 2026",
            ["Smith 2021 Study: came with the site Cells for acute respiratory distress syndrome: a randomised trial"],
        ),
    ]


def test_every_record_is_linked_to_its_page(client: Client, trial: Trial) -> None:
    publish(make_page(), title="Who we are")
    publish(make_term(), meaning="Salt water.")
    page = tree(client.get("/changes/"))
    assert {heading.one("a").text: heading.one("a")["href"] for heading in page.all("h3")} == {
        "Smith 2021": "/trials/smith-2021/",
        "Who we are": "/about/",
        "placebo": "/glossary/#placebo",
    }


def test_many_values_of_a_study_are_cut_and_its_history_has_the_rest(client: Client, trial: Trial) -> None:
    names = ("severity", "ventilation", "age", "sex", "funding", "interests", "volume", "issue")
    publish(trial, **dict.fromkeys(names, "new"))
    article = tree(client.get("/changes/")).all("article")[0]
    assert len(article.all("dt")) == 6
    (more,) = [a for a in article.all("a") if "more" in a.text]
    assert (more.text, more["href"]) == ("2 more values changed in Smith 2021", "/trials/smith-2021/history/")
    assert len(tree(client.get(more["href"])).all("dt")) == 8


def test_record_that_is_not_public_now_is_not_told_of(client: Client, trial: Trial) -> None:
    page, term = make_page(), make_term()
    publish(page, title="Who we are")
    publish(term, meaning="Salt water.")
    for record in (trial, page, term):
        actions.archive(record, by=EVA, reason="Gone")
    other = make_complete_trial(slug="new-2026", status="draft", title="TELLING")
    actions.created(other, by=ANN)
    actions.submit(other, by=ANN)
    assert "Nothing has changed yet." in tree(client.get("/changes/")).text
    assert feedparser.parse(client.get("/changes.atom").content).entries == []


def test_deleted_record_is_not_told_of(client: Client) -> None:
    term = make_term()
    publish(term, meaning="Salt water.")
    term.delete()
    assert told(tree(client.get("/changes/"))) == []
    assert Revision.objects.count() > 0


def test_pages_and_words_the_site_began_with_are_no_news(client: Client, eight_studies: None) -> None:
    ((_, articles),) = told(tree(client.get("/changes/")))
    assert sorted(article.split(" Study")[0] for article in articles) == [
        "Adas 2021",
        "Dilogo 2021",
        "Hashemian 2021",
        "Kaffash Farkhad 2022",
        "Lanzoni 2021",
        "Monsel 2022",
        "Rebelatto 2022",
        "Yip 2020",
    ]


def test_pages_of_the_list_of_changes(client: Client, trial: Trial) -> None:
    for number in range(20):
        publish(trial, age=f"{number} years")
    first, second = (tree(client.get("/changes/", {"page": number})) for number in (1, 2))
    assert (len(first.all("article")), len(second.all("article"))) == (20, 1)
    assert [a.text for a in second.one("nav", aria_label="Pages").all("a")] == ["Newer", "Page 1"]
    assert second.one("link", rel="canonical")["href"] == "http://127.0.0.1:8000/changes/?page=2"
    answers = {number: client.get("/changes/", {"page": number}) for number in ("3", "x")}
    assert {number: answer.status_code for number, answer in answers.items()} == {"3": 404, "x": 400}
    assert "There are 2 pages and no page 3." in tree(answers["3"]).text
    assert "“x” is not the number of a page." in tree(answers["x"]).text


def test_queries_do_not_grow_with_the_number_of_changes(
    client: Client, trial: Trial, django_assert_num_queries: Any
) -> None:
    page, term = make_page(), make_term()
    for record, field in ((trial, "age"), (page, "title"), (term, "meaning")):
        publish(record, **{field: "new"})
    # Whether studies are invented, how many, which, the revisions, those before them, the studies, the pages, the
    # terms, the names of countries.
    with django_assert_num_queries(10):
        client.get("/changes/")
    with django_assert_num_queries(8):
        client.get("/changes.atom")
    for number in range(8):
        for record, field in ((trial, "age"), (page, "title"), (term, "meaning")):
            publish(record, **{field: f"new {number}"})
    with django_assert_num_queries(10):
        assert len(tree(client.get("/changes/")).all("article")) == 20
    with django_assert_num_queries(8):
        assert client.get("/changes.atom").content.count(b"<entry>") == 28


# --- The feed -------------------------------------------------------------------------------------------------


def test_feed_is_read_without_complaint_and_tells_what_changed(client: Client, trial: Trial, settings: Any) -> None:
    settings.SITE_URL = "https://ardsinfo.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    page = make_page()
    publish(trial, age="50 & <more>", severity="", reason="Read again")
    publish(page, title="R&D <b>bold</b>", body="A new body of text. " * 10, reason="Plainer")
    when(trial, 1, 3)
    when(page, 1, 22)
    response = client.get("/changes.atom", headers={"host": "127.0.0.1:8000"})
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(response.content, response_headers={"content-type": response["Content-Type"]})
    assert (feed.bozo, feed.version) == (False, "atom10")
    assert feed.feed.title == "ARDSinfo: what changed"
    assert feed.feed.id == feed.feed.link == "https://ardsinfo.example.org/changes/"
    assert [link.href for link in feed.feed.links if link.rel == "self"] == [
        "https://ardsinfo.example.org/changes.atom"
    ]
    assert feed.feed.author == "ARDSinfo"
    assert feed.feed.updated == "2026-11-22T00:30:00.000022+00:00"
    assert [(e.title, e.link, e.id, e.updated, e.summary) for e in feed.entries] == [
        (
            "R&D <b>bold</b>: changed",
            "https://ardsinfo.example.org/about/",
            "tag:ardsinfo.example.org,2026-11-22:page/about/003000000022",
            "2026-11-22T00:30:00.000022+00:00",
            "Title: was “About this site”, now “R&amp;D &lt;b&gt;bold&lt;/b&gt;”. Text: reworded. Why: Plainer",
        ),
        (
            "Smith 2021: changed",
            "https://ardsinfo.example.org/trials/smith-2021/history/",
            "tag:ardsinfo.example.org,2026-11-03:trial/smith-2021/003000000003",
            "2026-11-03T00:30:00.000003+00:00",
            "Age: was “40 to 60”, now “50 &amp; &lt;more&gt;”. Why: Read again",
        ),
        (
            "Smith 2021: came with the site",
            "https://ardsinfo.example.org/trials/smith-2021/history/",
            "tag:ardsinfo.example.org,2026-11-01:trial/smith-2021/003000000001",
            "2026-11-01T00:30:00.000001+00:00",
            "Study: came with the site.",
        ),
    ]


def test_entry_of_the_feed_keeps_its_id(client: Client, trial: Trial) -> None:
    def ids() -> list[str]:
        return [entry.id for entry in feedparser.parse(client.get("/changes.atom").content).entries]

    publish(trial, age="50")
    before = ids()
    publish(trial, age="51", slug="smith-2022")
    after = ids()
    assert len(set(after)) == 3
    assert after[1:] == before


def test_feed_says_long_and_many_changes_shortly(client: Client, trial: Trial) -> None:
    names = [
        "severity", "ventilation", "age", "sex", "funding", "interests", "volume", "issue", "pages", "language",
        "licence", "acronym", "journal",
    ]  # fmt: skip
    long = "A long text of more than sixty characters that is reworded later on."
    publish(trial, limits=long, **dict.fromkeys(names[:3], "x"))
    publish(trial, limits=long + " Or so.", age="", **dict.fromkeys(names[3:], "new"))
    summary = feedparser.parse(client.get("/changes.atom").content).entries[0].summary
    assert "Age: was “x”, now empty." in summary
    assert "Sex: now “new”." in summary
    assert "Limits we see: reworded." in summary or "1 more" in summary
    assert summary.endswith("Why: Why not")


def test_feed_is_read_whatever_characters_a_text_holds(client: Client, trial: Trial) -> None:
    publish(trial, age="50", reason="Page 3")
    # As earlier releases have saved them.
    Revision.objects.filter(reason="Page 3")._update([(Revision._meta.get_field("reason"), None, "Page 3,\x08table 1")])
    Trial.objects.update(authors="Smith\x08Jones, Jane")
    feed = feedparser.parse(client.get("/changes.atom").content)
    assert not feed.bozo
    entry = feed.entries[0]
    assert entry.title == "Smith Jones 2021: changed"
    assert entry.summary == "Age: was “40 to 60”, now “50”. Why: Page 3, table 1"


def test_feed_is_found_from_every_page_and_only_read(client: Client, trial: Trial) -> None:
    make_page(slug="overview")
    for address in ("/", "/trials/", "/trials/smith-2021/", "/changes/"):
        link = tree(client.get(address)).one("link", rel="alternate")
        assert (link["type"], link["href"]) == ("application/atom+xml", "/changes.atom"), address
    assert client.post("/changes.atom").status_code == 405
    assert client.post("/changes/").status_code == 405


def test_navigation_and_sitemap_know_the_page(client: Client, trial: Trial) -> None:
    publish(trial, age="50")
    when(trial, 1, 22)
    nav = tree(client.get("/changes/")).one("nav", aria_label="Main")
    assert [a.text for a in nav.all("a")] == ["Overview", "Studies", "Methods", "Glossary", "Changes", "About"]
    assert [a["href"] for a in nav.all("a") if a.get("aria-current") == "page"] == ["/changes/"]
    sitemap = client.get("/sitemap.xml").content.decode()
    assert "<loc>http://127.0.0.1:8000/changes/</loc><lastmod>2026-11-22</lastmod>" in sitemap


# --- HTML and accessibility: of pages with every kind of change, unlike those of PUBLIC_PAGES ----------------------


def change_much() -> list[str]:
    """Change a study, a page and a term. Returns the addresses that tell of it."""
    trial, page, term = (
        Trial.objects.get(slug="yip-2020"),
        Page.objects.get(slug="methods"),
        GlossaryTerm.objects.first(),
    )
    document = actions.working_document(trial)
    document["fields"] |= {"limits": document["fields"]["limits"].replace(" ", " very ", 2), "journal": "R&D"}
    document["registrations"][0]["note"] = "<b>Read</b> again"
    document["blanks"].pop()
    actions.edit(trial, document, by=ANN, base=1, reason="Read again,\nline by line")
    actions.submit(trial, by=ANN)
    actions.publish(trial, by=EVA)
    publish(page, body=page.body.replace("study", "paper", 2), lead="Short.")
    publish(term, meaning="Short.")
    return ["/trials/yip-2020/history/", "/changes/", "/changes/?page=x"]


def test_html_of_pages_with_changes_is_valid(client: Client, eight_studies: None) -> None:
    pages = {address: client.get(address).content for address in change_much()}
    assert [page.count(b"<del>") > 1 for page in pages.values()] == [True, True, False]
    assert_valid_html(pages)


@pytest.mark.parametrize("number", range(3), ids=["history", "changes", "problem"])
def test_page_with_changes_has_no_fault(page: BrowserPage, live_studies: str, number: int) -> None:
    page.goto(live_studies + change_much()[number])
    assert page.locator("del").count() > 1 or number == 2
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert_accessible(page)
