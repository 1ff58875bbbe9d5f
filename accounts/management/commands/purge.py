"""Removes what is past its time."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.privacy.retention import Followed, purge


class Command(BaseCommand):
    help = "Remove what is past its time. The worker does it once a day by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would go, and remove nothing."
        )

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        failed = []
        for followed in purge(dry_run=dry_run):
            self.stdout.write(f"{followed.rule.name}: {_said(followed, dry_run=dry_run)}")
            if followed.has_failed:
                failed.append(followed.rule.name)
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}. The log says why.")


def _said(followed: Followed, *, dry_run: bool) -> str:
    if followed.has_failed:
        return "failed"
    if followed.number is None:
        return "only removing them would tell"
    return f"{followed.number} past their time" if dry_run else f"{followed.number} removed"
