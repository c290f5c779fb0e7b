"""The address of a study or page that was taken off the public pages."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from trials.presenters.changelog import live_revisions, published_changes


def taken_off(request: HttpRequest, record: Any) -> HttpResponse:
    """Say that an archived record was taken off, when and why, with its history. 410: it is gone, and known."""
    changes = published_changes(live_revisions(record), record)
    if not changes:
        raise Http404
    context = {
        "record": record,
        "name": changes[0].name,
        "taken_off": changes[0],
        "changes": changes[1:],
        "canonical_url": settings.SITE_URL + record.get_absolute_url(),
    }
    return render(request, "trials/taken_off.html", context, status=410)
