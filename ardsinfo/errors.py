"""The pages for what we did wrong (500) and for a database that does not do its part (503). They need no database.

An editor gets back what was typed, in the page itself: where nothing can be written, nothing else can keep it.
"""

import logging
import sys

from django.conf import settings
from django.db import DataError, Error, IntegrityError, NotSupportedError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import escape_leading_slashes

from ardsinfo.request_id import current
from trials.admin import kept

# What is wrong with what we asked, and not with the database.
OUR_OWN = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
RETRY_AFTER = 30  # seconds

log = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler of an exception that nobody caught, wherever it was raised: 503 if the database is the cause."""
    error = sys.exc_info()[1]
    if isinstance(error, Error) and not isinstance(error, OUR_OWN):
        response = page(request, "unavailable.html", 503)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response
    return page(request, "500.html", 500)


# Django's own handlers look for the token of a form before they answer, and so fail on a form that cannot be read.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(render_to_string("400.html", {"site_url": settings.SITE_URL}), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """The page with what an editor typed; without that, or without any template, rather than no page."""
    headers = {"Cache-Control": "no-store"}
    try:
        typed = _typed(request)
    except Exception:
        typed = {}  # what was sent is no form
    try:
        context = {"site_url": settings.SITE_URL, **typed}
        return HttpResponse(render_to_string(template, context), status=status, headers=headers)
    except Exception:
        log.exception("The page %s could not be made", template)
    text = f"Something went wrong at ARDSinfo. The fault is ours. Please try again in a few minutes.\n{current()}\n"
    return HttpResponse(text, status=status, headers=headers, content_type="text/plain; charset=utf-8")


def _typed(request: HttpRequest) -> dict[str, object]:
    """The fields of a form that we gave to an editor, and where it goes. Nothing for any other form."""
    if request.method != "POST" or kept.owner(request) is None:
        return {}
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    return {"fields": fields, "address": escape_leading_slashes(request.get_full_path())}
