"""Django's admin with the desk as its front page, and with the previews of what is being typed.

It is outside the package `trials.admin`, whose modules register with the site when they are imported.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

ON_A_PAGE = 50
EDITED_MOST = ("Trial", "Page", "GlossaryTerm", "Country")  # the way to these stands at the top


class EditorsSite(AdminSite):
    index_template = "admin/desk.html"

    def get_urls(self) -> list[Any]:
        from trials.admin import reading

        own = [
            path("desk/<slug:name>/", self.admin_view(self.shelf), name="desk-shelf"),
            path("text/preview/", self.admin_view(reading.preview), name="text-preview"),
            path("text/reading-age/", self.admin_view(reading.ages), name="text-reading-age"),
        ]
        return own + super().get_urls()

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        from trials.admin.desk import Desk

        models = [
            model for app in self.get_app_list(request, "trials") for model in app["models"] if model["admin_url"]
        ]
        ways = [model for name in EDITED_MOST for model in models if model["object_name"] == name]
        context = {"title": "Desk", "ways": ways, "shelves": Desk(request.user).shelves()}
        return super().index(request, context | (extra_context or {}))

    def shelf(self, request: HttpRequest, name: str) -> HttpResponse:
        """The whole of one list of the desk, page by page."""
        from trials.admin.desk import Desk

        desk = Desk(request.user)
        if name not in desk.makers:
            raise Http404("There is no such list on the desk.")
        asked = request.GET.get("page", "1")
        number = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
        shelf = desk.shelf(name, (number - 1) * ON_A_PAGE, number * ON_A_PAGE)
        pages = Paginator([None] * shelf.total, ON_A_PAGE)
        if number > pages.num_pages:
            raise Http404("This list has fewer pages.")
        context = {
            **self.each_context(request),
            "title": shelf.heading,
            "shelf": shelf,
            "page": pages.page(number),
        }
        return TemplateResponse(request, "admin/shelf.html", context)
