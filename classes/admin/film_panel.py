"""What plays of a variant and what became of the last upload, in a few lines of a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, QuerySet, Subquery, Value
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classes.models import Variant, Video

# Before that much is done, what is left cannot be told from it.
_TELLING_PERCENT = 2
_TELLING_TIME = timedelta(seconds=15)

ENDED = (Video.State.FAILED, Video.State.CANCELLED)


@dataclass(frozen=True)
class Work:
    """The last upload of a variant, as long as something is to be said or done about it."""

    video: Video
    is_under_way: bool  # waits or is worked on
    plays: bool  # it can be watched already, in the size in which it was uploaded
    has_master: bool
    is_remade: bool  # from the master of the film that plays
    left: str  # in words; empty where nobody can tell
    others: int  # films of other variants whose sizes are made or are to be made


def with_films(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Variants with everything `film_panel` shows, in two queries."""
    at_work = Video.objects.in_the_works().filter(step=Video.Step.LADDER).order_by()
    counted = at_work.annotate(all=Value(1)).values("all").annotate(n=Count("pk")).values("n")
    films = Video.objects.order_by("-uploaded_at").annotate(ladders_at_work=Subquery(counted))
    return variants.select_related("video__poster", "workout_class").prefetch_related(
        Prefetch("videos", films, to_attr="films")
    )


def newest_film(variant: Variant) -> Video | None:
    """The last one uploaded, playing or not. No query after `with_films`."""
    fetched = getattr(variant, "films", None)
    if fetched is None:
        return variant.videos.order_by("-uploaded_at").first()
    return fetched[0] if fetched else None


def film_panel(variant: Variant) -> SafeString:
    """Runs no query after `with_films`."""
    playing = variant.video
    return render_to_string(
        "admin/classes/variant/_film.html",
        {
            "variant": variant,
            "playing": playing,
            "sizes": in_sizes(playing.renditions) if playing else "",
            "work": work_on(variant),
        },
    )


def work_on(variant: Variant, now: datetime | None = None) -> Work | None:
    """What is in the works for a variant, or came to a bad end; None where all is well."""
    newest = newest_film(variant)
    if newest is None or newest.state == Video.State.READY:
        return None
    playing = variant.video
    return Work(
        video=newest,
        is_under_way=newest.is_in_the_works,
        plays=newest == playing,
        has_master=newest.state in ENDED and newest.has_master(),
        is_remade=_is_remade(newest, playing),
        left=left_in_words(time_left(newest, now or timezone.now())),
        others=max(0, (getattr(newest, "ladders_at_work", 0) or 0) - 1),
    )


def _is_remade(newest: Video, playing: Video | None) -> bool:
    if playing is None or playing == newest or not newest.master.name:
        return False
    return newest.master.name == playing.master.name


def in_sizes(renditions: Iterable[dict]) -> str:
    """`1080p, 720p and 480p`, the largest first; empty where there are none."""
    largest_first = sorted(renditions, key=lambda row: -row["width"] * row["height"])
    return get_text_list([row["name"] for row in largest_first], _("and"))


def time_left(video: Video, now: datetime) -> timedelta | None:
    """How long the step under way goes on, if it does so at the pace that it had until now."""
    if video.state != Video.State.PROCESSING or video.started_at is None:
        return None
    worked = now - video.started_at
    if video.progress < _TELLING_PERCENT or worked < _TELLING_TIME:
        return None
    return worked / video.progress * (100 - video.progress)


def left_in_words(left: timedelta | None) -> str:
    """`about 12 minutes left`; hours from an hour and a half on."""
    if left is None:
        return ""
    minutes = round(left / timedelta(minutes=1))
    if minutes < 1:
        return _("less than a minute left")
    if minutes < 90:
        return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {
            "n": minutes
        }
    hours = round(minutes / 60)
    return ngettext("about %(n)d hour left", "about %(n)d hours left", hours) % {"n": hours}
