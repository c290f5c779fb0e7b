"""The tests' own tools find what they are there to find: a checker that never complains proves nothing."""

import os
import re
import socket
import subprocess
import sys
import urllib.request
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.templatetags.static import static
from playwright.sync_api import Browser, Error, Page

from tests.tools import PROJECT, assert_accessible, assert_valid_html, html_faults
from trials.models import Country, Trial

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'"
GOOD_PAGE = """<!doctype html><html lang="en"><head><title>A page</title></head>
<body><main><h1>A page</h1><p>Words.</p></main></body></html>"""
WORDS = "<p>Words.</p>"


# --- The network ----------------------------------------------------------------------------------------------


def test_a_connection_that_leaves_this_machine_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"reached for '192\.0\.2\.1'"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with socket.socket() as other, pytest.raises(AssertionError, match=r"reached for '192\.0\.2\.1'"):
        other.connect_ex(("192.0.2.1", 80))


def test_a_name_that_would_have_to_be_looked_up_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"reached for 'ardsinfo\.example\.org'"):
        urllib.request.urlopen("http://ardsinfo.example.org/", timeout=1)


def test_this_machine_itself_can_be_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=1) as client,
        server.accept()[0] as accepted,
    ):
        client.sendall(b"here")
        assert accepted.recv(4) == b"here"


# --- The settings ---------------------------------------------------------------------------------------------


def test_the_tests_do_not_see_the_settings_of_the_machine() -> None:
    set_here = {name: value for name, value in os.environ.items() if name.startswith("ARDSINFO_")}
    assert set_here == {
        "ARDSINFO_SECRET_KEY": "for-tests-only-" * 4,
        "ARDSINFO_SITE_URL": "http://127.0.0.1:8000",
    }
    assert settings.SECRET_KEY == "for-tests-only-" * 4
    assert settings.DEBUG is False


def test_a_variable_of_the_machine_does_not_reach_the_tests() -> None:
    command = "import tests.settings as s; print(s.SITE_URL, s.DEBUG, s.MAINTENANCE)"
    run = subprocess.run(
        [sys.executable, "-c", command],
        cwd=PROJECT,
        env={**os.environ, "ARDSINFO_MAINTENANCE": "true", "ARDSINFO_OF_NO_MEANING": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "http://127.0.0.1:8000 False False\n"


# --- The built static files -----------------------------------------------------------------------------------


def test_built_static_files_carry_a_hash_and_are_compressed(built_static: Path, client) -> None:
    address = static("admin/css/base.css")
    assert address.startswith("/static/admin/css/base.")
    assert address != "/static/admin/css/base.css"

    file = built_static / address.removeprefix("/static/")
    assert file.with_name(file.name + ".br").stat().st_size < file.stat().st_size / 2

    response = client.get(address, headers={"accept-encoding": "br"})
    assert response.headers["Content-Encoding"] == "br"
    assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert b"".join(response) == file.with_name(file.name + ".br").read_bytes()


# --- The browser ----------------------------------------------------------------------------------------------


def serve(page: Page, body: str, style: str = "") -> None:
    """Show a page at an address that is answered inside the browser, under the site's kind of content policy."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
    html = GOOD_PAGE.replace("</head>", '<link rel="stylesheet" href="/style.css"></head>')
    page.route("http://127.0.0.1:1/", lambda route: route.fulfill(body=html.replace(WORDS, body), headers=headers))
    page.route("**/style.css", lambda route: route.fulfill(body=style, content_type="text/css"))
    page.goto("http://127.0.0.1:1/")


def test_axe_works_under_a_strict_policy_and_passes_a_good_page(page: Page) -> None:
    serve(page, WORDS)
    assert_accessible(page)


@pytest.mark.parametrize(
    ("body", "style", "rule"),
    [
        ('<svg role="img" width="9" height="9"></svg>', "", "svg-img-alt"),
        ("<p>Too faint to read</p>", "p { color: #bbb }", "color-contrast"),
        ("<p>Words.</p><h4>Two levels down</h4>", "", "heading-order"),
        ("<button>a</button><button>b</button>", "button { all: unset; font-size: 8px }", "target-size"),
    ],
    ids=["WCAG 2.0 A", "WCAG 2.0 AA", "good practice", "WCAG 2.2 AA"],
)
def test_axe_finds_a_planted_fault(page: Page, body: str, style: str, rule: str) -> None:
    serve(page, body, style)
    with pytest.raises(AssertionError, match=rf"has \d accessibility faults:\n{rule} \("):
        assert_accessible(page)


def test_axe_looks_only_where_it_is_told(page: Page) -> None:
    serve(page, '<p>Words.</p><svg role="img" width="9" height="9"></svg>')
    assert_accessible(page, within="h1")


def test_the_fixture_page_collects_breaches_of_the_policy(page: Page, page_complaints: list[str]) -> None:
    serve(page, '<p style="color: red">Words.</p>')
    assert [complaint for complaint in page_complaints if "inline style" in complaint]
    page_complaints.clear()


def test_the_fixture_page_collects_requests_that_leave_this_machine(page: Page, page_complaints: list[str]) -> None:
    page.set_content('<img alt="" src="http://ardsinfo.example.org/picture.png">')
    assert page_complaints == ["asked for http://ardsinfo.example.org/picture.png"]
    page_complaints.clear()


def test_the_browser_reaches_nothing_but_this_machine(browser: Browser) -> None:
    page = browser.new_page()  # not the fixture `page`, which would fail this very test
    try:
        for address in ("http://192.0.2.1/", "http://ardsinfo.example.org/"):
            with pytest.raises(Error, match="ERR_PROXY_CONNECTION_FAILED"):
                page.goto(address, timeout=5000)
    finally:
        page.close()


# --- The HTML checker -----------------------------------------------------------------------------------------


def test_the_html_checker_passes_a_good_page() -> None:
    assert_valid_html({"/": GOOD_PAGE})


def test_the_html_checker_names_page_and_fault_and_counts_warnings() -> None:
    faults = html_faults(
        {
            "/": GOOD_PAGE,
            "/trials/": GOOD_PAGE.replace(WORDS, "<p><div>Words.</div></p>"),
            "/about/": GOOD_PAGE.replace(WORDS, '<section role="region"><h2>Words</h2></section>'),
        }
    )
    assert [fault.split(":")[0] for fault in faults] == ["/trials/, line 2", "/about/, line 2"]
    assert "No “p” element in scope but a “p” end tag seen" in faults[0]
    assert "role is unnecessary for element “section”" in faults[1]


# --- The studies ----------------------------------------------------------------------------------------------

SLUGS = [
    "adas-2021",
    "dilogo-2021",
    "hashemian-2021",
    "kaffash-farkhad-2022",
    "lanzoni-2021",
    "monsel-2022",
    "rebelatto-2022",
    "yip-2020",
]


# Twice each: the first time `load_studies` writes them, after that their rows are put back.
@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize("time", ["first", "second"])
def test_eight_studies_are_there_and_whole(time: str) -> None:
    assert sorted(Trial.objects.public().values_list("slug", flat=True)) == SLUGS
    said = StringIO()
    call_command("load_studies", stdout=said)  # it compares, and would add what is missing
    assert re.search(r": 0 added, \d\d already there, 0 different here .* 0 removed or renamed", said.getvalue())
    assert Country.objects.create(code="ZZ", name="Nowhere").pk > 7


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_live_site_shows_the_eight_studies(page: Page, live_studies: str, time: str) -> None:
    page.goto(live_studies + "/trials/")
    addresses = {link.get_attribute("href") for link in page.locator('main a[href^="/trials/"]').all()}
    assert {f"/trials/{slug}/" for slug in SLUGS} <= addresses
