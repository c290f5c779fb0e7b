"""Where the titles, papers and registrations of the studies differ."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.listing.snapshot import snapshot
from trials.presenters.differences import Differences


@cached_page()
@require_safe
@snapshot()
def disagreements(request: HttpRequest) -> HttpResponse:
    return render(request, "trials/disagreements.html", {"page": Differences()})
