"""Known studies that are not on the list, and what published reviews concluded."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.listing.other_studies import OtherStudyFilter
from trials.models import OtherStudy, Page, Review
from trials.presenters.literature import OtherStudies, Reviews
from trials.views.pages import Preview, page_response, public_page


@cached_page(*OtherStudyFilter.base_filters)
@require_safe
def other_studies(request: HttpRequest) -> HttpResponse:
    return other_studies_page(request)


def other_studies_page(
    request: HttpRequest,
    studies: Sequence[OtherStudy] | None = None,
    preview: Preview = None,
    page: Page | None = None,
) -> HttpResponse:
    """Return the page with these studies, or with those that match the filters."""
    others, page = OtherStudies(request.GET, studies), page or public_page("other-studies")
    status = 400 if others.problems else 200
    context = {"others": others, "preview": preview}
    return page_response(request, "trials/literature/other_studies.html", page, context, status=status)


@cached_page()
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    return reviews_page(request, list(Review.objects.public()))


def reviews_page(
    request: HttpRequest, reviews: Sequence[Review], preview: Preview = None, page: Page | None = None
) -> HttpResponse:
    context = {"reviews": Reviews(reviews), "preview": preview}
    return page_response(request, "trials/literature/reviews.html", page or public_page("reviews"), context)
