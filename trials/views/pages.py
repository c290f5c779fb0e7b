"""The pages that staff write."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports import pages as exports
from trials.models import GlossaryTerm, Page
from trials.models.page import WITH_RECORDS
from trials.presenters.calculations import calculations
from trials.presenters.glossary import by_letter
from trials.presenters.prose import PAGE_IDS, contents, render_markdown
from trials.views.taken_off import taken_off

Preview = dict[str, Any] | None  # what fills the banner of a page that only staff see


def page_response(
    request: HttpRequest,
    template: str,
    page: Page | None,
    context: dict[str, Any],
    taken: Iterable[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Return a template with the text of a page, in which no heading has an id that is `taken`.

    A page of records is shown without its text where that is not public.
    """
    if page:
        path = page.get_absolute_url()
        text = {
            "page": page,
            "exports": exports.of_page(page.slug, page.title, path, page.last_reviewed),
            "body": render_markdown(page.body, PAGE_IDS | {*taken}),
            "canonical_url": settings.SITE_URL + path,
        }
        context = text | context
    return render(request, template, context, status=status)


def public_page(slug: str) -> Page | None:
    return Page.objects.public().filter(slug=slug).first()


@cached_page()
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug in WITH_RECORDS:
        return redirect(f"trials:{slug}", permanent=True)
    page = get_object_or_404(Page.objects.once_public(), slug=slug)
    return text_page(request, page) if page.is_public else taken_off(request, page)


@require_safe
def without_slash(request: HttpRequest, slug: str) -> HttpResponse:
    """Redirect to the same address with a slash, if there is something."""
    if resolve(f"/{slug}/").view_name == "trials:page":
        get_object_or_404(Page.objects.once_public(), slug=slug)
    return redirect(request.get_full_path(force_append_slash=True), permanent=True)


def text_page(request: HttpRequest, page: Page, preview: Preview = None) -> HttpResponse:
    taken = {"calculations"}
    context = {
        "contents": contents(render_markdown(page.body, PAGE_IDS | taken)),
        "calculations": calculations() if page.slug == "methods" else [],
        "preview": preview,
    }
    return page_response(request, "trials/page.html", page, context, taken)


@cached_page()
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    page = get_object_or_404(Page.objects.public(), slug="glossary")
    return glossary_page(request, page, list(GlossaryTerm.objects.public()))


def glossary_page(request: HttpRequest, page: Page, terms: list[GlossaryTerm], preview: Preview = None) -> HttpResponse:
    letters = by_letter(terms)
    taken = {term.slug for term in terms} | {f"letter-{number}" for number in range(1, len(letters) + 1)}
    return page_response(request, "trials/glossary.html", page, {"letters": letters, "preview": preview}, taken)


@csrf_exempt  # a POST is answered 405, and not 403
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Redirect to the icon, for what asks for it without reading a page."""
    return redirect(static("img/favicon.ico"))


@cached_page()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    # A filtered list is the same studies again; the list itself and every study are welcome.
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /account/",
        "Disallow: /trials/?",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
