"""A study as it was."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials import vocabulary as v
from trials.exports import pages as exports
from trials.models import Trial
from trials.presenters.changelog import live_revisions
from trials.views.study import redirect_from_former_slug, study_page
from trials.views.taken_off import taken_off
from trials.workflow.documents import build


@cached_page()
@require_safe
def trial_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a version that was public, in today's templates. A study that was taken off has none."""
    trial = Trial.objects.once_public().filter(slug=slug).first()
    if trial is None:
        return redirect_from_former_slug(slug, "trials:trial-version", number)
    revision = live_revisions(trial).filter(number=number).exclude(step=v.Step.ARCHIVED).first()
    if revision is None:
        raise Http404("No version with this number was public.")
    if not trial.is_public:
        return taken_off(request, trial)
    version, address = build(revision.data, trial), trial.get_absolute_url()
    more = {"version": revision, "present_url": address, "canonical_url": settings.SITE_URL + address}
    offered = exports.PageExports(exports.cites_of(version, address, number, revision.made_at))
    return offered.add_links(study_page(request, version, exports=offered, **more))
