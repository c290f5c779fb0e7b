"""Small middlewares: response headers that Django has no setting for, the maintenance page, and no NUL."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

GetResponse = Callable[[HttpRequest], HttpResponse]

FEATURES = "accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi payment usb"
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in FEATURES.split())


def headers(get_response: GetResponse) -> GetResponse:
    """Add security headers to every response, and let no shared cache store a response to a session."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return middleware


def maintenance(get_response: GetResponse) -> GetResponse:
    """Answer 503 to everything but static files and /healthz while ARDSINFO_MAINTENANCE is true."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not settings.MAINTENANCE or request.path_info == "/healthz":
            return get_response(request)
        return HttpResponse(
            render_to_string("503.html", {"site_url": settings.SITE_URL}),
            status=503,
            headers={"Retry-After": "600", "Cache-Control": "no-store"},
        )

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
