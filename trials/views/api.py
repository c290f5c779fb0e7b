"""The interface for programs, version 1. It is read-only, and described in trials/exports/openapi.json."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, set_response_etag
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports import deaths_json, paging, study_json
from trials.exports.formats import content_date, dumps, iso_day
from trials.exports.pages import NOT_IN_FILES, of_page
from trials.exports.streams import SHOWN_STEPS, with_versions
from trials.listing.filters import TrialFilter
from trials.listing.snapshot import snapshot
from trials.models import Trial
from trials.models.trial import ORDERS
from trials.presenters.changelog import PublishedChange, published_changes, recent_revisions
from trials.views.files import CACHE, NOT_FOUND, content_etag
from trials.views.problems import Errors, problem, wrong_parameters
from trials.views.study import redirect_from_former_slug

DESCRIPTION = Path(study_json.__file__).with_name("openapi.json")
WRONG = "Nothing was read: a parameter is wrong."
FILTERS = tuple(name for name in TrialFilter.base_filters if name not in NOT_IN_FILES)
CHANGES_ORDER = ("-made_at", "kind", "name", "-number")


class PageForm(forms.Form):
    limit = forms.IntegerField(min_value=1, max_value=paging.MOST, required=False)
    after = forms.CharField(max_length=2000, required=False, strip=False)


PAGING = tuple(PageForm.base_fields)


def answer(request: HttpRequest, data: dict[str, Any], links: list[str] = []) -> HttpResponseBase:  # noqa: B006
    """Return JSON that any page may read, or 304 if the program has it already."""
    response: Any = HttpResponse(dumps(data) + "\n", content_type="application/json")
    response["Cache-Control"], response["ETag"] = CACHE, content_etag(request)
    response = get_conditional_response(request, response["ETag"], response=response)
    if links:
        response["Link"] = ", ".join(links)
    return shared(response)


def shared(response: Any) -> Any:
    """Let scripts of other sites read the response. Cookies are not sent with such a request."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag, Link"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def refused(request: HttpRequest, errors: Errors) -> HttpResponseBase:
    return shared(problem(request, HTTPStatus.BAD_REQUEST, WRONG, errors))


def page(
    request: HttpRequest,
    records: QuerySet[Any],
    order: tuple[str, ...],
    name: str,
    serialise: Callable[[list[Any]], list[Any]],
    errors: Errors,
) -> HttpResponseBase:
    """Return one page of the records in this order, with a link to the next one if there is one."""
    form = PageForm(request.GET)
    errors += [(field, " ".join(map(str, messages))) for field, messages in form.errors.items()]
    limit, cursor = (form.cleaned_data.get(field) for field in PAGING)
    try:
        found = paging.after(records, order, cursor) if cursor else records.order_by(*order)
    except ValueError as error:
        errors.append(("after", f"{error} Take the address of the next page from the Link header."))
    if errors:
        return refused(request, errors)
    limit = limit or paging.LIMIT
    shown = list(found[: limit + 1])
    links = []
    if len(shown) > limit:
        query = request.GET.copy()
        query["after"] = paging.cursor_of(shown[limit - 1], order)
        links.append(f'<{settings.SITE_URL}{request.path}?{query.urlencode()}>; rel="next"')
    head = {"version_date": iso_day(content_date()) or None, "licence": study_json.LICENCE}
    return answer(request, head | {name: serialise(shown[:limit])}, links)


def _filtered(request: HttpRequest) -> tuple[TrialFilter, tuple[str, ...], Errors]:
    """Return the filter, the order that it asks for, and what is wrong with the parameters."""
    filterset = TrialFilter(request.GET)
    order = ORDERS[filterset.chosen.get("sort", "newest")]
    return filterset, order, wrong_parameters(request, (*FILTERS, *PAGING), filterset)


@require_safe
@snapshot()
def trials(request: HttpRequest) -> HttpResponseBase:
    filterset, order, errors = _filtered(request)
    found = with_versions(filterset.qs.with_rows())
    return page(request, found, order, "trials", lambda shown: [study_json.study(each) for each in shown], errors)


@require_safe
@snapshot()
def trial(request: HttpRequest, slug: str) -> HttpResponseBase:
    if errors := wrong_parameters(request, ()):
        return refused(request, errors)
    found = with_versions(Trial.objects.public().with_rows().filter(slug=slug)).first()
    if found:
        return answer(request, study_json.study(found))
    try:
        return shared(redirect_from_former_slug(slug, "trials:api-trial"))
    except Http404:
        return shared(problem(request, HTTPStatus.NOT_FOUND, NOT_FOUND))


@require_safe
@snapshot()
def deaths(request: HttpRequest) -> HttpResponseBase:
    filterset, order, errors = _filtered(request)
    found = filterset.qs.filter(cells_out_of__gt=0, comparison_out_of__gt=0).prefetch_related("arms", "counts__arm")
    return page(request, found, order, "deaths", lambda shown: list(map(deaths_json.row, shown)), errors)


@require_safe
@snapshot()
def changes(request: HttpRequest) -> HttpResponseBase:
    errors = wrong_parameters(request, PAGING)
    return page(request, recent_revisions(), CHANGES_ORDER, "changes", _changes, errors)


def _changes(revisions: list[Any]) -> list[dict[str, Any]]:
    return list(map(_change, published_changes(revisions)))


def _change(change: PublishedChange) -> dict[str, Any]:
    revision = change.revision
    return {
        "kind": revision.kind,
        "name": change.name,
        "url": settings.SITE_URL + change.record.get_absolute_url(),
        "version": revision.number if revision.step in SHOWN_STEPS else None,
        "made_at": revision.made_at.isoformat(),
        "event": change.event,
        "values": [{"label": each.label, "before": each.before, "after": each.after} for each in change.values],
        "reasons": change.reasons,
    }


@require_safe
def description(request: HttpRequest) -> HttpResponseBase:
    response: Any = set_response_etag(HttpResponse(DESCRIPTION.read_bytes(), content_type="application/json"))
    response["Cache-Control"] = CACHE
    return shared(get_conditional_response(request, response["ETag"], response=response))


@require_safe
def unknown(request: HttpRequest, rest: str) -> HttpResponseBase:
    return shared(
        problem(request, HTTPStatus.NOT_FOUND, "The interface has no such address. See /api/v1/openapi.json.")
    )


@cached_page()
@require_safe
def examples(request: HttpRequest) -> HttpResponse:
    exports = of_page("api", "The interface for programs", request.path)
    context = {"exports": exports, "api": settings.SITE_URL + reverse("trials:api-examples")}
    return exports.add_links(render(request, "trials/exports/api.html", context))
