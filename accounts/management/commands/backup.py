"""Copies the whole studio into a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from accounts.backups import make_backup


class Command(BaseCommand):
    help = (
        "Write database, pictures, films and masters to FOLDER, while the site runs. "
        "An earlier backup there is replaced once the new one is complete."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        make_backup(folder, say=self.stdout.write)
