"""Studies side by side."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.listing.snapshot import snapshot
from trials.presenters.compare import PARAMETERS, Comparison


@cached_page(*PARAMETERS, names_others=True)
@require_safe
@snapshot()
def compare(request: HttpRequest) -> HttpResponse:
    """Show the studies, or redirect to their address without what else the form of the list sends."""
    if set(request.GET) - {*PARAMETERS}:
        known = QueryDict(mutable=True)
        for name in PARAMETERS:
            known.setlist(name, request.GET.getlist(name))
        return redirect(request.path + (f"?{known.urlencode()}" if known.urlencode() else ""))
    comparison = Comparison(request.GET)
    return render(request, "trials/compare.html", {"comparison": comparison}, status=comparison.status)
