"""The site behind nginx with deploy/nginx.conf: files, headers, log-in, a published change, and no application."""

import http.client
import re
import socket
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import pytest

from tests import proxied, services
from tests.dom import parse
from tests.proxied import BROWSER, Site
from tests.proxy import HOST, Answer, Reader, proxy
from tests.tools import PROJECT, PUBLIC_PAGES, missing

STATIC = PROJECT / "staticfiles"
# nginx keeps no searches and nothing that the application refuses.
KEPT_PAGES = [
    address for name, address in PUBLIC_PAGES.items() if name not in ("filtered", "empty", "problem", "beyond")
] + ["/trials/?design=randomised&country=ID&country=BR&year_min=2021&sort=largest"]
KEPT_FILES = ["/changes.atom", "/sitemap.xml", "/robots.txt", "/.well-known/security.txt"]
SAME_HEADERS = (
    "Strict-Transport-Security",
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
)


def guards(answer: Answer) -> dict[str, list[set[str]]]:
    """The directives of each security header, once for every time it is there. Their order means nothing."""
    return {
        header: [{part.strip() for part in re.split("[;,]", said)} for said in answer.headers.get_all(header, [])]
        for header in SAME_HEADERS
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"))
    try:
        with proxy(site.folder, f"unix:{site.place}") as site.front, site.running:
            site.start()
            yield site
    except services.Missing as error:
        missing(str(error))


# --- Files ----------------------------------------------------------------------------------------------------


def hashed(name: str) -> str:
    """The address path below /static/ of the hashed form of this file."""
    folder, _, file = name.rpartition("/")
    (found,) = (STATIC / folder).glob(f"{Path(file).stem}.{'[0-9a-f]' * 12}{Path(file).suffix}")
    return f"{folder}/{found.name}"


@pytest.mark.parametrize(("accepted", "suffix"), [("gzip, br", ".br"), ("gzip", ".gz"), ("identity", "")])
@pytest.mark.parametrize("name", ["css/site.css", "js/list.js", "img/mark.svg", "img/share.png"])
def test_a_file_comes_as_it_lies_on_the_disk(site: Site, name: str, accepted: str, suffix: str) -> None:
    path = hashed(name)
    on_disk = STATIC / (path + suffix)
    if not on_disk.exists():  # a picture, that would not get smaller, lies there in one form
        on_disk, suffix = STATIC / path, ""
        assert name.endswith(".png")
    answer = site.front.ask(f"/static/{path}", headers={"Accept-Encoding": accepted})
    assert (answer.status, answer.body) == (200, on_disk.read_bytes())
    assert answer.headers["Content-Encoding"] == {".br": "br", ".gz": "gzip", "": None}[suffix]
    # The application, asked for the same, says the same of it.
    theirs = ask_application(site, f"/static/{path}", {"Accept-Encoding": accepted})
    for header in ("Content-Type", "Vary", "Cache-Control"):
        # whitenoise writes charset="utf-8"
        assert [said.replace('"', "") for said in theirs.headers.get_all(header, [])] == answer.headers.get_all(
            header, []
        )
    assert guards(answer) == guards(theirs)
    assert theirs.body == answer.body


def ask_application(site: Site, address: str, headers: Mapping[str, str] = MappingProxyType({})) -> Answer:
    """The answer of the application itself, asked as nginx asks it."""
    connection = http.client.HTTPConnection(urlsplit(site.application.address).netloc, timeout=30)
    try:
        connection.request("GET", address, headers={"Host": HOST, "X-Forwarded-Proto": "https", **headers})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def test_a_file_without_its_hash_in_the_name_is_kept_for_a_minute(site: Site) -> None:
    answer = site.front.ask("/static/css/site.css", headers=BROWSER)
    assert answer.headers["Cache-Control"] == "max-age=60, public"
    again = site.front.ask("/static/css/site.css", headers={**BROWSER, "If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    # The same tag for another form of the file would mix them up in a cache on the way.
    assert site.front.ask("/static/css/site.css").headers["ETag"] != answer.headers["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/nothing.css",
        "/static/",
        "/static/css/",
        "/static/../manage.py",
        "/static/%2e%2e/manage.py",
        "/static/..%2fmanage.py",
        "/static//etc/passwd",
        "/staticfiles/css/site.css",
        "/.problem/503.html",
        "/static../manage.py",
    ],
)
def test_nothing_but_the_files_is_given_out(site: Site, path: str) -> None:
    answer = site.front.ask(path)
    assert answer.status == 404
    assert guards(answer) == guards(ask_application(site, "/robots.txt"))
    assert b"DJANGO_SETTINGS_MODULE" not in answer.body


# --- Pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "method", "status"),
    [
        ("/", "GET", 200),
        ("/trials/?q=ards", "GET", 200),
        ("/nothing/", "GET", 404),
        ("/account/login/", "GET", 200),
        ("/admin/", "GET", 302),
        ("/trials/", "POST", 403),
        ("/static/css/site.css", "GET", 200),
        ("/static/css/site.css", "POST", 405),
        ("/static/nothing.css", "GET", 404),
    ],
)
def test_each_security_header_is_there_once_and_the_same(site: Site, address: str, method: str, status: int) -> None:
    answer = site.front.ask(address, method)
    assert answer.status == status
    assert guards(answer) == guards(ask_application(site, "/robots.txt"))
    assert all(len(said) == 1 for said in guards(answer).values())
    assert len(answer.headers.get_all("X-Request-ID", [])) == 1
    assert answer.headers["Server"] == "nginx"


@pytest.mark.parametrize("address", KEPT_FILES)
def test_a_file_of_the_application_is_kept(site: Site, address: str) -> None:
    assert site.front.ask(address, headers=BROWSER).status == 200
    services.wait_until(
        lambda: site.front.ask(address, headers=BROWSER).copy == "HIT", site.application.process, "a copy"
    )


@pytest.mark.parametrize("address", KEPT_PAGES)
def test_a_public_page_is_kept(site: Site, address: str) -> None:
    first = site.front.ask(address, headers=BROWSER)
    assert (first.status, first.headers["Content-Encoding"]) == (200, "br")
    assert first.copy in ("MISS", "HIT", "REVALIDATED", "EXPIRED")
    services.wait_until(
        lambda: site.front.ask(address, headers=BROWSER).copy == "HIT", site.application.process, "a copy"
    )
    assert site.front.ask(address, headers=BROWSER).body == first.body
    assert site.front.ask(address, headers={**BROWSER, "If-None-Match": first.headers["ETag"]}).status == 304


@pytest.mark.parametrize("address", ["/trials/?q=ards", "/healthz", "/readyz", "/account/login/", "/nothing/"])
def test_what_is_not_for_everybody_is_not_kept(site: Site, address: str) -> None:
    assert {site.front.ask(address).copy for _ in range(3)} <= {"MISS", "BYPASS", ""}


def test_an_unknown_parameter_a_cookie_or_a_header_changes_no_copy(site: Site) -> None:
    plain = site.front.ask("/about/").body
    evil = {
        "Cookie": "messages=evil; csrftoken=evil; theme=evil",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "evil",
        "Accept-Language": "evil",
        "User-Agent": "evil",
    }
    for address in ("/about/", "/about/?evil=1", "/about/?utm_source=evil", "/about/?design=evil"):
        answer = site.front.ask(address, headers=evil)
        assert (answer.status, answer.body) == (200, plain)
    assert site.front.ask("/about/").body == plain


def test_a_member_of_staff_logs_in_and_meets_no_copy(site: Site) -> None:
    with closing(Reader(site.front.port, site.front.certificate)) as reader:
        form = reader.ask("/account/login/?next=/trials/yip-2020/")
        cookie = re.findall(r"__Host-csrftoken=\w+", form.headers["Set-Cookie"])[0]
        token = next(e["value"] for e in parse(form.body.decode()).all("input") if e["name"] == "csrfmiddlewaretoken")
        body = f"login=ann&password=correct+horse&csrfmiddlewaretoken={token}&next=/trials/yip-2020/"
        sent = reader.ask(
            "/account/login/",
            "POST",
            body.encode(),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": cookie,
                "Origin": f"https://{HOST}",
                "Referer": f"https://{HOST}/account/login/",
            },
        )
        assert (sent.status, sent.headers["Location"]) == (302, "/trials/yip-2020/")
        session = re.findall(r"sessionid=\w+", " ".join(sent.headers.get_all("Set-Cookie")))[0]
        for address in ("/", "/trials/", "/trials/yip-2020/", "/trials/?design=randomised"):
            for _ in range(2):
                answer = reader.ask(address, headers={"Cookie": session})
                assert (answer.status, answer.copy) == (200, "BYPASS")
        # Beside another cookie of that name, which a host beside this one can set.
        assert reader.ask("/trials/", headers={"Cookie": f"sessionid=0; {session}"}).copy == "BYPASS"
        assert (reader.ask("/admin/", headers={"Cookie": session}).status, reader.ask("/admin/").status) == (200, 302)


# --- A published change ---------------------------------------------------------------------------------------


def test_a_published_change_is_seen_within_two_seconds_and_two_answers(site: Site) -> None:
    seen = proxied.publish(site)
    assert seen.failed == []
    assert seen.last_old <= seen.stated
    assert seen.new > 100


# --- No application -------------------------------------------------------------------------------------------


def test_no_public_page_fails_while_the_application_is_killed_for_thirty_seconds(site: Site) -> None:
    seen = proxied.kill(site, [*KEPT_PAGES, *KEPT_FILES], lambda: asked_beside_them(site))
    assert seen.failed == []
    assert len(seen.without) > 500
    assert {answer.copy for answer in seen.without} <= {"HIT", "STALE", "UPDATING", "REVALIDATED"}
    assert sum(answer.copy == "STALE" for answer in seen.without) > len(seen.without) / 2
    assert site.front.ask("/account/login/").status == 200


HELD_UP = 8  # seconds, where nothing comes and nothing is refused


def assert_held_up_once(site: Site, address: str, known: bytes) -> None:
    """Of those who ask for a page that nginx has, the first is held up; the others get it at once, and he after it."""
    with ThreadPoolExecutor() as pool:
        begun = time.monotonic()
        first = pool.submit(site.front.ask, address, headers=BROWSER)
        time.sleep(1)
        beside = site.front.ask(address, headers=BROWSER)
        assert time.monotonic() - begun < HELD_UP - 2
        assert (beside.status, beside.copy, beside.body) == (200, "UPDATING", known)
        answer = first.result()
    assert HELD_UP - 1 < time.monotonic() - begun < HELD_UP + 4
    assert (answer.status, answer.copy, answer.body) == (200, "STALE", known)


def known_and_expired(site: Site, address: str) -> bytes:
    answer = site.front.ask(address, headers=BROWSER)
    assert answer.status == 200
    time.sleep(2.1)
    return answer.body


def test_a_hanging_application_holds_up_one_reader_of_a_page(site: Site) -> None:
    known = known_and_expired(site, "/about/")
    with site.hanging():
        assert_held_up_once(site, "/about/", known)
        answer = site.front.ask("/trials/?q=nobody+has+asked+for+this")
        assert (answer.status, "<h1>Back soon</h1>" in answer.body.decode()) == (503, True)
    services.wait_until(
        lambda: site.front.ask("/about/", headers=BROWSER).copy == "HIT", site.application.process, "answering again"
    )


def test_a_socket_that_nobody_serves_holds_up_one_reader_of_a_page(site: Site) -> None:
    """systemd holds it open while the site is being started, or fails to start."""
    known = known_and_expired(site, "/glossary/")
    site.kill()
    site.place.unlink()
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(site.place))
        opened.listen()
        assert_held_up_once(site, "/glossary/", known)
    site.start()


def asked_beside_them(site: Site) -> None:
    """What needs the application says that it is away, as a whole page with the headers of all others."""
    for address in ("/account/login/", "/trials/?q=ards"):
        answer = site.front.ask(address)
        assert (answer.status, answer.headers.get_all("Retry-After")) == (503, ["60"])
        text = answer.body.decode()
        assert "<h1>Back soon</h1>" in text
        assert answer.headers["X-Request-ID"] in text
        assert all(len(said) == 1 for said in guards(answer).values())
    assert site.front.ask("/static/css/site.css").status == 200


# --- The pages of nginx itself --------------------------------------------------------------------------------


def test_the_pages_of_nginx_ask_for_nothing_that_is_not_there() -> None:
    pages = {file.name: file.read_text() for file in (PROJECT / "deploy" / "pages").glob("*.html")}
    assert set(pages) == {"413.html", "429.html", "503.html"}
    for text in pages.values():
        page = parse(text)
        assert page.all("style") == page.all("script") == []
        assert not [e for e in page.everything() if "style" in e.attrs]
        for link in page.all("link"):
            assert (PROJECT / link["href"].removeprefix("/")).is_file()
