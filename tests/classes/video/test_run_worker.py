"""The worker as a process of its own, killed and stopped while it is at a film."""

import signal
import threading
import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.sweeps import sweeps
from classes.management.commands import run_worker
from classes.models import Video
from classes.tasks import enqueue_for, look_at_film
from tests.factories import make_class, make_variant

from .uploads import upload
from .workers import end_orphans, slow_ffmpeg, until, worker

State, Step, PlaysAs = Video.State, Video.Step, Video.PlaysAs

ENDED = (TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED)

# What ffmpeg is told in each of the steps, and in no other.
STEPS = {Step.FIRST_LOOK: "+faststart", Step.LADDER: "hls"}


@pytest.fixture
def bring_in(transactional_db, django_db_serialized_rollback, film, settings):
    settings.FILM_PRESET = "ultrafast"

    def bring_in() -> Video:
        video = upload(make_variant(make_class(variant=False), ready=False), film)
        enqueue_for(video)
        return video

    return bring_in


@pytest.fixture
def video(bring_in):
    return bring_in()


@pytest.fixture
def busy_worker(request, video, tmp_path):
    """A worker in the middle of a step that it will never end."""
    slow = slow_ffmpeg(tmp_path, at=STEPS[request.param])
    with worker(tmp_path, ffmpeg=slow) as process:
        until((tmp_path / "slow.pid").exists, process, tmp_path)
        assert (Video.objects.get().state, Video.objects.get().step) == (
            State.PROCESSING,
            request.param,
        )
        yield process


def steps(*names):
    return pytest.mark.parametrize("busy_worker", names, indirect=True)


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
@steps(*STEPS)
def test_run_worker_ends_at_once_and_gives_its_film_back(busy_worker, video, tmp_path, told):
    busy_worker.send_signal(told)

    assert busy_worker.wait(timeout=20) == 0
    assert "Traceback" not in (tmp_path / "said.txt").read_text()
    assert end_orphans(tmp_path) == 0
    video.refresh_from_db()
    assert (video.state, video.attempts, video.held_by) == (State.UPLOADED, 0, None)

    call_command("run_worker", until_idle=True)

    video.refresh_from_db()
    assert (video.state, video.attempts) == (State.READY, 1)


@steps(*STEPS)
def test_run_worker_takes_up_what_a_killed_one_left(busy_worker, video, tmp_path, settings):
    busy_worker.kill()
    busy_worker.wait()
    end_orphans(tmp_path)

    video.refresh_from_db()
    step = video.step
    assert (video.state, video.attempts) == (State.PROCESSING, 1)
    assert not (settings.FILMS_ROOT / str(video.pk) / "ladder").exists()

    Video.objects.update(lease_until=timezone.now())  # its lease runs out
    call_command("run_worker", until_idle=True)

    video.refresh_from_db()
    video.variant.refresh_from_db()
    assert (video.state, video.attempts) == (State.READY, 2 if step == Step.LADDER else 1)
    assert video.variant.video == video
    assert list((settings.FILMS_ROOT / ".making").iterdir()) == []


@steps(Step.LADDER)
def test_run_worker_lets_an_upload_play_while_it_makes_another_film(
    busy_worker, bring_in, tmp_path
):
    another = bring_in()

    until(
        lambda: Video.objects.filter(pk=another.pk, plays_as=PlaysAs.COPY).exists(),
        busy_worker,
        tmp_path,
    )

    assert Video.objects.filter(state=State.PROCESSING, step=Step.LADDER).exists()


def test_run_worker_goes_on_after_a_task_that_failed(video):
    look_at_film.enqueue("this is no id")
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    call_command("run_worker", until_idle=True)

    video.refresh_from_db()
    assert video.state == State.READY
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]


def test_run_worker_goes_on_when_something_cannot_be_swept_up(video, monkeypatch):
    def out_of_order():
        raise ConnectionError("The bucket does not answer")

    monkeypatch.setattr(run_worker, "sweeps", lambda: [out_of_order, *sweeps()])

    call_command("run_worker", until_idle=True)

    video.refresh_from_db()
    assert video.state == State.READY


def test_lane_goes_on_after_what_is_no_fault_of_a_task():
    stopping, tries = threading.Event(), []

    def place():
        tries.append(1)
        if len(tries) > 1:
            stopping.set()
        raise OSError("No space left on device")

    lane = run_worker.Lane("films", stopping, place)
    lane.start()
    lane.join(10)

    assert len(tries) == 2


def test_sweep_forgets_tasks_that_ended_two_weeks_ago(db):
    kept = {}
    for status in TaskResultStatus.values:
        for days in (13, 15):
            when = timezone.now() - timedelta(days=days)
            pk = look_at_film.enqueue(str(uuid.uuid4())).id
            DBTaskResult.objects.filter(pk=pk).update(
                status=status,
                started_at=None if status == TaskResultStatus.READY else when,
                finished_at=when if status in ENDED else None,
            )
            kept[pk] = days == 13 or status == TaskResultStatus.READY

    run_worker._sweep()

    left = {str(pk) for pk in DBTaskResult.objects.values_list("pk", flat=True)}
    assert left == {pk for pk, is_kept in kept.items() if is_kept}
