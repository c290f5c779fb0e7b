import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trials.management import backups

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Copy the SQLite database into a folder while the site runs, check the copy, and delete the oldest copies."
    requires_system_checks = []  # a site with a fault needs its backup most

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="the default is ARDSINFO_BACKUP_FOLDER")
        parser.add_argument("--keep", type=int, default=30, help="how many backups stay in the folder (default 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"] or settings.BACKUP_FOLDER or settings.VAR_DIR / "backups"
        try:
            file = backups.write_backup(folder)
            old = backups.prune(folder, max(1, options["keep"]))
        except (backups.BackupError, OSError) as error:
            logger.error("The backup failed: %s", error)  # reaches ARDSINFO_ERROR_EMAIL from a timer too
            raise CommandError(str(error)) from error
        self.stdout.write(f"Written: {file}")
        for each in old:
            self.stdout.write(f"Deleted: {each}")
