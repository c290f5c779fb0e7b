"""Links to this site in what editors write: which lead nowhere, and what links to a record."""

import re
from html import unescape
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import Resolver404, resolve

from trials import vocabulary as v
from trials.models import FormerSlug, GlossaryTerm, OtherStudy, Page, Record, Review, Trial
from trials.models.page import WITH_RECORDS
from trials.presenters.prose import PAGE_IDS, render_markdown

_HREF = re.compile(r'<a href="([^"]*)"')
_ID = re.compile(r'<h[2-4] id="([^"]*)"')
# The records that a page lists, each at its own address after the #, and the places that the templates of pages have.
RECORDS_OF_PAGE: dict[str, type[Record]] = {"glossary": GlossaryTerm, "other-studies": OtherStudy, "reviews": Review}
IDS = PAGE_IDS | {"each", "matrix", "compared", "pooled", "single", "harms", "releases", "take", "calculations"}
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
    problems = {address: _problem(record, target) for address, target in found.items() if target}
    problems |= dict.fromkeys(_unknown(_names(record)), "no study or other study has this name in its address.")
    return [f"“{words}”: {problem}" for words, problem in problems.items() if problem]


def _unknown(names: list[str]) -> list[str]:
    known: set[str] = set()
    for model in (Trial, OtherStudy) if names else ():
        known.update(model.objects.public().filter(slug__in=names).values_list("slug", flat=True))
    return [name for name in names if name not in known]


def _problem(record: Record, address: str) -> str:
    """Return why an address of this site leads nowhere, or ""."""
    path, anchor = urlsplit(address).path or record.get_absolute_url(), unquote(urlsplit(address).fragment)
    if path.startswith(settings.STATIC_URL):
        return "" if finders.find(path.removeprefix(settings.STATIC_URL)) else "there is no such file."
    try:
        match = resolve(path if path.endswith("/") or "." in path else f"{path}/")
    except Resolver404:
        return "there is no such page."
    name = match.view_name.removeprefix("trials:")
    slug = match.kwargs.get("slug", name)
    if name in ("page", *WITH_RECORDS):
        page = record if isinstance(record, Page) and record.slug == slug else None
        page = page or Page.objects.public().filter(slug=slug).first()
        if not page and slug not in WITH_RECORDS:
            return "there is no such page."
        return "" if not anchor else _no_anchor(anchor, page, RECORDS_OF_PAGE.get(slug))
    if "slug" in match.kwargs:
        is_former = FormerSlug.objects.filter(slug=slug, trial__in=Trial.objects.public()).exists()
        return "" if is_former or Trial.objects.public().filter(slug=slug).exists() else "there is no such study."
    return ""


def _no_anchor(anchor: str, page: Page | None, listed: type[Record] | None) -> str:
    """Return why a page with this text, and with records of this kind, has no such place, or ""."""
    if anchor in IDS or (page and anchor in _ID.findall(render_markdown(page.body))):
        return ""
    if listed is None:
        return f"that page has no heading “{anchor}”."
    exists = listed._default_manager.public().filter(slug=anchor).exists()
    return "" if exists else f"that page has no {listed._meta.verbose_name} with the address “{anchor}”."


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
