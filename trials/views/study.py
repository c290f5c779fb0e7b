"""The page of one study."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports import pages as exports
from trials.exports.streams import with_versions
from trials.models import FormerSlug, Trial
from trials.presenters.study_page import StudyPage
from trials.views.taken_off import taken_off


@cached_page("sources")
@require_safe
def trial_detail(request: HttpRequest, slug: str) -> HttpResponse:
    trial = with_versions(Trial.objects.once_public().with_rows().filter(slug=slug)).first()
    if trial is None:
        return redirect_from_former_slug(slug, "trials:trial-detail")
    if not trial.is_public:
        return taken_off(request, trial)
    offered = exports.of_study(trial, trial.version, trial.version_made_at)
    return offered.add_links(study_page(request, trial, exports=offered))


def study_page(request: HttpRequest, trial: Trial, preview: dict[str, Any] | None = None, **more: Any) -> HttpResponse:
    """Return the page of a study that was fetched `with_rows` or built from a document.

    `preview` fills the banner of a page that only staff see: see templates/partials/preview_banner.html. `more` is for
    the template: what a public page offers to other programs (`exports`), or what an earlier version needs.
    """
    place = (trial.publication_date, trial.author_key, trial.slug)
    others = Trial.objects.public().exclude(pk=trial.pk)
    context = {
        "trial": trial,
        "study": StudyPage(trial),
        "newer": others.after_in_list(*place, backwards=True).first(),
        "older": others.after_in_list(*place).first(),
        "all_sources": request.GET.get("sources") == "all",
        "canonical_url": settings.SITE_URL + trial.get_absolute_url(),
        "preview": preview,
        **more,
    }
    return render(request, "trials/trial_detail.html", context)


def redirect_from_former_slug(slug: str, view_name: str, *more: int) -> HttpResponse:
    """Redirect permanently to the present address of a study that is or was public. Raises Http404 if none had it.

    A browser asks again each time, since a study can get its former address back.
    """
    known = FormerSlug.objects.select_related("trial").filter(trial__in=Trial.objects.once_public())
    former = get_object_or_404(known, slug=slug)
    address = reverse(view_name, args=[former.trial.slug, *more])
    return HttpResponsePermanentRedirect(address, headers={"Cache-Control": "no-cache"})
