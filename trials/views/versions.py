"""A study as it was."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports.streams import SHOWN_STEPS
from trials.models import Trial
from trials.presenters.changelog import live_revisions
from trials.views.study import redirect_from_former_slug, study_page
from trials.workflow.documents import build


@cached_page()
@require_safe
def trial_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a version that was public, in today's templates. A study that is not public now has none."""
    trial = Trial.objects.public().filter(slug=slug).first()
    if trial is None:
        return redirect_from_former_slug(slug, "trials:trial-version", number)
    revision = live_revisions(trial).filter(number=number, step__in=SHOWN_STEPS).first()
    if revision is None:
        raise Http404("No version with this number was public.")
    address = trial.get_absolute_url()
    more = {"version": revision, "present_url": address, "canonical_url": settings.SITE_URL + address}
    return study_page(request, build(revision.data, trial), **more)
