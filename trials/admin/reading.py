"""Preview and reading age of a text while it is written. Nothing is saved."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST

from trials.admin.text import MARKDOWN, PUBLIC_TEXTS
from trials.models import Page
from trials.presenters.prose import Explainer, public_glossary, render_markdown
from trials.quality.reading_age import reading_age
from trials.workflow.rights import may_edit

LONGEST = 100_000  # characters; the longest page so far has 6,000


def _texts(request: HttpRequest) -> dict[str, str]:
    """Return the public texts that were sent, cut to the longest length, with line feeds alone."""
    names = sorted(PUBLIC_TEXTS & set(request.POST))
    return {name: request.POST[name].replace("\r\n", "\n")[:LONGEST] for name in names}


def _ages(texts: dict[str, str]) -> dict[str, str]:
    return {name: str(reading_age(text, markdown=name in MARKDOWN)) for name, text in texts.items()}


@require_POST
def ages(request: HttpRequest) -> HttpResponse:
    """Return the reading age of each text that was sent, in words: {"plain_summary": "About 12 years; …"}."""
    if not may_edit(request.user):
        raise PermissionDenied
    return JsonResponse(_ages(_texts(request)))


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Show a page as the public would see it, with what was sent and its reading ages; a script gets both as JSON."""
    if not may_edit(request.user):
        raise PermissionDenied
    texts = _texts(request)
    page = Page(title=request.POST.get("title", "")[:120], lead=texts.get("lead", ""), body=texts.get("body", ""))
    context = {
        "page": page,
        "body": render_markdown(page.body),
        "explainer": Explainer(public_glossary()),
        "ages": _ages(texts),
    }
    if request.headers.get("Accept") == "application/json":
        html = render_to_string("admin/text/frame.html", context, request)
        response: HttpResponse = JsonResponse({"html": html, "ages": context["ages"]})
    else:
        response = HttpResponse(render_to_string("admin/text/preview.html", context, request))
    add_never_cache_headers(response)
    return response
