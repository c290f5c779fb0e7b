"""What search engines are told of: every public page and, where we know it, when it last changed."""

import math
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap, views
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from trials.presenters.changelog import lately
from trials.models import Page, Trial


class _SiteSitemap(Sitemap):  # type: ignore[type-arg]
    def get_urls(self, page: int | str = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        """The addresses under ARDSINFO_SITE_URL, whatever host was asked."""
        return super().get_urls(page=page, site=_SITE, protocol=settings.SITE_URL.split("://")[0])


class _Site:
    @property
    def domain(self) -> str:
        return str(settings.SITE_URL).split("://")[1]


_SITE: Any = _Site()
# The protocol allows 50,000; a tenth of that is made in a moment.
STUDIES_IN_A_FILE = 5000


class TrialSitemap(_SiteSitemap):
    def __init__(self, part: int = 1) -> None:
        self.part = part

    def items(self) -> QuerySet[Trial]:
        start = (self.part - 1) * STUDIES_IN_A_FILE
        return Trial.objects.public().sorted_by("newest").only("slug", "updated")[start : start + STUDIES_IN_A_FILE]

    def lastmod(self, trial: Trial) -> datetime:
        return trial.updated


class ListSitemap(_SiteSitemap):
    def items(self) -> list[str]:
        return ["trials:trial-list"]

    def location(self, name: str) -> str:
        return reverse(name)


class PageSitemap(_SiteSitemap):
    def items(self) -> QuerySet[Page]:
        return Page.objects.public()

    def lastmod(self, page: Page) -> datetime:
        return page.updated


class ChangesSitemap(_SiteSitemap):
    """The list of changes, which changes with the newest of them."""

    def items(self) -> list[str]:
        return ["trials:changes"]

    def location(self, name: str) -> str:
        return reverse(name)

    def lastmod(self, name: str) -> datetime | None:
        return lately().values_list("made_at", flat=True).first()


# Without the studies.
TEXTS: dict[str, Any] = {"list": ListSitemap, "pages": PageSitemap, "changes": ChangesSitemap}


def _files() -> int:
    """How many files the studies take."""
    return math.ceil(Trial.objects.public().count() / STUDIES_IN_A_FILE)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every address or, where there are too many studies for one file, the addresses of the files."""
    files = _files()
    if files <= 1:
        return views.sitemap(request, {**TEXTS, "studies": TrialSitemap})
    addresses = [settings.SITE_URL + reverse("trials:sitemap-part", args=[part]) for part in range(files + 1)]
    context = {"sitemaps": [{"location": address} for address in addresses]}
    return render(request, "sitemap_index.xml", context, content_type="application/xml")


@require_safe
def part_of_sitemap(request: HttpRequest, part: int) -> HttpResponse:
    """File 0 has all but the studies, which are in files 1, 2, 3 …"""
    one_address = request.path == reverse("trials:sitemap-part", args=[part])  # and not /sitemap-001.xml too
    if not one_address or part > _files():
        raise Http404
    return views.sitemap(request, {"studies": TrialSitemap(part)} if part else TEXTS)
