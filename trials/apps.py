from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class EditorsAdminConfig(AdminConfig):
    default_site = "trials.admin.site.EditorsSite"

    def ready(self) -> None:
        super().ready()
        from trials.admin import glossary, literature, page, people, trial  # noqa: F401 - they register themselves


class TrialsConfig(AppConfig):
    name = "trials"
    verbose_name = "Evidence"

    def ready(self) -> None:
        # These modules need the models, which are loaded by now.
        from trials.accounts import log, setup, signals  # noqa: F401 - two of them register themselves

        post_migrate.connect(setup.after_migrate, sender=self)
