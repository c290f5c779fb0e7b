"""deploy/nginx.conf, run by the real nginx, before an application that says what it hears."""

import http.server
import itertools
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPMessage
from pathlib import Path

import pytest
from django.conf import settings

from tests.proxy import CONFIGURATION, HOST, Answer, Proxy, Reader, fitted, proxy, trusting
from tests.services import Missing, program
from tests.tools import missing
from trials.filters import TrialFilter

# --- An application that says what it hears -------------------------------------------------------------------


@dataclass
class Page:
    """What the application answers. `kept` is as the site has it for a page that may be shared."""

    body: str = "A page."
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""


def kept(body: str = "A page.", etag: str = '"one"', seconds: int = 60, **headers: str) -> Page:
    """A page as the site sends one that may be shared; there for one second, here for so long that none is lost."""
    more = {name.replace("_", "-"): text for name, text in headers.items()}
    shared = {"Cache-Control": "public, max-age=0, must-revalidate", "X-Accel-Expires": str(seconds)}
    return Page(body, headers={**shared, "Vary": "Accept-Encoding, Cookie", **more}, etag=etag)


@dataclass
class Heard:
    method: str
    address: str
    headers: HTTPMessage


Show = Callable[..., str]
NUMBERS = itertools.count(1)


class Application:
    """Answers with `pages`, by address without parameters, one request after the other: one client that sends slowly
    would hold up all the others."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.heard: list[Heard] = []
        application = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one piece

            def do_GET(self) -> None:
                application.heard.append(Heard(self.command, self.path, self.headers))
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                page = application.pages.get(self.path.partition("?")[0], Page())
                unchanged = bool(page.etag) and self.headers["If-None-Match"] == page.etag
                self.send_response(304 if unchanged else page.status)
                for name, text in page.headers.items():
                    self.send_header(name, text)
                if page.etag:
                    self.send_header("ETag", page.etag)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                body = b"" if unchanged else page.body.encode()
                if not unchanged:
                    self.send_header("Content-Length", str(len(body)))
                # One connection after the other, so that none is kept from the next.
                self.send_header("Connection", "close")
                self.close_connection = True
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_POST = do_GET

            def log_message(self, *args: object) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def heard_of(self, path: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.address.partition("?")[0] == path]


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    application = Application()
    thread = threading.Thread(target=application.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield application
    application.server.shutdown()
    thread.join()
    application.server.server_close()


# In the tests alone a header says where a request comes from, for networks that this machine does not have.
FROM = "set_real_ip_from 127.0.0.1; real_ip_header X-Test-From;"


@pytest.fixture(scope="module")
def front(application: Application, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    try:
        with proxy(folder, application.address, before=FROM) as front:
            yield front
    except Missing as error:
        missing(str(error))


@pytest.fixture
def show(application: Application) -> Iterator[Show]:
    """Let the application answer with a page at an address of its own, or at `path`; returns the address."""

    def show(page: Page, path: str = "") -> str:
        path = path or f"/page-{next(NUMBERS)}/"
        application.pages[path] = page
        return path

    yield show
    application.pages.clear()


def until(is_so: Callable[[], object], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


# --- The file -------------------------------------------------------------------------------------------------


def test_debians_own_nginx_takes_the_file_without_a_warning(tmp_path: Path, front: Proxy) -> None:
    around = Path("/etc/nginx/nginx.conf")
    if not around.is_file():
        missing("there is no /etc/nginx/nginx.conf: nginx is not Debian's")
    for name in ("certificate.pem", "key.pem"):
        (tmp_path / name).write_bytes((front.folder / name).read_bytes())
    (tmp_path / "site.conf").write_text(fitted(tmp_path, 8080, 8443, "127.0.0.1:8000"))
    text = around.read_text()
    for theirs, ours in {
        "/etc/nginx/sites-enabled/*;": f"{tmp_path}/site.conf;",
        "/run/nginx.pid": f"{tmp_path}/pid",
        "/var/log/nginx": str(tmp_path),
    }.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    (tmp_path / "nginx.conf").write_text(text)
    command = [program("nginx", "nginx"), "-t", "-c", tmp_path / "nginx.conf", "-e", tmp_path / "errors.log"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = run.stderr.splitlines()
    # 1.25.1 and newer ask for a line that 1.22 does not know.
    lines = [line for line in lines if 'the "listen ... http2" directive is deprecated' not in line]
    assert [line.split(" ")[-1] for line in lines if "the user directive" not in line] == ["ok", "successful"]


def test_the_file_names_what_the_site_has() -> None:
    text = CONFIGURATION.read_text()
    (names,) = re.findall(r"\(\?:(design\|[a-z_|]+)\)=", text)
    assert set(names.split("|")) == set(TrialFilter.base_filters) - {"q"}
    assert f'map $http_cookie $session {{\n\t"~*{settings.SESSION_COOKIE_NAME}" 1;\n}}' in text
    (added,) = re.findall(r"\(\?:(utm_[^)]*)\)=", text)
    assert added == "utm_[a-z]+|fbclid|gclid|msclkid"
    assert not {name for name in TrialFilter.base_filters if re.fullmatch(added, name)}


# --- TLS, HTTP/2, hosts ---------------------------------------------------------------------------------------


def handshake(front: Proxy, version: ssl.TLSVersion, host: str = HOST) -> str | None:
    tls = ssl.create_default_context(cafile=str(front.certificate))
    tls.check_hostname = host == HOST
    tls.set_ciphers("DEFAULT:@SECLEVEL=0")  # or our own side would not offer what is old
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_args, **_more: None)  # Python says that these are old
        tls.minimum_version = tls.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", front.port), 10) as plain,
        tls.wrap_socket(plain, server_hostname=host) as connection,
    ):
        return connection.version()


@pytest.mark.filterwarnings("ignore:.*TLSv1_1 is deprecated:DeprecationWarning")
def test_tls_is_of_today(front: Proxy) -> None:
    assert handshake(front, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert handshake(front, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        handshake(front, ssl.TLSVersion.TLSv1_1)


def test_http_2_is_spoken(front: Proxy, show: Show) -> None:
    path = show(kept("Over HTTP/2."))
    command = [
        program("curl", "curl"), "--silent", "--show-error", "--http2", "--noproxy", "*", "--cacert", front.certificate,
        "--connect-to", f"{HOST}:443:127.0.0.1:{front.port}", "--write-out", "\n%{http_version} %{http_code}",
        f"https://{HOST}{path}",
    ]  # fmt: skip
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert run.stdout == "Over HTTP/2.\n2 200"


def test_who_asks_for_another_host_gets_nothing(front: Proxy, application: Application) -> None:
    heard = front.raw(f"GET /named/ HTTP/1.1\r\nHost: {HOST.upper()}:8443\r\nConnection: close\r\n\r\n".encode())
    assert heard.startswith(b"HTTP/1.1 200 ")
    assert application.heard_of("/named/")[0].headers["Host"] == HOST
    before = len(application.heard)
    for host in ("evil.example", f"{HOST}.evil.example", "127.0.0.1", ""):
        request = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        assert front.raw(request, front.plain_port) == b"" or not host
        # The handshake names our host, the request another.
        assert front.raw(request) == b"" or not host
    # Without a name at all HTTP itself is broken.
    assert front.raw(b"GET / HTTP/1.1\r\nHost: \r\n\r\n").startswith(b"HTTP/1.1 400 ")
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        handshake(front, ssl.TLSVersion.TLSv1_3, "evil.example")
    assert len(application.heard) == before


def test_plain_http_leads_to_https(front: Proxy) -> None:
    request = f"GET /trials/?design=randomised HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    head = front.raw(request.encode(), front.plain_port).decode().split("\r\n")
    assert head[0] == "HTTP/1.1 301 Moved Permanently"
    assert f"Location: https://{HOST}/trials/?design=randomised" in head


def test_the_challenge_of_a_certificate_is_answered_over_plain_http(front: Proxy) -> None:
    folder = front.folder / "acme" / ".well-known" / "acme-challenge"
    folder.mkdir(parents=True)
    (folder / "a-token").write_text("the answer")
    request = f"GET /.well-known/acme-challenge/a-token HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    head, _, body = front.raw(request.encode(), front.plain_port).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == b"the answer"


# --- What the application hears -------------------------------------------------------------------------------

FORGED = {
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Port": "8080",
    "X-Real-IP": "192.0.2.1",
    "Forwarded": "for=192.0.2.1;host=evil.example",
    "X-Request-ID": "forged",
    "Proxy": "evil.example:8080",
    "X_Forwarded_Proto": "http",
    "SCRIPT_NAME": "/evil",
}


def test_a_stranger_can_forge_nothing_that_the_application_believes(
    front: Proxy, application: Application, show: Show
) -> None:
    path = show(Page())
    answer = front.ask(path, headers=FORGED)
    (heard,) = application.heard_of(path)
    assert heard.headers["Host"] == HOST
    assert heard.headers["X-Forwarded-For"] == "127.0.0.1"
    assert heard.headers["X-Forwarded-Proto"] == "https"
    assert re.fullmatch("[0-9a-f]{32}", heard.headers["X-Request-ID"])
    assert answer.headers.get_all("X-Request-ID") == [heard.headers["X-Request-ID"]]
    there = {name.lower().replace("_", "-") for name in heard.headers}
    assert there & {"x-forwarded-host", "x-forwarded-port", "x-real-ip", "forwarded", "proxy", "script-name"} == set()
    assert all(len(heard.headers.get_all(name, [])) == 1 for name in heard.headers)


@pytest.mark.parametrize(
    ("accepted", "application_hears"),
    [
        ("gzip, deflate, br, zstd", "gzip, br"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "gzip, br"),
        ("GZIP,deflate", "gzip"),
        ("gzip;q=0.001", "gzip"),
        ("gzip;q=0, br;q=0.0", None),
        ("br", ", br"),
        ("identity", None),
        ("x-gzip, brr, zgzip", None),
        ("evil\tbr", None),
    ],
)
def test_the_application_hears_three_things_of_encodings(
    front: Proxy, application: Application, show: Show, accepted: str, application_hears: str | None
) -> None:
    path = show(Page())
    front.ask(path, headers={"Accept-Encoding": accepted})
    assert application.heard_of(path)[0].headers["Accept-Encoding"] == application_hears


@pytest.mark.parametrize(
    ("method", "path", "cookies", "application_hears"),
    [
        ("GET", "/cookies/", "a=1; csrftoken=2", None),
        ("HEAD", "/cookies/", "a=1", None),
        ("GET", "/cookies/", "a=1; sessionid=3", "a=1; sessionid=3"),
        ("GET", "/cookies/", "sessionid=; sessionid=3", "sessionid=; sessionid=3"),
        ("POST", "/cookies/", "a=1", "a=1"),
        ("GET", "/account/cookies/", "csrftoken=2", "csrftoken=2"),
        ("GET", "/admin/cookies/", "csrftoken=2", "csrftoken=2"),
    ],
)
def test_a_readers_page_is_made_without_cookies(
    front: Proxy,
    application: Application,
    show: Show,
    method: str,
    path: str,
    cookies: str,
    application_hears: str | None,
) -> None:
    show(Page(), path)
    before = len(application.heard)
    front.ask(path, method, headers={"Cookie": cookies})
    (heard,) = application.heard[before:]
    assert heard.headers["Cookie"] == application_hears


# --- Copies ---------------------------------------------------------------------------------------------------


def test_a_page_is_kept(front: Proxy, application: Application, show: Show) -> None:
    path = show(kept("The text."))
    first, second = front.ask(path), front.ask(path)
    assert (first.copy, first.body) == ("MISS", b"The text.")
    assert (second.copy, second.body, second.headers["ETag"]) == ("HIT", b"The text.", '"one"')
    assert second.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert second.headers["X-Accel-Expires"] is None
    assert len(application.heard_of(path)) == 1


def test_after_its_second_a_page_is_asked_for_again(front: Proxy, application: Application, show: Show) -> None:
    path = show(kept("Old text.", seconds=1))
    assert front.ask(path).copy == "MISS"
    # It does not ask for the text again if that is the same …
    until(lambda: front.ask(path).copy == "REVALIDATED")
    assert application.heard_of(path)[-1].headers["If-None-Match"] == '"one"'
    # … and shows a new one to the first who asks after that second, as nginx counts it.
    application.pages[path] = kept("New text.", '"two"')
    time.sleep(2)
    third = front.ask(path)
    assert (third.copy, third.body, third.headers["ETag"]) == ("EXPIRED", b"New text.", '"two"')


def test_a_browser_that_has_the_page_gets_304_from_the_copy(front: Proxy, application: Application, show: Show) -> None:
    path = show(kept())
    front.ask(path)
    answer = front.ask(path, headers={"If-None-Match": '"one"'})
    assert (answer.status, answer.copy, answer.body) == (304, "HIT", b"")
    assert front.ask(path, headers={"If-None-Match": '"another"'}).status == 200
    assert len(application.heard_of(path)) == 1


def test_each_encoding_has_its_copy_and_no_more_than_that(front: Proxy, application: Application, show: Show) -> None:
    path = show(kept())
    copies = [
        front.ask(path, headers={"Accept-Encoding": accepted}).copy
        for accepted in (
            "br, gzip", "gzip, br;q=0.9, zstd", "br", "gzip;q=0, br", "gzip", "gzip, deflate", "identity", "deflate",
            "",
        )
    ]  # fmt: skip
    assert copies == ["MISS", "HIT", "HIT", "HIT", "MISS", "HIT", "MISS", "HIT", "HIT"]
    assert [heard.headers["Accept-Encoding"] for heard in application.heard_of(path)] == ["gzip, br", "gzip", None]


def test_nginx_sends_what_the_application_sent(front: Proxy, show: Show) -> None:
    path = show(kept("Long enough to be worth compressing. " * 50))
    answer = front.ask(path, headers={"Accept-Encoding": "gzip, br"})
    assert (answer.headers["Content-Encoding"], answer.headers["ETag"], len(answer.body)) == (None, '"one"', 1850)


def test_head_and_get_share_a_copy(front: Proxy, application: Application, show: Show) -> None:
    path = show(kept("Whole."))
    head = front.ask(path, "HEAD")
    assert (head.copy, head.body, head.headers["Content-Length"]) == ("MISS", b"", "6")
    assert front.ask(path).body == b"Whole."
    assert [heard.method for heard in application.heard_of(path)] == ["GET"]


@pytest.mark.parametrize(
    "answer",
    [
        Page(headers={"Cache-Control": "public, max-age=600"}),
        Page(headers={"Expires": "Thu, 01 Jan 2099 00:00:00 GMT"}, etag='"one"'),
        kept(Set_Cookie="sessionid=somebody; Path=/"),
        kept(Cache_Control="public, max-age=600", X_Accel_Expires="0"),
    ],
    ids=["public", "expires", "sets a cookie", "zero"],
)
def test_what_the_application_does_not_name_is_not_kept(
    front: Proxy, application: Application, show: Show, answer: Page
) -> None:
    path = show(answer)
    for _ in range(3):
        assert front.ask(path).copy in ("MISS", "EXPIRED")
    assert len(application.heard_of(path)) == 3


@pytest.mark.parametrize(
    ("method", "more", "headers", "said"),
    [
        ("GET", "", {"Cookie": "sessionid=staff"}, "BYPASS"),
        ("GET", "", {"Cookie": "a=b; SESSIONID=staff"}, "BYPASS"),
        ("GET", "", {"Cookie": "sessionid=0; sessionid=staff"}, "BYPASS"),
        ("GET", "", {"Cookie": "sessionid=; a=b; sessionid=staff"}, "BYPASS"),
        ("GET", "", {"Cookie": "sessionid =staff"}, "BYPASS"),
        ("GET", "", {"Authorization": "Basic c3RhZmY6c2VjcmV0"}, "BYPASS"),
        ("POST", "", {}, ""),
        ("GET", "?unknown=1", {}, "BYPASS"),
        ("GET", "?utm_source=mail&unknown", {}, "BYPASS"),
        ("GET", "?design=randomised", {}, "BYPASS"),
        ("GET", "?page=2", {}, "BYPASS"),
        ("GET", "?q=words", {}, "BYPASS"),
        ("GET", "%61", {}, "BYPASS"),
        ("GET", ";a", {}, "BYPASS"),
    ],
)
def test_what_is_not_everybodys_goes_to_the_application_and_is_not_kept(
    front: Proxy,
    application: Application,
    show: Show,
    method: str,
    more: str,
    headers: dict[str, str],
    said: str,
) -> None:
    path = show(kept())
    application.pages[path + more.partition("?")[0]] = kept()
    before = len(application.heard)
    for _ in range(2):
        answer = front.ask(path + more, method, b"" if method == "POST" else None, headers)
        assert (answer.status, answer.copy, answer.body) == (200, said, b"A page.")
    assert len(application.heard) == before + 2
    assert front.ask(path).copy == "MISS"


@pytest.mark.parametrize("path", ["/admin/", "/account/login/", "/admin/trials/trial/?design=randomised"])
def test_pages_of_staff_are_never_kept(front: Proxy, application: Application, show: Show, path: str) -> None:
    show(kept("For staff."), path.partition("?")[0])
    before = len(application.heard)
    for _ in range(3):
        answer = front.ask(path)
        assert (answer.copy, answer.body) == ("", b"For staff.")
    assert len(application.heard) == before + 3


@pytest.mark.parametrize(
    "address",
    [
        "/trials/?design=randomised&unknown=1",
        "/trials/?unknown=1&design=randomised",
        "/trials/?%64esign=randomised",
        "/trials/?design=%72andomised",
        "/trials/?design=a+b",
        "/trials/?design",
        "/trials/?utm_source=mail&design=randomised",
        "/trials/?design=randomised&q=",
        "/trials/?design=" + "x" * 41,
        "/trials/?" + "&".join(["design=randomised"] * 21),
        "/trials/yip-2020/?design=randomised",
        "/trials/yip-2020/?page=1",
        "/about/?view=table",
        "/changes/?design=randomised",
        "/changes/?page=0",
        "/changes/?page=01",
        "/changes/?page=1000000",
        "/changes/?page=2&page=2",
        "/changes/?page=2&sort=newest",
        "/trials/yip-2020/history/?page=",
    ],
)
def test_an_address_that_the_site_does_not_write_is_not_kept(
    front: Proxy, application: Application, show: Show, address: str
) -> None:
    show(kept(), address.partition("?")[0])
    before = len(application.heard)
    for _ in range(2):
        assert (front.ask(address).copy, front.ask(address).body) == ("BYPASS", b"A page.")
    assert [heard.address for heard in application.heard[before:]] == [address] * 4


def test_lists_and_further_pages_are_kept_by_their_addresses(
    front: Proxy, application: Application, show: Show
) -> None:
    addresses = [
        "/trials/",
        "/trials/?design=randomised",
        "/trials/?design=single-arm&country=ID&page=2",
        "/trials/?design=",
        "/trials/?" + "&".join(["country=BR"] * 20),
        "/changes/?page=2",
        "/trials/yip-2020/history/?page=123",
    ]
    for address in addresses:
        show(kept(address), address.partition("?")[0])
        assert front.ask(address).copy == "MISS"
    before = len(application.heard)
    assert [(front.ask(address).copy, front.ask(address).body) for address in addresses] == [
        ("HIT", address.encode()) for address in addresses
    ]
    assert len(application.heard) == before


def test_what_mailings_add_to_an_address_makes_no_other_copy(
    front: Proxy, application: Application, show: Show
) -> None:
    path = show(kept())
    assert front.ask(path + "?utm_source=mail&fbclid=%22%3E%3Cscript%3E&utm_medium=").copy == "MISS"
    assert front.ask(path).copy == "HIT"
    assert front.ask(path + "?").copy == "HIT"
    assert front.ask(path + "?gclid=1").copy == "HIT"


def test_no_stranger_can_fill_the_folder_of_the_copies(front: Proxy, show: Show) -> None:
    path = show(kept())
    front.ask(path)
    show(kept(), "/trials/")

    def files(folder: str) -> int:
        return sum(file.is_file() for file in (front.folder / folder).rglob("*"))

    pages, lists = files("copies"), files("copies-lists")
    assert pages > 0
    with closing(Reader(front.port, front.certificate)) as reader:
        for number in range(300):
            headers = {"Accept-Encoding": f"x{number}", "Cookie": f"c{number}=1", "X-A": str(number)}
            for query in (f"x={number}", f"design=x{number}", f"page={number}"):
                assert reader.ask(f"{path}?{query}", headers=headers).status == 200
        assert (files("copies"), files("copies-lists")) == (pages, lists)
        # What he can have of lists goes where it pushes out no page.
        for number in range(50):
            assert reader.ask(f"/trials/?year_min={number}").copy == "MISS"
        assert (files("copies"), files("copies-lists")) == (pages, lists + 50)


def test_a_forged_host_or_header_reaches_no_copy(front: Proxy, application: Application, show: Show) -> None:
    path = show(kept())
    absolute = f"GET https://evil.example{path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    assert front.raw(absolute.encode()) == b""  # another host, whatever the header says
    assert front.ask(path, headers=FORGED | {"Cookie": "messages=evil"}).copy == "MISS"
    (heard,) = application.heard_of(path)
    assert not re.search("evil|forged|192", str(heard.headers))
    assert front.ask(path).copy == "HIT"


# --- While the application does not answer --------------------------------------------------------------------


BROKEN_PAGES = {
    "500": (Page("Broken.", 500), 500),
    "502": (Page("Broken.", 502), 502),
    "503": (Page("Broken.", 503), 503),
    "504": (Page("Broken.", 504), 504),
    # nginx reads no head of an answer that is larger than proxy_buffer_size.
    "a head that cannot be read": (Page("Broken.", headers={"X-Large": "x" * 9000}), 503),
}


def test_copies_go_on_while_the_application_fails(front: Proxy, application: Application, show: Show) -> None:
    paths = {fault: show(kept("Known.", seconds=1)) for fault in BROKEN_PAGES}
    for fault, path in paths.items():
        assert front.ask(path).copy == "MISS"
        application.pages[path] = BROKEN_PAGES[fault][0]
    for fault, path in paths.items():
        until(lambda path=path: front.ask(path).copy == "STALE")
        answer = front.ask(path)
        assert (answer.status, answer.body) == (200, b"Known.")
        # Staff see what is.
        assert front.ask(path, headers={"Cookie": "sessionid=staff"}).status == BROKEN_PAGES[fault][1]
        # A page that was taken off is gone: no copy stands in for it.
        application.pages[path] = Page("Gone.", 404)
        answer = front.ask(path)
        assert (answer.status, answer.body) == (404, b"Gone.")


# --- Limits ---------------------------------------------------------------------------------------------------


def statuses(front: Proxy, addresses: list[str], method: str = "GET", source: str = "127.0.0.1") -> list[int]:
    with closing(Reader(front.port, front.certificate, source)) as reader:
        return [reader.ask(address, method).status for address in addresses]


def until_refused(front: Proxy, addresses: list[str], method: str = "GET", source: str = "127.0.0.1") -> list[Answer]:
    """The answers to one request after the other, round the addresses, up to the first that is 429."""
    answers: list[Answer] = []
    with closing(Reader(front.port, front.certificate, source)) as reader:
        while not answers or answers[-1].status != 429:
            assert len(answers) < 1000, "nothing was refused"
            answers.append(reader.ask(addresses[len(answers) % len(addresses)], method))
    assert {answer.status for answer in answers[:-1]} <= {200}
    return answers


def test_log_in_is_limited_by_network(front: Proxy, application: Application) -> None:
    # Ten more than one at once, and one more every two seconds.
    assert 12 <= len(until_refused(front, ["/account/login/"], "POST", "127.0.1.1")) < 30
    assert len([heard for heard in application.heard if heard.headers["X-Forwarded-For"] == "127.0.1.1"]) < 30
    assert len(until_refused(front, ["/account/password/reset/"], "POST", "127.0.1.1")) < 6
    # Only there, only what is sent, and only by that network.
    assert statuses(front, ["/account/login/", "/", "/admin/"] * 5, source="127.0.1.1") == [200] * 15
    assert statuses(front, ["/account/login/"], "POST", "127.0.1.2") == [200]


def test_search_is_limited_by_network(front: Proxy) -> None:
    assert len(until_refused(front, ["/trials/?q=a", "/trials/?design=x&q=b"], source="127.0.2.1")) >= 22
    assert statuses(front, ["/trials/?q=word"], source="127.0.2.2") == [200]
    assert len(until_refused(front, ["/?%71=c"], source="127.0.2.4")) >= 22  # it is a q too
    others = ["/trials/", "/trials/?q=", "/trials/?design=randomised", "/trials/?q=&page=2", "/?faq=x"] * 10
    assert statuses(front, others, source="127.0.2.1") == [200] * 50


def test_half_of_an_ipv6_address_counts(front: Proxy) -> None:
    with closing(Reader(front.port, front.certificate)) as reader:

        def search(address: str) -> int:
            return reader.ask("/trials/?q=word", headers={"X-Test-From": address}).status

        neighbours = (f"2001:db8:1:2:{number:x}::1" for number in range(1, 1000))
        assert any(search(neighbour) == 429 for neighbour in neighbours)
        assert search("2001:db8:1:3::1") == 200


def test_the_state_of_the_site_is_told_on_its_own_machine_alone(front: Proxy) -> None:
    with closing(Reader(front.port, front.certificate)) as reader:

        def ask(address: str, source: str) -> int:
            return reader.ask(address, headers={"X-Test-From": source}).status

        assert [ask("/readyz", "127.0.0.1"), ask("/healthz", "127.0.0.1")] == [200, 200]
        assert [ask("/readyz", "192.0.2.1"), ask("/healthz", "192.0.2.1")] == [403, 200]


def test_a_refusal_says_what_to_do(front: Proxy) -> None:
    answer = until_refused(front, ["/trials/?q=word"], source="127.0.2.3")[-1]
    assert answer.headers.get_all("Retry-After") == ["10"]
    assert answer.headers["Content-Type"] == "text/html"
    text = answer.body.decode()
    assert "Wait ten seconds, then try again." in text
    assert answer.headers["X-Request-ID"] in text


def refusal(front: Proxy, path: str, length: int) -> bytes:
    """What nginx says, after its first sentence, of a form of so many bytes, before any of them is sent."""
    with closing(Reader(front.port, front.certificate)) as reader:
        reader.putrequest("POST", path)
        reader.putheader("Content-Length", str(length))
        reader.endheaders()
        answer = reader.getresponse()
        said = answer.read()
    assert answer.status == 413
    return said.split(b"<p>")[1]


def test_a_body_can_be_as_large_as_the_import_needs_and_no_larger(
    front: Proxy, application: Application, show: Show
) -> None:
    path = show(Page(), "/admin/trials/trial/from-record/")
    assert front.ask(path, "POST", b"x" * (11 * 1024 * 1024)).status == 200
    assert refusal(front, path, 17 * 1024 * 1024).startswith(b"A file to import can have up to 10 MB.")
    refusal(front, "/trials/", 65 * 1024)
    refusal(front, "/account/login/", 65 * 1024)
    assert len(application.heard_of(path)) == 1


# --- Who sends slowly -----------------------------------------------------------------------------------------


def test_two_hundred_slow_clients_hold_up_nobody(front: Proxy, application: Application, show: Show) -> None:
    path = show(Page("At once."))
    before = len(application.heard)
    slow: list[socket.socket] = []
    try:
        for number in range(100):
            half_header = front.connection()
            slow.append(half_header)
            half_header.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: {number}".encode())
        for _ in range(100):
            half_body = front.connection()
            slow.append(half_body)
            head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\n"
            half_body.sendall(head.encode() + b"x" * 10)
        assert len(application.heard) == before
        # A hundred at once is the most for one network: those whose head is here count, the others do not yet.
        until(lambda: front.ask(path).status == 429)
        before = len(application.heard)
        # The application takes one request at a time: a single one of those 200 would stop it.
        for _ in range(20):
            answer = front.ask(path, source="127.0.3.1")
            assert (answer.status, answer.body) == (200, b"At once.")
        assert len(application.heard) == before + 20
        # After ten seconds they are let go.
        for connection in slow:
            connection.settimeout(30)
            try:
                while connection.recv(65536):
                    pass
            except ConnectionResetError:
                pass
        assert len(application.heard) == before + 20
    finally:
        for connection in slow:
            connection.close()


def test_who_takes_slowly_is_let_go_and_holds_up_nobody(front: Proxy, application: Application, show: Show) -> None:
    path, beside = show(Page("x" * 20_000_000)), show(Page("At once."))

    def logged() -> bool:
        return f'"path": "{path}"' in front.log()

    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(30)
        plain.connect(("127.0.0.1", front.port))
        with trusting(front.certificate).wrap_socket(plain, server_hostname=HOST) as slow:
            slow.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            assert slow.recv(15) == b"HTTP/1.1 200 OK"
            begun = time.monotonic()
            while not logged():
                assert front.ask(beside).body == b"At once."
                time.sleep(0.1)
                assert time.monotonic() - begun < 20, "it is still there"
            assert time.monotonic() - begun > 5


# --- Broken HTTP ----------------------------------------------------------------------------------------------

SMUGGLED = "GET /admin/smuggled/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"
BROKEN = {
    "length and chunks": "Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}",
    "two lengths": "Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{smuggled}",
    "a length that is none": "Content-Length: +5\r\n\r\n{smuggled}",
    "a list of lengths": "Content-Length: 0, {length}\r\n\r\n{smuggled}",
    "an unknown encoding": "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{smuggled}",
    "two encodings": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{smuggled}",
    "a space in a name": "Content-Length : {length}\r\n\r\n{smuggled}",
    "a tab before chunks": "Transfer-Encoding:\tchunked\r\nContent-Length: {length}\r\n\r\n0\r\n\r\n{smuggled}",
    "a chunk that is none": "Transfer-Encoding: chunked\r\n\r\nx\r\n{smuggled}",
    "a second host": "Host: evil.example\r\n\r\n",
    "a NUL": "X-A: a\0b\r\n\r\n",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_http_is_refused_and_smuggles_nothing(front: Proxy, application: Application, fault: str) -> None:
    rest = BROKEN[fault].format(length=len(SMUGGLED), smuggled=SMUGGLED)
    got = front.raw(f"POST /trials/ HTTP/1.1\r\nHost: {HOST}\r\n{rest}".encode())
    assert got.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
    assert got.count(b"HTTP/1.1 ") == 1
    assert application.heard_of("/admin/smuggled/") == []


@pytest.mark.parametrize("line", ["GET /\x01 HTTP/1.1", "GET / HTTP/9.9", "GET /../../etc/passwd HTTP/1.1", "\x16\x03"])
def test_broken_first_line_is_refused(front: Proxy, line: str) -> None:
    got = front.raw(f"{line}\r\nHost: {HOST}\r\n\r\n".encode())
    assert got.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 505 "))


# --- The log --------------------------------------------------------------------------------------------------


def test_the_log_has_nobodys_address_words_or_keys(front: Proxy, application: Application, show: Show) -> None:
    path = show(Page())
    with closing(Reader(front.port, front.certificate, "127.0.4.1")) as reader:
        reader.ask(f"{path}?q=myillness", headers={"User-Agent": "my-browser", "Referer": "https://my.example/"})
        answer = reader.ask("/account/password/reset/4-secretkey/", headers={"Cookie": "sessionid=mysession"})
    until_refused(front, ["/trials/?q=limited"], source="127.0.4.1")  # which nginx would like to report
    front.raw(f"GET /trials/?q=broken HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: x\r\n\r\n".encode())
    until(lambda: answer.headers["X-Request-ID"] in front.log())
    logs = front.log() + (front.folder / "ardsinfo-error.log").read_text()
    logs += (front.folder / "access.log").read_text() + (front.folder / "nginx-error.log").read_text()
    assert not re.search(r"myillness|my-browser|my\.example|secretkey|mysession|limited|broken|127\.0\.4\.1", logs)
    lines = [json.loads(line) for line in front.log().splitlines()]
    (line,) = [line for line in lines if line["request"] == answer.headers["X-Request-ID"]]
    assert list(line) == [
        "time", "request", "method", "path", "status", "bytes", "seconds", "protocol", "cache",
        "application_status", "application_seconds",
    ]  # fmt: skip
    assert (line["method"], line["path"], line["status"]) == ("GET", "/account/…", "200")
