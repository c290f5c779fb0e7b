"""The sitemap: every public page and, where it is known, when it last changed."""

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

from ardsinfo.page_cache import cached_page
from trials.models import Page, Trial
from trials.presenters.changelog import recent_revisions

STUDIES_IN_A_FILE = 5000  # the protocol allows 50,000; a tenth of them are written in a moment


class _Site:
    """What Django's sitemaps need of a site: its domain, from ARDSINFO_SITE_URL."""

    @property
    def domain(self) -> str:
        return str(settings.SITE_URL).split("://")[1]


class _SiteSitemap(Sitemap):  # type: ignore[type-arg]
    def get_urls(self, page: int | str = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        """Return the addresses under ARDSINFO_SITE_URL, whatever the host of the request."""
        own_site: Any = _Site()
        return super().get_urls(page=page, site=own_site, protocol=settings.SITE_URL.split("://")[0])


class TrialSitemap(_SiteSitemap):
    def __init__(self, part: int = 1) -> None:
        self.part = part

    def items(self) -> QuerySet[Trial]:
        start = (self.part - 1) * STUDIES_IN_A_FILE
        return Trial.objects.public().sorted_by("newest").only("slug", "updated")[start : start + STUDIES_IN_A_FILE]

    def lastmod(self, item: Trial) -> datetime:
        return item.updated


class ListSitemap(_SiteSitemap):
    def items(self) -> list[str]:
        return ["trials:trial-list"]

    def location(self, item: str) -> str:
        return reverse(item)


class ChangesSitemap(ListSitemap):
    def items(self) -> list[str]:
        return ["trials:changes"]

    def lastmod(self, item: str) -> datetime | None:
        return recent_revisions().values_list("made_at", flat=True).first()


class PageSitemap(_SiteSitemap):
    def items(self) -> QuerySet[Page]:
        return Page.objects.public()

    def lastmod(self, item: Page) -> datetime:
        return item.updated


# Without the studies.
TEXTS: dict[str, Any] = {"list": ListSitemap, "pages": PageSitemap, "changes": ChangesSitemap}


def _study_files() -> int:
    """Return the number of files that the studies take."""
    return math.ceil(Trial.objects.public().count() / STUDIES_IN_A_FILE)


@cached_page()
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Return every address or, if there are too many studies for one file, the addresses of the files."""
    files = _study_files()
    if files <= 1:
        return views.sitemap(request, {**TEXTS, "studies": TrialSitemap})
    addresses = [settings.SITE_URL + reverse("trials:sitemap-part", args=[part]) for part in range(files + 1)]
    context = {"sitemaps": [{"location": address} for address in addresses]}
    return render(request, "sitemap_index.xml", context, content_type="application/xml")


@cached_page()
@require_safe
def sitemap_part(request: HttpRequest, part: int) -> HttpResponse:
    """Return one file: 0 has everything except the studies, which are in 1, 2, 3 …"""
    is_canonical = request.path == reverse("trials:sitemap-part", args=[part])  # and not /sitemap-001.xml
    if not is_canonical or part > _study_files():
        raise Http404
    return views.sitemap(request, {"studies": TrialSitemap(part)} if part else TEXTS)
