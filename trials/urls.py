from django.urls import path
from django.views.decorators.http import require_safe

from trials.views import sitemaps
from trials.views.feeds import ChangesFeed
from trials.views import changes, overview, pages, study, trial_list

app_name = "trials"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("trials/", trial_list.trial_list, name="trial-list"),
    path("trials/<slug:slug>/", study.trial_detail, name="trial-detail"),
    path("trials/<slug:slug>/history/", changes.trial_history, name="trial-history"),
    path("changes/", changes.changes, name="changes"),
    path("changes.atom", require_safe(ChangesFeed()), name="changes-feed"),
    path("glossary/", pages.glossary, name="glossary"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", sitemaps.part_of_sitemap, name="sitemap-part"),
    path("robots.txt", pages.robots, name="robots"),
    # Last: the other staff-edited pages, each at the root.
    path("<slug:slug>/", pages.page, name="page"),
]
