from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files import File
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from classes.models import Picture, Video, WorkoutClass
from classes.tasks import enqueue_lapsed, prepare_video
from classes.video import prepare as prepare_module
from classes.video.errors import NoRoom
from classes.video.ffmpeg import FfmpegFailed, Stopped
from classes.video.prepare import LEASE, MAX_ATTEMPTS, PATIENCE, prepare, sweep_lapsed
from classes.video.probe import probe_film
from tests.factories import make_checked_class, make_class, make_variant

from .clips import make_clip, real_clip

pytestmark = pytest.mark.django_db

State = Video.State


@pytest.fixture
def variant():
    return make_variant(make_class(variant=False), ready=False)


def upload(variant, path: Path, **attrs) -> Video:
    """An upload as the admin keeps it."""
    video = Video(variant=variant, original_name=path.name, **attrs)
    with path.open("rb") as file:
        video.master.save("master", File(file), save=False)
    video.save()
    return video


def on_disk(settings) -> list[str]:
    """Every file that the site keeps, without those of pictures."""
    roots = (settings.FILMS_ROOT, settings.MASTERS_ROOT, settings.MEDIA_ROOT)
    return sorted(
        f"{root.name}/{path.relative_to(root)}"
        for root in roots
        for path in root.rglob("*")
        if path.is_file() and path.suffix not in {".avif", ".webp", ".jpg"}
    )


def pictures(settings) -> set[str]:
    folder = settings.MEDIA_ROOT / "pictures"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_prepare_makes_a_film_that_plays(
    variant, film, settings, django_capture_on_commit_callbacks
):
    video = upload(variant, film)

    prepare(str(video.pk))

    video.refresh_from_db()
    variant.refresh_from_db()
    assert (video.state, video.progress, video.error) == (State.READY, 100, "")
    assert (video.width, video.height) == (320, 180)
    assert video.duration.total_seconds() == pytest.approx(2, abs=0.1)
    assert video.lease_until is None
    assert variant.video == video
    assert on_disk(settings) == [
        f"films/{video.pk}/film.mp4",
        f"films/{video.pk}/preview.mp4",
        f"masters/{video.pk}/master",
    ]
    assert probe_film(video.film_path).audio_codec == "aac"
    assert probe_film(video.preview_path).duration < probe_film(video.film_path).duration
    with Image.open(settings.MEDIA_ROOT / f"pictures/{video.poster_id}/320.avif") as poster:
        assert poster.size == (320, 180)
    assert video.poster.widths == [320]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks the whole database")
def test_prepare_locks_the_class_before_its_variant(variant, film):
    video = upload(variant, film)

    with CaptureQueriesContext(connection) as queries:
        prepare(str(video.pk))

    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    tables = [sql.partition('FROM "')[2].partition('"')[0] for sql in locks]
    assert tables[:2] == ["classes_workoutclass", "classes_variant"]


def test_prepare_takes_a_film_that_nobody_here_made(variant):
    video = upload(variant, real_clip("bigbuckbunny.mp4"))

    prepare(str(video.pk))

    video.refresh_from_db()
    assert (video.state, video.width, video.height) == (State.READY, 1280, 720)
    assert video.poster.widths == [320, 640, 960, 1280]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("text", "This file cannot be read as a film"),
        ("mpeg4", "The picture is coded as MPEG-4 Part 2"),
        ("short", "This film lasts 0.52 seconds; at least 1 is needed."),
        ("half", "cannot be read as a film"),
    ],
)
def test_prepare_refuses_in_words_and_leaves_nothing(
    variant, film, tmp_path, settings, content, sentence
):
    path = tmp_path / "upload.mp4"
    match content:
        case "text":
            path.write_text("no film " * 1000)
        case "mpeg4":
            make_clip(path, video=("-c:v", "mpeg4"))
        case "short":
            make_clip(path, seconds=0.5)
        case "half":
            path.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    video = upload(variant, path)

    prepare(str(video.pk))

    video.refresh_from_db()
    variant.refresh_from_db()
    assert video.state == State.FAILED
    assert sentence in video.error
    assert variant.video is None
    assert on_disk(settings) == []
    assert pictures(settings) == set()


def test_prepare_speaks_the_studio_s_language(variant, tmp_path, settings, monkeypatch):
    settings.STUDIO_LANGUAGE = "es"
    spoken = []
    real = prepare_module.gettext
    monkeypatch.setattr(
        prepare_module,
        "gettext",
        lambda text: spoken.append(prepare_module.translation.get_language()) or real(text),
    )
    path = tmp_path / "upload.mp4"
    path.write_text("no film")

    prepare(str(upload(variant, path).pk))

    assert set(spoken) == {"es"}


def test_prepare_keeps_the_master_when_only_the_disk_is_full(variant, film, settings, monkeypatch):
    def no_room(*_args):
        raise NoRoom("The disk has %(free)d MB left.", free=3)

    monkeypatch.setattr(prepare_module, "judge_room", no_room)
    video = upload(variant, film)

    prepare(str(video.pk))

    video.refresh_from_db()
    assert (video.state, video.error) == (State.FAILED, "The disk has 3 MB left.")
    assert on_disk(settings) == [f"masters/{video.pk}/master"]


def test_prepare_replaces_a_film_and_removes_the_former_one(
    variant, film, settings, django_capture_on_commit_callbacks
):
    former, failed, new = (upload(variant, film) for _ in range(3))
    prepare(str(former.pk))
    failed.state = State.FAILED
    failed.save()
    variant.refresh_from_db()
    assert variant.video == former

    with django_capture_on_commit_callbacks(execute=True):
        prepare(str(new.pk))

    variant.refresh_from_db()
    assert variant.video == new
    assert list(variant.videos.all()) == [new]
    assert {name.split("/")[1] for name in on_disk(settings)} == {str(new.pk)}
    assert pictures(settings) == {str(new.pk)}
    assert list(Picture.objects.all()) == [new.refresh_from_db() or new.poster]


def test_prepare_keeps_the_old_film_when_the_new_one_is_refused(variant, film, tmp_path, settings):
    former = upload(variant, film)
    prepare(str(former.pk))
    text = tmp_path / "upload.mp4"
    text.write_text("no film")
    refused = upload(variant, text)

    prepare(str(refused.pk))

    variant.refresh_from_db()
    assert variant.video == former
    assert former.film_path.exists()
    assert former.preview_path.exists()


def test_prepare_does_not_put_an_older_film_over_a_newer_one(
    variant, film, settings, django_capture_on_commit_callbacks
):
    older, newer = upload(variant, film), upload(variant, film)
    Video.objects.filter(pk=older.pk).update(uploaded_at=timezone.now() - timedelta(hours=1))
    # As if two workers had them at once, and the newer one was ready first.
    Video.objects.filter(pk=newer.pk).update(
        state=State.READY, duration=timedelta(seconds=2), progress=100
    )
    variant.video_id = newer.pk
    variant.save()

    with django_capture_on_commit_callbacks(execute=True):
        prepare(str(older.pk))

    variant.refresh_from_db()
    assert variant.video == newer
    assert not Video.objects.filter(pk=older.pk).exists()
    assert not older.folder.exists()


def test_prepare_takes_the_check_back(film):
    workout_class = make_checked_class(variant=False)
    variant = make_variant(workout_class, ready=False, watched_whole_at=timezone.now())

    prepare(str(upload(variant, film).pk))

    workout_class.refresh_from_db()
    variant.refresh_from_db()
    assert workout_class.checked_at is None
    assert str(variant) in workout_class.check_withdrawn
    assert variant.watched_whole_at is None


def test_prepare_keeps_the_check_where_it_is_told_to(film):
    workout_class = make_checked_class(variant=False)
    variant = make_variant(workout_class, ready=False, watched_whole_at=timezone.now())

    prepare(str(upload(variant, film).pk), keep_check=True)

    workout_class.refresh_from_db()
    variant.refresh_from_db()
    assert workout_class.is_checked
    assert variant.watched_whole_at is not None
    assert variant.is_ready


@pytest.mark.parametrize(
    "held",
    [
        {"state": State.READY, "duration": timedelta(1)},
        {"state": State.FAILED},
        {"state": State.PROCESSING, "lease_until": timezone.now() + timedelta(hours=1)},
        {"state": State.UPLOADED, "attempts": MAX_ATTEMPTS},
    ],
)
def test_prepare_leaves_alone_what_is_not_its_to_do(variant, film, held):
    video = upload(variant, film, **held)

    prepare(str(video.pk))

    after = Video.objects.get(pk=video.pk)
    assert (after.state, after.attempts) == (video.state, video.attempts)
    assert not video.folder.exists()


def test_prepare_writes_how_far_it_is(variant, film, monkeypatch):
    reported: list[float] = []
    real = prepare_module._Work.report
    monkeypatch.setattr(
        prepare_module._Work,
        "report",
        lambda self, percent: reported.append(percent) or real(self, percent),
    )
    monkeypatch.setattr(prepare_module, "_SECONDS_BETWEEN_REPORTS", -1)

    prepare(str(upload(variant, film).pk))

    assert reported == sorted(reported)
    assert {2, 80, 85, 90, 99} <= set(reported)


def test_prepare_gives_up_when_somebody_else_took_over(variant, film, settings, monkeypatch):
    """A worker that slept past its lease touches nothing of the one who took over."""
    video = upload(variant, film)
    real_cut = prepare_module.cut_preview

    def taken_over(*args, **kwargs):
        real_cut(*args, **kwargs)
        Video.objects.filter(pk=video.pk).update(attempts=2)
        video.folder.mkdir(parents=True)
        video.film_path.write_text("what the other one made")

    monkeypatch.setattr(prepare_module, "cut_preview", taken_over)

    prepare(str(video.pk))

    video.refresh_from_db()
    variant.refresh_from_db()
    assert (video.state, video.attempts) == (State.PROCESSING, 2)
    assert variant.video is None
    assert video.film_path.read_text() == "what the other one made"


def test_prepare_leaves_nothing_of_a_film_that_was_deleted_meanwhile(
    variant, film, settings, monkeypatch
):
    video = upload(variant, film)
    real_renditions = prepare_module.make_renditions

    def deleted(*args, **kwargs):
        WorkoutClass.objects.all().delete()
        return real_renditions(*args, **kwargs)

    monkeypatch.setattr(prepare_module, "make_renditions", deleted)

    prepare(str(video.pk))

    assert on_disk(settings) == []
    assert pictures(settings) == set()


def test_prepare_tries_a_fault_of_the_machine_three_times(variant, film, settings, monkeypatch):
    def broken(*_args, **_kwargs):
        raise FfmpegFailed("ffmpeg ended with status 228", "No space left on device")

    monkeypatch.setattr(prepare_module, "copy_film", broken)
    video = upload(variant, film)

    for attempt in range(1, MAX_ATTEMPTS + 1):
        prepare(str(video.pk))
        video.refresh_from_db()
        assert video.attempts == attempt
        if attempt < MAX_ATTEMPTS:
            assert video.state == State.UPLOADED
            assert sweep_lapsed() == [str(video.pk)]

    assert video.state == State.FAILED
    assert "in 3 attempts" in video.error
    assert "No space left on device" in video.error
    assert sweep_lapsed() == []
    assert on_disk(settings) == [f"masters/{video.pk}/master"]


@pytest.mark.parametrize("told", [SystemExit, Stopped])
def test_prepare_gives_a_film_back_when_the_worker_is_told_to_stop(
    variant, film, settings, monkeypatch, told
):
    def stop(*_args, **_kwargs):
        raise told

    monkeypatch.setattr(prepare_module, "cut_preview", stop)
    video = upload(variant, film)

    if told is SystemExit:
        with pytest.raises(SystemExit):
            prepare(str(video.pk))
    else:
        prepare(str(video.pk))

    video.refresh_from_db()
    assert (video.state, video.attempts) == (State.UPLOADED, 0)
    assert on_disk(settings) == [f"masters/{video.pk}/master"]
    assert sweep_lapsed() == [str(video.pk)]


# The sweep ---------------------------------------------------------------------------------------


def test_sweep_lapsed_takes_a_dead_worker_s_film_up_again(variant, film, settings):
    video = upload(
        variant,
        film,
        state=State.PROCESSING,
        attempts=1,
        lease_until=timezone.now() - timedelta(seconds=1),
    )
    # What a killed worker leaves: at one moment a workshop, at another a folder without a row.
    for folder in (settings.FILMS_ROOT / ".making" / f"{video.pk}.1", video.folder):
        folder.mkdir(parents=True)
        (folder / "film.mp4").write_text("half of it")
    poster = settings.MEDIA_ROOT / "pictures" / str(video.pk)
    poster.mkdir(parents=True)

    assert sweep_lapsed() == [str(video.pk)]
    prepare(str(video.pk))

    video.refresh_from_db()
    assert (video.state, video.attempts) == (State.READY, 2)
    assert on_disk(settings) == [
        f"films/{video.pk}/film.mp4",
        f"films/{video.pk}/preview.mp4",
        f"masters/{video.pk}/master",
    ]


def test_sweep_lapsed_puts_a_film_on_the_list_once(variant, film):
    upload(variant, film, state=State.PROCESSING, attempts=1, lease_until=timezone.now() - LEASE)

    assert [enqueue_lapsed(), enqueue_lapsed()] == [1, 0]
    assert DBTaskResult.objects.count() == 1


def test_sweep_lapsed_finds_a_film_whose_task_was_lost(variant, film):
    lost, fresh = upload(variant, film), upload(variant, film)
    Video.objects.filter(pk=lost.pk).update(uploaded_at=timezone.now() - 2 * PATIENCE)

    assert sweep_lapsed() == [str(lost.pk)]
    assert fresh.state == State.UPLOADED


def test_sweep_lapsed_fails_in_words_what_killed_its_worker_three_times(variant, film):
    video = upload(
        variant,
        film,
        state=State.PROCESSING,
        attempts=MAX_ATTEMPTS,
        lease_until=timezone.now() - LEASE,
    )

    assert sweep_lapsed() == []

    video.refresh_from_db()
    assert video.state == State.FAILED
    assert video.error.startswith("The worker stopped 3 times")


def test_sweep_lapsed_leaves_alone_what_is_held(variant, film):
    upload(variant, film, state=State.PROCESSING, attempts=1, lease_until=timezone.now() + LEASE)
    upload(variant, film, state=State.FAILED, lease_until=timezone.now() - LEASE)

    assert sweep_lapsed() == []


def test_prepare_video_is_a_task(variant, film):
    video = upload(variant, film)

    prepare_video.call(str(video.pk))

    assert Video.objects.get().state == State.READY
