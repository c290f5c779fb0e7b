from django.urls import path, re_path
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page
from trials.exports.formats import FORMATS
from trials.views import (
    api,
    changes,
    compare,
    data,
    differences,
    evidence,
    files,
    literature,
    overview,
    pages,
    sitemaps,
    study,
    trial_list,
    versions,
)
from trials.views.feeds import ChangesFeed, NewStudiesFeed, study_feed

# The list and each study as files: /trials.ris, /trials/dilogo-2021.ris; the counts have the name of their own table.
file_paths = []
for name, kind in FORMATS.items():
    of_study = "/outcomes.csv" if name == "outcomes.csv" else f".{name}"
    file_paths.append(path(kind.file_name, files.list_file, {"name": name}, name=f"list-{name}"))
    file_paths.append(path(f"trials/<slug:slug>{of_study}", files.study_file, {"name": name}, name=f"trial-{name}"))

app_name = "trials"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("trials/", trial_list.trial_list, name="trial-list"),
    path("trials/compare/", compare.compare, name="compare"),
    path("trials/<slug:slug>/", study.trial_detail, name="trial-detail"),
    path("trials/<slug:slug>/history/", changes.trial_history, name="trial-history"),
    path("trials/<slug:slug>/v/<int:number>/", versions.trial_version, name="trial-version"),
    *file_paths,
    path("data/", data.data, name="data"),
    path("data/<str:name>.zip", data.release, name="release"),
    path("api/v1/", api.examples, name="api-examples"),
    path("api/v1/openapi.json", api.description, name="api-description"),
    path("api/v1/trials/", api.trials, name="api-trials"),
    path("api/v1/trials/<slug:slug>/", api.trial, name="api-trial"),
    path("api/v1/deaths/", api.deaths, name="api-deaths"),
    path("api/v1/changes/", api.changes, name="api-changes"),
    re_path(r"^api/(?P<rest>(?:.*/)?)$", api.unknown, name="api-unknown"),
    path("other-studies/", literature.other_studies, name="other-studies"),
    path("reviews/", literature.reviews, name="reviews"),
    path("disagreements/", differences.disagreements, name="disagreements"),
    path("evidence/", evidence.evidence, name="evidence"),
    path("evidence/deaths.svg", files.deaths_picture, name="deaths-svg"),
    path("evidence/deaths.csv", files.deaths_file, name="deaths-csv"),
    path("changes/", changes.changes, name="changes"),
    path("changes.atom", cached_page()(require_safe(ChangesFeed())), name="changes-feed"),
    path("new-studies.atom", cached_page()(require_safe(NewStudiesFeed())), name="new-studies-feed"),
    path("trials/<slug:slug>/changes.atom", study_feed, name="trial-feed"),
    path("glossary/", pages.glossary, name="glossary"),
    path("sitemap.xml", sitemaps.sitemap_index, name="sitemap-index"),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap, name="sitemap"),
    path("robots.txt", pages.robots, name="robots"),
    # Last: the other pages that staff write, each at the root.
    path("<slug:slug>/", pages.page, name="page"),
]
