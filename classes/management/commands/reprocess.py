"""Make films anew from what was uploaded, as after a change of FILM_PRESET.

The films that play go on playing until the new ones are ready.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classes.durations import clock
from classes.models import Variant, WorkoutClass
from classes.video.processing import remake


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
        for variant in _variants(slugs):
            name = f"{variant.workout_class.slug} · {variant}"
            if reason := _why_not(variant):
                self.stdout.write(f"{name}: left alone, {reason}")
                continue
            queued += 1
            length = clock(variant.duration) if variant.duration else "?"
            if dry_run:
                self.stdout.write(f"{name}: would be queued ({length})")
            else:
                remake(variant.video)
                self.stdout.write(f"{name}: queued ({length})")
        self.stdout.write(f"{queued} to be made anew." if dry_run else f"{queued} queued.")


def _variants(slugs: list[str]) -> list[Variant]:
    classes = WorkoutClass.objects.all()
    if slugs:
        classes = classes.filter(slug__in=slugs)
        if unknown := set(slugs) - set(classes.values_list("slug", flat=True)):
            raise CommandError(f"There is no class {', '.join(sorted(unknown))}.")
    variants = Variant.objects.ready().filter(workout_class__in=classes)
    return list(variants.select_related("workout_class", "video").order_by("video__duration", "pk"))


def _why_not(variant: Variant) -> str:
    """Why its film is not to be made now; empty if it is."""
    video = variant.video
    newer = variant.videos.in_the_works().filter(uploaded_at__gte=video.uploaded_at)
    if newer.exists():
        return "a film is in the works already."
    if not video.master.name or not video.master.storage.exists(str(video.master.name)):
        return "its master is gone: upload it again."
    return ""
