from django.contrib.sitemaps.views import sitemap
from django.urls import path

from trials import sitemaps
from trials.views import pages, studies

app_name = "trials"
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("trials/", studies.trial_list, name="trial-list"),
    path("trials/<slug:slug>/", studies.trial_detail, name="trial-detail"),
    path("glossary/", pages.glossary, name="glossary"),
    path("sitemap.xml", sitemap, {"sitemaps": sitemaps.SITEMAPS}, name="sitemap"),
    path("robots.txt", pages.robots, name="robots"),
    # Last: the other staff-edited pages, each at the root.
    path("<slug:slug>/", pages.page, name="page"),
]
