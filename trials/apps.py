from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class EditorsAdminConfig(AdminConfig):
    default_site = "trials.admin.site.EditorsSite"

    def ready(self) -> None:
        super().ready()
        from trials.admin import glossary, known, page, people, trial  # noqa: F401 - they register themselves


class TrialsConfig(AppConfig):
    name = "trials"
    verbose_name = "Evidence"

    def ready(self) -> None:
        # These modules need the models, which are loaded by now.
        from trials.accounts import groups, log, signals  # noqa: F401 - two of them register themselves

        post_migrate.connect(groups.make_groups, sender=self)
        post_migrate.connect(signals.constrain_names, sender=self)
        post_migrate.connect(create_cache_table, sender=self)


def create_cache_table(using: str, **kwargs: Any) -> None:
    """Create the table of the database cache, so that `migrate` is all that a new database needs."""
    call_command("createcachetable", database=using, verbosity=0)
