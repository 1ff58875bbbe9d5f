"""What the demo's members saved, began and did: rows that their own browsers would have made."""

from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import Member
from classes.library.seconds import bits_of, to_bytes
from classes.models import SavedClass, Variant, Video, Viewing, WorkoutClass

from .studio import DemoAccount, DemoWatched

# They watched films that are yet to be drawn. `show_film` puts the right one in its place.
_NO_FILM_YET = UUID(int=0)


def fill_library(member: Member, account: DemoAccount, *, now: datetime) -> None:
    """Needs the studio's classes. All of it is dated back from `now`."""
    for saved in account.saved:
        SavedClass.objects.create(
            member=member,
            workout_class=WorkoutClass.objects.get(slug=saved.slug),
            saved_at=now - saved.ago,
        )
    for watched in account.watched:
        _viewing(member, watched, seen_at=now - watched.ago).save(force_insert=True)


def show_film(video: Video) -> None:
    """The first film of a variant is the one that the demo's members watched."""
    Viewing.objects.filter(variant=video.variant_id, film=_NO_FILM_YET).update(film=video.pk)


def _viewing(member: Member, watched: DemoWatched, *, seen_at: datetime) -> Viewing:
    variant = Variant.objects.get(
        workout_class__slug=watched.slug, tempo=watched.tempo, language=watched.language
    )
    second = int(watched.stopped_at.total_seconds())
    return Viewing(
        member=member,
        variant=variant,
        workout_class_id=variant.workout_class_id,
        film=_NO_FILM_YET,
        second=second,
        covered=to_bytes(bits_of([(0, second)], second)),
        continues=second > 0,
        started_at=seen_at - timedelta(seconds=second),
        measured_at=seen_at,
        credited_at=seen_at,
        seen_at=seen_at,
        done_at=seen_at if watched.times_done else None,
        times_done=watched.times_done,
    )
