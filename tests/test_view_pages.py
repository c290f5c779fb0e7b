"""The pages that staff write, the pages for when something is wrong, and what is told to machines."""

import xml.etree.ElementTree as ET

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client

from tests.dom import Element, tree
from tests.factories import make_page, make_term, make_trial
from tests.tools import PUBLIC_PAGES
from trials.models import Page

eight = pytest.mark.usefixtures("eight_studies")
SITE = "http://127.0.0.1:8000"
STUDIES = [
    "adas-2021",
    "dilogo-2021",
    "hashemian-2021",
    "kaffash-farkhad-2022",
    "lanzoni-2021",
    "monsel-2022",
    "rebelatto-2022",
    "yip-2020",
]
ADDRESSES = [
    "/",
    "/trials/",
    *(f"/trials/{slug}/" for slug in STUDIES),
    "/about/",
    "/accessibility/",
    "/changes/",
    "/glossary/",
    "/independence/",
    "/methods/",
]
each_address = pytest.mark.parametrize("address", ADDRESSES)


def meta(page: Element, name: str) -> str:
    return page.one("meta", **({"property": name} if name.startswith("og:") else {"name": name}))["content"]


# --- Pages that staff write -----------------------------------------------------------------------------------


@eight
@pytest.mark.parametrize(
    ("address", "heading", "here"),
    [
        ("/about/", "About ARDSinfo", "About"),
        ("/methods/", "Methods", "Methods"),
        ("/independence/", "Independence", None),
        ("/accessibility/", "Accessibility", None),
        ("/glossary/", "Glossary", "Glossary"),
        ("/", "Mesenchymal stem cells for acute respiratory distress syndrome", "Overview"),
        ("/trials/", "Studies", "Studies"),
    ],
)
def test_page_has_its_heading_and_its_place_in_the_navigation(client: Client, address, heading: str, here) -> None:
    page = tree(client.get(address))
    assert page.one("h1").text == heading
    nav = page.one("nav", aria_label="Main")
    assert [a.text for a in nav.all("a")] == ["Overview", "Studies", "Methods", "Glossary", "Changes", "About"]
    assert [a.text for a in nav.all("a", aria_current="page")] == ([here] if here else [])


@pytest.mark.django_db
def test_page_shows_what_staff_wrote(client: Client) -> None:
    make_page(
        slug="funding",
        title="Funding",
        lead="Who pays.",
        description="Who pays for this.",
        body="## Nobody\n\nAs *yet*.",
    )
    page = tree(client.get("/funding/"))
    assert page.one("h1").text == "Funding"
    assert page.one(class_="lead").text == "Who pays."
    assert page.one("h2", id="nobody").text == "Nobody"
    assert page.one("em").text == "yet"
    assert page.one("head").one("title").text == "Funding – ARDSinfo"
    assert "Page last reviewed: 22 November 2026Next review due: 22 May 2027" in page.one("footer").text


@eight
@each_address
def test_foot_of_every_page_says_that_it_is_no_advice_and_who_runs_the_site(client: Client, address: str) -> None:
    foot = tree(client.get(address)).one("footer")
    assert foot.text.startswith("Not medical advice. This site describes research. It sells nothing")
    assert {a["href"] for a in foot.all("a")} == {
        "/about/",
        "/methods/",
        "/independence/",
        "/accessibility/",
    }


@eight
@pytest.mark.parametrize("address", ["/", "/trials/", "/about/"])
def test_foot_carries_the_contact_address_where_one_is_set(client: Client, settings, address: str) -> None:
    assert b"mailto:" not in client.get(address).content
    settings.CONTACT_EMAIL = "editors@ardsinfo.example.org"
    link = tree(Client().get(address)).one("footer").one("a", href="mailto:editors@ardsinfo.example.org")
    assert link.text == "Tell us of a mistake"


@pytest.mark.django_db
def test_glossary_lists_every_word_with_its_address_and_spellings(client: Client) -> None:
    make_page(slug="glossary", title="Glossary", body="Hard words.")
    make_term(slug="placebo", term="Placebo", meaning="Something like the treatment.")
    make_term(slug="ards", term="ARDS", meaning="A grave <condition>.", other_spellings="adult ARDS, acute RDS")
    entries = tree(client.get("/glossary/")).one("dl", class_="glossary").all("div")
    assert [(e["id"], e.one("dt").text, e.one("dd").text) for e in entries] == [
        ("ards", "ARDS", "A grave <condition>. Also: adult ARDS, acute RDS."),
        ("placebo", "Placebo", "Something like the treatment."),
    ]


@eight
@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/overview/", "/"),
        ("/overview", "/overview/"),
        ("/glossary", "/glossary/"),
        ("/about", "/about/"),
        ("/trials", "/trials/"),
        ("/trials?design=randomised&q=a%20b", "/trials/?design=randomised&q=a%20b"),
        ("/trials/yip-2020", "/trials/yip-2020/"),
    ],
)
def test_other_spelling_of_an_address_leads_to_the_right_one_for_good(client: Client, asked, location) -> None:
    response = client.get(asked)
    assert (response.status_code, response.headers["Location"]) == (301, location)


@eight
def test_word_is_explained_where_it_first_stands_and_the_button_has_its_definition(client: Client) -> None:
    for address in PUBLIC_PAGES.values():
        page = tree(client.get(address))
        buttons = [button["popovertarget"] for button in page.all("button", class_="term")]
        definitions = [definition["id"] for definition in page.all(class_="definition")]
        assert sorted(buttons) == sorted(definitions), address
        assert len(set(buttons)) == len(buttons), address
    study = tree(client.get("/trials/lanzoni-2021/"))
    placebo = study.one(class_="definition", id="term-placebo")
    assert "popover" in placebo.attrs
    assert placebo.one("a")["href"] == "/glossary/#placebo"


# --- The head of every page -----------------------------------------------------------------------------------


@eight
@each_address
def test_head_names_the_page_for_search_engines_and_for_sharing(client: Client, address: str) -> None:
    page = tree(client.get(address))
    assert page.one("html")["lang"] == "en-GB"
    assert page.one("head").one("title").text.endswith(" – ARDSinfo")
    assert page.one("link", rel="canonical")["href"] == SITE + address
    assert meta(page, "og:url") == SITE + address
    assert meta(page, "og:type") == "website"
    assert meta(page, "og:site_name") == "ARDSinfo"
    assert len(meta(page, "og:title")) > 4
    assert len(meta(page, "og:description")) > 20
    assert meta(page, "og:image") == f"{SITE}/static/img/share.png"
    assert (meta(page, "og:image:width"), meta(page, "og:image:height")) == ("1200", "630")
    assert 40 < len(meta(page, "description")) < 200
    assert page.all("meta", name="robots") == []
    assert len(page.all("h1")) == 1


@eight
def test_no_two_pages_have_one_title_or_one_description(client: Client) -> None:
    pages = [tree(client.get(address)) for address in ADDRESSES]
    for of in (
        lambda page: page.one("head").one("title").text,
        lambda page: meta(page, "description"),
        lambda page: meta(page, "og:title"),
    ):
        assert len({of(page) for page in pages}) == len(ADDRESSES)


def test_share_picture_is_there_and_as_large_as_it_says() -> None:
    path = finders.find("img/share.png")
    assert path
    with open(path, "rb") as file:  # noqa: PTH123 - a path from Django's finders
        start = file.read(24)
    assert start[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(start[16:20]), int.from_bytes(start[20:24])) == (1200, 630)


@eight
def test_canonical_address_drops_the_query_and_follows_the_setting_and_not_the_host(client: Client, settings) -> None:
    settings.SITE_URL = "https://ardsinfo.example.org"
    page = tree(client.get("/trials/?design=randomised", headers={"host": "localhost"}))
    assert page.one("link", rel="canonical")["href"] == "https://ardsinfo.example.org/trials/"
    assert meta(page, "og:url") == "https://ardsinfo.example.org/trials/"
    assert meta(page, "og:image") == "https://ardsinfo.example.org/static/img/share.png"


@eight
def test_title_of_a_filtered_list_says_so(client: Client) -> None:
    assert (
        tree(client.get("/trials/?design=randomised")).one("head").one("title").text
        == "Studies: 1 filter on – ARDSinfo"
    )
    assert (
        tree(client.get("/trials/?design=randomised&q=x")).one("head").one("title").text
        == "Studies: 2 filters on – ARDSinfo"
    )


# --- When something is wrong ----------------------------------------------------------------------------------


def assert_is_problem_page(page: Element, heading: str) -> None:
    assert page.one("h1").text == heading
    assert page.one("head").one("title").text == f"{heading} – ARDSinfo"
    assert meta(page, "robots") == "noindex"
    assert meta(page, "og:title") == heading
    assert meta(page, "description")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/nothing/", "/nothing", "/about/", "/trials/nothing/", "/trials/a/b/", "/x.php"])
def test_unknown_address_is_not_found(client: Client, address: str) -> None:
    response = client.get(address, follow=True)
    assert response.status_code == 404
    page = tree(response)
    assert_is_problem_page(page, "Page not found")
    assert [a["href"] for a in page.one("main").all("a")] == ["/trials/", "/"]


@pytest.mark.django_db
def test_staff_without_the_right_are_told_so(client: Client) -> None:
    client.force_login(User.objects.create_user("someone", is_staff=True))
    response = client.get("/admin/trials/page/")
    assert response.status_code == 403
    assert_is_problem_page(tree(response), "You may not see this page")


@pytest.mark.django_db
def test_form_that_was_sent_from_elsewhere_is_refused() -> None:
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert_is_problem_page(tree(response), "You may not see this page")


def test_server_error_has_a_page_that_needs_no_database(caplog: pytest.LogCaptureFixture) -> None:
    # This test may not touch the database, so every view that does breaks with a server error.
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    page = tree(response)
    assert_is_problem_page(page, "Something went wrong here")
    assert "The fault is ours." in page.one("main").text
    assert page.one("link", rel="stylesheet")["href"] == "/static/css/site.css"
    assert caplog.messages == ["Internal Server Error: /"]


@pytest.mark.parametrize("address", [*ADDRESSES, "/admin/", "/sitemap.xml", "/nothing/"])
def test_maintenance_answers_everything_without_a_database(client: Client, settings, address: str) -> None:
    settings.MAINTENANCE = True
    response = client.get(address)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "600"
    assert response.headers["Cache-Control"] == "no-store"
    page = tree(response)
    assert_is_problem_page(page, "Back soon")
    assert meta(page, "og:image") == f"{SITE}/static/img/share.png"


def test_maintenance_still_serves_the_styles_of_its_page(client: Client, settings) -> None:
    settings.MAINTENANCE = True
    response = client.get("/static/css/site.css")
    assert response.status_code == 200
    assert b"--color-text" in b"".join(response)


# --- For machines ---------------------------------------------------------------------------------------------


def test_robots_may_read_all_but_the_admin_and_filtered_lists(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "User-agent: *\nDisallow: /admin/\nDisallow: /account/\nDisallow: /trials/?\nSitemap: http://127.0.0.1:8000/sitemap.xml\n"
    )


def addresses_in_sitemap(client: Client, file: str = "/sitemap.xml", **headers: str) -> dict[str, str]:
    response = client.get(file, headers=headers)
    assert response.status_code == 200
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    urls = ET.fromstring(response.content).iter(f"{space}url")  # noqa: S314 - our own
    return {url.findtext(f"{space}loc", ""): url.findtext(f"{space}lastmod", "") for url in urls}


@eight
def test_sitemap_holds_every_public_address(client: Client) -> None:
    found = addresses_in_sitemap(client)
    assert sorted(found) == sorted(SITE + address for address in ADDRESSES)
    assert all(len(day) == 10 for address, day in found.items() if not address.endswith("/trials/"))


@eight
def test_sitemap_holds_no_draft_and_follows_the_setting_and_not_the_host(client: Client, settings) -> None:
    for status in ("draft", "in-review", "archived"):
        make_trial(slug=f"{status}-2026", status=status)
    settings.SITE_URL = "https://ardsinfo.example.org"
    found = addresses_in_sitemap(client, host="localhost")
    assert sorted(found) == sorted("https://ardsinfo.example.org" + address for address in ADDRESSES)


@eight
def test_sitemap_of_many_studies_is_in_several_files(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trials.sitemaps.STUDIES_IN_A_FILE", 3)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    index = ET.fromstring(client.get("/sitemap.xml").content)  # noqa: S314 - our own
    assert index.tag == f"{space}sitemapindex"
    files = [location.text or "" for location in index.iter(f"{space}loc")]
    assert files == [f"{SITE}/sitemap-{part}.xml" for part in range(4)]
    in_each = [list(addresses_in_sitemap(client, file.removeprefix(SITE))) for file in files]
    assert [len(addresses) for addresses in in_each] == [len(ADDRESSES) - 8, 3, 3, 2]
    assert sorted(address for file in in_each for address in file) == sorted(SITE + address for address in ADDRESSES)
    for part in ("4", "99999999999999999999", "-1", "x"):
        assert client.get(f"/sitemap-{part}.xml").status_code == 404


@eight
def test_every_address_in_the_sitemap_is_there(client: Client) -> None:
    for address in addresses_in_sitemap(client):
        assert client.get(address.removeprefix(SITE)).status_code == 200, address


@eight
@each_address
def test_links_within_the_site_lead_somewhere(client: Client, address: str) -> None:
    page = tree(client.get(address))
    inside = {a["href"].partition("#")[0] for a in page.all("a") if a.get("href").startswith("/")} - {""}
    assert inside
    assert [href for href in sorted(inside) if client.get(href).status_code != 200] == []


@eight
def test_links_between_pages_meet_their_heading(client: Client) -> None:
    there: dict[str, set[str]] = {}
    for address in ADDRESSES:
        for link in tree(client.get(address)).all("a"):
            path, _, anchor = link.get("href").partition("#")
            if path.startswith("/") and anchor:
                if path not in there:
                    there[path] = {e["id"] for e in tree(client.get(path)).everything() if e.get("id")}
                assert anchor in there[path], f"{address} links to {link['href']}"
    assert set(there) >= {"/glossary/", "/methods/"}


@eight
@pytest.mark.parametrize("address", [*ADDRESSES, "/robots.txt", "/sitemap.xml"])
def test_public_pages_answer_get_and_head_only(client: Client, address: str) -> None:
    assert client.head(address).content == b""
    if address != "/sitemap.xml":  # Django's own view, which reads whatever the method
        assert client.post(address).status_code == 405


@eight
def test_page_slug_overview_and_glossary_have_one_address_each() -> None:
    assert {page.slug: page.get_absolute_url() for page in Page.objects.all()} == {
        "overview": "/",
        "glossary": "/glossary/",
        "about": "/about/",
        "methods": "/methods/",
        "independence": "/independence/",
        "accessibility": "/accessibility/",
    }
