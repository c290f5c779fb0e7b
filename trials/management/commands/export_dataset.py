from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from trials.exports import dataset


class Command(BaseCommand):
    help = "Write the public data as a dated folder and zip file. Those of the site's own folder are linked at /data/."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.DATASET_FOLDER)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        self.stdout.write(f"Written: {dataset.write(folder)}")
