"""Write the studies of this database back to fixtures/, for whoever edits the fixtures in the admin."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trials.invented import first_revisions
from trials.management.commands.load_studies import compare, dump
from trials.models import Trial


class Command(BaseCommand):
    help = "Write fixtures/<address>.json anew for each study, or for those named: natural keys, no pk, a fixed order."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="*", help="a study, by its address; all of them if none is named")

    def handle(self, *args: Any, **options: Any) -> None:
        trials = Trial.objects.order_by("slug")
        for slug in options["slug"]:
            if not trials.filter(slug=slug).exists():
                raise CommandError(f"There is no study “{slug}”.")
        wanted = trials.filter(slug__in=options["slug"]) if options["slug"] else trials
        if wanted.filter(pk__in=first_revisions().values("record_id")).exists():
            raise CommandError("Invented studies do not belong into fixtures/: name those that are to be written.")
        for trial in wanted:
            path = Path(settings.FIXTURE_DIRS[0]) / f"{trial.slug}.json"
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            records = dump(trial)
            if before and not compare(json.loads(before), records):
                # The time of loading it is no change of the study.
                records[0]["fields"] |= {
                    name: value for name, value in json.loads(before)[0]["fields"].items() if name == "updated"
                }
            after = json.dumps(records, ensure_ascii=False, indent=1) + "\n"
            path.write_text(after, encoding="utf-8")
            self.stdout.write(f"{'unchanged' if after == before else 'written':<10} {path.name}")
