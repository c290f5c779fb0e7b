"""The error pages. They need no database, and no template if the templates are the fault."""

import logging
import sys

from django.conf import settings
from django.db import DataError, Error, IntegrityError, NotSupportedError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django_guid import get_guid

FAULTS_OF_A_QUERY = (DataError, IntegrityError, NotSupportedError, ProgrammingError)

log = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an uncaught exception: 503 if the database is away, or cannot be written to, and otherwise 500."""
    error = sys.exc_info()[1]
    if isinstance(error, Error) and not isinstance(error, FAULTS_OF_A_QUERY):
        return error_page("unavailable.html", 503, {"Retry-After": "30"})
    return error_page("500.html", 500)


# Django's own handlers read the form of the request for its CSRF token, and fail where the form cannot be read.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page("400.html", 400)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def error_page(template: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return a page that no cache stores and that needs no request; plain text where it cannot be rendered."""
    headers = {"Cache-Control": "no-store"} | (headers or {})
    try:
        return HttpResponse(render_to_string(template, {"site_url": settings.SITE_URL}), status=status, headers=headers)
    except Exception:
        log.exception("The page %s could not be rendered", template)
    text = f"Something went wrong at ARDSinfo. Please try again in a few minutes.\n{get_guid()}\n"
    return HttpResponse(text, status=status, headers=headers, content_type="text/plain; charset=utf-8")
