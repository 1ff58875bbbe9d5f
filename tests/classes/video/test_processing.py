import shutil
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from classes.models import Picture, Video
from classes.tasks import change_extras, enqueue_for, enqueue_lapsed, look_at_film, make_film
from classes.video import processing
from classes.video.check import Expected, check_ladder
from classes.video.errors import LadderBroken, NoRoom
from classes.video.ffmpeg import FfmpegFailed
from classes.video.probe import probe_film
from classes.video.processing import first_look, make_ladder, remake_extras
from tests.factories import make_checked_class, make_class, make_variant, make_video

from .clips import H264, make_clip, real_clip
from .uploads import kept, locked_tables, make, on_disk, on_the_list, pictures, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_encoding")]

State, Step, PlaysAs = Video.State, Video.Step, Video.PlaysAs


# First look --------------------------------------------------------------------------------------


def test_first_look_lets_a_film_play_at_once(variant, film, settings):
    video = upload(variant, film)

    first_look(str(video.pk))

    video.refresh_from_db()
    variant.refresh_from_db()
    assert (video.state, video.step, video.plays_as) == (State.UPLOADED, Step.LADDER, PlaysAs.COPY)
    assert (video.width, video.height, video.has_audio) == (320, 180, True)
    assert video.duration.total_seconds() == pytest.approx(2, abs=0.1)
    assert (video.attempts, video.progress, video.held_by) == (0, 0, None)
    assert video.has_copy
    assert variant.video == video
    assert kept(settings, video) == ["copy/copy.mp4", "preview.mp4"]
    copy = settings.FILMS_ROOT / str(video.pk) / "copy" / "copy.mp4"
    preview = settings.FILMS_ROOT / str(video.pk) / "preview.mp4"
    assert probe_film(copy).audio_codec == "aac"
    assert probe_film(preview).duration < probe_film(copy).duration
    with Image.open(settings.MEDIA_ROOT / f"pictures/{video.poster_id}/320.avif") as poster:
        assert poster.size == (320, 180)
    assert on_the_list() == [("films", "make_film")]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks the whole database")
def test_first_look_locks_the_class_before_its_variant(variant, film):
    video = upload(variant, film)

    with CaptureQueriesContext(connection) as queries:
        first_look(str(video.pk))

    assert locked_tables(queries)[:2] == ["classes_workoutclass", "classes_variant"]


def test_first_look_leaves_to_the_ladder_what_browsers_do_not_play(variant, tmp_path, settings):
    clip = make_clip(tmp_path / "film.mp4", video=("-c:v", "mpeg4"))
    video = upload(variant, clip)

    first_look(str(video.pk))

    video.refresh_from_db()
    variant.refresh_from_db()
    assert (video.state, video.step, video.plays_as) == (State.UPLOADED, Step.LADDER, "")
    assert variant.video is None
    assert kept(settings, video) == []
    assert on_the_list() == [("films", "make_film")]


def test_first_look_leaves_to_the_ladder_what_cannot_be_copied(variant, film, monkeypatch):
    def cannot(*args, **kwargs):
        raise processing.FilmRefused("It cannot be copied.") from FfmpegFailed("status 1", "")

    monkeypatch.setattr(processing, "copy_film", cannot)
    video = upload(variant, film)

    first_look(str(video.pk))

    video.refresh_from_db()
    assert (video.state, video.step, video.plays_as) == (State.UPLOADED, Step.LADDER, "")


def test_first_look_leaves_to_the_ladder_a_picture_that_stands_still(variant, tmp_path, settings):
    """As in the recording of a screen on which nothing happens: no frames for nine seconds."""
    clip = make_clip(
        tmp_path / "still.mkv",
        seconds=12,
        more=("-vf", "select='lt(t,1)+gt(t,10)'", "-fps_mode", "vfr"),
    )
    video = upload(variant, clip)

    first_look(str(video.pk))

    video.refresh_from_db()
    assert (video.state, video.step, video.plays_as) == (State.UPLOADED, Step.LADDER, "")
    assert on_disk(settings) == [f"masters/{video.pk}/master"]

    make_ladder(str(video.pk))

    video.refresh_from_db()
    assert (video.state, video.error) == (State.READY, "")


def test_first_look_lets_the_old_film_play_until_the_new_one_has_its_ladder(
    variant, film, settings
):
    old = make_video(variant)
    variant.video = old
    variant.save()
    new = upload(variant, film)

    first_look(str(new.pk))

    new.refresh_from_db()
    variant.refresh_from_db()
    assert (new.step, new.plays_as) == (Step.LADDER, "")
    assert variant.video == old
    assert kept(settings, new) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("text", "This file cannot be read as a film"),
        ("short", "This film lasts 0.52 seconds"),
        ("half", "cannot be read as a film"),
    ],
)
def test_first_look_says_why_a_file_is_no_film_and_does_not_keep_it(
    variant, film, tmp_path, settings, content, sentence
):
    path = tmp_path / "upload.mp4"
    match content:
        case "text":
            path.write_text("no film " * 1000)
        case "short":
            make_clip(path, seconds=0.5)
        case "half":
            path.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    video = upload(variant, path)

    first_look(str(video.pk))

    video.refresh_from_db()
    variant.refresh_from_db()
    assert (video.state, video.step) == (State.FAILED, Step.FIRST_LOOK)
    assert sentence in video.error
    assert video.error.endswith("The file was not kept.")
    assert variant.video is None
    assert on_disk(settings) == []
    assert pictures(settings) == set()
    assert on_the_list() == []


def test_first_look_notices_a_film_that_was_cut_off(variant, tmp_path, settings):
    whole = make_clip(tmp_path / "whole.mp4", seconds=4, more=("-movflags", "+faststart"))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    video = upload(variant, cut)

    first_look(str(video.pk))

    video.refresh_from_db()
    assert video.state == State.FAILED
    assert "cut off" in video.error
    assert on_disk(settings) == [f"masters/{video.pk}/master"]


def test_first_look_keeps_the_master_when_the_machine_is_too_slow(
    variant, film, settings, monkeypatch
):
    monkeypatch.setattr("classes.video.probe._WALL_SECONDS", 0.01)
    video = upload(variant, film)

    first_look(str(video.pk))

    video.refresh_from_db()
    assert video.state == State.FAILED
    assert "left alone" in video.error
    assert on_disk(settings) == [f"masters/{video.pk}/master"]


def test_first_look_keeps_the_master_when_there_is_no_room(variant, film, settings, monkeypatch):
    def no_room(*_args):
        raise NoRoom("The disk has %(free)d MB left.", free=3)

    monkeypatch.setattr(processing, "judge_room", no_room)
    video = upload(variant, film)

    first_look(str(video.pk))

    video.refresh_from_db()
    assert (video.state, video.error) == (State.FAILED, "The disk has 3 MB left.")
    assert on_disk(settings) == [f"masters/{video.pk}/master"]


def test_first_look_takes_the_check_back(film):
    workout_class = make_checked_class(variant=False)
    variant = make_variant(workout_class, ready=False, watched_whole_at=timezone.now())

    first_look(str(upload(variant, film).pk))

    workout_class.refresh_from_db()
    variant.refresh_from_db()
    assert workout_class.checked_at is None
    assert str(variant) in workout_class.check_withdrawn
    assert variant.watched_whole_at is None


def test_first_look_keeps_the_check_where_it_is_told_to(film):
    workout_class = make_checked_class(variant=False)
    variant = make_variant(workout_class, ready=False, watched_whole_at=timezone.now())

    first_look(str(upload(variant, film, keeps_check=True).pk))

    workout_class.refresh_from_db()
    variant.refresh_from_db()
    assert workout_class.is_checked
    assert variant.watched_whole_at is not None
    assert variant.is_ready


# Ladder ------------------------------------------------------------------------------------------


def test_make_ladder_makes_all_that_players_need(variant, tmp_path, settings, binary):
    clip = make_clip(tmp_path / "film.mp4", picture="testsrc2=size=640x480:rate=25")
    video = make(upload(variant, clip))

    variant.refresh_from_db()
    assert (video.state, video.plays_as, video.progress) == (State.READY, PlaysAs.LADDER, 100)
    assert (video.frame_rate, video.has_audio) == (25, True)
    assert [each["name"] for each in video.renditions] == ["480p", "240p"]
    assert (video.renditions[1]["width"], video.renditions[1]["height"]) == (320, 240)
    folder = settings.FILMS_ROOT / str(video.pk)
    assert video.files == {path.name: path.stat().st_size for path in (folder / "ladder").iterdir()}
    assert set(video.files) == {
        *("master.m3u8", "480p.m3u8", "480p.mp4", "240p.m3u8", "240p.mp4", "film.mp4"),
        *("storyboard.vtt", "storyboard-1.jpg"),
        *("candidate-1.jpg", "candidate-2.jpg", "candidate-3.jpg"),
    }
    check_ladder(folder / "ladder", Expected.of_video(video), binary=binary)
    assert len(video.poster_candidates) == 3
    assert video.preview_version == 2  # of the copy, then of the ladder
    assert variant.video == video
    assert video.has_copy  # for those who are watching it
    assert list((settings.FILMS_ROOT / ".making").iterdir()) == []


def test_make_ladder_makes_a_film_of_what_no_browser_plays(variant, tmp_path, settings):
    clip = make_clip(tmp_path / "film.avi", video=("-c:v", "mpeg4"), audio=("-c:a", "mp3"))

    video = make(upload(variant, clip))

    variant.refresh_from_db()
    assert (video.state, video.error) == (State.READY, "")
    assert variant.video == video
    assert not video.has_copy
    assert len(pictures(settings)) == 1


def test_make_ladder_takes_a_film_that_nobody_here_made(variant):
    video = make(upload(variant, real_clip("bikes.mp4")))

    assert (video.state, video.width, video.height) == (State.READY, 640, 272)
    assert [each["name"] for each in video.renditions] == ["240p"]
    assert not video.has_audio


def test_make_ladder_keeps_the_copy_playing_when_its_check_fails(
    variant, film, settings, monkeypatch, no_ladder
):
    def broken(*args, **kwargs):
        raise LadderBroken(["180p.m3u8 has no ENDLIST."])

    monkeypatch.setattr(processing, "check_ladder", broken)

    video = make(upload(variant, film))

    variant.refresh_from_db()
    assert (video.state, video.step) == (State.FAILED, Step.LADDER)
    assert (video.plays_as, variant.video) == (PlaysAs.COPY, video)
    assert kept(settings, video) == ["copy/copy.mp4", "preview.mp4"]
    assert (settings.MASTERS_ROOT / str(video.pk) / "master").exists()


def test_make_ladder_calls_a_playlist_that_cannot_be_read_broken(
    variant, film, monkeypatch, no_ladder, caplog
):
    def unreadable(*args, **kwargs):
        raise ValueError("Line 1 is not #EXTM3U.")

    monkeypatch.setattr(processing, "write_master", unreadable)

    video = make(upload(variant, film))

    assert "did not pass their check" in video.error
    assert "Line 1 is not #EXTM3U." in caplog.text


def test_make_ladder_begins_nothing_that_would_fill_the_disk(variant, film, monkeypatch):
    video = upload(variant, film)
    first_look(str(video.pk))
    monkeypatch.setattr(
        processing.shutil, "disk_usage", lambda folder: SimpleNamespace(free=50_000_000)
    )

    make_ladder(str(video.pk))

    video.refresh_from_db()
    assert video.state == State.FAILED
    assert video.error.startswith("The disk has 50 MB left and this film needs 100 MB")
    assert video.plays_as == PlaysAs.COPY


def test_make_ladder_says_that_the_master_is_gone(variant, film, settings):
    video = upload(variant, film)
    first_look(str(video.pk))
    shutil.rmtree(settings.MASTERS_ROOT)

    make_ladder(str(video.pk))

    video.refresh_from_db()
    assert video.state == State.FAILED
    assert "no longer there" in video.error


def test_make_ladder_reads_a_master_that_lies_elsewhere(variant, film, monkeypatch, no_ladder):
    """As in a bucket: its storage knows no path."""
    video = upload(variant, film)

    def no_path(self, name):
        raise NotImplementedError

    monkeypatch.setattr(
        type(video.master.storage), "open", lambda self, name, mode: film.open(mode), raising=True
    )
    monkeypatch.setattr(type(video.master.storage), "path", no_path)

    assert make(video).state == State.READY


def test_make_ladder_says_how_far_it_is(variant, film, monkeypatch, no_ladder):
    reported: list[float] = []
    monkeypatch.setattr(
        processing.Attempt, "report", lambda self, percent: reported.append(percent)
    )
    real = processing.encode_ladder

    def encode(*args, on_progress, **kwargs):
        real(*args, **kwargs)
        for seconds in (0, 1, 2, 2.2):
            on_progress(seconds)

    def check(*args, on_progress, **kwargs):
        on_progress(0.5)
        on_progress(1)

    monkeypatch.setattr(processing, "encode_ladder", encode)
    monkeypatch.setattr(processing, "check_ladder", check)
    video = upload(variant, film)
    first_look(str(video.pk))
    reported.clear()

    make_ladder(str(video.pk))

    assert reported == [0, 45, 90, 90, 92, 95, 98]


def test_make_ladder_goes_by_what_a_curator_chose_before(variant, long_film, settings, no_ladder):
    video = upload(variant, long_film, preview_start=6, preview_seconds=5, poster_at=3)

    video = make(video)

    preview = settings.FILMS_ROOT / str(video.pk) / "preview.mp4"
    assert probe_film(preview).duration == pytest.approx(5, abs=0.2)
    assert pictures(settings) == {str(video.poster_id)}
    assert video.poster_id == processing.poster_id(video, 3)


def test_make_ladder_heeds_what_a_curator_chose_meanwhile(
    variant, long_film, settings, monkeypatch, no_ladder
):
    video = upload(variant, long_film)
    first_look(str(video.pk))
    real = processing.show_ladder

    def changed(*args):
        Video.objects.filter(pk=video.pk).update(preview_seconds=5, poster_at=9)
        real(*args)

    monkeypatch.setattr(processing, "show_ladder", changed)
    make_ladder(str(video.pk))

    video.refresh_from_db()
    preview = settings.FILMS_ROOT / str(video.pk) / "preview.mp4"
    assert video.state == State.READY
    assert probe_film(preview).duration == pytest.approx(5, abs=0.2)
    assert video.poster_id == processing.poster_id(video, 9)


# Replacing ---------------------------------------------------------------------------------------


def test_make_ladder_replaces_a_film_that_stays_for_those_who_watch_it(
    variant, film, settings, no_ladder, django_capture_on_commit_callbacks
):
    former = make(upload(variant, film))
    refused = upload(variant, film, state=State.FAILED)
    new = upload(variant, film)

    with django_capture_on_commit_callbacks(execute=True):
        make(new)

    variant.refresh_from_db()
    assert variant.video == new
    assert set(variant.videos.all()) == {former, new}
    assert kept(settings, former)
    assert not (settings.MASTERS_ROOT / str(refused.pk)).exists()


def test_make_ladder_stops_the_ladder_of_what_it_replaces(variant, film, no_ladder):
    former, new = upload(variant, film), upload(variant, film)
    first_look(str(former.pk))

    make(new)

    former.refresh_from_db()
    assert (former.state, former.plays_as) == (State.CANCELLED, PlaysAs.COPY)


def test_make_ladder_does_not_put_an_older_film_over_a_newer_one(
    variant, film, settings, no_ladder, django_capture_on_commit_callbacks
):
    older, newer = upload(variant, film), upload(variant, film)
    # As if two workers had them at once, and the newer one was ready first.
    first_look(str(newer.pk))
    first_look(str(older.pk))

    with django_capture_on_commit_callbacks(execute=True):
        make_ladder(str(older.pk))

    variant.refresh_from_db()
    assert variant.video == newer
    assert not Video.objects.filter(pk=older.pk).exists()
    assert not (settings.FILMS_ROOT / str(older.pk)).exists()
    assert not (settings.MASTERS_ROOT / str(older.pk)).exists()


# Preview and poster ------------------------------------------------------------------------------


@pytest.mark.parametrize("plays_as", [PlaysAs.COPY, PlaysAs.LADDER])
def test_remake_extras_moves_preview_and_poster(
    variant, long_film, settings, no_ladder, plays_as, django_capture_on_commit_callbacks
):
    video = upload(variant, long_film)
    first_look(str(video.pk))
    if plays_as == PlaysAs.LADDER:
        make_ladder(str(video.pk))
    video.refresh_from_db()
    version, poster = video.preview_version, video.poster_id
    Video.objects.filter(pk=video.pk).update(preview_start=2, preview_seconds=5, poster_at=8)

    with django_capture_on_commit_callbacks(execute=True):
        change_extras.call(str(video.pk))

    video.refresh_from_db()
    preview = settings.FILMS_ROOT / str(video.pk) / "preview.mp4"
    assert probe_film(preview).duration == pytest.approx(5, abs=0.2)
    assert video.preview_version == version + 1
    assert video.poster_id != poster
    assert pictures(settings) == {str(video.poster_id)}
    assert list(Picture.objects.all()) == [video.poster]
    assert list((settings.FILMS_ROOT / ".making").iterdir()) == []


def test_remake_extras_keeps_a_poster_that_was_not_moved(variant, film, settings):
    video = upload(variant, film)
    first_look(str(video.pk))
    video.refresh_from_db()
    picture = settings.MEDIA_ROOT / f"pictures/{video.poster_id}/320.avif"
    made_at = picture.stat().st_mtime_ns

    remake_extras(str(video.pk))

    after = Video.objects.get(pk=video.pk)
    assert after.poster_id == video.poster_id
    assert picture.stat().st_mtime_ns == made_at


def test_remake_extras_takes_the_last_of_several_choices(
    variant, long_film, settings, monkeypatch, django_capture_on_commit_callbacks
):
    video = upload(variant, long_film)
    first_look(str(video.pk))
    Video.objects.filter(pk=video.pk).update(poster_at=2)
    real = processing.grab_frame
    asked = []

    def chosen_otherwise(*args, at, **kwargs):
        asked.append(at)
        Video.objects.filter(pk=video.pk).update(poster_at=8)
        real(*args, at=at, **kwargs)

    monkeypatch.setattr(processing, "grab_frame", chosen_otherwise)

    with django_capture_on_commit_callbacks(execute=True):
        remake_extras(str(video.pk))

    video.refresh_from_db()
    assert asked == [2, 8]
    assert video.poster_id == processing.poster_id(video, 8)
    assert pictures(settings) == {str(video.poster_id)}


def test_remake_extras_finds_a_frame_also_past_the_end(variant, film):
    video = upload(variant, film)
    first_look(str(video.pk))
    Video.objects.filter(pk=video.pk).update(preview_start=99, poster_at=99)

    remake_extras(str(video.pk))

    video.refresh_from_db()
    assert video.preview_version == 2
    assert video.poster_id == processing.poster_id(video, 1)


def test_remake_extras_leaves_nothing_of_a_film_that_was_deleted_meanwhile(
    variant, film, settings, monkeypatch
):
    video = upload(variant, film, poster_at=0)
    first_look(str(video.pk))
    Video.objects.filter(pk=video.pk).update(poster_at=1)
    real = processing.make_renditions

    def deleted(*args, **kwargs):
        gone = Video.objects.get(pk=video.pk)
        Video.objects.filter(pk=video.pk).delete()
        processing.remove_files([gone])
        return real(*args, **kwargs)

    monkeypatch.setattr(processing, "make_renditions", deleted)

    remake_extras(str(video.pk))

    assert on_disk(settings) == []
    assert pictures(settings) == set()


def test_remake_extras_leaves_alone_what_does_not_play(variant, film, settings):
    video = upload(variant, film)

    remake_extras(str(video.pk))

    assert on_disk(settings) == [f"masters/{video.pk}/master"]


@pytest.mark.parametrize(
    ("status", "minutes", "hours", "due"),
    [
        ("RUNNING", 11, 11, True),  # its worker is dead
        ("RUNNING", 9, 0, False),
        ("FAILED", 11, 0.5, True),  # the disk was full, say, or the worker was told to stop
        ("FAILED", 9, 0.5, False),
        ("FAILED", 11, 1.1, False),
        ("SUCCESSFUL", 11, 0.5, False),
    ],
)
def test_extras_that_were_not_made_are_tried_again(status, minutes, hours, due):
    task = DBTaskResult.objects.filter(pk=change_extras.enqueue(str(uuid4())).id)
    at = timezone.now() - timedelta(minutes=minutes)
    asked = timezone.now() - timedelta(hours=hours)
    task.update(status=status, started_at=at, finished_at=at, enqueued_at=asked)

    enqueue_lapsed()

    assert task.get().status == ("READY" if due else status)


# The list ----------------------------------------------------------------------------------------


def test_films_are_made_in_the_order_in_which_they_are_missed(variant, film):
    playing = make_variant(make_class(variant=False))
    minutes = timedelta(minutes=1)
    rows = {
        "long, plays nothing": upload(variant, film, step=Step.LADDER, duration=60 * minutes),
        "made anew": upload(playing.videos.get().variant, film, step=Step.LADDER),
        "plays as a copy": upload(playing, film, step=Step.LADDER, duration=20 * minutes),
        "short, plays nothing": upload(variant, film, step=Step.LADDER, duration=5 * minutes),
    }
    Video.objects.filter(pk=playing.video_id).update(master=rows["made anew"].master.name)
    for video in rows.values():
        enqueue_for(video)

    order = [task.args_kwargs["args"][0] for task in DBTaskResult.objects.ready()]

    names = {str(video.pk): name for name, video in rows.items()}
    assert [names[video_id] for video_id in order] == [
        "short, plays nothing",
        "long, plays nothing",
        "plays as a copy",
        "made anew",
    ]


def test_both_steps_are_tasks(variant, film, no_ladder):
    video = upload(variant, film)

    look_at_film.call(str(video.pk))
    make_film.call(str(video.pk))

    assert Video.objects.get().state == State.READY


def test_a_silent_film_has_no_sound(variant, tmp_path, no_ladder):
    clip = make_clip(tmp_path / "silent.mp4", sound=False, video=H264)

    assert not make(upload(variant, clip)).has_audio
