"""What is done in the background."""

from django.db import transaction
from django_tasks import task

from classes.models import Video
from classes.video.prepare import prepare, sweep_lapsed


@task()
def prepare_video(video_id: str) -> None:
    """Make an uploaded film ready to play. How it went is on the Video row."""
    prepare(video_id)


def enqueue_for(video: Video) -> None:
    """Put the next step of a film on the list."""
    prepare_video.enqueue(str(video.pk))


def enqueue_lapsed() -> int:
    """Put films on the list again that a worker left unfinished; how many there were."""
    with transaction.atomic():
        due = sweep_lapsed()
        for video_id in due:
            prepare_video.enqueue(video_id)
    return len(due)
