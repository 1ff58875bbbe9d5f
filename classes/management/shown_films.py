"""The films that members watch now, as commands take and name them: by the slugs of classes."""

from collections.abc import Collection

from django.core.management.base import CommandError

from classes.models import Video, WorkoutClass
from classes.models.video import VideoQuerySet


def shown_films(slugs: Collection[str]) -> VideoQuerySet:
    """Those of these classes, of all where none is named. CommandError where there is no class."""
    videos = Video.objects.shown()
    if not slugs:
        return videos
    known = set(WorkoutClass.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    if unknown := set(slugs) - known:
        raise CommandError(f"There is no class {', '.join(sorted(unknown))}.")
    return videos.filter(shown_as__workout_class__slug__in=slugs)


def name_of(video: Video) -> str:
    """Its class and its variant: `slow-mat · Workout Tempo · en`. Needs a film that is shown."""
    return f"{video.shown_as.workout_class.slug} · {video.shown_as}"
