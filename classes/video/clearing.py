"""Takes away files that no film needs any more: of rows that are gone, and of workers that died.

Nothing here asks whether a film may go. Masters of rows that are there are never touched.
"""

import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from classes.models import Picture, Video
from classes.models.video import pictures_folder

from .layout import COPY_FOLDER, LADDER_FOLDER, PREVIEW, key
from .stores import film_store

# Who began to watch may go on for as long as any pass holds, also when the film was replaced.
LONGEST_PASS = timedelta(seconds=settings.FILM_COOKIE_AGE)
ABANDONED_AFTER = timedelta(days=1)


def workshops() -> Path:
    """Holds the folders of unfinished work, beside the films: a move is a rename on one disk."""
    return Path(settings.FILMS_ROOT) / ".making"


@contextmanager
def passing_workshop() -> Iterator[Path]:
    """A folder for work that no row knows of. It is gone when the block ends."""
    folder = workshops() / f"extras.{uuid.uuid4()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def poster_id(video: Video, at: float) -> uuid.UUID:
    """What the poster of that second is called, so that a worker finds what a dead one made."""
    return uuid.uuid5(video.pk, f"poster at {at:.3f}")


def remove_files(videos: Iterable[Video]) -> None:
    """Delete all that belongs to films whose rows are gone: what was made, posters, masters.

    A master goes with the last row that names it. A row that `delete` was called on has forgotten
    its id, and cannot be given here: delete it by a query.
    """
    videos = list(videos)
    names = {str(video.master.name) for video in videos if video.master.name}
    named_still = set(Video.objects.filter(master__in=names).values_list("master", flat=True))
    posters = [video.poster_id for video in videos if video.poster_id]
    for video in videos:
        film_store().remove(str(video.pk))
        if video.master.name and video.master.name not in named_still:
            remove_master(video)
    Picture.objects.filter(pk__in=posters).delete()
    for poster in posters:
        remove_picture(poster)


def remove_master(video: Video) -> None:
    """Delete what was uploaded."""
    storage, name = video.master.storage, str(video.master.name)
    storage.delete(name)
    with suppress(OSError):  # a folder that holds something else is not ours
        storage.delete(str(Path(name).parent))


def remove_picture(picture_id: uuid.UUID) -> None:
    shutil.rmtree(pictures_folder() / str(picture_id), ignore_errors=True)


def remove_unclaimed(video: Video) -> None:
    """Delete what a failed attempt had put in place before its row could say so."""
    row = Video.objects.filter(pk=video.pk, held_by=None).first()
    if row is None:  # gone, or whoever took it over works there
        return
    store = film_store()
    if not row.has_copy:
        store.remove(f"{row.pk}/{COPY_FOLDER}")
    if row.ladder_at is None:
        store.remove(f"{row.pk}/{LADDER_FOLDER}")
    if row.plays_as == Video.PlaysAs.NOTHING:
        store.remove(key(row.pk, PREVIEW))


def sweep_remains() -> None:
    """Delete what has outlived its use. Call it now and then; any number of workers may."""
    _sweep_replaced()
    _sweep_copies()
    _sweep_workshops()
    _sweep_pictures()


def _sweep_replaced() -> None:
    """Films that another one took the place of, once nobody's pass is so old."""
    replaced = Video.objects.playing().filter(
        shown_as=None,
        uploaded_at__lte=F("variant__video__uploaded_at"),
        variant__video__ladder_at__lt=timezone.now() - LONGEST_PASS,
    )
    for video in list(replaced):
        with transaction.atomic():
            if Video.objects.filter(pk=video.pk, shown_as=None).delete()[0]:
                transaction.on_commit(lambda gone=video: remove_files([gone]))  # type: ignore[misc]


def _sweep_copies() -> None:
    """Copies beside a ladder that has been there for as long."""
    outlived = Video.objects.filter(
        has_copy=True,
        plays_as=Video.PlaysAs.LADDER,
        ladder_at__lt=timezone.now() - LONGEST_PASS,
    )
    for video_id in outlived.values_list("pk", flat=True):
        film_store().remove(f"{video_id}/{COPY_FOLDER}")
        outlived.filter(pk=video_id).update(has_copy=False)


def _sweep_workshops() -> None:
    if not workshops().is_dir():
        return
    at_work = {
        f"{video_id}.{held_by}"
        for video_id, held_by in Video.objects.exclude(held_by=None).values_list("pk", "held_by")
    }
    _remove_abandoned(folder for folder in workshops().iterdir() if folder.name not in at_work)


def _sweep_pictures() -> None:
    """Halves of posters, left by who was killed while it wrote them."""
    _remove_abandoned(pictures_folder().glob(".*.tmp"))


def _remove_abandoned(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(FileNotFoundError):  # another worker was quicker
            if time.time() - folder.stat().st_mtime > ABANDONED_AFTER.total_seconds():
                shutil.rmtree(folder, ignore_errors=True)
