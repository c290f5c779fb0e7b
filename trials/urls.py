from django.urls import path
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials import sitemaps
from trials.feeds import ChangesFeed
from trials.views import changes, pages, studies

app_name = "trials"
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("trials/", studies.trial_list, name="trial-list"),
    path("trials/<slug:slug>/", studies.trial_detail, name="trial-detail"),
    path("trials/<slug:slug>/history/", changes.trial_history, name="trial-history"),
    path("changes/", changes.changes, name="changes"),
    path("changes.atom", cached_page()(require_safe(ChangesFeed())), name="changes-feed"),
    path("glossary/", pages.glossary, name="glossary"),
    path("sitemap.xml", cached_page()(sitemaps.sitemap), name="sitemap"),
    path("sitemap-<int:part>.xml", cached_page()(sitemaps.part_of_sitemap), name="sitemap-part"),
    path("robots.txt", pages.robots, name="robots"),
    # Last: the other staff-edited pages, each at the root.
    path("<slug:slug>/", pages.page, name="page"),
]
