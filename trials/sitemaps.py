"""What search engines are told of: every public page and, where we know it, when it last changed."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap, views
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from trials.changelog import lately
from trials.invented import invented_studies
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


class TrialSitemap(_SiteSitemap):
    def items(self) -> QuerySet[Trial]:
        return Trial.objects.public().sorted_by("newest").only("slug", "updated")

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


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    return views.sitemap(request, {} if invented_studies() else SITEMAPS)


SITEMAPS: dict[str, Any] = {
    "list": ListSitemap,
    "studies": TrialSitemap,
    "pages": PageSitemap,
    "changes": ChangesSitemap,
}
