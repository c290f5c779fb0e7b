"""Answers to other programs: with an entity tag, open to scripts of other sites, and problems as RFC 9457 has them."""

from collections.abc import Callable, Collection
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from trials.exports.formats import FORM, content_date, dumps
from trials.listing.filters import ParametersFilter, quoted
from trials.listing.snapshot import snapshot
from trials.models import Trial
from trials.views.study import redirect_from_former_slug
from trials.workflow.versions import content_version

PROBLEM = "application/problem+json"
_TYPES = (PROBLEM, "application/json", "text/plain", "text/html")
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT = OPEN | {
    "Allow": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Accept, If-None-Match",
}
Errors = list[tuple[str, str]]  # parameter, what is wrong with it


class Problem(Exception):
    """What is wrong with a request, for `for_programs` to answer."""

    def __init__(self, status: HTTPStatus, detail: str, errors: Errors | None = None) -> None:
        self.status, self.detail, self.errors = status, detail, errors or []


def for_programs(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let scripts of other sites read what the view answers, its problems too. Their requests have no cookies.

    A browser asks by OPTIONS before it sends a header such as If-None-Match for them.
    """

    @csrf_exempt  # a POST is answered 405, and not 403
    @require_http_methods(["GET", "HEAD", "OPTIONS"])
    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers=PREFLIGHT)
        try:
            with snapshot():
                response = view(request, **kwargs)
        except Problem as problem:
            response = _refusal(request, problem)
        except Http404:
            response = _refusal(request, Problem(HTTPStatus.NOT_FOUND, "No study has this address."))
        for name, value in OPEN.items():
            response[name] = value
        return response

    return answer


def redirect_or_gone(slug: str, view_name: str) -> HttpResponse:
    """Redirect from a former address of a study. Raises Problem for one that was taken off, and Http404 for others."""
    if archived := Trial.objects.once_public().filter(slug=slug).first():
        address = settings.SITE_URL + archived.get_absolute_url()
        raise Problem(HTTPStatus.GONE, f"This study was taken off. {address} says when and why.")
    return redirect_from_former_slug(slug, view_name)


def conditional_response(request: HttpRequest, response: Any) -> Any:
    """Return the response, or 304 if the program has it already: it is made of the present content and the address.

    A response that has an entity tag of its own keeps it.
    """
    if "ETag" not in response:
        parts = (content_version(), content_date(), FORM, settings.SITE_URL, request.get_full_path())
        response["ETag"] = quote_etag(sha256(repr(parts).encode()).hexdigest()[:32])
    response["Cache-Control"] = "public, max-age=0, s-maxage=1, must-revalidate"  # as for pages
    return get_conditional_response(request, response["ETag"], response=response)


def check_parameters(
    request: HttpRequest, known: Collection[str], filterset: ParametersFilter | None = None, more: Errors | None = None
) -> None:
    """Raise Problem if a parameter is not known here or has a wrong value. `more` is wrong too."""
    names = f"The parameters are {', '.join(known)}." if known else "There are none."
    errors = [(name, f"{quoted(name)} is not a parameter here. {names}") for name in request.GET if name not in known]
    errors += [(name, message) for name, _, message in (filterset.problems if filterset else [])]
    if errors := [*errors, *(more or [])]:
        raise Problem(HTTPStatus.BAD_REQUEST, "Nothing was read: a parameter is wrong.", errors)


def _refusal(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the problem in the form that the request prefers: as JSON, or as plain text to a person."""
    if request.get_preferred_type(_TYPES) in ("text/plain", "text/html"):
        lines = [problem.detail, *(f"{name}: {message}" for name, message in problem.errors)]
        text, media_type = "\n".join(lines), "text/plain; charset=utf-8"
    else:
        status = problem.status
        data: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status}
        data["detail"] = problem.detail
        if problem.errors:
            data["errors"] = [{"parameter": quoted(name)[1:-1], "detail": each} for name, each in problem.errors]
        text, media_type = dumps(data), PROBLEM
    response = HttpResponse(text + "\n", media_type, problem.status, headers={"Cache-Control": "no-store"})
    patch_vary_headers(response, ["Accept"])
    return response
