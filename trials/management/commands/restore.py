from pathlib import Path
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from trials import backups


class Command(BaseCommand):
    help = (
        "Make the database hold what a backup holds. What was there is kept beside that file. A file that is damaged, "
        "is not of this site or comes from a newer version is refused, and nothing is changed then."
    )
    requires_system_checks = []  # it is there for a site that is not well

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a backup, with its .sha256 beside it")

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["file"]
        try:
            backups.check(file)
            kept = backups.put_back(file)
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"restored {file}. {kept}")
        connection.close()
        # Who was logged in then may be nobody's colleague now. Before `migrate`, which may fail.
        if Session._meta.db_table in connection.introspection.table_names():
            Session.objects.all().delete()
        self.stdout.write("Everybody has to log in again.")
        call_command("migrate", interactive=False, verbosity=0)
