"""Takes a Video row from its master to a film that plays, or to a sentence that says why not.

Whoever works on a row holds it by a lease, renewed as the work goes on, and by its number of
attempts: a worker that was thought dead and comes back finds another number and gives up. What is
made lies in a folder of its own until all of it is there; one rename and one transaction then make
it visible. So a worker may be killed at any point: `sweep_lapsed` finds the row, and whoever takes
it up again clears away what the dead one left.
"""

import logging
import shutil
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop

from classes.checking import withdraw_check
from classes.models import Picture, Variant, Video, WorkoutClass
from classes.models.video import pictures_folder

from .errors import FilmRefused, NoRoom
from .ffmpeg import Stopped, find_ffmpeg
from .pictures import Renditions, make_renditions
from .probe import Probe, judge_film, judge_room, probe_film
from .remux import copy_film, cut_preview, grab_poster_frame, judge_copyable

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
LEASE = timedelta(minutes=2)
# After that long a film that waits is put on the list again, in case its task was lost.
PATIENCE = timedelta(minutes=10)

_SECONDS_BETWEEN_REPORTS = 2
_COPIED_PERCENT = 80


class LeaseLost(Exception):
    """Somebody else has taken the film up, or it is gone."""


def prepare(video_id: str, *, keep_check: bool = False) -> None:
    """Make a film ready to play; nothing if somebody else is at it or it is ready.

    Ends in one of three ways. Ready: the variant plays it, the film that it replaces is gone, and
    the body check of its class is taken back unless `keep_check`. Failed, with a sentence in
    `error`. Or waiting for another attempt, after a fault that was not the film's; the third one
    is final.
    """
    work = _claim(video_id)
    if work is None:
        return
    try:
        with translation.override(settings.STUDIO_LANGUAGE):
            _make(work, keep_check=keep_check)
    except FilmRefused as refusal:
        work.clear()
        work.refuse(refusal)
    except LeaseLost:
        logger.warning("The film %s was taken from this worker", video_id)
        shutil.rmtree(work.workshop, ignore_errors=True)
        if not Video.objects.filter(pk=work.video.pk).exists():
            remove_files([work.video])
    except Exception as fault:
        work.clear()
        if isinstance(fault, Stopped):
            work.give_back()
        else:
            logger.exception("The film %s could not be prepared", video_id)
            work.fail_for_now(fault)
    except BaseException:  # the worker is told to stop: no fault of anybody's
        work.clear()
        work.give_back()
        raise


def sweep_lapsed() -> list[str]:
    """The ids of films that nobody works on any more, each now due for another task.

    A film whose worker died for the last time that is allowed is failed instead, in words. Call it
    now and then, and enqueue what it returns.
    """
    now = timezone.now()
    lapsed = Video.objects.filter(
        Q(lease_until__lt=now)
        | Q(state=Video.State.UPLOADED, lease_until=None, uploaded_at__lt=now - PATIENCE),
        state__in=[Video.State.UPLOADED, Video.State.PROCESSING],
    )
    with translation.override(settings.STUDIO_LANGUAGE):
        lapsed.filter(attempts__gte=MAX_ATTEMPTS).update(
            state=Video.State.FAILED,
            lease_until=None,
            error=gettext(
                "The worker stopped %(attempts)d times while it prepared this film. "
                "If the machine has enough memory and disk, try this file once more."
            )
            % {"attempts": MAX_ATTEMPTS},
        )
    due = []
    for video_id in lapsed.filter(attempts__lt=MAX_ATTEMPTS).values_list("pk", flat=True):
        # One by one and conditional: two sweeps at once put a film on the list once.
        if lapsed.filter(pk=video_id).update(
            state=Video.State.UPLOADED, lease_until=now + PATIENCE
        ):
            due.append(str(video_id))
    return due


def remove_files(videos: Iterable[Video]) -> None:
    """Delete from the disk all that belongs to these films: masters, films, previews, posters."""
    for video in videos:
        for folder in (video.folder, _picture_folder(video), _master_folder(video)):
            shutil.rmtree(folder, ignore_errors=True)


class _Work:
    """One attempt at one film. Every write is conditional on still being the one who holds it."""

    def __init__(self, video: Video) -> None:
        self.video = video
        self.row = Video.objects.filter(
            pk=video.pk, state=Video.State.PROCESSING, attempts=video.attempts
        )
        self.workshop = _workshops() / f"{video.pk}.{video.attempts}"
        self.reported_at = time.monotonic()

    def report(self, percent: float) -> None:
        """Renew the lease and say how far it is. LeaseLost where it is no longer ours."""
        self.reported_at = time.monotonic()
        if not self.row.update(progress=round(percent), lease_until=timezone.now() + LEASE):
            raise LeaseLost

    def copied(self, seconds: float, of: float) -> None:
        """Report how much is copied, but not at every word of ffmpeg's."""
        if time.monotonic() - self.reported_at > _SECONDS_BETWEEN_REPORTS:
            self.report(_COPIED_PERCENT * min(1, seconds / of))

    def clear(self) -> None:
        """Leave nothing on the disk but the master."""
        shutil.rmtree(self.workshop, ignore_errors=True)
        if self.row.exists():  # else whoever took it over works there
            shutil.rmtree(self.video.folder, ignore_errors=True)
            shutil.rmtree(_picture_folder(self.video), ignore_errors=True)

    def refuse(self, refusal: FilmRefused) -> None:
        """Trying again would end the same way. A file that is at fault is not kept."""
        with translation.override(settings.STUDIO_LANGUAGE):
            sentence = gettext(refusal.template)
        if refusal.figures:
            sentence %= refusal.figures
        failed = self.row.update(state=Video.State.FAILED, error=sentence, lease_until=None)
        if failed and not isinstance(refusal, NoRoom):
            shutil.rmtree(_master_folder(self.video), ignore_errors=True)

    def fail_for_now(self, fault: Exception) -> None:
        """The machine is at fault: the sweep puts it on the list again, up to the last attempt."""
        if self.video.attempts < MAX_ATTEMPTS:
            self.row.update(state=Video.State.UPLOADED, progress=0, lease_until=timezone.now())
            return
        with translation.override(settings.STUDIO_LANGUAGE):
            sentence = gettext(
                "This film could not be prepared in %(attempts)d attempts: %(fault)s"
            )
        self.row.update(
            state=Video.State.FAILED,
            error=sentence % {"attempts": MAX_ATTEMPTS, "fault": fault},
            lease_until=None,
        )

    def give_back(self) -> None:
        """As if this attempt had not been."""
        self.row.update(
            state=Video.State.UPLOADED,
            progress=0,
            attempts=F("attempts") - 1,
            lease_until=timezone.now(),
        )


def _claim(video_id: str) -> _Work | None:
    now = timezone.now()
    free = Q(state=Video.State.UPLOADED) | Q(state=Video.State.PROCESSING, lease_until__lt=now)
    claimed = Video.objects.filter(free, pk=video_id, attempts__lt=MAX_ATTEMPTS).update(
        state=Video.State.PROCESSING,
        attempts=F("attempts") + 1,
        progress=0,
        error="",
        lease_until=now + LEASE,
    )
    if not claimed:
        return None
    video = Video.objects.filter(pk=video_id).first()
    return _Work(video) if video else None


def _make(work: _Work, *, keep_check: bool) -> None:
    video = work.video
    for leftover in _workshops().glob(f"{video.pk}.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.rmtree(video.folder, ignore_errors=True)
    shutil.rmtree(_picture_folder(video), ignore_errors=True)
    work.workshop.mkdir(parents=True)

    film, renditions = _make_files(work)
    work.report(99)
    work.workshop.rename(video.folder)  # from here on a dead worker leaves a folder, and no row
    with transaction.atomic():
        _show(work, film, renditions, keep_check=keep_check)


def _make_files(work: _Work) -> tuple[Probe, Renditions]:
    """Film and preview in the workshop, the poster's renditions in the media folder."""
    master, binary = Path(work.video.master.path), find_ffmpeg(settings.FFMPEG_BINARY)
    if not master.exists():
        raise FilmRefused(gettext_noop("The uploaded file is no longer there: upload it again."))
    probe = probe_film(master)
    judge_film(probe)
    judge_copyable(probe)
    judge_room(master, work.workshop)
    work.report(2)

    film = copy_film(
        master,
        work.workshop / work.video.film_path.name,
        probe=probe,
        binary=binary,
        on_progress=lambda seconds: work.copied(seconds, of=probe.duration),
    )
    path = work.workshop / work.video.film_path.name
    work.report(_COPIED_PERCENT)
    cut_preview(
        path,
        work.workshop / work.video.preview_path.name,
        duration=film.duration,
        binary=binary,
    )
    work.report(85)
    frame = work.workshop / "poster.png"
    grab_poster_frame(path, frame, at=film.duration / 3, binary=binary)
    work.report(90)
    folder = _picture_folder(work.video)
    renditions = make_renditions(frame, folder.parent, name=folder.name)
    frame.unlink()
    return film, renditions


def _show(work: _Work, film: Probe, renditions: Renditions, *, keep_check: bool) -> None:
    """Make the film the one that its variant plays, in one transaction."""
    video = work.video
    # The class before its variant, in the order of whoever edits or checks it: the other way round
    # each could wait for the other.
    of_the_film = WorkoutClass.objects.filter(variants=video.variant_id).order_by()
    of_the_film.select_for_update(of=("self",)).first()
    variant = (
        Variant.objects.select_for_update(of=("self",))
        .select_related("video")
        .filter(pk=video.variant_id)
        .first()
    )
    if variant is None:
        raise LeaseLost
    poster = Picture.objects.create(
        pk=video.pk,
        width=renditions.width,
        height=renditions.height,
        widths=list(renditions.widths),
    )
    if not work.row.update(
        state=Video.State.READY,
        progress=100,
        lease_until=None,
        duration=timedelta(seconds=film.duration),
        width=film.width,
        height=film.height,
        poster=poster,
    ):
        raise LeaseLost
    is_latest = variant.video is None or variant.video.uploaded_at <= video.uploaded_at
    if is_latest:
        variant.video = video
        if not keep_check:
            variant.watched_whole_at = None
            reason = gettext("A new film was brought in: %(variant)s") % {"variant": variant}
            withdraw_check(variant.workout_class, reason)
        variant.save(update_fields=["video", "watched_whole_at"])
        WorkoutClass.objects.filter(pk=variant.workout_class_id).update(updated_at=timezone.now())
        _remove_older(variant, video)
    elif variant.video is not None:  # a newer film was ready first: this one is replaced by it
        _remove_older(variant, variant.video)


def _remove_older(variant: Variant, shown: Video) -> None:
    older = list(variant.videos.filter(uploaded_at__lte=shown.uploaded_at).exclude(pk=shown.pk))
    Picture.objects.filter(pk__in=[video.pk for video in older]).delete()
    variant.videos.filter(pk__in=[video.pk for video in older]).delete()
    transaction.on_commit(lambda: remove_files(older))


def _workshops() -> Path:
    """Beside the finished films, for a rename works within one disk only."""
    return Path(settings.FILMS_ROOT) / ".making"


def _master_folder(video: Video) -> Path:
    return Path(settings.MASTERS_ROOT) / str(video.pk)


def _picture_folder(video: Video) -> Path:
    """A poster has its film's id: whoever takes the film up again finds what the last one made."""
    return pictures_folder() / str(video.pk)
