"""Files of the studies on the list, and of one study."""

from collections.abc import Iterator
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from trials.exports.formats import FORM, FORMATS, Format, Selection, content_date
from trials.listing.filters import TrialFilter
from trials.listing.snapshot import snapshot
from trials.models import Trial
from trials.views.problems import problem, wrong_parameters
from trials.views.study import redirect_from_former_slug
from trials.workflow.versions import content_version

WRONG = "The file was not made: a parameter is wrong."
NOT_FOUND = "No study has this address."
CACHE = "public, max-age=0, s-maxage=1, must-revalidate"  # as for pages


@require_safe
def list_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return the studies that the list shows with these parameters, all pages of it, in the same order."""
    filterset = TrialFilter(request.GET)
    if errors := wrong_parameters(request, filterset.filters, filterset):
        return problem(request, HTTPStatus.BAD_REQUEST, WRONG, errors)
    filters = {key: value for key, value in filterset.chosen.items() if key not in ("view", "page")}
    selection = Selection(filterset.qs, content_date(), filters)
    return file_response(request, FORMATS[name], selection, "outcomes" if name == "outcomes.csv" else "trials")


@require_safe
def study_file(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    found = Trial.objects.public().filter(slug=slug)
    if not found.exists():
        try:
            return redirect_from_former_slug(slug, f"trials:trial-{name}")
        except Http404:
            return problem(request, HTTPStatus.NOT_FOUND, NOT_FOUND)
    if errors := wrong_parameters(request, ()):
        return problem(request, HTTPStatus.BAD_REQUEST, WRONG, errors)
    stem = f"{slug}-outcomes" if name == "outcomes.csv" else slug
    return file_response(request, FORMATS[name], Selection(found, content_date(), one=True), stem)


def content_etag(request: HttpRequest) -> str:
    """Return the entity tag of what is made of the present content for this address."""
    parts = (content_version(), content_date(), FORM, settings.SITE_URL, request.get_full_path())
    return quote_etag(sha256(repr(parts).encode()).hexdigest()[:32])


def file_response(request: HttpRequest, kind: Format, selection: Selection, stem: str) -> HttpResponseBase:
    """Return the file as a stream, or 304 if the reader has it already. Nothing is read for HEAD."""
    chunks = iter(()) if request.method == "HEAD" else _from_one_state(kind, selection)
    response: Any = StreamingHttpResponse(chunks, content_type=f"{kind.media_type}; charset=utf-8")
    if kind.attached:
        name = kind.file_name(stem, selection.date)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"], response["ETag"] = CACHE, content_etag(request)
    response["Access-Control-Allow-Origin"] = "*"
    return get_conditional_response(request, response["ETag"], response=response) or response


def _from_one_state(kind: Format, selection: Selection) -> Iterator[str]:
    with snapshot():
        yield from kind.chunks(selection)
