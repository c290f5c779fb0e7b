import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from trials import backups

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Copy the whole database into a folder while the site runs, prove the copy, and remove older ones: all of the "
        "last 7 days stay, then one for each of 4 weeks and of 12 months."
    )
    requires_system_checks = []  # a site that is not well needs its backup most

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="where to (ARDSINFO_BACKUP_FOLDER)")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"] or settings.BACKUP_FOLDER or settings.VAR_DIR / "backups"
        with _told("There is no new backup"):
            file = backups.make(folder)
        self.stdout.write(f"written  {file} ({file.stat().st_size:,} bytes), read back and whole")
        with _told("There is a new backup, but its folder fills up"):
            for old in backups.prune(folder):
                self.stdout.write(f"removed  {old}")


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Fail with a sentence, and by e-mail too, for nobody sees a timer fail."""
    try:
        yield
    except backups.BackupError as error:
        logger.error("%s: %s", what, error)
        raise CommandError(str(error)) from error
