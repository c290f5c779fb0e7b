"""The overview and the other pages that staff write."""

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from trials import picture
from trials.copies import copied
from trials.models import Country, GlossaryTerm, Page, Trial
from trials.presenters.study import DESIGN_MARKS, Study
from trials.prose import Explainer, public_glossary, render_markdown
from trials.summary import totals
from trials.vocabulary import Design

PICTURE_STUDIES = 12  # the largest; a picture of hundreds would be a wall


def _prose(page: Page) -> dict[str, object]:
    explainer = Explainer(public_glossary())
    return {"page": page, "explainer": explainer, "body": render_markdown(page.body)}


@copied()
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    page = get_object_or_404(Page.objects.public(), slug="overview")
    public = Trial.objects.public()
    names = Country.objects.names()
    shown = [Study(trial, names) for trial in public.in_list("largest", 0, PICTURE_STUDIES)]
    counts = dict(public.order_by().values_list("design").annotate(Count("pk")))
    by_design = [
        (design, DESIGN_MARKS[design], counts.get(design, 0), [s for s in shown if s.trial.design == design])
        for design in Design
    ]
    in_order = [study for *_, studies in by_design for study in studies]
    numbers = totals(public)
    return render(
        request,
        "trials/overview.html",
        {
            **_prose(page),
            "totals": numbers,
            "shown_all": len(in_order) == numbers.studies,
            "years_apart": numbers.first_year != numbers.last_year,
            "by_design": by_design,
            "picture": list(zip(in_order, picture.rows([study.sizes for study in in_order]), strict=True)),
            "picture_height": max(1, len(in_order)) * picture.ROW_HEIGHT,
        },
    )


@copied()
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug in ("overview", "glossary"):  # they have addresses of their own
        return redirect(f"trials:{slug}", permanent=True)
    return render(request, "trials/page.html", _prose(get_object_or_404(Page.objects.public(), slug=slug)))


@copied()
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
