"""What a response tells a browser to refuse, and security.txt."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.templatetags.static import static
from django.test import Client

from ardsinfo.security_txt import EXPIRES

SECURITY_TXT = "/.well-known/security.txt"
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), usb=()"
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/trials/", 200),
        ("/nothing/", 404),
        ("/trials?q=x", 301),
        ("/account/login/", 200),
        ("/admin/", 302),
        ("/static/css/site.css", 200),
        ("/healthz", 200),
    ],
)
def test_response_has_the_security_headers(client: Client, address: str, status: int) -> None:
    response = client.get(address)
    response.close()
    assert response.status_code == status
    assert set(response.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.django_db
def test_refused_form_has_the_security_headers() -> None:
    response = Client(enforce_csrf_checks=True).post("/account/login/", {})
    assert response.status_code == 403
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/trials/", "/nothing/", "/robots.txt", "/changes.atom"])
def test_reader_gets_no_cookie(client: Client, address: str) -> None:
    response = client.get(address)
    assert dict(response.cookies) == {}
    assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("gzip;q=0, identity", None),
        ("GZIP; Q=0.000 , br ; q=0", None),
        ("*;q=0", None),
    ],
)
def test_static_file_comes_in_no_encoding_that_is_refused(
    built_static: Path, client: Client, accepted: str, encoding: str | None
) -> None:
    address = static("css/site.css")
    response = client.get(address, headers={"Accept-Encoding": accepted})
    response.close()
    assert response.headers.get("Content-Encoding") == encoding
    assert response.headers["ETag"].startswith('W/"')  # it is the same for each encoding
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.django_db
@pytest.mark.parametrize(("condition", "status"), [({}, 206), ({"If-Range": '"of another version"'}, 200)])
def test_part_of_a_static_file_is_of_the_version_that_was_asked_for(
    built_static: Path, client: Client, condition: dict[str, str], status: int
) -> None:
    response = client.get(static("css/site.css"), headers={"Range": "bytes=0-9"} | condition)
    response.close()
    assert response.status_code == status


@pytest.mark.django_db
def test_security_txt_names_the_contact_and_its_expiry(client: Client, settings: Any) -> None:
    settings.CONTACT_EMAIL = "desk@ardsinfo.example.org"
    settings.SITE_URL, settings.HTTPS = "https://ardsinfo.example.org", True
    lines = client.get(SECURITY_TXT).content.decode().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "Contact: mailto:desk@ardsinfo.example.org",
        f"Expires: {EXPIRES:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        "Canonical: https://ardsinfo.example.org/.well-known/security.txt",
    ]


@pytest.mark.django_db
def test_security_txt_needs_a_contact(client: Client) -> None:
    assert client.get(SECURITY_TXT).status_code == 404


def test_security_txt_expires_in_two_months_to_a_year() -> None:
    """If this fails, review ardsinfo/security_txt.py and SECURITY.md, and set the date to a year from now."""
    assert timedelta(days=60) < EXPIRES - datetime.now(UTC) < timedelta(days=366)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ["/", "/trials/", "/changes.atom", "/sitemap.xml", "/healthz", SECURITY_TXT])
def test_public_page_answers_405_to_other_methods_with_or_without_a_token(address: str, method: str) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)(address)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
