"""Look whether the films that members watch are whole, and whether any belong to nobody."""

import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from classes.management.shown_films import name_of, shown_films
from classes.models import Video
from classes.video.check import Expected, check_ladder
from classes.video.clearing import ABANDONED_AFTER
from classes.video.errors import LadderBroken
from classes.video.ffmpeg import find_ffmpeg
from classes.video.layout import COPY, PREVIEW, key
from classes.video.stores import FolderStore, film_store


class Command(BaseCommand):
    help = (
        "Check every film that plays: its files and their sizes, and what is in its renditions. "
        "Ends with status 1 where something is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="slug", help="Only films of these classes.")
        parser.add_argument(
            "--quick",
            action="store_true",
            help="Only look whether all files are there in their sizes, and decode nothing.",
        )

    def handle(self, *args: Any, slugs: list[str], quick: bool, **options: Any) -> None:
        faults = films = 0
        videos = shown_films(slugs).select_related("poster")
        for video in videos.order_by("shown_as__workout_class__slug", "shown_as"):
            films += 1
            found = list(_faults(video, quick=quick))
            faults += len(found)
            self.stdout.write(f"{name_of(video)}: {'whole' if not found else ''}".rstrip())
            for fault in found:
                self.stdout.write(f"  {fault}")
        if not slugs:
            for folder in _without_row():
                faults += 1
                self.stdout.write(f"{folder} belongs to no film.")
        if faults:
            raise CommandError(f"{films} films looked at, {faults} faults.")
        self.stdout.write(f"{films} films looked at, all of them whole.")


def _faults(video: Video, *, quick: bool) -> Iterator[str]:
    missing = list(_file_faults(video))
    yield from missing
    if not video.has_master():
        yield "Its master is gone: it plays, but cannot be made anew."
    if video.poster is None:
        yield "It has no poster."
    elif not all((video.poster.folder / f"{width}.jpg").is_file() for width in video.poster.widths):
        yield "Its poster is missing in a size."
    if video.files and not missing and not quick:
        yield from _ladder_faults(video)


def _file_faults(video: Video) -> Iterator[str]:
    """What is not there, or not in the size that the row says."""
    store = film_store()
    for name, expected in video.files.items():
        size = store.size(key(video.pk, name))
        if size is None:
            yield f"{name} is missing."
        elif size != expected:
            yield f"{name} has {size} bytes, not {expected}."
    others = [PREVIEW, COPY] if video.has_copy else [PREVIEW]
    for name in others:
        if not store.size(key(video.pk, name)):
            yield f"{name} is missing."


def _ladder_faults(video: Video) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as fetched:
        for name in video.files:
            path = fetched.enter_context(film_store().local(key(video.pk, name)))
            (Path(folder) / name).symlink_to(path)
        try:
            check_ladder(
                Path(folder),
                Expected.of_video(video),
                binary=find_ffmpeg(settings.FFMPEG_BINARY),
            )
        except LadderBroken as broken:
            yield from broken.faults


def _without_row() -> Iterator[Path]:
    """Folders of films and masters that no row names, but for those of the last day.

    A master is on the disk before its row.
    """
    masters = {
        str(Path(str(name)).parent) for name in Video.objects.values_list("master", flat=True)
    }
    videos = {str(video_id) for video_id in Video.objects.values_list("pk", flat=True)}
    roots = {Path(settings.MASTERS_ROOT): masters}
    if isinstance(store := film_store(), FolderStore):
        roots[store.root] = {*videos, ".making"}
    for root, named in roots.items():
        for folder in sorted(root.iterdir()) if root.is_dir() else []:
            age = time.time() - folder.stat().st_mtime
            if folder.name not in named and age > ABANDONED_AFTER.total_seconds():
                yield folder
