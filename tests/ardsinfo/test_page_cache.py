"""The page cache: what is cached, under which key, and what a reader is sent."""

import gzip
from typing import Any

import brotli
import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from ardsinfo.page_cache import cached_page

ABOUT = "/about/"
pytestmark = pytest.mark.urls(__name__)


class Content:
    """What the view below shows, and its version."""

    text = ""
    version = ""


@cached_page("sort")
def about(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{Content.text} {request.META['QUERY_STRING']}", status=200 if Content.text else 404)


def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Content.text)


@cached_page("sort", "*")
def naming(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"Asked: {request.META['QUERY_STRING']}")


urlpatterns = [
    path("about/", about),
    path("naming/", naming),
    path("private/", private),
    path("", include("ardsinfo.urls")),
]


def version() -> str:
    return Content.version


def broken_version() -> str:
    raise OperationalError


@pytest.fixture(autouse=True)
def first_text(settings: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": request.node.name}
    settings.CACHES = settings.CACHES | {"pages": cache}
    settings.PAGE_CACHE_VERSION = f"{__name__}.version"
    monkeypatch.setattr(Content, "text", "First text.")
    monkeypatch.setattr(Content, "version", "1")


def test_page_is_rendered_once_for_one_content_version(client: Client) -> None:
    first = client.get(ABOUT)
    Content.text = "Second text."
    assert client.get(ABOUT).content == first.content


def test_new_content_version_shows_the_change(client: Client) -> None:
    client.get(ABOUT)
    Content.text = "Second text."
    Content.version = "2"
    assert "Second text." in client.get(ABOUT).content.decode()


def test_session_is_never_answered_from_the_cache(client: Client) -> None:
    client.get(ABOUT)
    Content.text = "Second text."
    client.cookies["sessionid"] = "a" * 32
    response = client.get(ABOUT)
    assert "Second text." in response.content.decode()
    assert response.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0", None),
        ("", None),
    ],
)
def test_page_comes_in_an_encoding_that_the_reader_accepts(client: Client, accepted: str, encoding: str | None) -> None:
    response = client.get(ABOUT, headers={"Accept-Encoding": accepted})
    decode = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert response.headers.get("Content-Encoding") == encoding
    assert b"First text." in decode(response.content)
    assert response.headers["Content-Length"] == str(len(response.content))
    assert response.headers["Vary"] == "Accept-Encoding"


def test_unchanged_page_is_answered_with_304(client: Client) -> None:
    etag = client.get(ABOUT).headers["ETag"]
    response = client.get(ABOUT, headers={"If-None-Match": etag})
    assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", etag)


def test_page_that_is_rendered_again_to_the_same_bytes_keeps_its_etag(client: Client) -> None:
    gzipped = {"Accept-Encoding": "gzip"}
    etag = client.get(ABOUT, headers=gzipped).headers["ETag"]
    Content.version = "2"
    assert client.get(ABOUT, headers=gzipped).headers["ETag"] == etag


def test_unknown_parameters_share_one_page_and_do_not_reach_the_view(client: Client) -> None:
    first = client.get(f"{ABOUT}?utm_source=a")
    Content.text = "Second text."
    assert client.get(f"{ABOUT}?utm_source=b").content == first.content


def test_view_that_names_unknown_parameters_does_not_see_their_values(client: Client) -> None:
    assert client.get("/naming/?utm_source=a&sort=oldest").content == b"Asked: sort=oldest&utm_source="
    assert client.get("/naming/?utm_source=b&sort=oldest").content == b"Asked: sort=oldest&utm_source="
    assert client.get("/naming/").content == b"Asked: "


def test_known_parameters_have_pages_of_their_own(client: Client) -> None:
    assert client.get(f"{ABOUT}?sort=oldest").content == b"First text. sort=oldest"
    assert client.get(ABOUT).content == b"First text. "


def test_cached_page_keeps_the_security_headers_and_no_request_id(client: Client) -> None:
    client.get(ABOUT)
    response = client.get(ABOUT)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "X-Request-ID" not in response.headers
    assert response.headers["Cache-Control"] == "public, max-age=0, s-maxage=1, must-revalidate"


def test_head_is_answered_from_the_same_page(client: Client) -> None:
    length = client.get(ABOUT).headers["Content-Length"]
    assert client.head(ABOUT).headers["Content-Length"] == length


def test_error_is_not_cached(client: Client) -> None:
    Content.text = ""
    assert client.get(ABOUT).status_code == 404
    Content.text = "First text."
    assert client.get(ABOUT).status_code == 200


def test_unknown_host_is_refused_though_the_page_is_cached(client: Client) -> None:
    client.get(ABOUT)
    assert client.get(ABOUT, headers={"Host": "other.example.org"}).status_code == 400


def test_plain_http_is_redirected_though_the_page_is_cached(client: Client, settings: Any) -> None:
    client.get(ABOUT, secure=True)
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(ABOUT).status_code == 301


def test_view_without_the_mark_is_not_cached(client: Client) -> None:
    assert "ETag" not in client.get("/private/").headers
    Content.text = "Second text."
    assert client.get("/private/").content == b"Second text."


def test_page_is_rendered_while_the_version_cannot_be_read(client: Client, settings: Any) -> None:
    settings.PAGE_CACHE_VERSION = f"{__name__}.broken_version"
    assert client.get(ABOUT).content == b"First text. "
