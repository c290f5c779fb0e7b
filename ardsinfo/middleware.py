"""Small middlewares: the response headers Django has no setting for, the maintenance page, and what no text holds."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

GetResponse = Callable[[HttpRequest], HttpResponse]

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


def headers(get_response: GetResponse) -> GetResponse:
    """Add Permissions-Policy and Cross-Origin-Resource-Policy to every response."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


def maintenance(get_response: GetResponse) -> GetResponse:
    """Answer 503 to everything but static files while ARDSINFO_MAINTENANCE is true. Needs no database."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not settings.MAINTENANCE:
            return get_response(request)
        return HttpResponse(
            render_to_string("503.html", {"site_url": settings.SITE_URL}),
            status=503,
            headers={"Retry-After": "600", "Cache-Control": "no-store"},
        )

    return middleware


def no_nul(get_response: GetResponse) -> GetResponse:
    """Refuse an address whose parameters hold a NUL: PostgreSQL would fail when it is asked for one.

    The pages of readers read few parameters, and say themselves what is wrong with them.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(("/admin/", "/account/")):
            for name, values in request.GET.lists():
                if any("\0" in text for text in (name, *values)):
                    raise BadRequest("The address holds a NUL.")
        return get_response(request)

    return middleware
