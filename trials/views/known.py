"""Known studies that are not on the list, and what published reviews concluded."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.listing.other_studies import OtherStudyFilter
from trials.models import OtherStudy, Page, Review
from trials.presenters.known import OtherStudies, Reviews
from trials.views.pages import own_text


@cached_page(*OtherStudyFilter.base_filters)
@require_safe
def other_studies(request: HttpRequest) -> HttpResponse:
    filterset = OtherStudyFilter(request.GET)
    return other_studies_page(request, list(filterset.qs), filterset=filterset)


def other_studies_page(
    request: HttpRequest,
    studies: Sequence[OtherStudy],
    preview: dict[str, Any] | None = None,
    filterset: OtherStudyFilter | None = None,
    page: Page | None = None,
) -> HttpResponse:
    """Return the page with these studies. `preview` fills the banner of a page that only staff see."""
    others = OtherStudies(studies, filterset or OtherStudyFilter(request.GET))
    context = own_text("other-studies", page) | {"others": others, "preview": preview}
    return render(request, "trials/known/other_studies.html", context, status=400 if others.problems else 200)


@cached_page()
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    return reviews_page(request, list(Review.objects.public()))


def reviews_page(
    request: HttpRequest,
    reviews: Sequence[Review],
    preview: dict[str, Any] | None = None,
    page: Page | None = None,
) -> HttpResponse:
    """Return the page with these reviews. `preview` fills the banner of a page that only staff see."""
    context = own_text("reviews", page) | {"reviews": Reviews(reviews), "preview": preview}
    return render(request, "trials/known/reviews.html", context)
