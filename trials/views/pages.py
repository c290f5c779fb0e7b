"""The pages that staff write."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports import pages as exports
from trials.models import GlossaryTerm, Page
from trials.presenters.prose import Explainer, public_glossary, render_markdown


def page_context(page: Page) -> dict[str, Any]:
    """Return what the template of a page needs to show its text."""
    path = page.get_absolute_url()
    return {
        "page": page,
        "exports": exports.of_page(page.slug, page.title, path, page.last_reviewed),
        "body": render_markdown(page.body),
        "explainer": Explainer(public_glossary()),
        "canonical_url": settings.SITE_URL + path,
    }


@cached_page()
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug in ("overview", "glossary"):  # they have addresses of their own
        return redirect(f"trials:{slug}", permanent=True)
    return text_page(request, get_object_or_404(Page.objects.public(), slug=slug))


def text_page(request: HttpRequest, page: Page, preview: dict[str, Any] | None = None) -> HttpResponse:
    """Return a page with its text. `preview` fills the banner of a page that only staff see."""
    return render(request, "trials/page.html", page_context(page) | {"preview": preview})


@cached_page()
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    page = get_object_or_404(Page.objects.public(), slug="glossary")
    return glossary_page(request, page, list(GlossaryTerm.objects.public()))


def glossary_page(
    request: HttpRequest, page: Page, terms: list[GlossaryTerm], preview: dict[str, Any] | None = None
) -> HttpResponse:
    """Return the glossary with these terms. `preview` fills the banner of a page that only staff see."""
    context = page_context(page) | {"terms": terms, "preview": preview}
    return render(request, "trials/glossary.html", context)


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
