"""The pages in the menu and at the foot of each page, in the order that staff gave them."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from trials.models import Page


class SiteLinks:
    """`menu` and `footer` hold the public pages that have a place there. One query reads both."""

    def __init__(self) -> None:
        pages = list(Page.objects.public().defer("body", "lead"))
        self.menu = self._in_order(pages, "menu_position")
        self.footer = self._in_order(pages, "footer_position")

    def _in_order(self, pages: list[Page], name: str) -> list[Page]:
        placed = [page for page in pages if getattr(page, name) is not None]
        return sorted(placed, key=lambda page: (getattr(page, name), page.title))


def site_links(request: HttpRequest) -> dict[str, Any]:
    """Give every template `site_links`. Nothing is read unless a template uses it."""
    return {"site_links": SimpleLazyObject(SiteLinks)}
