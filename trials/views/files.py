"""Files of the studies on the list, of one study, and of the deaths."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import set_response_etag

from trials.exports import table
from trials.exports.formats import FORMATS, Filters, Format, content_date, iso_day
from trials.exports.pages import NOT_IN_FILES
from trials.listing.filters import EvidenceFilter, TrialFilter
from trials.listing.snapshot import snapshot
from trials.models import Trial
from trials.models.trial import TrialQuerySet
from trials.presenters.deaths import Deaths
from trials.views.programs import check_parameters, conditional_response, for_programs, redirect_or_gone


@for_programs
def list_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return the studies that the list shows with these parameters, all pages of it, in the same order."""
    filterset = TrialFilter(request.GET)
    check_parameters(request, filterset.filters, filterset)
    filters = {key: value for key, value in filterset.chosen.items() if key not in NOT_IN_FILES}
    return _file(request, FORMATS[name], filterset.qs, filters)


@for_programs
def study_file(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    found = Trial.objects.public().filter(slug=slug)
    if not found.exists():
        return redirect_or_gone(slug, f"trials:trial-{name}")
    check_parameters(request, ())
    return _file(request, FORMATS[name], found)


@for_programs
def deaths_file(request: HttpRequest) -> HttpResponseBase:
    """Return the rows of the page of deaths with these parameters."""
    deaths = _deaths(request)
    text = "".join(table.lines(table.DEATHS, [*deaths.rows, *deaths.others]))
    headers = {"Content-Disposition": f'attachment; filename="ardsinfo-deaths-{iso_day(content_date())}.csv"'}
    return conditional_response(request, HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers))


@for_programs
def deaths_picture(request: HttpRequest) -> HttpResponseBase:
    """Return the plot of the page of deaths with these parameters, which pages of other sites may show."""
    context = {"deaths": _deaths(request)}
    picture = render(request, "trials/evidence/deaths.svg", context, content_type="image/svg+xml")
    return conditional_response(request, set_response_etag(picture))  # a release may change how it is drawn


def _deaths(request: HttpRequest) -> Deaths:
    check_parameters(request, EvidenceFilter.base_filters, EvidenceFilter(request.GET))
    return Deaths(request.GET)


def _file(request: HttpRequest, kind: Format, trials: TrialQuerySet, filters: Filters = None) -> HttpResponseBase:
    """Return the file as a stream. Nothing is read for HEAD."""
    chunks = iter(()) if request.method == "HEAD" else _from_one_state(kind.chunks(trials, filters))
    response = StreamingHttpResponse(chunks, content_type=f"{kind.media_type}; charset=utf-8")
    if kind.is_attached:
        # Such as ardsinfo-trials-2026-11-22.csv and ardsinfo-dilogo-2021-outcomes-2026-11-22.csv.
        stem, ending = request.path.removeprefix("/trials/").strip("/").replace("/", "-").rsplit(".", 1)
        name = "-".join(filter(None, ("ardsinfo", stem, iso_day(content_date()))))
        response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return conditional_response(request, response)


def _from_one_state(chunks: Iterator[str]) -> Iterator[str]:
    with snapshot():
        yield from chunks
