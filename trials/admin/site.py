"""Django's admin with a dashboard as its front page, and with previews of texts while they are written."""

from typing import Any

from django.contrib.admin import AdminSite
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from trials.accounts.groups import administrators
from trials.admin import form_store, reading
from trials.admin.dashboard import number_waiting, sections

ON_DASHBOARD, ON_A_PAGE = 10, 50
# Linked at the top of the dashboard.
MAIN_MODELS = ("Trial", "OtherStudy", "Review", "Page", "GlossaryTerm", "User", "LogEntry")


class EditorsSite(AdminSite):
    site_header = site_title = "ARDSinfo editors"
    index_template = "admin/dashboard.html"
    enable_nav_sidebar = False  # the lists need the width

    def get_urls(self) -> list[Any]:
        own = [
            path("dashboard/<slug:name>/", self.admin_view(self.section), name="dashboard-section"),
            # What is sent for a preview is the form of another page, so it is not stored.
            path("text/preview/", super().admin_view(reading.preview), name="text-preview"),
            path("text/reading-age/", self.admin_view(reading.ages), name="text-reading-age"),
        ]
        return own + super().get_urls()

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Store the form of a user whose log-in has expired."""
        return form_store.with_form_store(super().admin_view(view, cacheable), self.has_permission)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the number of drafts on which the user has to act, for the header of every page."""
        return {**super().each_context(request), "number_waiting": number_waiting(request.user)}

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        apps = self.get_app_list(request)
        models = {model["object_name"]: model for app in apps for model in app["models"] if model["admin_url"]}
        pages = [(section, section.page(1, ON_DASHBOARD)) for section in sections(request.user)]
        context = {
            "title": "Dashboard",
            "main_models": [models[name] for name in MAIN_MODELS if name in models],
            "sections": [(section, page) for section, page in pages if page or section.empty],
            "administrators": [] if pages else administrators(),
        }
        return super().index(request, context | (extra_context or {}))

    def section(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show the whole of one list of the dashboard, page by page."""
        section = next((each for each in sections(request.user) if each.name == name), None)
        if section is None:
            raise Http404("There is no such list.")
        try:
            page = section.page(request.GET.get("page", 1), ON_A_PAGE)
        except InvalidPage as error:
            raise Http404("This list has no such page.") from error
        context = {**self.each_context(request), "title": section.heading, "section": section, "page": page}
        return TemplateResponse(request, "admin/dashboard_section.html", context)
