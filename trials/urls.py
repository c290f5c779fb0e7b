from django.urls import path
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.views import changes, overview, pages, sitemaps, study, trial_list
from trials.views.feeds import ChangesFeed

app_name = "trials"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("trials/", trial_list.trial_list, name="trial-list"),
    path("trials/<slug:slug>/", study.trial_detail, name="trial-detail"),
    path("trials/<slug:slug>/history/", changes.trial_history, name="trial-history"),
    path("changes/", changes.changes, name="changes"),
    path("changes.atom", cached_page()(require_safe(ChangesFeed())), name="changes-feed"),
    path("glossary/", pages.glossary, name="glossary"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", sitemaps.sitemap_part, name="sitemap-part"),
    path("robots.txt", pages.robots, name="robots"),
    # Last: the other pages that staff write, each at the root.
    path("<slug:slug>/", pages.page, name="page"),
]
