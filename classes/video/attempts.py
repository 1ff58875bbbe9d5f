"""One attempt at one step of a film: who works on it, how far it is, and how it ended.

Whoever works on a row holds it by a lease, renewed as the work goes on, and under an id of its
own: a worker that was thought dead and comes back finds another id there and gives up. What is
made lies in a workshop, a folder that nobody else looks into, until all of it is there. So a worker
may be killed at any point: `sweep_lapsed` finds the row, and whoever takes it up begins anew.
"""

import errno
import logging
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db import (
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
)
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop

from classes.models import Video

from .clearing import remove_files, remove_master, remove_unclaimed, workshops
from .errors import FilmRefused, LadderBroken, NoRoom
from .ffmpeg import FfmpegFailed, Stopped, pause

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_ATTEMPTS = 3
LEASE = timedelta(minutes=2)
# After that long a film that waits is looked at again, in case its task was lost.
PATIENCE = timedelta(minutes=10)
# An hour's work is not thrown away because the database is being moved.
WAIT_FOR_DATABASE = timedelta(minutes=10)

_SECONDS_BETWEEN_REPORTS = 2
_SECONDS_BETWEEN_BEATS = 30
_AWAY = (OperationalError, InterfaceError)


class LeaseLost(Exception):
    """Somebody else has taken the film up, or stopped it, or it is gone."""


class Unusable(Exception):
    """What was uploaded is no film that anything could be made of. It is not kept."""

    def __init__(self, refusal: FilmRefused) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class Attempt:
    """The right to work on a film. Every write is conditional on still having it."""

    def __init__(self, video: Video) -> None:
        self.video = video
        self.row = Video.objects.filter(
            pk=video.pk, state=Video.State.PROCESSING, held_by=video.held_by
        )
        self.workshop = workshops() / f"{video.pk}.{video.held_by}"  # gone when the attempt ends
        self.reported_at = time.monotonic()

    def report(self, percent: float) -> None:
        """Say how far it is, every two seconds at most. LeaseLost where it is no longer ours.

        A database that is away does not hear of it: that is no reason to stop.
        """
        if time.monotonic() - self.reported_at < _SECONDS_BETWEEN_REPORTS:
            return
        self.reported_at = time.monotonic()
        try:
            self.hold(progress=round(percent))
        except _AWAY:
            logger.warning("The database does not answer; the film %s goes on", self.video.pk)
            close_old_connections()

    def hold(self, **changes: object) -> None:
        """Renew the lease, and change the row with it. LeaseLost where it is no longer ours."""
        if not self.row.update(lease_until=timezone.now() + LEASE, **changes):
            raise LeaseLost

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Renew the lease also while there is nothing to report, as in a check that takes long."""
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(_SECONDS_BETWEEN_BEATS):
                try:
                    self.hold()
                except LeaseLost:
                    break  # the work finds out by itself
                except _AWAY:
                    close_old_connections()
            connections.close_all()  # those of this thread

        heart = threading.Thread(target=beat, daemon=True)
        heart.start()
        try:
            yield
        finally:
            ended.set()
            heart.join()

    def fail(self, sentence: str) -> bool:
        """For good, until a curator asks for another run. False where it was no longer ours."""
        return bool(
            self.row.update(
                state=Video.State.FAILED, error=sentence, held_by=None, lease_until=None
            )
        )

    def fail_for_now(self, fault: Exception) -> None:
        """The machine is at fault: the sweep puts it on the list again, up to the last attempt."""
        if self.video.attempts < MAX_ATTEMPTS:
            self._put_back()
            return
        with translation.override(settings.STUDIO_LANGUAGE):
            sentence = gettext(
                "This film could not be prepared in %(attempts)d attempts: %(fault)s"
            )
        last_words = (str(fault).strip() or type(fault).__name__).splitlines()[-1]
        self.fail(sentence % {"attempts": MAX_ATTEMPTS, "fault": last_words})

    def give_back(self) -> None:
        """As if this attempt had not been."""
        self._put_back(attempts=F("attempts") - 1)

    def _put_back(self, **changes: object) -> None:
        self.row.update(
            state=Video.State.UPLOADED,
            held_by=None,
            progress=0,
            started_at=None,
            lease_until=timezone.now(),
            **changes,
        )


def attempt(video_id: str, step: Video.Step, work: Callable[[Attempt], None]) -> None:
    """Do a film's step by `work`, unless somebody else is at it or it does not wait for it.

    `work` ends with a write that takes the film to where it goes next. Whatever it raises is dealt
    with here: the row says in words why the film failed, or it waits for another attempt, after a
    fault that was not the film's; the third one is final. Nothing stays on the disk but the master
    and what the row claims.
    """
    held = _claim(video_id, step)
    if held is None:
        return
    try:
        _work(held, work)
    except (LeaseLost, Video.DoesNotExist):
        logger.warning("The film %s was taken from this worker", video_id)
        if not Video.objects.filter(pk=held.video.pk).exists():
            remove_files([held.video])
    except Unusable as unusable:
        if held.fail(in_studio_language(unusable.refusal, _NOT_KEPT)):
            remove_master(held.video)
    except FilmRefused as refusal:
        held.fail(in_studio_language(refusal))
    except LadderBroken as broken:
        logger.error("The film %s did not pass its check: %s", video_id, broken)
        held.fail(in_studio_language(_NOT_PASSED))
    except Stopped:
        held.give_back()
    except Exception as fault:
        if is_full_disk(fault):
            logger.exception("No room for the film %s", video_id)
            held.fail(in_studio_language(_DISK_FILLED))
        else:
            logger.exception("The film %s could not be prepared", video_id)
            held.fail_for_now(fault)
    except BaseException:  # the worker is told to stop: no fault of anybody's
        held.give_back()
        raise
    else:
        return
    remove_unclaimed(held.video)


def _work(held: Attempt, work: Callable[[Attempt], None]) -> None:
    try:
        _open_workshop(held)
        with translation.override(settings.STUDIO_LANGUAGE), held.kept_alive():
            work(held)
    finally:
        # Before anything is written: a full disk may hold the database too.
        shutil.rmtree(held.workshop, ignore_errors=True)


_NOT_KEPT = FilmRefused(gettext_noop("The file was not kept."))
_NOT_PASSED = FilmRefused(
    gettext_noop(
        "The renditions that were made of this film did not pass their check, so they are not "
        "shown. Try it once more; if that ends the same way, the worker's log says what was found."
    )
)
_DISK_FILLED = NoRoom(
    gettext_noop(
        "The disk became full while this film was being made. The upload is kept: "
        "make room, then try it once more."
    )
)


def in_studio_language(*refusals: FilmRefused) -> str:
    """The sentences of refusals as they are stored, for curators."""
    with translation.override(settings.STUDIO_LANGUAGE):
        return " ".join(refusal.in_words() for refusal in refusals)


def is_full_disk(fault: Exception) -> bool:
    """Whether it was the disk that had no room left, for ffmpeg or for us."""
    if isinstance(fault, FfmpegFailed):
        return "No space left on device" in fault.stderr
    return isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT)


def when_database_answers(action: Callable[[], T]) -> T:
    """Do what must reach the database in the end, waiting ten minutes for one that is away."""
    give_up_at = time.monotonic() + WAIT_FOR_DATABASE.total_seconds()
    while True:
        try:
            return action()
        except _AWAY as away:
            is_full = "full" in str(away)  # SQLite's "database or disk is full" does not pass
            if is_full or connection.in_atomic_block or time.monotonic() > give_up_at:
                raise
            logger.warning("The database does not answer; what was made waits for it")
            close_old_connections()
            pause(_SECONDS_BETWEEN_REPORTS)


def sweep_lapsed(on_the_list: Callable[[], set[str]] = set) -> list[str]:
    """The ids of films that nobody works on any more, each now due for another task.

    Those that `on_the_list` names have one. A film whose worker died for the last time that is
    allowed is failed instead, in words. Call it now and then, and enqueue what it returns.
    """
    now = timezone.now()
    dead = Video.objects.filter(state=Video.State.PROCESSING, lease_until__lt=now)
    with translation.override(settings.STUDIO_LANGUAGE):
        dead.filter(attempts__gte=MAX_ATTEMPTS).update(
            state=Video.State.FAILED,
            held_by=None,
            lease_until=None,
            error=gettext(
                "The worker stopped %(attempts)d times while it prepared this film. "
                "If the machine has enough memory and disk, try this file once more."
            )
            % {"attempts": MAX_ATTEMPTS},
        )
    dead.update(state=Video.State.UPLOADED, held_by=None, progress=0, started_at=None)

    waiting = Video.objects.filter(
        Q(lease_until__lt=now) | Q(lease_until=None, uploaded_at__lt=now - PATIENCE),
        state=Video.State.UPLOADED,
    )
    candidates = [str(pk) for pk in waiting.values_list("pk", flat=True)]
    if not candidates:
        return []
    listed = on_the_list()
    return [
        video_id
        for video_id in candidates
        # One by one and conditional: two sweeps at once put a film on the list once.
        if video_id not in listed and waiting.filter(pk=video_id).update(lease_until=now + PATIENCE)
    ]


def _claim(video_id: str, step: Video.Step) -> Attempt | None:
    now = timezone.now()
    free = Q(state=Video.State.UPLOADED) | Q(state=Video.State.PROCESSING, lease_until__lt=now)
    held_by = uuid.uuid4()
    Video.objects.filter(free, pk=video_id, step=step, attempts__lt=MAX_ATTEMPTS).update(
        state=Video.State.PROCESSING,
        attempts=F("attempts") + 1,
        held_by=held_by,
        started_at=now,
        progress=0,
        error="",
        lease_until=now + LEASE,
    )
    video = Video.objects.filter(pk=video_id, held_by=held_by).select_related("variant").first()
    return Attempt(video) if video else None


def _open_workshop(held: Attempt) -> None:
    for left_by_the_dead in workshops().glob(f"{held.video.pk}.*"):
        shutil.rmtree(left_by_the_dead, ignore_errors=True)
    held.workshop.mkdir(parents=True)
