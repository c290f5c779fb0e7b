"""What is wrong with a request for a file or of a program: as problem+json (RFC 9457), or as plain text to a person."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from trials.exports.formats import dumps
from trials.listing.filters import TrialFilter, quoted

PROBLEM = "application/problem+json"
_TYPES = (PROBLEM, "application/json", "text/plain", "text/html")

Errors = list[tuple[str, str]]  # parameter, what is wrong with it


def wrong_parameters(request: HttpRequest, known: Collection[str], filterset: TrialFilter | None = None) -> Errors:
    """Return what is wrong with the parameters, those first that are not known here."""
    names = ", ".join(known)
    unknown = [
        (name, f"{quoted(name)} is not a parameter here. {f'Known are {names}.' if names else 'There are none.'}")
        for name in request.GET
        if name not in known
    ]
    problems = [(name, message) for name, _, message in filterset.problems] if filterset else []
    return [*unknown, *problems]


def problem(request: HttpRequest, status: HTTPStatus, detail: str, errors: Errors = []) -> HttpResponse:  # noqa: B006
    """Return the answer in the form that the request prefers."""
    if request.get_preferred_type(_TYPES) in ("text/plain", "text/html"):
        lines = [detail, *(f"{name}: {message}" for name, message in errors)]
        response = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8", status=status)
    else:
        data: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
        if errors:
            data["errors"] = [{"parameter": quoted(name)[1:-1], "detail": message} for name, message in errors]
        response = HttpResponse(dumps(data) + "\n", content_type=PROBLEM, status=status)
    patch_vary_headers(response, ["Accept"])
    response["Cache-Control"] = "no-store"
    return response
