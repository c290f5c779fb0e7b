"""The pages that staff write."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import resolve
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports import pages as exports
from trials.models import GlossaryTerm, Page
from trials.models.page import WITH_RECORDS
from trials.presenters.calculations import calculations
from trials.presenters.glossary import by_letter
from trials.presenters.prose import PAGE_IDS, Explainer, contents, public_glossary, render_markdown
from trials.views.taken_off import taken_off


def page_context(page: Page, taken: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return what the template of a page needs to show its text. `taken` are ids that no heading may have."""
    path = page.get_absolute_url()
    return {
        "page": page,
        "exports": exports.of_page(page.slug, page.title, path, page.last_reviewed),
        "body": render_markdown(page.body, PAGE_IDS | taken),
        "explainer": Explainer(public_glossary()),
        "canonical_url": settings.SITE_URL + path,
    }


def own_text(slug: str, page: Page | None = None) -> dict[str, Any]:
    """Return what the template of a page of records needs to show its text: `page`, or the public one if there is one.

    Without a text the page still shows its records.
    """
    page = page or Page.objects.public().filter(slug=slug).first()
    return page_context(page) if page else {"explainer": Explainer(public_glossary())}


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


def text_page(request: HttpRequest, page: Page, preview: dict[str, Any] | None = None) -> HttpResponse:
    """Return a page with its text. `preview` fills the banner of a page that only staff see."""
    context = page_context(page, frozenset({"calculations"}))
    if page.slug == "methods":
        context["calculations"] = calculations()
    return render(request, "trials/page.html", context | {"contents": contents(context["body"]), "preview": preview})


@cached_page()
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    page = get_object_or_404(Page.objects.public(), slug="glossary")
    return glossary_page(request, page, list(GlossaryTerm.objects.public()))


def glossary_page(
    request: HttpRequest, page: Page, terms: list[GlossaryTerm], preview: dict[str, Any] | None = None
) -> HttpResponse:
    """Return the glossary with these terms. `preview` fills the banner of a page that only staff see."""
    letters = by_letter(terms)
    taken = {term.slug for term in terms} | {f"letter-{number}" for number in range(1, len(letters) + 1)}
    context = page_context(page, frozenset(taken)) | {"letters": letters, "preview": preview}
    return render(request, "trials/glossary.html", context)


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
