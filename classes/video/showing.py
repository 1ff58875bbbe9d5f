"""Makes visible what was made of a film, in one transaction with all that follows from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from classes.body.checking import withdraw_check
from classes.models import Picture, Variant, Video, WorkoutClass

from .attempts import Attempt, LeaseLost
from .clearing import remove_files, remove_picture
from .extras import default_preview_start, poster_times
from .pictures import Renditions
from .plan import Plan
from .playlists import Rendition
from .probe import Probe


@dataclass(frozen=True)
class Choices:
    """What a curator chose of a film to be shown to everyone; None where nothing was chosen."""

    preview_start: float | None  # seconds
    preview_seconds: int
    poster_at: float | None
    poster_id: UUID | None = field(compare=False)  # the poster that is there

    @classmethod
    def of(cls, video_id: UUID) -> "Choices":
        """As they stand now. Video.DoesNotExist where the film is gone."""
        names = ("preview_start", "preview_seconds", "poster_at", "poster_id")
        return cls(**Video.objects.values(*names).get(pk=video_id))

    def preview_from(self, duration: float) -> float:
        if self.preview_start is None:
            return default_preview_start(duration)
        return min(self.preview_start, duration)

    def poster_from(self, duration: float) -> float:
        if self.poster_at is None:
            return poster_times(duration)[0]
        return min(self.poster_at, max(0, duration - 1))  # at the very end there is no frame left


@dataclass(frozen=True)
class Ladder:
    """A ladder in its place, of which no row says anything yet."""

    plan: Plan
    renditions: tuple[Rendition, ...]
    files: dict[str, int]  # name -> bytes
    candidates: tuple[float, ...]  # seconds


def await_ladder(held: Attempt, probe: Probe) -> None:
    """End the first look at a film that plays nothing yet, or replaces one that plays on."""
    with transaction.atomic():
        _end_first_look(held, **_facts(probe))
        put_on_list(held.video)


def show_copy(held: Attempt, probe: Probe, poster: Renditions | None) -> None:
    """End the first look at a film that plays as it was uploaded until its ladder is made."""
    with locked_variant(held.video) as variant:
        shows = variant.video_id is None
        playing = {
            "plays_as": Video.PlaysAs.COPY,
            "has_copy": True,
            "preview_version": F("preview_version") + 1,
            **_take_poster(held.video, poster),
        }
        # While this one was copied another may have been ready: then the copy was for nothing.
        _end_first_look(held, **_facts(probe), **(playing if shows else {}))
        if shows:
            _let_play(variant, held.video)
        put_on_list(held.video)


def show_ladder(held: Attempt, probe: Probe, ladder: Ladder, poster: Renditions | None) -> None:
    """Let the variant play this film from its ladder, unless a newer upload plays already."""
    video, plan = held.video, ladder.plan
    with locked_variant(video) as variant:
        if variant.video and variant.video.uploaded_at > video.uploaded_at:
            held.hold()
            _retire_older(variant, variant.video)
            return
        changed = held.row.update(
            state=Video.State.READY,
            progress=100,
            held_by=None,
            lease_until=None,
            plays_as=Video.PlaysAs.LADDER,
            **_facts(probe),
            frame_rate=float(plan.frame_rate),
            renditions=[rendition.as_dict() for rendition in ladder.renditions],
            files=ladder.files,
            ladder_at=timezone.now(),
            poster_candidates=list(ladder.candidates),
            preview_version=F("preview_version") + 1,
            **_take_poster(video, poster),
        )
        if not changed:
            raise LeaseLost
        if variant.video_id != video.pk:
            _let_play(variant, video)
        _retire_older(variant, video)


def show_extras(video: Video, made_for: Choices, poster: Renditions | None) -> bool:
    """Name a new preview and poster. False where a curator has chosen otherwise meanwhile."""
    with transaction.atomic():
        chosen = Video.objects.filter(
            pk=video.pk,
            preview_start=made_for.preview_start,
            preview_seconds=made_for.preview_seconds,
            poster_at=made_for.poster_at,
        )
        if not chosen.select_for_update().exists():
            return False
        chosen.update(preview_version=F("preview_version") + 1, **_take_poster(video, poster))
        return True


def put_on_list(video: Video) -> None:
    """Put the next step of a film on the list, as its row says now."""
    from classes.tasks import enqueue_for  # the tasks are made of what stands above this module

    enqueue_for(Video.objects.select_related("variant").get(pk=video.pk))


@contextmanager
def locked_variant(video: Video) -> Iterator[Variant]:
    with transaction.atomic():
        # The class before its variant, in the order of whoever edits or checks it: the other way
        # round each could wait for the other.
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
        yield variant


def _end_first_look(held: Attempt, **changes: Any) -> None:
    if not held.row.update(
        state=Video.State.UPLOADED,
        step=Video.Step.LADDER,
        attempts=0,
        progress=0,
        held_by=None,
        started_at=None,
        lease_until=None,
        **changes,
    ):
        raise LeaseLost


def _facts(probe: Probe) -> dict[str, Any]:
    return {
        "duration": timedelta(seconds=probe.duration),
        "width": probe.width,
        "height": probe.height,
        "has_audio": probe.audio_codec is not None,
    }


def _take_poster(video: Video, made: Renditions | None) -> dict[str, Any]:
    """Name a poster that was made just now, and forget the former one."""
    if made is None:
        return {}
    former = Video.objects.values_list("poster", flat=True).get(pk=video.pk)
    poster, _ = Picture.objects.update_or_create(
        pk=UUID(made.name),
        defaults={"width": made.width, "height": made.height, "widths": list(made.widths)},
    )
    if former and former != poster.pk:
        Picture.objects.filter(pk=former).delete()
        transaction.on_commit(partial(remove_picture, former))
    return {"poster": poster}


def _let_play(variant: Variant, video: Video) -> None:
    variant.video = video
    if not video.keeps_check:
        variant.watched_whole_at = None
        reason = gettext("A new film was brought in: %(variant)s") % {"variant": variant}
        withdraw_check(variant.workout_class, reason)
    variant.save(update_fields=["video", "watched_whole_at"])
    WorkoutClass.objects.filter(pk=variant.workout_class_id).update(updated_at=timezone.now())


def _retire_older(variant: Variant, playing: Video) -> None:
    """Films that nobody will see any more: those that never played go at once.

    One that somebody may be watching keeps its files until `sweep_remains` takes them.
    """
    older = variant.videos.filter(uploaded_at__lte=playing.uploaded_at).exclude(pk=playing.pk)
    older.playing().in_the_works().update(
        state=Video.State.CANCELLED, held_by=None, lease_until=None
    )
    unseen = list(older.filter(plays_as=Video.PlaysAs.NOTHING))
    Video.objects.filter(pk__in=[video.pk for video in unseen]).delete()
    transaction.on_commit(partial(remove_files, unseen))
