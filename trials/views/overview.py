"""The overview."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.listing.snapshot import snapshot
from trials.models import Page
from trials.presenters.overview import Overview
from trials.presenters.prose import render_markdown, split_first_section
from trials.views.pages import Preview, page_response


@cached_page()
@require_safe
@snapshot()
def overview(request: HttpRequest) -> HttpResponse:
    return overview_page(request, get_object_or_404(Page.objects.public(), slug="overview"))


def overview_page(request: HttpRequest, page: Page, preview: Preview = None) -> HttpResponse:
    short_answer, background = split_first_section(render_markdown(page.body))
    context = {"overview": Overview(), "short_answer": short_answer, "background": background, "preview": preview}
    return page_response(request, "trials/overview.html", page, context)
