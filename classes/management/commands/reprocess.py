"""Make films anew from what was uploaded, as after a change of FILM_PRESET.

The films that play go on playing until the new ones are ready.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classes.durations import clock
from classes.management.shown_films import name_of, shown_films
from classes.models import Video
from classes.video.attempts import LeaseLost
from classes.video.orders import remake


class Command(BaseCommand):
    help = "Make films anew from their masters; what plays goes on playing until they are ready."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="slug", help="The classes whose films.")
        parser.add_argument("--all", action="store_true", help="The films of every class.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be queued.")

    def handle(self, *args: Any, slugs: list[str], dry_run: bool, **options: Any) -> None:
        if bool(slugs) == options["all"]:
            raise CommandError("Name classes by their slugs, or give --all.")
        queued = 0
        # Short ones first, as they will be made.
        for video in shown_films(slugs).order_by("duration", "pk"):
            name = name_of(video)
            if reason := _why_not(video):
                self.stdout.write(f"{name}: left alone, {reason}")
                continue
            length = clock(video.duration) if video.duration else "?"
            if dry_run:
                self.stdout.write(f"{name}: would be queued ({length})")
            else:
                try:
                    remake(video)
                except (Video.DoesNotExist, LeaseLost):
                    self.stdout.write(f"{name}: left alone, it was deleted just now.")
                    continue
                self.stdout.write(f"{name}: queued ({length})")
            queued += 1
        self.stdout.write(f"{queued} to be made anew." if dry_run else f"{queued} queued.")


def _why_not(video: Video) -> str:
    """Why a film is not to be made now; empty if it is."""
    same_variant = Video.objects.in_the_works().filter(variant=video.variant_id)
    if same_variant.filter(uploaded_at__gte=video.uploaded_at).exists():
        return "a film is in the works already."
    if not video.has_master():
        return "its master is gone: upload it again."
    return ""
