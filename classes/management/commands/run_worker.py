"""The worker: makes films and does whatever else is on the list, until it is told to stop.

Films take an hour, all else seconds: each has a lane of its own, so that neither waits for the
other. The lane of films is a thread that does nothing while the machine makes as many as it may.
"""

import logging
import math
import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from accounts.sweeps import sweeps
from classes.video.ffmpeg import stop_all
from classes.video.slots import film_slot

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 30
IDLE_SECONDS = 1
STOP_SECONDS = 15  # what a film that is given back may take
STOPPED_BY = (signal.SIGINT, signal.SIGTERM)


class Command(BaseCommand):
    help = "Do what is on the list, one task after the other, and take up what was left unfinished."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="End as soon as the list is empty."
        )

    def handle(self, *args: Any, until_idle: bool, **options: Any) -> None:
        # It would say twice a second that it starts and that it has nothing to do.
        logging.getLogger("django_tasks_db").setLevel(logging.WARNING)
        # A task that is stopped is on the list again: nothing went wrong that needs a traceback.
        logging.getLogger("django_tasks").addFilter(_not_when_stopped)
        self.stopping = threading.Event()
        before = {number: signal.signal(number, self.stop) for number in STOPPED_BY}
        films = [Lane("films", self.stopping, film_slot) for _ in range(settings.FILMS_AT_ONCE)]
        for lane in films:
            lane.start()
        try:
            self.work(films, until_idle=until_idle)
        finally:
            self.stopping.set()
            for lane in films:
                lane.join(STOP_SECONDS)
            for number, handler in before.items():
                signal.signal(number, handler)

    def work(self, films: list["Lane"], *, until_idle: bool) -> None:
        """All but films, in this thread: signals arrive here."""
        lane = Lane("default", self.stopping)
        swept_at = -math.inf
        logger.info("The worker is at work")
        while not self.stopping.is_set():
            worked = False
            try:
                if time.monotonic() - swept_at >= SWEEP_SECONDS:
                    _sweep()
                    swept_at = time.monotonic()
                worked = lane.do_one()
                if until_idle and not worked and _is_list_empty() and not any_busy(films):
                    return
            except (OperationalError, InterfaceError):
                _wait_for_database()
            if not worked:
                self.stopping.wait(IDLE_SECONDS)

    def stop(self, signum: int, frame: FrameType | None) -> None:
        """At once: a film that is being made is given back and not finished first."""
        self.stopping.set()
        stop_all()
        raise SystemExit(0)


class Lane(threading.Thread):
    """Does the tasks of one queue, one after the other. `do_one` is for whoever has a thread."""

    def __init__(
        self,
        queue: str,
        stopping: threading.Event,
        place: Callable[[], AbstractContextManager[bool]] = lambda: nullcontext(True),
    ) -> None:
        # A daemon: one that does not end in time is killed with the process, as by a power cut.
        super().__init__(name=queue, daemon=True)
        self.queue = queue
        self.stopping = stopping
        self.place = place
        self.worker_id = get_random_string(32)
        self.is_busy = False

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                worked = False
                try:
                    worked = self.do_one()
                except (OperationalError, InterfaceError):
                    _wait_for_database()
                except Exception:  # no room for the file of a place, say: it may pass
                    logger.exception("The lane of %s stumbled", self.queue)
                if not worked:
                    self.stopping.wait(IDLE_SECONDS)
        finally:
            connections.close_all()  # those of this thread

    def do_one(self) -> bool:
        """Do the next task, if there is one. What goes wrong in it stands in the log."""
        # Before a task is taken from the list: it is on the list, or this lane is busy.
        self.is_busy = True
        try:
            with self.place() as may_work:
                return may_work and _do_one(self.queue, self.worker_id)
        finally:
            self.is_busy = False


def any_busy(lanes: list[Lane]) -> bool:
    return any(lane.is_busy for lane in lanes)


def _sweep() -> None:
    for sweep in sweeps():
        try:
            sweep()
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # a bucket out of order, a folder of somebody else: films go on
            logger.exception("What is left over could not be swept up")


def _is_list_empty() -> bool:
    return not DBTaskResult.objects.ready().filter(backend_name="default").exists()


def _wait_for_database() -> None:
    """The database is away or busy for long: what is on the list will still be there."""
    logger.exception("The database does not answer")
    close_old_connections()


def _do_one(queue: str, worker_id: str) -> bool:
    worker = Worker(
        queue_names=[queue],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=1,
        worker_id=worker_id,
    )
    worker.run()
    return worker._run_tasks > 0


def _not_when_stopped(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], SystemExit))
