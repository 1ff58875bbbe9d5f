"""The worker: prepares films and whatever else is on the list, until it is told to stop."""

import logging
import math
import signal
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from classes.tasks import enqueue_lapsed
from classes.uploads import remove_abandoned
from classes.video.ffmpeg import stop_all

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 30
IDLE_SECONDS = 1
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
        before = {number: signal.signal(number, self.stop) for number in STOPPED_BY}
        try:
            self.work(until_idle=until_idle)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def work(self, *, until_idle: bool) -> None:
        self.stopping = False
        worker_id = get_random_string(32)
        swept_at = -math.inf
        logger.info("The worker is at work")
        while not self.stopping:
            worked = False
            try:
                if time.monotonic() - swept_at >= SWEEP_SECONDS:
                    enqueue_lapsed()
                    remove_abandoned()
                    swept_at = time.monotonic()
                worked = _do_one(worker_id)
            except OperationalError:
                # The database is away or busy for long: what is on the list will still be there.
                logger.exception("The database does not answer")
                close_old_connections()
            if until_idle and not worked:
                return
            if not worked and not self.stopping:
                time.sleep(IDLE_SECONDS)

    def stop(self, signum: int, frame: FrameType | None) -> None:
        """At once: a film that is being prepared is given back and not finished first."""
        self.stopping = True
        stop_all()
        raise SystemExit(0)


def _do_one(worker_id: str) -> bool:
    """Do the next task, if there is one. What goes wrong in it stands in the log."""
    worker = Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=IDLE_SECONDS,
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
