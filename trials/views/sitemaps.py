"""The sitemap: every public page and, where it is known, when it last changed."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap, views
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.models import Page, Trial
from trials.presenters.changelog import recent_revisions

WITH_LISTS = ("evidence", "other-studies", "reviews")  # pages below whose text are many records


class StudySitemap(Sitemap):  # type: ignore[type-arg]
    """The studies, at their addresses under ARDSINFO_SITE_URL, whatever the host of the request."""

    limit = 5000  # addresses in a file; the protocol allows 50,000, but a tenth of them are written in a moment
    protocol = settings.SITE_URL.split("://")[0]

    def get_domain(self, site: Any = None) -> str:
        return settings.SITE_URL.split("://")[1]

    def items(self) -> Any:
        return Trial.objects.public().sorted_by("newest").only("slug", "updated")

    def lastmod(self, item: Any) -> datetime | None:
        return item.updated


class PageSitemap(StudySitemap):
    """The pages that staff write."""

    def items(self) -> QuerySet[Page]:
        return Page.objects.public().exclude(slug__in=WITH_LISTS)


class ListSitemap(StudySitemap):
    """The pages that are made of many records, which change with the newest change."""

    def items(self) -> list[str]:
        return [f"trials:{name}" for name in ("trial-list", "disagreements", "changes", *WITH_LISTS)]

    def location(self, item: str) -> str:
        return reverse(item)

    def lastmod(self, item: str) -> datetime | None:
        return recent_revisions().values_list("made_at", flat=True).first()


SITEMAPS: dict[str, Any] = {"lists": ListSitemap, "pages": PageSitemap, "studies": StudySitemap}


@cached_page()
@require_safe
def sitemap_index(request: HttpRequest) -> TemplateResponse:
    """Return Django's index with its addresses under ARDSINFO_SITE_URL: it takes the host from the request."""
    response = views.index(request, SITEMAPS, sitemap_url_name="trials:sitemap")
    for each in (response.context_data or {})["sitemaps"]:
        address = urlsplit(each.location)
        each.location = settings.SITE_URL + address._replace(scheme="", netloc="").geturl()
    return response


@cached_page("p")
@require_safe
def sitemap(request: HttpRequest, section: str) -> TemplateResponse:
    return views.sitemap(request, SITEMAPS, section)
