"""Load the studies, pages and glossary of fixtures/ into an empty database."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from trials.models import GlossaryTerm, Page, Revision, Trial
from trials.workflow.versions import content_write, write_nothing


class Command(BaseCommand):
    help = "Load the studies, pages and glossary of fixtures/ if the database has no content. Edits are never changed."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load()
        if options["verbosity"]:
            nothing = "Nothing was loaded: there is content already."
            self.stdout.write("Studies, pages and glossary loaded." if loaded else nothing)


FIXTURES = ("studies", "pages", "glossary", "other_studies", "reviews")


@content_write
def load() -> bool:
    """Load the fixtures, and return whether the database was without content."""
    if any(model._default_manager.exists() for model in (Trial, Page, GlossaryTerm, Revision)):
        write_nothing()
        return False
    call_command("loaddata", *FIXTURES, verbosity=0)
    return True
