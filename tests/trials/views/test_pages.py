"""The pages that staff write, the glossary, and what search engines read."""

from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.core import cache
from django.test import Client

from tests.dom import tree
from tests.factories import draft_of, draft_trial, published_page, published_term, published_trial
from trials.models import Page
from trials.views import sitemaps

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"


def test_page_shows_its_text_with_terms_explained(client: Client) -> None:
    published_term(slug="librarian", term="librarian", other_spellings="librarians", meaning="A keeper of books.")
    published_page(lead="In short.", body="## Our work\n\nWe are librarians.")
    page = tree(client.get("/about/"))
    assert (page.one("h1").text, page.one(class_="lead").text) == ("About this site", "In short.")
    assert page.one("h2", id="our-work").text == "Our work"
    assert page.one("button", class_="term")["popovertarget"] == page.one(class_="definition")["id"] == "term-librarian"


def test_page_with_five_headings_begins_with_its_contents(client: Client) -> None:
    headings = [f"## Part *{number}* & more" for number in range(1, 6)]
    published_page(body="\n\n".join(headings))
    published_page(slug="short", title="Short", body="\n\n".join([*headings[1:], "### Five"]))
    links = tree(client.get("/about/")).one("nav", aria_label="On this page").all("a")
    assert [(links[0]["href"], links[0].text), len(links)] == [("#part-1-more", "Part 1 & more"), 5]
    assert tree(client.get("/short/")).all("nav", aria_label="On this page") == []


def test_page_says_when_it_was_reviewed_and_marks_its_place(client: Client) -> None:
    published_page(menu_position=1)
    page = tree(client.get("/about/"))
    assert "Page last reviewed: 22 November 2026 Next review due: 22 May 2027" in page.one("footer").text
    assert [link["href"] for link in page.one("nav", aria_label="Main").all("a", aria_current="page")] == ["/about/"]


def test_head_names_the_page_for_search_engines_and_for_sharing(client: Client) -> None:
    published_page()
    page = tree(client.get("/about/?utm_source=x", headers={"host": "localhost"}))
    assert page.one("title").text == "About this site – ARDSinfo"
    assert page.one("meta", name="description")["content"] == "Who runs this site."
    assert page.one("link", rel="canonical")["href"] == f"{SITE}/about/"
    assert page.one("meta", property="og:url")["content"] == f"{SITE}/about/"


def test_glossary_lists_each_term_with_its_address_and_abbreviation(client: Client) -> None:
    published_page(slug="glossary", title="Glossary")
    published_term(other_spellings="dummies, PBO")
    page = tree(client.get("/glossary/"))
    assert page.one("div", id="placebo").text == "placebo A treatment that does nothing. Also: PBO."
    assert [(link.text, link["href"]) for link in page.one("nav", aria_label="Letters").all("a")] == [
        ("P", "#letter-1")
    ]
    assert page.one("h2", id="letter-1").text == "P"


def test_heading_of_the_glossary_leaves_the_address_of_a_term_alone(client: Client) -> None:
    published_page(slug="glossary", title="Glossary", body="## Placebo\n\n## Letter 1")
    published_term()
    page = tree(client.get("/glossary/"))
    assert (page.one(id="placebo").tag, page.one(id="placebo-2").tag, page.one(id="letter-1-2").tag) == (
        "div",
        "h2",
        "h2",
    )


@pytest.mark.parametrize("slug", ["about", "accessibility", "glossary", "independence", "relatives"])
def test_page_invites_readers_to_write_where_there_is_an_address(client: Client, settings: Any, slug: str) -> None:
    published_page(slug=slug)
    address = f"/{slug}/"
    assert "mailto:" not in client.get(address).content.decode()
    settings.CONTACT_EMAIL = "desk@ardsinfo.example.org"
    cache.caches["pages"].clear()
    page = tree(client.get(address))
    assert page.one("section", aria_labelledby="contact").one("a")["href"] == "mailto:desk@ardsinfo.example.org"
    assert page.one("footer").one("a", href="mailto:desk@ardsinfo.example.org").text == "Report a mistake"


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/overview/", "/"),
        ("/glossary", "/glossary/"),
        ("/trials", "/trials/"),
        ("/trials?q=cord", "/trials/?q=cord"),
        ("/changes", "/changes/"),
        ("/admin", "/admin/"),
        ("/about", "/about/"),
        ("/about?x=1", "/about/?x=1"),
    ],
)
def test_other_form_of_an_address_redirects_permanently(client: Client, asked: str, location: str) -> None:
    published_page()
    response = client.get(asked)
    assert (response.status_code, response.headers["Location"]) == (301, location)


@pytest.mark.parametrize(
    "address",
    [
        "/nothing/",
        "/nothing",
        "/draft",
        "/draft/",
        "/TRIALS",
        "/static",
        "/about/more/",
        "/trials/Smith/x/",
        "/trials/unknown/",
        "/trials/unknown/history/",
        "/sitemap-x.xml",
        "/sitemap-pages.xml?p=9",
    ],
)
def test_unknown_address_is_not_found(client: Client, address: str) -> None:
    published_page()
    published_page(slug="draft")
    Page.objects.filter(slug="draft").update(status="draft")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/about/",
        "/glossary/",
        "/changes/",
        "/changes.atom",
        "/sitemap.xml",
        "/robots.txt",
        "/trials/",
        "/trials/smith-2021/",
    ],
)
def test_public_page_answers_get_and_head_alone(client: Client, address: str) -> None:
    published_page()
    published_trial()
    published_page(slug="glossary")
    assert [client.get(address).status_code, client.head(address).status_code] == [200, 200]
    assert {getattr(client, method)(address).status_code for method in ("post", "put", "patch", "delete")} == {405}


def test_icon_is_found_without_reading_a_page(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert (response.status_code, response.headers["Location"]) == (302, "/static/img/favicon.ico")


def test_links_within_the_site_meet_their_page_and_heading(client: Client, all_records: None) -> None:
    addresses = [page.get_absolute_url() for page in Page.objects.exclude(slug="overview")]
    pages = {address: tree(client.get(address)) for address in addresses}
    links = [urlsplit(link["href"]) for page in pages.values() for link in page.one("main").all("a")]
    inside = [link for link in links if link.path in pages and link.fragment]
    with_query = {f"{link.path}?{link.query}" for link in inside if link.query}
    pages |= {address: tree(client.get(address)) for address in with_query}
    targets = [(link.geturl().partition("#")[0], link.fragment) for link in inside]
    assert [(address, name) for address, name in targets if not pages[address].all(id=name)] == []


# --- Search engines


def locations(client: Client, address: str) -> list[str]:
    root = ElementTree.fromstring(client.get(address).content)  # noqa: S314 - our own
    return [element.text or "" for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


def test_sitemaps_hold_every_public_address_and_no_other(client: Client) -> None:
    published_trial()
    draft_trial(slug="draft-2021")
    draft_of(published_page(), slug="about-us")
    sections = [address.replace(SITE, "") for address in locations(client, "/sitemap.xml")]
    assert sections == ["/sitemap-lists.xml", "/sitemap-pages.xml", "/sitemap-studies.xml"]
    assert [address for section in sections for address in locations(client, section)] == [
        f"{SITE}/trials/",
        f"{SITE}/disagreements/",
        f"{SITE}/changes/",
        f"{SITE}/evidence/",
        f"{SITE}/other-studies/",
        f"{SITE}/reviews/",
        f"{SITE}/about/",
        f"{SITE}/trials/smith-2021/",
    ]


def test_sitemap_of_many_studies_is_in_several_files(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps.StudySitemap, "limit", 1)
    published_trial(slug="smith-2021")
    published_trial(slug="older-2019", publication_date="2019")
    assert [address.partition("/sitemap-")[2] for address in locations(client, "/sitemap.xml")][-2:] == [
        "studies.xml",
        "studies.xml?p=2",
    ]
    assert locations(client, "/sitemap-studies.xml?p=2") == [f"{SITE}/trials/older-2019/"]


def test_robots_may_read_everything_but_the_admin_and_filtered_lists(client: Client) -> None:
    assert client.get("/robots.txt").content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /account/",
        "Disallow: /trials/?",
        f"Sitemap: {SITE}/sitemap.xml",
    ]


@pytest.mark.usefixtures("all_records")
def test_methods_page_lists_the_calculations(client: Client) -> None:
    section = tree(client.get("/methods/")).one("section", aria_labelledby="calculations")
    assert [heading.text for heading in section.all("h3")][:3] == [
        "Number per 100, with its interval",
        "Difference per 100, with its interval",
        "Risk ratio of one study, with its interval",
    ]
    assert "Source: Newcombe, Statistics in Medicine 1998;17:873-890, method 10." in section.text
    assert "calculations" not in client.get("/about/").content.decode()
