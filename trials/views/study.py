"""The page of one study."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from trials.models import FormerSlug, Trial
from trials.models.trial import TrialQuerySet
from trials.presenters.prose import Explainer, public_glossary
from trials.presenters.study_page import StudyPage


def _may_preview(user: AbstractBaseUser | AnonymousUser) -> bool:
    return bool(user.is_staff and user.has_perm("trials.view_trial"))  # type: ignore[union-attr]


def moved_to(address: str) -> HttpResponse:
    """For good, and yet asked for again each time: a browser would keep it for ever, and a study may move back."""
    return HttpResponsePermanentRedirect(address, headers={"Cache-Control": "no-cache"})


def _neighbours(trial: Trial) -> tuple[Trial | None, Trial | None]:
    """The studies before and after this one, in the order of the list as it opens (newest first)."""
    public: TrialQuerySet = Trial.objects.public().exclude(pk=trial.pk)
    key = (trial.publication_date, trial.author_key, trial.slug)
    newer = public.after_in_list(*key, backwards=True).first()
    older = public.after_in_list(*key).first()
    return newer, older


@require_safe
def trial_detail(request: HttpRequest, slug: str) -> HttpResponse:
    trial = Trial.objects.originals().with_rows().filter(slug=slug).first()
    if trial is None or not (trial.is_public or _may_preview(request.user)):
        moved = FormerSlug.objects.filter(slug=slug, trial__in=Trial.objects.public()).select_related("trial").first()
        if trial is None and moved:
            return moved_to(moved.trial.get_absolute_url())
        raise Http404
    response = study_page(request, trial)
    if not trial.is_public:
        add_never_cache_headers(response)
    return response


def study_page(request: HttpRequest, trial: Trial) -> HttpResponse:
    """The page of one study, fetched `with_rows`. The preview of a draft is this page too."""
    newer, older = _neighbours(trial)
    return render(
        request,
        "trials/trial_detail.html",
        {
            "trial": trial,
            "study": StudyPage(trial),
            "explainer": Explainer(public_glossary()),
            "newer": newer,
            "older": older,
        },
    )
