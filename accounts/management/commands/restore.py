"""Makes this site what a backup holds."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from accounts.backups import restore_backup


class Command(BaseCommand):
    help = "Bring back what `backup` wrote to FOLDER. Stop the web server and the worker first."
    # The database may be empty or of another version: that is what restoring mends.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path)
        parser.add_argument(
            "--force", action="store_true", help="Replace what this site holds already."
        )

    def handle(self, *args: Any, folder: Path, force: bool, **options: Any) -> None:
        restore_backup(folder, force=force, say=self.stdout.write)
