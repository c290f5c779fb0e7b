"""The editors' tool at /admin/: one module per group of models."""

from django.contrib import admin

from trials.admin import country, glossary, page, people, trial

__all__ = ["country", "glossary", "page", "people", "trial"]

admin.site.site_header = "ARDSinfo editors"
admin.site.site_title = "ARDSinfo editors"
admin.site.index_title = "What there is to edit"
# The lists need the width, and there are too few of them to need a second menu.
admin.site.enable_nav_sidebar = False
