"""The demo's films as work for the worker."""

import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice

from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from classes.video.ffmpeg import Stopped

from .filming import Shoot, shoot_films, waiting_shoots


# Among the ladders and before them all: a class without a film waits for no film in more sizes.
# What a curator uploads meanwhile is looked at in the other queue.
@task(queue_name="films", priority=100)
def draw_demo_films(variant_ids: list[int]) -> None:
    """Draw the films of these variants, but for those that got one meanwhile, and bring them in."""
    shoots = [shoot for shoot in waiting_shoots() if shoot.variant.pk in variant_ids]
    with suppress(Stopped):  # the worker is to end: the next load puts them on the list again
        for _ in shoot_films(shoots):
            pass  # each is on the list for its first look


def enqueue_films(shoots: Iterable[Shoot]) -> None:
    """Leave these to the worker, but for those that it has on its list already.

    A task has as many as there are cores: they are drawn at once, and the first ones play soon.
    """
    waiting = DBTaskResult.objects.filter(
        task_path=draw_demo_films.module_path, status=TaskResultStatus.READY
    )
    on_the_list = {pk for task in waiting for pk in task.args_kwargs["args"][0]}
    missing = (shoot.variant.pk for shoot in shoots if shoot.variant.pk not in on_the_list)
    while some := list(islice(missing, os.cpu_count() or 1)):
        draw_demo_films.enqueue(some)
