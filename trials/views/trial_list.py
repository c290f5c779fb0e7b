"""The list of studies."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports import pages as exports
from trials.listing.active_filters import LIST, PARAMETERS
from trials.listing.snapshot import snapshot
from trials.presenters.trial_list import TrialList


@cached_page(*PARAMETERS[LIST], names_others=True)
@require_safe
@snapshot()
def trial_list(request: HttpRequest) -> HttpResponse:
    trials = TrialList(request.GET)
    offered = exports.of_list([card.trial for card in trials.cards], request.GET)
    context = {"list": trials, "exports": offered}
    return offered.add_links(render(request, "trials/trial_list.html", context, status=trials.status))
