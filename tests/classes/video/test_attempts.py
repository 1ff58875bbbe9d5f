import errno
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from classes.models import Video
from classes.tasks import enqueue_lapsed
from classes.video import attempts
from classes.video.attempts import (
    LEASE,
    MAX_ATTEMPTS,
    PATIENCE,
    LeaseLost,
    Unusable,
    attempt,
    sweep_lapsed,
    when_database_answers,
)
from classes.video.errors import FilmRefused, LadderBroken
from classes.video.ffmpeg import FfmpegFailed, Stopped

from .uploads import on_disk, upload

State, Step = Video.State, Video.Step


@pytest.fixture
def video(variant, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_text("a film")
    return upload(variant, path)


def try_to(video, work) -> Video:
    attempt(str(video.pk), Step.FIRST_LOOK, work)
    return Video.objects.get(pk=video.pk)


def failing_with(fault):
    def work(held):
        (held.workshop / "half.mp4").write_text("half of it")
        raise fault

    return work


def test_attempt_holds_the_film_while_it_works(video, settings):
    seen = {}

    def work(held):
        seen.update(Video.objects.values().get(pk=video.pk), workshop=held.workshop.is_dir())

    after = try_to(video, work)

    assert (seen["state"], seen["attempts"], seen["workshop"]) == (State.PROCESSING, 1, True)
    assert timezone.now() < seen["lease_until"] <= timezone.now() + LEASE
    assert seen["started_at"] <= timezone.now()
    assert after.held_by == seen["held_by"] is not None
    assert list((settings.FILMS_ROOT / ".making").iterdir()) == []


@pytest.mark.parametrize(
    "held",
    [
        {"state": State.READY, "duration": timedelta(1)},
        {"state": State.FAILED},
        {"state": State.CANCELLED},
        {"state": State.UPLOADED, "step": Step.LADDER},
        {"state": State.PROCESSING, "lease_until": timezone.now() + timedelta(hours=1)},
        {"state": State.UPLOADED, "attempts": MAX_ATTEMPTS},
    ],
)
def test_attempt_leaves_alone_what_is_not_its_to_do(video, held):
    Video.objects.filter(pk=video.pk).update(**held)
    before = Video.objects.values().get(pk=video.pk)

    attempt(str(video.pk), Step.FIRST_LOOK, lambda _held: pytest.fail("It was not to be done."))

    assert Video.objects.values().get(pk=video.pk) == before


def test_attempt_says_why_a_film_was_refused_and_keeps_its_master(video, settings):
    after = try_to(video, failing_with(FilmRefused("It has %(count)d legs.", count=3)))

    assert (after.state, after.error) == (State.FAILED, "It has 3 legs.")
    assert (after.held_by, after.lease_until) == (None, None)
    assert on_disk(settings) == [f"masters/{video.pk}/master"]


def test_attempt_does_not_keep_what_is_no_film(video, settings):
    after = try_to(video, failing_with(Unusable(FilmRefused("This is a poem."))))

    assert (after.state, after.error) == (
        State.FAILED,
        "This is a poem. The file was not kept.",
    )
    assert on_disk(settings) == []
    assert not (settings.MASTERS_ROOT / str(video.pk)).exists()


def test_attempt_speaks_the_studio_s_language(video, settings):
    settings.STUDIO_LANGUAGE = "es"

    after = try_to(
        video,
        failing_with(FilmRefused("This file has no moving picture in it, so it is not a film.")),
    )

    assert after.error
    assert after.error != "This file has no moving picture in it, so it is not a film."


def test_attempt_explains_a_broken_ladder_to_curators_and_shows_it_to_the_log(video, caplog):
    after = try_to(video, failing_with(LadderBroken(["240p.m3u8 has no ENDLIST."])))

    assert after.state == State.FAILED
    assert "did not pass their check" in after.error
    assert "240p" not in after.error
    assert "240p.m3u8 has no ENDLIST." in caplog.text


@pytest.mark.parametrize(
    "fault",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        FfmpegFailed("ffmpeg ended with status 228", "av_interleave: No space left on device"),
    ],
)
def test_attempt_says_that_the_disk_became_full(video, settings, fault):
    after = try_to(video, failing_with(fault))

    assert after.state == State.FAILED
    assert after.error.startswith("The disk became full")
    assert on_disk(settings) == [f"masters/{video.pk}/master"]


def test_attempt_tries_a_fault_of_the_machine_three_times(video):
    fault = FfmpegFailed("ffmpeg ended with status 1", "first line\nlast line")

    for number in range(1, MAX_ATTEMPTS + 1):
        after = try_to(video, failing_with(fault))
        assert after.attempts == number
        if number < MAX_ATTEMPTS:
            assert after.state == State.UPLOADED
            assert sweep_lapsed() == [str(video.pk)]

    assert after.state == State.FAILED
    assert after.error == "This film could not be prepared in 3 attempts: last line"
    assert sweep_lapsed() == []


@pytest.mark.parametrize("told", [SystemExit, Stopped])
def test_attempt_gives_a_film_back_when_the_worker_is_told_to_stop(video, settings, told):
    if told is SystemExit:
        with pytest.raises(SystemExit):
            try_to(video, failing_with(told()))
    else:
        try_to(video, failing_with(told()))

    video.refresh_from_db()
    assert (video.state, video.attempts, video.held_by) == (State.UPLOADED, 0, None)
    assert on_disk(settings) == [f"masters/{video.pk}/master"]
    assert sweep_lapsed() == [str(video.pk)]


def test_attempt_gives_up_when_somebody_else_took_over(video, settings):
    """A worker that slept past its lease touches nothing of the one who took over."""
    other = uuid.uuid4()
    ladder = settings.FILMS_ROOT / str(video.pk) / "ladder" / "480p.mp4"

    def taken_over(held):
        Video.objects.filter(pk=video.pk).update(held_by=other, attempts=2)
        ladder.parent.mkdir(parents=True)
        ladder.write_text("what the other one made")
        held.hold()

    after = try_to(video, taken_over)

    assert (after.state, after.attempts, after.held_by) == (State.PROCESSING, 2, other)
    assert ladder.read_text() == "what the other one made"


def test_attempt_leaves_nothing_of_a_film_that_was_deleted_meanwhile(video, settings):
    def deleted(held):
        Video.objects.all().delete()
        copy = settings.FILMS_ROOT / str(video.pk) / "copy" / "copy.mp4"
        copy.parent.mkdir(parents=True)
        copy.write_text("put there too late")
        held.hold()

    attempt(str(video.pk), Step.FIRST_LOOK, deleted)

    assert on_disk(settings) == []


def test_attempt_clears_away_what_a_dead_one_left(video, settings):
    left = settings.FILMS_ROOT / ".making" / f"{video.pk}.{uuid.uuid4()}"
    left.mkdir(parents=True)
    Video.objects.filter(pk=video.pk).update(
        state=State.PROCESSING, attempts=1, lease_until=timezone.now() - timedelta(seconds=1)
    )

    after = try_to(video, lambda _held: None)

    assert after.attempts == 2
    assert not left.exists()


# Reports -----------------------------------------------------------------------------------------


def test_report_says_how_far_it_is_and_renews_the_lease(video, monkeypatch):
    monkeypatch.setattr(attempts, "_SECONDS_BETWEEN_REPORTS", 0)

    def work(held):
        held.row.update(lease_until=timezone.now())
        held.report(41.6)

    after = try_to(video, work)

    assert after.progress == 42
    assert after.lease_until > timezone.now() + LEASE / 2


def test_report_is_quiet_for_two_seconds(video, django_assert_num_queries):
    def work(held):
        with django_assert_num_queries(0):
            for percent in range(100):
                held.report(percent)

    try_to(video, work)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_report_does_not_end_a_film_because_the_database_is_away(video, monkeypatch):
    monkeypatch.setattr(attempts, "_SECONDS_BETWEEN_REPORTS", 0)
    away = [True, False]

    def work(held):
        real = held.hold

        def hold(**changes):
            if away.pop(0):
                raise OperationalError("server closed the connection unexpectedly")
            real(**changes)

        held.hold = hold
        held.report(20)
        held.report(30)

    assert try_to(video, work).progress == 30
    assert away == []


@pytest.mark.parametrize("state", [State.CANCELLED, State.UPLOADED])
def test_report_ends_what_was_stopped(video, monkeypatch, state):
    monkeypatch.setattr(attempts, "_SECONDS_BETWEEN_REPORTS", 0)

    def work(held):
        Video.objects.filter(pk=video.pk).update(state=state, held_by=None)
        with pytest.raises(LeaseLost):
            held.report(50)

    assert try_to(video, work).state == state


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_lease_is_renewed_while_there_is_nothing_to_report(video, monkeypatch):
    monkeypatch.setattr(attempts, "_SECONDS_BETWEEN_BEATS", 0.05)
    beaten = threading.Event()
    real = attempts.Attempt.hold

    def hold(held, **changes):
        real(held, **changes)
        beaten.set()

    monkeypatch.setattr(attempts.Attempt, "hold", hold)

    def work(held):
        held.row.update(lease_until=timezone.now())
        for _ in range(2):  # the first may have begun before
            beaten.clear()
            assert beaten.wait(20)

    assert try_to(video, work).lease_until > timezone.now() + LEASE / 2


# A database that is away -------------------------------------------------------------------------


def test_when_database_answers_waits_for_it(monkeypatch):
    monkeypatch.setattr(attempts, "close_old_connections", lambda: None)  # this test has none
    paused = []
    monkeypatch.setattr(attempts, "pause", paused.append)
    answers = [OperationalError("the database system is starting up"), None]

    def action():
        if answer := answers.pop(0):
            raise answer
        return "written"

    assert when_database_answers(action) == "written"
    assert paused == [2]


@pytest.mark.parametrize("message", ["database or disk is full", "no more patience"])
def test_when_database_answers_does_not_wait_in_vain(monkeypatch, message):
    monkeypatch.setattr(attempts, "WAIT_FOR_DATABASE", timedelta(seconds=-1))

    def action():
        raise OperationalError(message)

    with pytest.raises(OperationalError, match=message):
        when_database_answers(action)


# The sweep ---------------------------------------------------------------------------------------


def held_since(video, lease_until, **attrs):
    Video.objects.filter(pk=video.pk).update(
        state=State.PROCESSING,
        held_by=uuid.uuid4(),
        lease_until=lease_until,
        **{"attempts": 1, **attrs},
    )


def test_sweep_lapsed_takes_a_dead_worker_s_film_up_again(video):
    held_since(video, timezone.now() - timedelta(seconds=1))

    assert sweep_lapsed() == [str(video.pk)]

    after = try_to(video, lambda _held: None)
    assert (after.state, after.attempts) == (State.PROCESSING, 2)


def test_sweep_lapsed_puts_a_film_on_the_list_once(video):
    held_since(video, timezone.now() - LEASE)

    assert [enqueue_lapsed(), enqueue_lapsed()] == [1, 0]


def test_sweep_lapsed_passes_over_what_waits_its_turn(video):
    """Before a hundred long films a short one may wait for days, with one task all along."""
    held_since(video, timezone.now() - LEASE)
    enqueue_lapsed()
    Video.objects.filter(pk=video.pk).update(lease_until=timezone.now() - PATIENCE)

    assert enqueue_lapsed() == 0


def test_sweep_lapsed_finds_a_film_whose_task_was_lost(variant, video, tmp_path):
    fresh = upload(variant, tmp_path / "film.mp4")
    Video.objects.filter(pk=video.pk).update(uploaded_at=timezone.now() - 2 * PATIENCE)

    assert sweep_lapsed() == [str(video.pk)]
    assert Video.objects.get(pk=fresh.pk).lease_until is None


def test_sweep_lapsed_fails_in_words_what_killed_its_worker_three_times(video):
    held_since(video, timezone.now() - LEASE, attempts=MAX_ATTEMPTS)

    assert sweep_lapsed() == []

    video.refresh_from_db()
    assert (video.state, video.held_by) == (State.FAILED, None)
    assert video.error.startswith("The worker stopped 3 times")


def test_sweep_lapsed_leaves_alone_what_is_held(variant, video, tmp_path):
    held_since(video, timezone.now() + LEASE)
    upload(variant, tmp_path / "film.mp4", state=State.FAILED, lease_until=timezone.now() - LEASE)

    assert sweep_lapsed() == []
