"""The overview."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.listing.snapshot import snapshot
from trials.models import Page
from trials.presenters.overview import Overview
from trials.presenters.prose import render_markdown, split_first_section
from trials.views.pages import Preview, page_response

BEFORE_ITS_TEXT = "Studies of mesenchymal stem/stromal cells (MSCs) in acute respiratory distress syndrome (ARDS)."


@cached_page()
@require_safe
@snapshot()
def overview(request: HttpRequest) -> HttpResponse:
    page = Page.objects.public().filter(slug="overview").first()
    return overview_page(request, page or Page(slug="overview", title="ARDSinfo", lead=BEFORE_ITS_TEXT))


def overview_page(request: HttpRequest, page: Page, preview: Preview = None) -> HttpResponse:
    short_answer, background = split_first_section(render_markdown(page.body))
    context = {"overview": Overview(), "short_answer": short_answer, "background": background, "preview": preview}
    return page_response(request, "trials/overview.html", page, context)
