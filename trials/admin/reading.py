"""What a text being typed will look like, and how hard it is to read. Nothing here is saved."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_POST

from trials.admin.text import MARKDOWN, READ_BY_ALL
from trials.models import Page
from trials.presenters.prose import Explainer, public_glossary, render_markdown
from trials.quality.reading_age import reading_age

LONGEST = 100_000  # characters; the longest page so far has 6,000


def _may(user: AbstractBaseUser | AnonymousUser, *models: str) -> bool:
    rights = (f"trials.{action}_{model}" for action in ("add", "change") for model in models)
    return any(user.has_perm(right) for right in rights)


def _typed(request: HttpRequest) -> dict[str, str]:
    """The texts that were sent, with the line ends we keep. Longer ones than anybody types are cut."""
    return {
        name: request.POST[name].replace("\r\n", "\n")[:LONGEST] for name in sorted(READ_BY_ALL & set(request.POST))
    }


def _ages(typed: dict[str, str]) -> dict[str, str]:
    return {name: str(reading_age(text, markdown=name in MARKDOWN)) for name, text in typed.items()}


@require_POST
def ages(request: HttpRequest) -> HttpResponse:
    """The reading age of each text that was sent, in words: {"plain_summary": "About 12 years; …"}."""
    if not _may(request.user, "trial", "page", "glossaryterm"):
        raise PermissionDenied
    return JsonResponse(_ages(_typed(request)))


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """A page as the public would see it with the title, lead and text that were sent, and the reading ages.

    To a script, JSON: {"html": a whole document for the pane beside the field, "ages": {"body": …}}.
    """
    if not _may(request.user, "page"):
        raise PermissionDenied
    typed = _typed(request)
    page = Page(title=request.POST.get("title", "")[:120], lead=typed.get("lead", ""), body=typed.get("body", ""))
    context = {
        "page": page,
        "body": render_markdown(page.body),
        "explainer": Explainer(public_glossary()),
        "ages": _ages(typed),
    }
    if request.headers.get("Accept") == "application/json":
        html = render_to_string("admin/text/pane.html", context, request)
        response: HttpResponse = JsonResponse({"html": html, "ages": context["ages"]})
    else:
        response = HttpResponse(render_to_string("admin/text/preview.html", context, request))
    add_never_cache_headers(response)
    return response
