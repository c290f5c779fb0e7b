from pathlib import Path
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from trials.management import backups
from trials.workflow.versions import renew_content_version


class Command(BaseCommand):
    help = "Replace the content of the SQLite database by that of a backup. The present content is copied first."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            before = backups.restore(options["file"])
        except (backups.BackupError, OSError) as error:
            raise CommandError(f"Nothing was restored: {error}") from error
        self.stdout.write(f"Restored {options['file']}. What was there before: {before or 'nothing'}")
        connection.close()
        # Sessions in the backup may belong to users who have left. They end even if a migration fails.
        Session.objects.all().delete()
        call_command("migrate", interactive=False, verbosity=0)
        renew_content_version()
        self.stdout.write("Everyone has to log in again. If the database was damaged, restart the site.")
