"""The list of studies and the page of one study."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.chips import chips, clear_all
from trials.facets import facets
from trials.filters import SORTS, VIEWS, TrialFilter
from trials.listing import listing
from trials.models import FormerSlug, Trial
from trials.models.trial import TrialQuerySet
from trials.presenters.page import StudyPage
from trials.presenters.study import Study
from trials.prose import Explainer, public_glossary

PAGE_SIZE = 20


@cached_page(*TrialFilter.base_filters)
@require_safe
def trial_list(request: HttpRequest) -> HttpResponse:
    filterset = TrialFilter(request.GET)
    chosen = filterset.chosen
    sort, view = chosen.get("sort", "newest"), chosen.get("view", "list")
    number = chosen.get("page", 1)
    start = (number - 1) * PAGE_SIZE
    there = listing(filterset, sort, start, start + PAGE_SIZE)
    paginator = Paginator(range(there.totals.studies), PAGE_SIZE)
    beyond = filterset.is_valid() and number > paginator.num_pages
    page = paginator.page(1 if beyond else number) if filterset.is_valid() else None
    names = dict(filterset.form.fields["country"].choices)
    studies = [Study(trial, names) for trial in Trial.objects.listed(there.keys)]
    on = chips(filterset, request.GET)
    context = {
        "filterset": filterset,
        "problems": filterset.problems,
        "beyond": beyond,
        "paginator": paginator,
        "page": page,
        "page_numbers": page and paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "studies": studies,
        "totals": there.totals,
        "all_studies": there.all_studies,
        "chips": on,
        "sorts": SORTS,
        "sort": sort,
        "views": VIEWS,
        "view": view,
        "clear_all": clear_all(request.GET),
        "more_count": sum(chip.name not in ("q", "design") for chip in on),
        "explainer": Explainer(public_glossary()),
        **facets(filterset, there.counts),
    }
    status = 400 if filterset.problems else 404 if beyond else 200
    return render(request, "trials/trial_list.html", context, status=status)


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


@cached_page()
@require_safe
def trial_detail(request: HttpRequest, slug: str) -> HttpResponse:
    trial = Trial.objects.with_rows().filter(slug=slug).first()
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
