"""The overview and the other pages that staff write."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials import picture
from trials.filters import TrialFilter
from trials.listing import listing
from trials.models import GlossaryTerm, Page, Trial
from trials.presenters.study import DESIGN_MARKS, Study
from trials.prose import Explainer, public_glossary, render_markdown
from trials.vocabulary import Design

PICTURE_STUDIES = 12  # the largest; a picture of hundreds would be a wall


def _prose(page: Page) -> dict[str, object]:
    explainer = Explainer(public_glossary())
    return {"page": page, "explainer": explainer, "body": render_markdown(page.body)}


@cached_page()
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    page = get_object_or_404(Page.objects.public(), slug="overview")
    unfiltered = TrialFilter(QueryDict())
    every = listing(unfiltered, "largest", 0, PICTURE_STUDIES)
    counts, totals = every.counts["design"], every.totals
    names = dict(unfiltered.form.fields["country"].choices)
    shown = [Study(trial, names) for trial in Trial.objects.listed(every.keys)]
    by_design = [
        (design, DESIGN_MARKS[design], counts.get(design, 0), [s for s in shown if s.trial.design == design])
        for design in Design
    ]
    in_order = [study for *_, studies in by_design for study in studies]
    return render(
        request,
        "trials/overview.html",
        {
            **_prose(page),
            "totals": totals,
            "shown_all": len(in_order) == totals.studies,
            "years_apart": totals.first_year != totals.last_year,
            "by_design": by_design,
            "picture": list(zip(in_order, picture.rows([study.sizes for study in in_order]), strict=True)),
            "picture_height": max(1, len(in_order)) * picture.ROW_HEIGHT,
        },
    )


@cached_page()
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug in ("overview", "glossary"):  # they have addresses of their own
        return redirect(f"trials:{slug}", permanent=True)
    return render(request, "trials/page.html", _prose(get_object_or_404(Page.objects.public(), slug=slug)))


@cached_page()
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    found = get_object_or_404(Page.objects.public(), slug="glossary")
    return render(
        request,
        "trials/glossary.html",
        {"page": found, "body": render_markdown(found.body), "terms": GlossaryTerm.objects.public()},
    )


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
