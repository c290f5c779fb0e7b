"""Links to this site in what editors write: which lead nowhere, and what links to a record."""

import logging
import re
from collections.abc import Callable
from functools import cache, partial
from html import unescape
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve, reverse

from trials import vocabulary as v
from trials.models import OtherStudy, Page, Record, Review, Trial
from trials.presenters.prose import render_markdown
from trials.views.pages import without_slash

logger = logging.getLogger(__name__)

_HREF = re.compile(r'<a href="([^"]*)"')
_IDS = re.compile(r'\bid="([^"]*)"')
_SCHEME = re.compile(r"(https?|mailto):", re.IGNORECASE)


def _addresses(record: Record) -> list[str]:
    """Return the addresses that a record links to, in their order: those in a page, and those of a study's sources."""
    if isinstance(record, Page):
        return [unescape(address) for address in _HREF.findall(render_markdown(record.body))]
    if isinstance(record, Trial):
        return [*(each.address for each in record.sources.all()), *(each.url for each in record.registrations.all())]
    return []


def _names(record: Record) -> list[str]:
    """Return the names in the address of the other entries that a record of ours is about."""
    if isinstance(record, Review):
        return record.included
    return [record.same_people_as] if isinstance(record, OtherStudy) and record.same_people_as else []


def _on_this_site(address: str) -> str:
    """Return the address without the name of this site; "" for one of another site."""
    if address.startswith(f"{settings.SITE_URL}/"):
        return address.removeprefix(settings.SITE_URL)
    return "" if _SCHEME.match(address) or address.startswith("//") else address


def wrong_links(record: Record) -> list[str]:
    """Return one sentence for each link to this site that leads nowhere."""
    found = {address: _on_this_site(address) for address in _addresses(record)}
    answer = cache(partial(_answer, record))
    problems = {address: _check(target, answer) for address, target in found.items() if target}
    problems |= dict.fromkeys(_unknown(_names(record)), "no study or other study has this name in its address.")
    return [f"“{words}”: {problem}" for words, problem in problems.items() if problem]


def _unknown(names: list[str]) -> list[str]:
    known: set[str] = set()
    for model in (Trial, OtherStudy) if names else ():
        known.update(model.objects.public().filter(slug__in=names).values_list("slug", flat=True))
    return [name for name in names if name not in known]


def _check(address: str, answer: Callable[[str], HttpResponse | None]) -> str:
    """Return why an address of this site leads nowhere, or "". An error of a public page does not reach the form."""
    try:
        return _problem(address, answer)
    except Exception:
        logger.exception("A link to %s could not be checked.", address)
        return "it could not be checked."


def _is_file(path: str) -> bool:
    try:
        return bool(finders.find(path))
    except SuspiciousFileOperation:  # for a path such as ../x
        return False


def _problem(address: str, answer: Callable[[str], HttpResponse | None]) -> str:
    """Return why an address of this site leads nowhere, or "". `answer` returns the page at an address."""
    target, _, anchor = address.partition("#")
    if target.startswith(settings.STATIC_URL):
        path = urlsplit(target).path.removeprefix(settings.STATIC_URL)
        return "" if _is_file(path) else "there is no such file."
    nothing = f"there is no such {'study' if target.startswith(reverse('trials:trial-list')) else 'page'}."
    try:
        response = answer(target)
    except Http404:
        return nothing
    if response is None:
        return ""
    if response.status_code in (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND):
        return _problem(f"{response['Location']}#{anchor}", answer)
    if response.status_code == HTTPStatus.BAD_REQUEST:
        return "that page does not know what follows the question mark."
    if response.status_code != HTTPStatus.OK:
        return nothing
    if anchor and unquote(anchor) not in _IDS.findall(b"".join(response).decode(errors="replace")):
        return f"that page has no heading or entry “{unquote(anchor)}”."
    return ""


def _answer(record: Record, target: str) -> HttpResponse | None:
    """Return what this site shows at an address; of the record itself, how it would be shown. Raises Http404.

    Only the public pages are asked: None means any other address.
    """
    own, query = record.get_absolute_url(), urlsplit(target).query
    path = urlsplit(target).path or own
    request = _request(path, query)
    if path.rstrip("/") == own.rstrip("/"):
        return admin.site.get_model_admin(type(record)).preview_response(request, record, {})
    try:
        match = resolve(path)
    except Resolver404:  # Django then tries it with a slash at its end
        match = resolve(f"{path}/")
    is_asked = match.namespace == "trials" or match.func is without_slash
    return match.func(request, *match.args, **match.kwargs) if is_asked else None


def _request(path: str, query: str) -> HttpRequest:
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.GET = QueryDict(query)
    host = settings.ALLOWED_HOSTS[0]  # feeds ask for it
    request.META = {"SERVER_NAME": host, "SERVER_PORT": "80", "QUERY_STRING": query}
    return request


def linking_to(record: Record) -> list[Record]:
    """Return the pages that link to this record, and the records that name its address: public ones and drafts."""
    target = record.original.get_absolute_url()
    pages = Page.objects.exclude(status=v.Status.ARCHIVED)
    if isinstance(record, Page):
        pages = pages.exclude(pk__in=[record.pk, record.original.pk])
    found: list[Record] = [
        page
        for page in pages.order_by("title", "pk")
        if any(_is_to(target, _on_this_site(address)) for address in _addresses(page))
    ]
    if isinstance(record, (Trial, OtherStudy)):
        for model in (OtherStudy, Review):
            others = model._default_manager.exclude(status=v.Status.ARCHIVED)
            found += [each for each in others if record.original.slug in _names(each)]
    return found


def _is_to(target: str, address: str) -> bool:
    """Return whether an address of this site leads to the target. A study has pages below its own."""
    to, link = urlsplit(target), urlsplit(address)
    if to.fragment:
        return (link.path.rstrip("/"), link.fragment) == (to.path.rstrip("/"), to.fragment)
    return link.path.rstrip("/") == to.path.rstrip("/") or (target != "/" and link.path.startswith(target))
