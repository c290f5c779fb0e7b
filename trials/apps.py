from typing import Any

from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class TrialsConfig(AppConfig):
    name = "trials"
    verbose_name = "Evidence"

    def ready(self) -> None:
        from ardsinfo import checks as installation  # noqa: F401 - it registers itself, as the next ones do
        from trials import numbers, search_index, triggers
        from trials.accounts import checks, groups, log, signals  # noqa: F401 - they register themselves

        post_migrate.connect(groups.make_groups, sender=self)
        post_migrate.connect(make_cache_table, sender=self)
        post_migrate.connect(search_index.make_search_index, sender=self)
        post_migrate.connect(triggers.make_triggers, sender=self)
        post_migrate.connect(numbers.never_again, sender=self)


def make_cache_table(using: str, **kwargs: Any) -> None:
    """The table of the limits, if they are counted in the database, so that `migrate` leaves nothing to do."""
    call_command("createcachetable", database=using, verbosity=0)
