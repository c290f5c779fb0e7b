"""Deaths across studies."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports import pages as exports
from trials.listing.active_filters import EVIDENCE, PARAMETERS
from trials.listing.snapshot import snapshot
from trials.models import Page
from trials.presenters.deaths import Deaths
from trials.views.pages import Preview, page_response, public_page


@cached_page(*PARAMETERS[EVIDENCE])
@require_safe
@snapshot()
def evidence(request: HttpRequest) -> HttpResponse:
    return evidence_page(request)


def evidence_page(request: HttpRequest, page: Page | None = None, preview: Preview = None) -> HttpResponse:
    deaths, page = Deaths(request.GET), page or public_page("evidence")
    reviewed, chosen = page.last_reviewed if page else None, exports.list_query(request.GET)
    files = [] if deaths.problems else exports.list_files(chosen)
    title = "Deaths across the studies"
    offered = exports.of_page("deaths", title, request.path, reviewed, chosen=chosen, files=files)
    context = {"deaths": deaths, "preview": preview, "exports": offered}
    return page_response(request, "trials/evidence/evidence.html", page, context, status=deaths.status)
