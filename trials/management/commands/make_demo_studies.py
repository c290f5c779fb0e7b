"""Fill a database of its own with invented studies, to see how the site does with many."""

import argparse
import itertools
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from trials import actions, invented
from trials.management.commands.load_studies import ALONE, load, units
from trials.models import Country, ImportFile, LoadedRecord, Revision, Trial
from trials.vocabulary import Step

BATCH = 500  # studies in one transaction: what bounds the memory


def how_many(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= invented.MOST):
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 1 to {invented.MOST}.")
    return int(text)


class Command(BaseCommand):
    help = (
        "Add invented studies, plainly marked, until there are NUMBER of them. Only for a database of its own: "
        "nothing takes them away again, and every page that shows anything of the site says that they are there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=how_many, help="how many invented studies there are afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        refusal = why_not()
        if refusal:
            raise CommandError(
                f"{refusal} Invented studies belong into a database of their own: name a new one in "
                "DATABASE_URL, and run migrate and load_studies first."
            )
        with transaction.atomic():
            LoadedRecord.objects.get_or_create(**invented.MARK)
            for code, name, other_names in invented.COUNTRIES:
                if not Country.objects.filter(code=code).exists():
                    actions.save_country(Country(code=code, name=name, other_names=other_names))
        countries = sorted(Country.objects.values_list("code", flat=True))
        there = set(invented.first_revisions().values_list("name", flat=True))
        wanted = (number for number in range(1, options["number"] + 1) if invented.SLUG.format(number) not in there)
        added = 0
        while numbers := list(itertools.islice(wanted, BATCH)):
            actions.load_many(invented.invented(number, countries) for number in numbers)
            added += len(numbers)
            if options["verbosity"] >= 2 and added % 10_000 == 0:
                self.stdout.write(f"{added:,} added")
        with connection.cursor() as cursor:
            # Or the planner goes by what it knew of an empty database. VACUUM, which cannot run in a transaction, lets
            # PostgreSQL answer from indexes alone.
            on_postgresql = connection.vendor == "postgresql" and not connection.in_atomic_block
            cursor.execute("VACUUM ANALYZE" if on_postgresql else "ANALYZE")
        if options["verbosity"] >= 1:
            self.stdout.write(f"Invented studies: {added:,} added, {len(there):,} already there.")


def why_not() -> str:
    """Why invented studies may not be added here: the first thing of somebody's own that is found, or ""."""
    if invented.invented_studies():
        return ""
    if not LoadedRecord.objects.exists():
        return "This database is empty."
    edit = Revision.objects.exclude(step=Step.LOADED).order_by("made_at").only("name", "step", "made_by").first()
    if edit:
        return f"This database holds real edits: {edit.name} was {edit.get_step_display()} by {edit.made_by}."
    loaded = set(LoadedRecord.objects.values_list("kind", "key"))
    for model in (Trial, *ALONE.values()):
        kind, key = str(model._meta.verbose_name), "code" if model is Country else "slug"
        for own in model._default_manager.order_by("pk").values_list(key, flat=True):
            if (kind, own) not in loaded:
                return f"This database holds a {kind} that did not come with the site: {own}."
    person = get_user_model().objects.first()
    if person:
        return f"Somebody has an account here, so this may be a real site: {person}."
    if LogEntry.objects.exists():
        return "Somebody has had an account here, as the audit log says, so this may be a real site."
    file = ImportFile.objects.first()
    if file:
        return f"This database holds a file that was imported: {file.name}."
    return what_differs()


def what_differs() -> str:
    """The first record that came with the site and is not as it came, or ""."""
    with transaction.atomic():
        found = [load(where, records) for where, records in units(Path(settings.FIXTURE_DIRS[0]))]
        transaction.set_rollback(True)  # of what was missing and is there now
    different = next((line for outcome, line in found if outcome != "same"), "")
    return different and f"This database is not as load_studies makes it: {' '.join(different.split())}."
