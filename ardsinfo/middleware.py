"""Small middlewares: refused encodings, headers that Django has no setting for, the maintenance page, and no NUL."""

import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from ardsinfo.errors import error_page

GetResponse = Callable[[HttpRequest], HttpResponse]

FEATURES = "accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi payment usb"
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in FEATURES.split())
REFUSED_ENCODING = re.compile(r"[^,;\s]+\s*;\s*q=0(\.0*)?\s*(?=,|$)", re.IGNORECASE)  # weight 0


def negotiation(get_response: GetResponse) -> GetResponse:
    """Take out of the request what WhiteNoise and Django's gzip would misread: they know no weights and no If-Range."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.META["HTTP_ACCEPT_ENCODING"] = REFUSED_ENCODING.sub("", request.META.get("HTTP_ACCEPT_ENCODING", ""))
        if "HTTP_IF_RANGE" in request.META:
            request.META.pop("HTTP_RANGE", None)  # a server may always send the whole file
        return get_response(request)

    return middleware


def headers(get_response: GetResponse) -> GetResponse:
    """Add security headers to every response; let no shared cache store one to a session, nor any an account page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path_info.startswith("/account/"):  # some pages show recovery codes or the secret of an app
            add_never_cache_headers(response)
        elif settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return middleware


def maintenance(get_response: GetResponse) -> GetResponse:
    """Answer 503 to everything but static files and /healthz while ARDSINFO_MAINTENANCE is true."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not settings.MAINTENANCE or request.path_info == "/healthz":
            return get_response(request)
        return error_page("503.html", 503, {"Retry-After": "600"})

    return middleware


def no_nul(get_response: GetResponse) -> GetResponse:
    """Refuse a NUL in a cookie, or in a parameter of staff's pages: PostgreSQL fails when it is asked for one.

    The public views check their few parameters themselves.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        texts = list(request.COOKIES.values())
        if request.path_info.startswith(("/admin/", "/account/")):
            texts += [text for name, values in request.GET.lists() for text in (name, *values)]
        if any("\0" in text for text in texts):
            raise BadRequest("The request holds a NUL.")
        return get_response(request)

    return middleware
