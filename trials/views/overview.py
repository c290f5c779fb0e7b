"""The overview."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.listing.snapshot import snapshot
from trials.models import Page
from trials.presenters.overview import Overview
from trials.presenters.prose import Explainer, public_glossary, render_markdown


@cached_page()
@require_safe
@snapshot()
def overview(request: HttpRequest) -> HttpResponse:
    page = get_object_or_404(Page.objects.public(), slug="overview")
    context = {
        "page": page,
        "body": render_markdown(page.body),
        "overview": Overview(),
        "explainer": Explainer(public_glossary()),
    }
    return render(request, "trials/overview.html", context)
