from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from trials.models import GlossaryTerm, Page, Revision, Trial
from trials.workflow.versions import content_write, write_nothing

FIXTURES = ("studies", "pages", "glossary", "other_studies", "reviews")


class Command(BaseCommand):
    help = "Load everything in fixtures/ if the database has no content. Edits are never changed."

    @content_write
    def handle(self, *args: Any, **options: Any) -> None:
        if any(model._default_manager.exists() for model in (Trial, Page, GlossaryTerm, Revision)):
            write_nothing()
            done = "Nothing was loaded: there is content already."
        else:
            call_command("loaddata", *FIXTURES, verbosity=0)
            done = "Studies, pages and glossary loaded."
        if options["verbosity"]:
            self.stdout.write(done)
