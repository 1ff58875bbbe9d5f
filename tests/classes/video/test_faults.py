"""What happens to a film when the machine fails it, at any moment."""

import os
import random
import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from classes.models import Video
from classes.tasks import enqueue_for
from classes.video import attempts, encode, processing
from classes.video.check import Expected, check_ladder
from classes.video.orders import cancel, try_again
from classes.video.processing import first_look, make_ladder
from tests.factories import make_class, make_variant

from .uploads import make, on_disk, pictures, upload
from .workers import noting_ffmpeg, until, worker

pytestmark = pytest.mark.usefixtures("quick_encoding")

State, Step, PlaysAs = Video.State, Video.Step, Video.PlaysAs


def new_variant():
    return make_variant(make_class(variant=False), ready=False)


def assert_made_once(video, settings, binary) -> None:
    """It plays from a ladder that is whole, and nothing else is on the disk."""
    video = Video.objects.select_related("variant").get(pk=video.pk)
    assert (video.state, video.error) == (State.READY, "")
    assert video.variant.video_id == video.pk
    folder = settings.FILMS_ROOT / str(video.pk)
    check_ladder(folder / "ladder", Expected.of_video(video), binary=binary)
    made = [f"films/{video.pk}/ladder/{name}" for name in video.files]
    made += [f"films/{video.pk}/copy/copy.mp4", f"films/{video.pk}/preview.mp4"]
    of_the_film = [name for name in on_disk(settings) if str(video.pk) in name]
    assert of_the_film == sorted([*made, f"masters/{video.pk}/master"])
    assert list((settings.FILMS_ROOT / ".making").iterdir()) == []


# Killed workers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_film_outlives_workers_that_are_killed_at_any_moment(
    transactional_db, django_db_serialized_rollback, film, settings, tmp_path, binary, kills
):
    video = upload(new_variant(), film)
    enqueue_for(video)
    row = Video.objects.filter(pk=video.pk)
    moments = random.Random()

    for _ in range(kills):
        if row.get().state == State.READY:  # it was quicker: make it once more
            row.update(state=State.UPLOADED, ladder_at=None)
        # As after ten minutes. That three dead workers are enough is said elsewhere.
        row.update(lease_until=timezone.now(), attempts=0)
        with worker(tmp_path) as process:
            until(lambda: row.get().state != State.UPLOADED, process, tmp_path)
            time.sleep(moments.uniform(0, 2.5))
            process.kill()
    row.exclude(state=State.READY).update(lease_until=timezone.now(), attempts=0)
    call_command("run_worker", until_idle=True)

    assert_made_once(video, settings, binary)
    assert pictures(settings) == {str(row.get().poster_id)}


# A full disk -------------------------------------------------------------------------------------


@contextmanager
def mounted(folder, *, megabytes: int):
    folder.mkdir(exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder],
        check=True,
        capture_output=True,
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def full_disk(settings, monkeypatch):
    """A disk for films that fills up: called with how many bytes are left of it.

    That there is too little room is noticed beforehand, so the judge looks away here.
    """
    monkeypatch.setattr(processing, "judge_room", lambda *args: None)
    with ExitStack() as stack:
        try:
            stack.enter_context(mounted(settings.FILMS_ROOT, megabytes=64))
        except (OSError, subprocess.CalledProcessError) as fault:
            if os.environ.get("CI") and os.geteuid() == 0:
                raise
            pytest.skip(f"no small disk can be mounted: {fault}")

        def leave(free: int):
            filler = settings.FILMS_ROOT / "filler"
            filler.write_bytes(bytes(shutil.disk_usage(settings.FILMS_ROOT).free - free))
            return filler

        yield leave


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("step", "free"),
    # A copy meets the end of the disk; an encoding is stopped a little before.
    [(Step.FIRST_LOOK, 100_000), (Step.LADDER, encode._BYTES_LEFT_ALONE + 50_000)],
)
def test_full_disk_leaves_nothing_half_made(full_disk, film, settings, binary, step, free):
    video = upload(new_variant(), film)
    if step == Step.LADDER:
        first_look(str(video.pk))
    before = on_disk(settings)
    filler = full_disk(free)

    (first_look if step == Step.FIRST_LOOK else make_ladder)(str(video.pk))

    filler.unlink()
    video.refresh_from_db()
    video.variant.refresh_from_db()
    assert (video.state, video.step) == (State.FAILED, step)
    assert video.error.startswith("The disk became full")
    assert on_disk(settings) == before
    assert list((settings.FILMS_ROOT / ".making").iterdir()) == []
    assert (video.variant.video is None) == (step == Step.FIRST_LOOK)

    try_again(video)
    make(video)

    assert_made_once(video, settings, binary)


# A database that is away -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("refusals", [2, 8])  # while there is something to report, and at the end
def test_database_that_is_away_for_a_while_costs_no_work(
    film, settings, binary, monkeypatch, refusals
):
    monkeypatch.setattr(attempts, "_SECONDS_BETWEEN_REPORTS", 0)
    video = upload(new_variant(), film)
    first_look(str(video.pk))
    refused = []

    def away(execute, sql, params, many, context):
        if len(refused) < refusals:
            refused.append(sql)
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    encoded = []
    real = processing.encode_ladder

    with ExitStack() as outage:

        def encode_meanwhile(*args, on_progress, **kwargs):
            real(*args, **kwargs)
            encoded.append(args)
            outage.enter_context(connection.execute_wrapper(away))
            on_progress(1)
            on_progress(2)

        monkeypatch.setattr(processing, "encode_ladder", encode_meanwhile)
        make_ladder(str(video.pk))

    assert len(refused) == refusals
    assert len(encoded) == 1
    assert Video.objects.get().attempts == 1
    assert_made_once(video, settings, binary)


# Several workers ---------------------------------------------------------------------------------


def test_two_workers_make_each_film_once_and_one_at_a_time(
    transactional_db, django_db_serialized_rollback, film, settings, tmp_path, binary
):
    videos = [upload(new_variant(), film) for _ in range(3)]
    for video in videos:
        enqueue_for(video)
        enqueue_for(video)  # on the list twice, as when a sweep was too cautious
    noting = noting_ffmpeg(tmp_path)

    with (
        worker(tmp_path, "--until-idle", ffmpeg=noting) as first,
        worker(tmp_path, "--until-idle", ffmpeg=noting) as second,
    ):
        for process in (first, second):
            assert process.wait(timeout=180) == 0

    assert (tmp_path / "encoded.txt").read_text().split() == ["begins", "ends"] * 3
    for video in videos:
        assert_made_once(video, settings, binary)


# Curators who cannot wait ------------------------------------------------------------------------


@pytest.fixture
def meanwhile(monkeypatch):
    """Does something while a ladder is being encoded, just once."""
    monkeypatch.setattr(attempts, "_SECONDS_BETWEEN_REPORTS", 0)
    real = processing.encode_ladder

    def do(action):
        def encode_meanwhile(*args, on_progress, **kwargs):
            monkeypatch.setattr(processing, "encode_ladder", real)
            real(*args, **kwargs)
            action()
            on_progress(1)

        monkeypatch.setattr(processing, "encode_ladder", encode_meanwhile)

    return do


@pytest.mark.django_db
def test_film_that_is_stopped_and_tried_again_at_once_is_made_once(
    film, settings, binary, meanwhile
):
    video = upload(new_variant(), film)
    first_look(str(video.pk))

    def change_my_mind():
        cancel(video)
        try_again(video)

    meanwhile(change_my_mind)
    make_ladder(str(video.pk))

    assert Video.objects.get().state == State.UPLOADED
    make_ladder(str(video.pk))
    assert_made_once(video, settings, binary)


@pytest.mark.django_db
def test_film_that_is_replaced_while_it_is_made_gives_way(film, settings, binary, meanwhile):
    variant = new_variant()
    former, newer = upload(variant, film), upload(variant, film)
    first_look(str(former.pk))

    meanwhile(lambda: make(newer))
    make_ladder(str(former.pk))

    former.refresh_from_db()
    variant.refresh_from_db()
    assert (former.state, former.plays_as) == (State.CANCELLED, PlaysAs.COPY)
    assert variant.video == newer
    folder = settings.FILMS_ROOT / str(former.pk)
    assert {path.name for path in folder.iterdir()} == {"copy", "preview.mp4"}
    assert list((settings.FILMS_ROOT / ".making").iterdir()) == []
