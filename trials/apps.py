from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class EditorsAdminConfig(AdminConfig):
    default_site = "trials.admin_site.EditorsSite"


class TrialsConfig(AppConfig):
    name = "trials"
    verbose_name = "Evidence"

    def ready(self) -> None:
        from trials import audit, groups, search_index
        from trials.login import checks  # noqa: F401 - it registers itself

        audit.listen()
        post_migrate.connect(groups.make_groups, sender=self)
        post_migrate.connect(make_cache_table, sender=self)
        post_migrate.connect(search_index.make_search_index, sender=self)


def make_cache_table(using: str, **kwargs: Any) -> None:
    """Make the table of the login limits, so that `migrate` leaves nothing to do."""
    call_command("createcachetable", database=using, verbosity=0)
