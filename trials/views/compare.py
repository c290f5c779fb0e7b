"""Studies side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.listing.snapshot import snapshot
from trials.presenters.compare import PARAMETERS, Comparison


@cached_page(*PARAMETERS)
@require_safe
@snapshot()
def compare(request: HttpRequest) -> HttpResponse:
    comparison = Comparison(request.GET)
    return render(request, "trials/compare.html", {"comparison": comparison}, status=comparison.status)
