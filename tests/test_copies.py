"""Rendered copies: quick, never stale, and nothing a stranger sends changes one or fills the memory."""

import gzip
import itertools
import threading
from typing import Any

import brotli
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from tests.factories import make_trial
from trials import actions, copies
from trials.models import FormerSlug, Trial

pytestmark = pytest.mark.django_db

PUBLIC = ["/", "/trials/", "/trials/dilogo-2021/", "/trials/dilogo-2021/history/", "/changes/", "/changes.atom",
          "/glossary/", "/about/", "/sitemap.xml"]  # fmt: skip


def queries(client: Client, address: str, **headers: str) -> tuple[Any, int]:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, **headers)
    return response, len(captured)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_second_reader_costs_one_query(eight_studies: None, client: Client, address: str) -> None:
    first, cost = queries(client, address)
    again, later = queries(client, address)
    assert cost > 1
    assert later == 1
    assert again.content == first.content
    assert dict(again.headers) == dict(first.headers)


def test_a_copy_says_everything_that_the_page_says(eight_studies: None, client: Client, settings: Any) -> None:
    copy = client.get("/trials/")
    settings.DEBUG = True  # then there are no copies
    page = Client().get("/trials/")
    assert page.content == copy.content
    missing = {name: text for name, text in page.headers.items() if copy.headers.get(name) != text}
    assert set(missing) == {"X-Request-ID"}


def test_headers_for_browsers_and_proxies(eight_studies: None, client: Client) -> None:
    response = client.get("/trials/")
    assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert response.headers["X-Accel-Expires"] == "1"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Content-Length"] == str(len(response.content))
    assert "Set-Cookie" not in response.headers


# --- Never stale ----------------------------------------------------------------------------------------------


def publish_title(title: str) -> None:
    Trial.objects.filter(slug="dilogo-2021").update(title=title)


def test_a_change_shows_on_the_next_request(eight_studies: None, client: Client) -> None:
    before = client.get("/trials/dilogo-2021/")
    publish_title("Changed a moment ago")
    after = client.get("/trials/dilogo-2021/", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert b"Changed a moment ago" in after.content
    assert after.headers["ETag"] != before.headers["ETag"]


def test_the_whole_road_to_publication_shows(eight_studies: None, client: Client) -> None:
    ann = User.objects.create_superuser("ann")
    trial = Trial.objects.get(slug="dilogo-2021")
    assert b"Jakarta edition" not in client.get("/trials/dilogo-2021/").content
    document = actions.working_document(trial)
    document["fields"]["limits"] += "\nJakarta edition."
    base = actions.newest_revision(trial).number
    actions.edit(trial, document, by=ann, base=base, reason="A limit was missing.")
    assert b"Jakarta edition" not in client.get("/trials/dilogo-2021/").content, "a draft is shown"
    actions.publish(trial, by=ann)
    assert b"Jakarta edition" in client.get("/trials/dilogo-2021/").content
    assert b"A limit was missing." in client.get("/trials/dilogo-2021/history/").content


def test_what_is_written_while_a_page_is_rendered_makes_its_copy_void(eight_studies: None, rf: RequestFactory) -> None:
    titles = iter(["while it was rendered", "later"])

    def slow_view(request: HttpRequest) -> HttpResponse:
        title = Trial.objects.get(slug="dilogo-2021").title
        publish_title(next(titles))  # somebody else, in between
        return HttpResponse(title)

    middleware = copies.middleware(slow_view)
    middleware(rf.get("/trials/"))
    assert middleware(rf.get("/trials/")).content == b"while it was rendered"


def test_the_day_belongs_to_the_version(eight_studies: None, monkeypatch: pytest.MonkeyPatch) -> None:
    today = copies.content_token()
    monkeypatch.setattr(copies, "localdate", lambda: "2027-01-01")
    assert copies.content_token() != today


def test_without_a_version_nothing_is_kept(eight_studies: None, client: Client) -> None:
    client.get("/trials/")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM trials_contentversion")
    assert queries(client, "/trials/")[1] > 5
    assert queries(client, "/trials/")[1] > 5


# --- Asked again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
def test_an_unchanged_page_is_not_sent_again(eight_studies: None, client: Client, known: str) -> None:
    etag = client.get("/trials/").headers["ETag"]
    response, cost = queries(client, "/trials/", headers={"If-None-Match": known.format(etag)})
    assert (response.status_code, response.content, cost) == (304, b"", 1)
    assert response.headers["ETag"] == etag
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("known", ['"other"', "", "nonsense"])
def test_another_page_is(eight_studies: None, client: Client, known: str) -> None:
    client.get("/trials/")
    response = client.get("/trials/", headers={"If-None-Match": known})
    assert response.status_code == 200
    assert b"Dilogo" in response.content


def test_each_encoding_is_kept_and_has_its_own_name(eight_studies: None, client: Client) -> None:
    plain = client.get("/trials/")
    packed = client.get("/trials/", headers={"Accept-Encoding": "gzip, deflate, br"})
    older = client.get("/trials/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert (packed.headers["Content-Encoding"], older.headers["Content-Encoding"]) == ("br", "gzip")
    assert brotli.decompress(packed.content) == gzip.decompress(older.content) == plain.content
    assert len({plain.headers["ETag"], packed.headers["ETag"], older.headers["ETag"]}) == 3
    assert packed.headers["Content-Length"] == str(len(packed.content))


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_a_page_is_compressed_once(
    eight_studies: None, client: Client, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    pressed: list[bytes] = []
    press = copies.COMPRESSED[encoding]

    def counted(body: bytes) -> bytes:
        pressed.append(body)
        return press(body)

    monkeypatch.setitem(copies.COMPRESSED, encoding, counted)
    answers = [client.get("/trials/", headers={"Accept-Encoding": encoding}) for _ in range(3)]
    assert [answer.headers["Content-Encoding"] for answer in answers] == [encoding] * 3
    assert len(pressed) == 1


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("br;q=0, gzip", "gzip"), ("BR", "br"), ("br;q=0.5", "br"), ("gzip;q=0.0", ""), ("brr", ""), ("*", ""),
     ("identity", ""), (", ;q=,br;q=1", "br"), ("x" * 100_000, "")],
)  # fmt: skip
def test_what_a_browser_accepts(accepted: str, encoding: str) -> None:
    assert copies.encoding_for(accepted) == encoding


def test_head_says_as_much_as_get_and_sends_nothing(eight_studies: None, client: Client) -> None:
    head = client.head("/trials/")
    page = client.get("/trials/")
    assert head.content == b""
    assert dict(head.headers) == dict(page.headers)


def etag(headers: dict[str, str]) -> str:
    return copies.Copy(b"The page.", headers).form("gzip").etag


def test_other_headers_make_another_copy() -> None:
    """nginx keeps the old ones for as long as it is told that its copy holds."""
    policy = {"Content-Security-Policy": "default-src 'none'; img-src 'self'"}
    assert etag(policy) == etag(dict(policy))
    assert etag(policy) != etag({"Content-Security-Policy": "default-src 'none'"})
    assert etag(policy) != etag({**policy, "X-Frame-Options": "DENY"})
    # Each process writes the directives in an order of its own, and Django the headers.
    assert etag({"A": "1", **policy}) == etag(
        {"Content-Security-Policy": "img-src 'self'; default-src 'none'", "A": "1"}
    )


@pytest.mark.parametrize("address", ["/changes.atom", "/sitemap.xml"])
def test_no_day_names_a_copy(eight_studies: None, client: Client, address: str) -> None:
    """Django names the newest entry; a change of an older one would not show to who asks by that."""
    for _ in range(2):
        response = client.get(address)
        assert response.status_code == 200
        assert "Last-Modified" not in response.headers
        assert "ETag" in response.headers


# --- Nobody else's page ---------------------------------------------------------------------------------------


def test_staff_neither_see_nor_leave_a_copy(eight_studies: None, client: Client, admin_client: Client) -> None:
    for each in (admin_client, client):
        each.handler = client.handler  # one process
    hidden = make_trial(slug="hidden-2021", status="draft", title="Not for everybody")
    assert hidden.title.encode() in admin_client.get("/trials/hidden-2021/").content
    assert client.get("/trials/hidden-2021/").status_code == 404
    assert queries(admin_client, "/trials/")[1] > 5
    assert queries(client, "/trials/")[1] > 5, "the page that staff were shown was kept"
    assert queries(admin_client, "/trials/")[1] > 5, "staff were shown the copy"
    assert admin_client.get("/trials/").headers["Cache-Control"] == "private, no-cache"


NOBODYS = "0123456789abcdef" * 2  # looks like the key of a session


@pytest.fixture
def ann() -> Client:
    """The client of somebody who has logged in."""
    client = Client()
    client.force_login(User.objects.create_superuser("ann"))
    return client


def cookies(*values: str) -> str:
    return "; ".join(f"sessionid={value}" for value in values)


# How many queries: that of the session, where the key can be one, and that of the content version.
@pytest.mark.parametrize(
    ("cookie", "cost"),
    [
        (cookies(NOBODYS), 2),
        (cookies("anything", NOBODYS), 2),
        (cookies("anything"), 1),
        (cookies(NOBODYS.upper()), 1),
        (cookies(NOBODYS + "0"), 1),
        (cookies(""), 1),
        (cookies("a\x00b"), 1),
        (cookies("\xc3\xa4\xff" * 11), 1),
        ("xsessionid=1; theme=dark", 1),
        ("sessionid", 1),
    ],
)
def test_a_session_that_nobody_has_makes_no_page_anew(
    eight_studies: None, client: Client, cookie: str, cost: int
) -> None:
    page = client.get("/trials/")
    answer, paid = queries(client, "/trials/", HTTP_COOKIE=cookie)
    assert paid == cost
    assert (answer.content, dict(answer.headers)) == (page.content, dict(page.headers))
    answer, paid = queries(client, "/trials/", HTTP_COOKIE=cookie, HTTP_IF_NONE_MATCH=page.headers["ETag"])
    assert (answer.status_code, paid) == (304, cost)


@pytest.mark.parametrize("before", [[], ["anything"], [NOBODYS]], ids=["alone", "after nonsense", "after nobody's"])
def test_who_has_a_session_is_never_taken_for_a_reader(
    eight_studies: None, client: Client, ann: Client, before: list[str]
) -> None:
    """Django takes the last of two cookies."""
    Trial.objects.filter(slug="dilogo-2021").update(status="draft", title="Not for everybody")
    cookie = cookies(*before, ann.cookies["sessionid"].value)
    for _ in range(2):
        page = client.get("/trials/dilogo-2021/", HTTP_COOKIE=cookie)
        assert b"Not for everybody" in page.content
        assert "private" in page.headers["Cache-Control"]
        assert client.get("/trials/dilogo-2021/").status_code == 404
        assert client.get("/trials/dilogo-2021/", HTTP_COOKIE=cookies(NOBODYS)).status_code == 404


def test_the_page_that_a_session_of_nobody_has_left_is_everybodys(eight_studies: None, client: Client) -> None:
    first = client.get("/trials/", HTTP_COOKIE=cookies(NOBODYS))
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Set-Cookie" not in first.headers
    again, cost = queries(client, "/trials/")
    assert (again.content, dict(again.headers), cost) == (first.content, dict(first.headers), 1)


def test_who_has_logged_out_is_a_reader_again(eight_studies: None, client: Client, ann: Client) -> None:
    cookie = cookies(ann.cookies["sessionid"].value)
    client.get("/trials/")
    assert queries(client, "/trials/", HTTP_COOKIE=cookie)[1] > 5
    ann.logout()
    assert queries(client, "/trials/", HTTP_COOKIE=cookie)[1] == 2


def test_a_page_that_is_not_copied_is_private_whatever_the_session(client: Client) -> None:
    response = client.get("/trials/?x=" + "y" * 600, HTTP_COOKIE=cookies(NOBODYS))
    assert response.headers["Cache-Control"] == "private, no-cache"


STRANGERS = [
    {"HTTP_COOKIE": "sessionid=anything"},
    {"query": "utm_source=x"},
    {"query": "<script>alert(1)</script>"},
    {"query": "Design=randomised"},
    {"HTTP_COOKIE": "csrftoken=abc; theme=dark"},
    {"HTTP_USER_AGENT": "<script>"},
    {"HTTP_ACCEPT_LANGUAGE": "fr"},
    {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_X_FORWARDED_PROTO": "https"},
    {"HTTP_X_ORIGINAL_URL": "/about/"},
    {"HTTP_ACCEPT": "application/json"},
    {"HTTP_RANGE": "bytes=0-9"},
    {"HTTP_HOST": "localhost"},
    {"HTTP_HOST": "127.0.0.1:9999"},
    {"HTTP_AUTHORIZATION": "Basic YTpi"},
]


@pytest.mark.parametrize("stranger", STRANGERS, ids=[str(next(iter(each.values())))[:30] for each in STRANGERS])
def test_what_a_stranger_sends_does_not_reach_a_copy(
    eight_studies: None, settings: Any, stranger: dict[str, str]
) -> None:
    plain = Client().get("/trials/")
    client = Client()
    query = stranger.get("query", "")
    headers = {name: text for name, text in stranger.items() if name != "query"}
    poisoned = client.get(f"/trials/?{query}" if query else "/trials/", **headers)  # type: ignore[arg-type]
    assert poisoned.content == plain.content
    after, cost = queries(client, "/trials/")
    assert cost == 1, "it made a copy of its own"
    assert after.content == plain.content
    assert dict(after.headers) == dict(plain.headers)


def test_a_wrong_host_gets_no_copy(eight_studies: None, client: Client) -> None:
    client.get("/trials/")
    response = client.get("/trials/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert b"Dilogo" not in response.content


def test_plain_http_gets_no_copy_of_a_site_on_https(eight_studies: None, client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    assert client.get("/trials/", secure=True).status_code == 200
    assert client.get("/trials/").status_code == 301


def test_each_of_http_and_https_has_its_copy(eight_studies: None, settings: Any) -> None:
    """What is said over HTTPS alone: over plain HTTP a header of it would be wrong, and here it would be missing."""
    settings.SECURE_HSTS_SECONDS = 60
    client = Client()
    for _ in range(2):
        assert client.get("/trials/", secure=True).headers["Strict-Transport-Security"] == "max-age=60"
        assert "Strict-Transport-Security" not in client.get("/trials/").headers


def test_maintenance_comes_first(eight_studies: None, client: Client, settings: Any) -> None:
    client.get("/trials/")
    settings.MAINTENANCE = True
    assert client.get("/trials/").status_code == 503


def test_one_list_has_one_copy_however_it_is_asked_for(eight_studies: None, client: Client) -> None:
    first = client.get("/trials/?design=single-arm&design=randomised&q=c%C3%A9ll&sort=newest")
    again, cost = queries(client, "/trials/?x=1&design=single-arm&d%65sign=randomised&q=c%c3%a9ll&sort=newest")
    assert cost == 1
    assert again.content == first.content
    assert b"x=1" not in again.content


@pytest.mark.parametrize(
    ("address", "status"),
    [("/trials/?design=nonsense", 400), ("/trials/?page=9", 404), ("/nowhere/", 404), ("/trials/none-2021/", 404),
     ("/trials/?sort=newest&sort=oldest", 400)],
)  # fmt: skip
def test_an_error_is_not_kept(eight_studies: None, client: Client, address: str, status: int) -> None:
    for _ in range(2):
        response, cost = queries(client, address)
        assert response.status_code == status
        assert cost != 1
        assert "ETag" not in response.headers
        assert "X-Accel-Expires" not in response.headers


def test_a_page_has_one_address(eight_studies: None, client: Client) -> None:
    """Or a stranger could fill nginx's folder with it."""
    assert client.get("/sitemap-1.xml").status_code == 200
    for address in ("/sitemap-01.xml", "/sitemap-0001.xml", "/sitemap-00.xml"):
        assert client.get(address).status_code == 404
    assert client.get("/changes/?page=1").status_code == 200
    for number in ("01", "0001", "2", "%201", "1%20"):
        assert client.get(f"/changes/?page={number}").status_code in (400, 404)


@pytest.mark.parametrize("address", ["/trials/?design=nonsense", "/trials/?page=9", "/trials/none-2021/", "/nowhere/"])
def test_an_error_is_compressed_too(eight_studies: None, client: Client, address: str) -> None:
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert (packed.status_code, packed.headers["Content-Encoding"]) == (plain.status_code, "gzip")
    assert len(packed.content) == int(packed.headers["Content-Length"]) < len(plain.content)
    assert gzip.decompress(packed.content)[:100] == plain.content[:100]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("page", ["", "history/"])
def test_no_browser_keeps_that_an_address_has_moved(eight_studies: None, client: Client, page: str) -> None:
    trial = Trial.objects.get(slug="dilogo-2021")
    FormerSlug.objects.create(slug="dilogo-2020", trial=trial)
    there = client.get(f"/trials/dilogo-2020/{page}")
    assert (there.status_code, there.headers["Location"]) == (301, f"/trials/dilogo-2021/{page}")
    assert there.headers["Cache-Control"] == "no-cache"
    # It moves back: who was sent on before finds it where it stands now.
    FormerSlug.objects.update(slug="dilogo-2021")
    Trial.objects.filter(pk=trial.pk).update(slug="dilogo-2020")
    assert client.get(f"/trials/dilogo-2020/{page}").status_code == 200
    assert client.get(f"/trials/dilogo-2021/{page}").headers["Location"] == f"/trials/dilogo-2020/{page}"


def test_an_answer_that_sets_a_cookie_is_for_one_reader(eight_studies: None, rf: RequestFactory) -> None:
    made = itertools.count(1)

    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(f"The page of reader {next(made)}")
        response.set_cookie("reader", "x")
        return response

    middleware = copies.middleware(view)
    answers = [middleware(rf.get("/trials/")) for _ in range(2)]
    assert [answer.content for answer in answers] == [b"The page of reader 1", b"The page of reader 2"]
    assert not any("X-Accel-Expires" in answer.headers or "ETag" in answer.headers for answer in answers)


def test_other_methods_are_left_alone(eight_studies: None, client: Client) -> None:
    client.get("/trials/")
    assert client.post("/trials/").status_code == 405


# --- Memory ---------------------------------------------------------------------------------------------------


def a_copy(letter: str, size: int = 10_000) -> copies.Copy:
    return copies.Copy(letter.encode() * size, {})


def test_the_longest_unused_make_room() -> None:
    kept = copies.Copies(most_bytes=45_000)  # two of 16 kB each with what belongs to them
    for letter in "abc":
        kept.get("t", (False, f"/{letter}", ""))
        kept.put("t", (False, f"/{letter}", ""), a_copy(letter))
        kept.get("t", (False, "/a", ""))
    assert [letter for letter in "abc" if kept.get("t", (False, f"/{letter}", ""))] == ["a", "c"]


def test_a_page_that_two_have_rendered_counts_once() -> None:
    kept = copies.Copies(most_bytes=45_000)
    kept.get("t", (False, "/a", ""))
    for letter in "aaab":
        kept.put("t", (False, f"/{letter}", ""), a_copy(letter))
    assert [letter for letter in "ab" if kept.get("t", (False, f"/{letter}", ""))] == ["a", "b"]


def test_filtered_lists_do_not_push_out_the_pages() -> None:
    kept = copies.Copies(most_bytes=45_000)
    kept.get("t", (False, "/", ""))
    kept.put("t", (False, "/", ""), a_copy("a"))
    for number in range(100):
        kept.put("t", (False, "/trials/", f"q={number}"), a_copy("b"))
    assert kept.get("t", (False, "/", "")) is not None
    assert sum(kept.get("t", (False, "/trials/", f"q={number}")) is not None for number in range(100)) == 2


def test_a_page_larger_than_all_room_is_not_kept() -> None:
    kept = copies.Copies(most_bytes=45_000)
    kept.get("t", (False, "/", ""))
    kept.put("t", (False, "/", ""), a_copy("a", 50_000))
    assert kept.get("t", (False, "/", "")) is None


def test_a_copy_of_an_older_version_is_not_put_among_the_new_ones() -> None:
    kept = copies.Copies()
    kept.get("new", (False, "/", ""))
    kept.put("old", (False, "/", ""), a_copy("a"))
    assert kept.get("new", (False, "/", "")) is None


def test_very_long_addresses_are_not_kept(eight_studies: None, client: Client) -> None:
    copies.known_part.cache_clear()  # a full cache grows no more
    assert client.get("/trials/?design=randomised").status_code == 200
    assert copies.known_part.cache_info().currsize == 1
    address = "/trials/?" + "&".join(f"design={'x' * 20}{number}" for number in range(40))
    assert client.get(address).status_code == 400
    assert client.get("/trials/?x=" + "y" * 3000).status_code == 200
    assert copies.known_part.cache_info().currsize == 1


def test_many_who_ask_at_once_wait_for_one(transactional_db: None, rf: RequestFactory) -> None:
    make_trial()
    rendered, go_on = [], threading.Event()

    def slow_view(request: HttpRequest) -> HttpResponse:
        rendered.append(request)
        go_on.wait(10)
        return HttpResponse("the page")

    middleware = copies.middleware(slow_view)
    answers: list[bytes] = []

    def ask() -> None:
        try:
            answers.append(middleware(rf.get("/trials/")).content)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    while not rendered:
        pass
    go_on.set()
    for thread in threads:
        thread.join()
    assert answers == [b"the page"] * 4
    assert len(rendered) == 1


# --- Every public view is copied, and nothing else ------------------------------------------------------------


@pytest.mark.parametrize("address", ["/robots.txt", "/.well-known/security.txt"])
def test_what_needs_no_database_may_be_kept_by_nginx_alone(client: Client, settings: Any, address: str) -> None:
    settings.CONTACT_EMAIL = "contact@ardsinfo.example.org"
    response, cost = queries(client, address)
    assert (response.status_code, cost) == (200, 0)
    assert {name: response.headers[name] for name in ("Cache-Control", "X-Accel-Expires", "Vary")} == {
        "Cache-Control": "public, max-age=0, must-revalidate",
        "X-Accel-Expires": "1",
        "Vary": "Accept-Encoding",
    }


def test_a_file_that_is_not_there_is_not_kept(client: Client, settings: Any) -> None:
    settings.CONTACT_EMAIL = ""
    response = client.get("/.well-known/security.txt")
    assert response.status_code == 404
    assert "X-Accel-Expires" not in response.headers


@pytest.mark.parametrize("address", ["/account/login/", "/admin/login/", "/account/password/reset/"])
def test_no_page_of_the_log_in_is_copied(address: str) -> None:
    assert copies.known_part(address, "") is None
