"""What changed and when: of one study, and lately on the whole site."""

import re
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials import changelog
from trials.models import FormerSlug, Trial
from trials.paging import KeysFirst
from trials.views.studies import moved_to

PAGE_SIZE = 20
MOST_LINES = 6  # of one study in the list of all changes; its own history has the rest


def _paged(request: HttpRequest, found: QuerySet[Any]) -> tuple[dict[str, Any], int]:
    """What the template needs to know of the page that was asked for, and the status of the answer."""
    asked = request.GET.get("page", "1")
    paginator = KeysFirst(found, PAGE_SIZE)
    if not re.fullmatch(r"[1-9][0-9]{0,5}", asked):
        return {"problem": f"“{asked[:40]}” is not the number of a page."}, 400
    if int(asked) > paginator.num_pages:
        return {"problem": f"There are {paginator.num_pages} pages and no page {asked}."}, 404
    page = paginator.page(int(asked))
    numbers = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {"page": page, "paginator": paginator, "page_numbers": numbers}, 200


@cached_page("page")
@require_safe
def trial_history(request: HttpRequest, slug: str) -> HttpResponse:
    trial = Trial.objects.public().filter(slug=slug).first()
    if trial is None:
        moved = FormerSlug.objects.filter(slug=slug, trial__in=Trial.objects.public()).select_related("trial").first()
        if moved and not Trial.objects.filter(slug=slug).exists():
            return moved_to(reverse("trials:trial-history", args=[moved.trial.slug]))
        raise Http404
    context, status = _paged(request, changelog.live_history_of(trial))
    entries = changelog.entries(context["page"], trial) if "page" in context else []
    return render(request, "trials/history.html", {"trial": trial, "entries": entries, **context}, status=status)


@cached_page("page")
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    context, status = _paged(request, changelog.lately())
    entries = changelog.entries(context["page"]) if "page" in context else []
    days = [(day, list(of_day)) for day, of_day in groupby(entries, lambda entry: localdate(entry.revision.made_at))]
    return render(
        request,
        "trials/changes.html",
        {"days": days, "most_lines": f":{MOST_LINES}", "most_lines_on": f"{MOST_LINES}:", **context},
        status=status,
    )
