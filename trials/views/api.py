"""The interface for programs, version 1. It is read-only, and described in trials/exports/openapi.json."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import django_filters
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import conditional_page, require_safe

from ardsinfo.page_cache import cached_page
from trials import vocabulary as v
from trials.exports import study_json
from trials.exports.formats import content_date, dumps, iso_day
from trials.exports.pages import NOT_IN_FILES, of_page
from trials.exports.streams import with_versions
from trials.listing.filters import ParametersFilter, TrialFilter, WholeNumberFilter
from trials.models import Trial
from trials.presenters.changelog import PublishedChange, published_changes, recent_revisions
from trials.views.programs import Problem, check_parameters, conditional_response, for_programs, redirect_or_gone

DESCRIPTION = Path(study_json.__file__).with_name("openapi.json")
CHANGES_ORDER = ("-made_at", "kind", "name", "-number")


class Paging(ParametersFilter):
    """Which records of a query are on the page."""

    limit = WholeNumberFilter(label="Records on a page", method="unchanged", min_value=1, max_value=100)
    after = django_filters.CharFilter(label="Last record before", method="unchanged", max_length=2000)


class PagedTrials(Paging, TrialFilter):
    """The studies of the list that are on the page."""


def answer(request: HttpRequest, data: Any, link: str = "") -> HttpResponseBase:
    response = conditional_response(request, HttpResponse(dumps(data) + "\n", content_type="application/json"))
    if link:
        response["Link"] = link
    return response


def page(
    request: HttpRequest,
    filterset: ParametersFilter,
    records: QuerySet[Any],
    name: str,
    serialise: Callable[[list[Any]], list[Any]],
) -> HttpResponseBase:
    """Return one page of these records in their order, with a link to the next one if there is one."""
    limit, cursor, wrong = filterset.chosen.get("limit", 20), filterset.chosen.get("after"), []
    try:
        records = after(records, cursor) if cursor else records
    except BadSignature:
        wrong = [("after", "It is not a cursor. Take the address of the next page from the Link header.")]
    check_parameters(request, [each for each in filterset.filters if each not in NOT_IN_FILES], filterset, wrong)
    shown, link = list(records[: limit + 1]), ""
    if len(shown) > limit:
        query = request.GET.copy()
        query["after"] = cursor_of(shown[limit - 1], order_of(records))
        link = f'<{settings.SITE_URL}{request.path}?{query.urlencode()}>; rel="next"'
    head = {"version_date": iso_day(content_date()) or None, "licence": study_json.LICENCE}
    return answer(request, head | {name: serialise(shown[:limit])}, link)


def order_of(records: QuerySet[Any]) -> list[str]:
    """Return the names that the records are ordered by, the last of which is unique."""
    return list(records.query.order_by or records.model._meta.ordering)


def cursor_of(record: Any, order: list[str]) -> str:
    """Return the place of a record in this order. It is signed, so that its values need no check."""
    return Signer(salt=repr(order)).sign_object([str(getattr(record, name.lstrip("-"))) for name in order])


def after(records: QuerySet[Any], cursor: str) -> QuerySet[Any]:
    """Return the records after a cursor. Raises BadSignature for a text that is no cursor of their order."""
    order, condition, same = order_of(records), Q(), Q()
    for name, value in zip(order, Signer(salt=repr(order)).unsign_object(cursor), strict=True):
        field = name.lstrip("-")
        condition |= same & Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value})
        same &= Q(**{field: value})
    return records.filter(condition)


@for_programs
def trials(request: HttpRequest) -> HttpResponseBase:
    filterset = PagedTrials(request.GET)
    found = with_versions(filterset.qs.with_rows())
    return page(request, filterset, found, "trials", lambda shown: list(map(study_json.study, shown)))


@for_programs
def trial(request: HttpRequest, slug: str) -> HttpResponseBase:
    check_parameters(request, ())
    found = with_versions(Trial.objects.public().with_rows().filter(slug=slug)).first()
    return answer(request, study_json.study(found)) if found else redirect_or_gone(slug, "trials:api-trial")


@for_programs
def deaths(request: HttpRequest) -> HttpResponseBase:
    filterset = PagedTrials(request.GET)
    both = filterset.qs.filter(cells_out_of__gt=0, comparison_out_of__gt=0)
    found = both.prefetch_related("arms", "counts__arm", "judgements")
    return page(request, filterset, found, "deaths", lambda shown: list(map(study_json.deaths, shown)))


@for_programs
def changes(request: HttpRequest) -> HttpResponseBase:
    filterset = Paging(request.GET, recent_revisions())
    found = filterset.qs.order_by(*CHANGES_ORDER)
    return page(request, filterset, found, "changes", lambda shown: list(map(_change, published_changes(shown))))


def _change(change: PublishedChange) -> dict[str, Any]:
    revision = change.revision
    return {
        "kind": revision.kind,
        "name": change.name,
        "url": settings.SITE_URL + change.record.get_absolute_url(),
        "version": revision.number if revision.step != v.Step.ARCHIVED else None,
        "made_at": revision.made_at,
        "event": change.event,
        "values": [{"label": each.label, "before": each.before, "after": each.after} for each in change.values],
        "reasons": change.reasons,
    }


@for_programs
@conditional_page
def description(request: HttpRequest) -> HttpResponse:
    return HttpResponse(DESCRIPTION.read_bytes(), content_type="application/json")


@for_programs
def unknown(request: HttpRequest, rest: str) -> HttpResponseBase:
    raise Problem(HTTPStatus.NOT_FOUND, "The interface has no such address. See /api/v1/openapi.json.")


@cached_page()
@require_safe
def examples(request: HttpRequest) -> HttpResponse:
    exports = of_page("api", "The interface for programs", request.path)
    context = {"exports": exports, "api": settings.SITE_URL + reverse("trials:api-examples")}
    return exports.add_links(render(request, "trials/exports/api.html", context))
