"""Where the titles, papers and registrations of the studies differ."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports import pages as exports
from trials.listing.snapshot import snapshot
from trials.presenters.differences import Differences


@cached_page()
@require_safe
@snapshot()
def disagreements(request: HttpRequest) -> HttpResponse:
    offered = exports.of_page("disagreements", "Where title, paper and registry differ", request.path)
    context = {"page": Differences(), "exports": offered}
    return offered.add_links(render(request, "trials/disagreements.html", context))
