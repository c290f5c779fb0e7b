"""The pages that staff write."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from trials.models import GlossaryTerm, Page
from trials.presenters.prose import Explainer, public_glossary, render_markdown


def page_context(page: Page) -> dict[str, object]:
    explainer = Explainer(public_glossary())
    return {"page": page, "explainer": explainer, "body": render_markdown(page.body)}


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug in ("overview", "glossary"):  # they have addresses of their own
        return redirect(f"trials:{slug}", permanent=True)
    return render(request, "trials/page.html", page_context(get_object_or_404(Page.objects.public(), slug=slug)))


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    found = get_object_or_404(Page.objects.public(), slug="glossary")
    return render(
        request,
        "trials/glossary.html",
        {"page": found, "body": render_markdown(found.body), "terms": GlossaryTerm.objects.public()},
    )


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
