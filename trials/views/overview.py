"""The overview."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.listing.snapshot import snapshot
from trials.models import Page
from trials.presenters.overview import Overview
from trials.presenters.prose import split_first_section
from trials.views.pages import page_context

BEFORE_ITS_TEXT = "Studies of mesenchymal stem/stromal cells (MSCs) in acute respiratory distress syndrome (ARDS)."


@cached_page()
@require_safe
@snapshot()
def overview(request: HttpRequest) -> HttpResponse:
    page = Page.objects.public().filter(slug="overview").first()
    return overview_page(request, page or Page(slug="overview", title="ARDSinfo", lead=BEFORE_ITS_TEXT))


def overview_page(request: HttpRequest, page: Page, preview: dict[str, Any] | None = None) -> HttpResponse:
    """Return the overview with the text of this page. `preview` fills the banner of a page that only staff see."""
    context = page_context(page) | {"overview": Overview(), "preview": preview}
    context["short_answer"], context["background"] = split_first_section(context["body"])
    return render(request, "trials/overview.html", context)
