"""What every response tells a browser to refuse, and that the pages themselves need none of it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.dom import parse, tree
from tests.tools import PROJECT, PUBLIC_PAGES

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
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
eight = pytest.mark.usefixtures("eight_studies")


def policy(response) -> dict[str, str]:
    directives = (part.strip().partition(" ") for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in directives}


def assert_guarded(response) -> None:
    assert policy(response) == POLICY
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


@eight
@pytest.mark.parametrize(
    ("address", "status"),
    [
        *((address, None) for address in PUBLIC_PAGES.values()),
        ("/sitemap.xml", 200),
        ("/robots.txt", 200),
        ("/nothing/", 404),
        ("/overview/", 301),
        ("/trials?q=x", 301),
        ("/account/login/", 200),
        ("/admin/", 302),
    ],
)
def test_response_is_guarded(client: Client, address: str, status: int | None) -> None:
    response = client.get(address)
    assert status in (None, response.status_code)
    assert_guarded(response)


@pytest.mark.django_db
def test_refusal_of_a_form_and_of_a_method_are_guarded() -> None:
    client = Client(enforce_csrf_checks=True)
    refused = client.post("/admin/login/", {})
    assert refused.status_code == 403
    assert_guarded(refused)
    assert_guarded(Client().post("/trials/"))


@eight
def test_server_error_is_guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trials.views.studies.listing", None)
    response = Client(raise_request_exception=False).get("/trials/")
    assert response.status_code == 500
    assert_guarded(response)


def test_maintenance_page_is_guarded(client: Client, settings) -> None:
    settings.MAINTENANCE = True
    response = client.get("/")
    assert response.status_code == 503
    assert_guarded(response)


def test_static_file_is_guarded(client: Client) -> None:
    response = client.get("/static/css/site.css")
    assert b"".join(response).startswith(b"/*")
    assert_guarded(response)


def test_policy_allows_nothing_inline_and_no_other_host(client: Client) -> None:
    said = client.get("/robots.txt").headers["Content-Security-Policy"]
    assert "unsafe" not in said
    assert "http" not in said
    assert "*" not in said
    assert "data:" not in said


@eight
@pytest.mark.parametrize("address", [*PUBLIC_PAGES.values(), "/nothing/", "/sitemap.xml", "/robots.txt"])
def test_reader_gets_no_cookie(client: Client, address: str) -> None:
    response = client.get(address)
    assert dict(response.cookies) == {}
    assert "Cookie" not in response.headers.get("Vary", "")


# --- The pages keep to it -------------------------------------------------------------------------------------

LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("img", "srcset"), ("source", "srcset"), ("use", "href")}


def loaded_by(page) -> Iterator[str]:
    """The addresses that a browser asks for by itself."""
    for element in page.everything():
        for tag, attribute in LOADED:
            names_only = element.get("rel") in ("canonical", "alternate")  # told of, not loaded
            if element.tag == tag and attribute in element.attrs and not names_only:
                yield element[attribute]


@eight
@pytest.mark.parametrize(
    "address", [*PUBLIC_PAGES.values(), "/nothing/", "/trials/monsel-2022/", "/trials/dilogo-2021/"]
)
def test_page_has_nothing_inline_and_loads_from_this_host_only(client: Client, address: str) -> None:
    page = tree(client.get(address))
    for element in page.everything():
        bad = [name for name in element.attrs if name == "style" or name.startswith("on")]
        assert bad == [], f"<{element.tag} {element.attrs}>"
        assert element.tag not in ("style", "iframe", "object", "embed", "video", "audio"), element.tag
        if element.tag == "script":
            assert (element.get("src") != "", element.text) == (True, "")
        for name in ("href", "src", "action"):
            assert not re.match(r"\s*(javascript|data|vbscript):", element.get(name), re.IGNORECASE)
    loaded = list(loaded_by(page))
    assert "/static/css/site.css" in loaded
    assert [address for address in loaded if not re.match(r"/static/[a-z]", address)] == []
    assert {form["action"] for form in page.all("form")} <= {"/trials/"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["403.html", "404.html", "500.html", "503.html", "unavailable.html"])
def test_problem_page_has_nothing_inline(name: str, rf) -> None:
    page = parse(render_to_string(name, request=rf.get("/")))
    assert page.all("script") == page.all("style") == []
    assert [e.attrs for e in page.everything() if "style" in e.attrs or any(n.startswith("on") for n in e.attrs)] == []
    assert all(address.startswith("/static/") for address in loaded_by(page))


@pytest.mark.parametrize("file", sorted((PROJECT / "static").rglob("*.*")), ids=lambda file: file.name)
def test_static_file_asks_for_nothing_elsewhere(file) -> None:
    if file.suffix == ".png":
        assert file.read_bytes().startswith(b"\x89PNG")
        return
    text = file.read_text()
    assert "@import" not in text
    hosts = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text)) - {"http://www.w3.org"}  # a name space
    assert hosts == set()
    assert re.findall(r"url\((?!#)[^)]*\)", text) == []


# --- Behind HTTPS ---------------------------------------------------------------------------------------------

ASK = """
import django
django.setup()
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
from django.core.management import call_command
from django.test import Client
client = Client(headers={"host": "ardsinfo.example.org"})
plain = client.get("/robots.txt?x=1")
print(plain.status_code, plain.headers["Location"])
safe = client.get("/robots.txt", secure=True)
print(safe.status_code, safe.headers["Strict-Transport-Security"])
call_command("migrate", verbosity=0)
form = client.get("/account/login/", secure=True)
cookie = form.cookies["__Host-csrftoken"]
print(cookie["path"], cookie["domain"])
print(cookie["secure"], cookie["httponly"], cookie["samesite"])
print(settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE)
print(client.get("/robots.txt", headers={"host": "elsewhere.example"}, secure=True).status_code)
"""


def test_site_behind_https_is_asked_for_by_https_alone() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ARDSINFO_")}
    run = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=PROJECT,
        env=environment
        | {
            "DJANGO_SETTINGS_MODULE": "ardsinfo.settings",
            "ARDSINFO_SECRET_KEY": "for-tests-only-" * 4,
            "ARDSINFO_SITE_URL": "https://ardsinfo.example.org",
            "DATABASE_URL": "sqlite://:memory:",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines() == [
        "301 https://ardsinfo.example.org/robots.txt?x=1",
        "200 max-age=63072000; includeSubDomains; preload",
        "/ ",
        "True True Lax",
        "True True Lax",
        "400",
    ]
