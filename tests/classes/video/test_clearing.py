import os
import time
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from classes.models import Picture, Video
from classes.video.clearing import ABANDONED_AFTER, LONGEST_PASS, remove_files, sweep_remains
from tests.factories import make_video

from .uploads import on_disk, pictures, upload

pytestmark = pytest.mark.django_db

PlaysAs = Video.PlaysAs


@pytest.fixture
def master(tmp_path):
    path = tmp_path / "upload.mp4"
    path.write_text("a film")
    return path


def lay(settings, video, *names):
    """Files of a film, as if they had been made."""
    for name in names:
        path = settings.FILMS_ROOT / str(video.pk) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("frames")


def played(variant, master, settings, **attrs) -> Video:
    """A film with its ladder and a copy, and a poster."""
    attrs.setdefault("plays_as", PlaysAs.LADDER)
    video = upload(variant, master, duration=timedelta(minutes=5), has_copy=True, **attrs)
    lay(settings, video, "copy/copy.mp4", "ladder/480p.mp4", "preview.mp4")
    video.poster = Picture.objects.create(width=320, height=180, widths=[320])
    video.poster.folder.mkdir(parents=True)
    video.save()
    return video


def long_ago() -> timezone.datetime:
    return timezone.now() - LONGEST_PASS - timedelta(minutes=1)


def test_remove_files_leaves_nothing_of_a_film(variant, master, settings):
    video = played(variant, master, settings)
    Video.objects.all().delete()

    remove_files([video])

    assert on_disk(settings) == []
    assert not (settings.MASTERS_ROOT / str(video.pk)).exists()
    assert pictures(settings) == set()
    assert not Picture.objects.exists()


def test_remove_files_leaves_a_master_to_those_that_share_it(variant, master, settings):
    first = played(variant, master, settings)
    again = make_video(variant, master=first.master.name)
    Video.objects.filter(pk=first.pk).delete()

    remove_files([first])
    assert again.master.storage.exists(again.master.name)

    Video.objects.all().delete()
    remove_files([again])
    assert on_disk(settings) == []


def test_replaced_film_stays_for_as_long_as_a_pass(
    variant, master, settings, django_capture_on_commit_callbacks
):
    former = played(variant, master, settings)
    variant.video = played(variant, master, settings, ladder_at=timezone.now())
    variant.save()

    with django_capture_on_commit_callbacks(execute=True):
        sweep_remains()
    assert Video.objects.filter(pk=former.pk).exists()

    Video.objects.filter(pk=variant.video.pk).update(ladder_at=long_ago())
    with django_capture_on_commit_callbacks(execute=True):
        sweep_remains()

    assert list(Video.objects.all()) == [variant.video]
    assert {name.split("/")[1] for name in on_disk(settings)} == {str(variant.video.pk)}
    assert pictures(settings) == {str(variant.video.poster_id)}


def test_film_that_waits_to_replace_another_is_left_alone(
    variant, master, settings, django_capture_on_commit_callbacks
):
    variant.video = played(variant, master, settings, ladder_at=long_ago())
    variant.save()
    coming = played(variant, master, settings, plays_as=PlaysAs.COPY)

    with django_capture_on_commit_callbacks(execute=True):
        sweep_remains()

    assert Video.objects.filter(pk=coming.pk).exists()
    assert (settings.MASTERS_ROOT / str(coming.pk) / "master").exists()


@pytest.mark.parametrize(
    ("plays_as", "ladder_at", "is_kept"),
    [
        (PlaysAs.LADDER, long_ago, False),
        (PlaysAs.LADDER, timezone.now, True),
        (PlaysAs.COPY, lambda: None, True),
    ],
)
def test_copy_goes_when_nobody_can_be_watching_it(
    variant, master, settings, plays_as, ladder_at, is_kept
):
    video = played(variant, master, settings, plays_as=plays_as, ladder_at=ladder_at())
    variant.video = video
    variant.save()

    sweep_remains()

    video.refresh_from_db()
    assert video.has_copy == is_kept
    assert (settings.FILMS_ROOT / str(video.pk) / "copy" / "copy.mp4").exists() == is_kept
    assert (settings.FILMS_ROOT / str(video.pk) / "ladder" / "480p.mp4").exists()


def test_halves_of_posters_go_after_a_day(db, settings):
    pictures = settings.MEDIA_ROOT / "pictures"
    for name in (".left.0123.tmp", ".fresh.4567.tmp", "whole"):
        (pictures / name).mkdir(parents=True)
        if name != ".fresh.4567.tmp":
            then = time.time() - ABANDONED_AFTER.total_seconds() - 1
            os.utime(pictures / name, (then, then))

    sweep_remains()

    assert {path.name for path in pictures.iterdir()} == {".fresh.4567.tmp", "whole"}


def test_workshops_that_nobody_works_in_go_after_a_day(variant, master, settings):
    at_work = upload(
        variant, master, state=Video.State.PROCESSING, held_by=uuid.uuid4(), attempts=1
    )
    names = {
        "held": f"{at_work.pk}.{at_work.held_by}",
        "left": f"{at_work.pk}.{uuid.uuid4()}",
        "of no row": f"{uuid.uuid4()}.{uuid.uuid4()}",
        "fresh": f"extras.{uuid.uuid4()}",
    }
    for kind, name in names.items():
        folder = settings.FILMS_ROOT / ".making" / name
        folder.mkdir(parents=True)
        (folder / "480p.mp4").write_text("half of it")
        if kind != "fresh":
            then = time.time() - ABANDONED_AFTER.total_seconds() - 1
            os.utime(folder, (then, then))

    sweep_remains()

    left = {path.name for path in (settings.FILMS_ROOT / ".making").iterdir()}
    assert left == {names["held"], names["fresh"]}
