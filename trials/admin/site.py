"""Django's admin with a dashboard as its front page, and with previews of texts while they are written."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from trials.admin import reading
from trials.admin.dashboard import Dashboard

ON_A_PAGE = 50
MAIN_MODELS = ("Trial", "Page", "GlossaryTerm")  # linked at the top of the dashboard


class EditorsSite(AdminSite):
    site_header = site_title = "ARDSinfo editors"
    index_template = "admin/dashboard.html"

    def get_urls(self) -> list[Any]:
        own = [
            path("dashboard/<slug:name>/", self.admin_view(self.section), name="dashboard-section"),
            path("text/preview/", self.admin_view(reading.preview), name="text-preview"),
            path("text/reading-age/", self.admin_view(reading.ages), name="text-reading-age"),
        ]
        return own + super().get_urls()

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        apps = self.get_app_list(request, "trials")
        models = {model["object_name"]: model for app in apps for model in app["models"] if model["admin_url"]}
        context = {
            "title": "Dashboard",
            "main_models": [models[name] for name in MAIN_MODELS if name in models],
            "sections": Dashboard(request.user).sections(),
        }
        return super().index(request, context | (extra_context or {}))

    def section(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show the whole of one list of the dashboard, page by page."""
        dashboard = Dashboard(request.user)
        if name not in dashboard.makers:
            raise Http404("There is no such list.")
        sent = request.GET.get("page", "1")
        number = max(1, int(sent)) if sent.isascii() and sent.isdigit() and len(sent) < 7 else 1
        section = dashboard.section(name, (number - 1) * ON_A_PAGE, number * ON_A_PAGE)
        pages = Paginator([None] * section.total, ON_A_PAGE)
        if number > pages.num_pages:
            raise Http404("This list has fewer pages.")
        context = {
            **self.each_context(request),
            "title": section.heading,
            "section": section,
            "page": pages.page(number),
        }
        return TemplateResponse(request, "admin/dashboard_section.html", context)
