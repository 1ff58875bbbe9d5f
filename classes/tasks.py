"""What is done in the background."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from classes.models import Video
from classes.video.attempts import sweep_lapsed
from classes.video.processing import first_look, make_ladder, remake_extras

# Of the films that wait for their ladder, in this order; then short ones before long ones.
_NOTHING_PLAYS = 50
_SOMETHING_PLAYS = 0
_MADE_ANEW = -50
_LOST_AFTER = timedelta(minutes=10)
_TRIED_FOR = timedelta(hours=1)
_MINUTES_A_STEP = 6  # so that the longest film, of four hours, stays in its group


@task()
def look_at_film(video_id: str) -> None:
    """Judge an upload, and let it play at once if it can. How it went is on the Video row."""
    first_look(video_id)


@task(queue_name="films")
def make_film(video_id: str) -> None:
    """Make a film in all its sizes, which may take an hour. How it went is on the Video row."""
    make_ladder(video_id)


@task()
def change_extras(video_id: str) -> None:
    """Cut the preview and take the poster where a curator wants them now."""
    remake_extras(video_id)


def enqueue_for(video: Video) -> None:
    """Put the next step of a film on the list. Needs its variant."""
    if video.step == Video.Step.FIRST_LOOK:
        look_at_film.enqueue(str(video.pk))
    else:
        make_film.using(priority=_priority(video)).enqueue(str(video.pk))


def enqueue_lapsed() -> int:
    """Put films on the list again that a worker left unfinished; how many there were."""
    _try_extras_again()
    with transaction.atomic():
        due = sweep_lapsed(_on_the_list)
        for video in Video.objects.filter(pk__in=due).select_related("variant"):
            enqueue_for(video)
    return len(due)


def _try_extras_again() -> None:
    """No row says that a preview or a poster is still to be made: only their task does."""
    now = timezone.now()
    tasks = DBTaskResult.objects.filter(task_path=change_extras.module_path)
    # What takes two seconds and has run for ten minutes has lost its worker.
    lost = Q(status=TaskResultStatus.RUNNING, started_at__lt=now - _LOST_AFTER)
    # Disk, database or bucket may have been the fault, and be well again.
    failed = Q(
        status=TaskResultStatus.FAILED,
        finished_at__lt=now - _LOST_AFTER,
        enqueued_at__gt=now - _TRIED_FOR,
    )
    tasks.filter(lost | failed).update(status=TaskResultStatus.READY)


def _priority(video: Video) -> int:
    minutes = video.duration.total_seconds() / 60 if video.duration else 0
    return _group(video) - min(40, int(minutes / _MINUTES_A_STEP))


def _group(video: Video) -> int:
    if video.variant.video_id is None:
        return _NOTHING_PLAYS
    others = Video.objects.filter(master=video.master.name).exclude(pk=video.pk)
    return _MADE_ANEW if others.exists() else _SOMETHING_PLAYS


def _on_the_list() -> set[str]:
    """The ids of films with a task that nobody has begun."""
    tasks = DBTaskResult.objects.ready().filter(
        task_path__in=[look_at_film.module_path, make_film.module_path]
    )
    return {str(arguments["args"][0]) for arguments in tasks.values_list("args_kwargs", flat=True)}
