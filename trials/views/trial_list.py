"""The list of studies."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.listing.filters import TrialFilter
from trials.listing.snapshot import snapshot
from trials.presenters.prose import Explainer, public_glossary
from trials.presenters.trial_list import TrialList


@cached_page(*TrialFilter.base_filters, names_others=True)
@require_safe
@snapshot()
def trial_list(request: HttpRequest) -> HttpResponse:
    trials = TrialList(request.GET)
    context = {"list": trials, "explainer": Explainer(public_glossary())}
    return render(request, "trials/trial_list.html", context, status=trials.status)
