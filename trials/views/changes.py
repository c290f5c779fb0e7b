"""What changed and when: of one study, and lately on the whole site."""

from itertools import groupby
from typing import Any

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports import pages as exports
from trials.listing.filters import quoted
from trials.models import Trial
from trials.presenters.changelog import live_revisions, published_changes, recent_revisions
from trials.views.study import redirect_from_former_slug
from trials.views.taken_off import taken_off

PAGE_SIZE = 20


def _page_context(request: HttpRequest, found: QuerySet[Any]) -> tuple[dict[str, Any], int]:
    """Return the context for the page that was asked for, and the status of the response."""
    asked, paginator = " ".join(request.GET.getlist("page")) or "1", Paginator(found, PAGE_SIZE)
    try:
        page = paginator.page(asked)
    except EmptyPage:
        last = paginator.num_pages
        return {"page": [], "problem": f"There is no page {quoted(asked)}. The last page is {last}."}, 404
    except PageNotAnInteger:
        return {"page": [], "problem": f"{quoted(asked)} is not a page number."}, 400
    numbers = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page": page, "paginator": paginator, "page_numbers": numbers}, 200


@cached_page("page")
@require_safe
def trial_history(request: HttpRequest, slug: str) -> HttpResponse:
    trial = Trial.objects.once_public().filter(slug=slug).first()
    if trial is None:
        return redirect_from_former_slug(slug, "trials:trial-history")
    if not trial.is_public:
        return taken_off(request, trial)
    context, status = _page_context(request, live_revisions(trial))
    offered = exports.of_page(f"{slug}-history", f"Changes to the entry for {trial.short_name}", request.path)
    context |= {"trial": trial, "changes": published_changes(context["page"], trial), "exports": offered}
    return offered.add_links(render(request, "trials/history.html", context, status=status))


@cached_page("page")
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    context, status = _page_context(request, recent_revisions())
    found = published_changes(context["page"])
    by_day = groupby(found, lambda change: localdate(change.revision.made_at))
    context["days"] = [(day, list(of_day)) for day, of_day in by_day]
    context["exports"] = offered = exports.of_page("changes", "Recent changes", request.path)
    return offered.add_links(render(request, "trials/changes.html", context, status=status))
