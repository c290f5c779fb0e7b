"""The site's addresses with an admin that has the studies alone."""

from typing import Any

from django.contrib import admin
from django.urls import path

from ardsinfo.urls import urlpatterns as site_patterns
from trials.admin import importing
from trials.models import Trial

site = admin.AdminSite(name="admin")


@admin.register(Trial, site=site)
class StudyAdmin(admin.ModelAdmin):
    fields = ["title"]
    list_display = ["short_name"]

    def get_urls(self) -> list[Any]:
        return [*importing.urls(self), *super().get_urls()]


urlpatterns = [path("admin/", site.urls), *site_patterns]
