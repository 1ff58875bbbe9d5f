"""What a member watched, for themselves alone: by day, and theirs to take out or to stop."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import Member
from classes.library.cards import with_films
from classes.models import Forgetting, HistoryPause, Picture, Variant, Viewing, WorkoutClass


@dataclass(frozen=True)
class Line:
    """One film that was watched. Of a class that the member may not open there is no more to say
    than that, and when."""

    pk: int
    seen_at: datetime
    second: int | None  # where they stopped; None where there is nothing to go on with
    length: timedelta | None
    done_at: datetime | None
    times_done: int
    title: str = ""
    url: str = ""
    variant: Variant | None = None
    picture: Picture | None = None
    is_retired: bool = False

    @property
    def reached(self) -> timedelta | None:
        return None if self.second is None else timedelta(seconds=self.second)

    @property
    def is_done_that_day(self) -> bool:
        """Whether the day above the line is the day on which it was done."""
        done_at = self.done_at
        return done_at is not None and timezone.localdate(done_at) == timezone.localdate(
            self.seen_at
        )


@dataclass(frozen=True)
class Day:
    """By the member's own clock."""

    day: date
    lines: list[Line]


def count_lines(member: Member) -> int:
    return Viewing.objects.filter(member=member).count()


def history_of(member: Member, start: int, end: int) -> list[Day]:
    """Places `start` to `end` of the history, the last seen first. Two queries."""
    visible = WorkoutClass.objects.visible_to(member).filter(pk=OuterRef("workout_class"))
    viewings = (
        Viewing.objects.filter(member=member)
        .annotate(is_visible=Exists(visible.order_by()))
        .select_related("workout_class__poster", "variant")
        .defer("covered", "workout_class__description")
        .prefetch_related(with_films("workout_class__variants"))
        .order_by("-seen_at", "-pk")
    )
    return by_day(map(_line, viewings[start:end]))


def by_day(lines: Iterable[Line]) -> list[Day]:
    """Lines in the order of time, last first, under the days of the clock that is set."""
    return [
        Day(day, list(same))
        for day, same in groupby(lines, key=lambda line: timezone.localdate(line.seen_at))
    ]


def forget(member: Member, pk: int) -> bool:
    """Take a line out, and with it where the member stopped and that they did it.

    False where there is none of theirs any more.
    """
    return bool(_remove(member, Viewing.objects.filter(pk=pk)))


def forget_all(member: Member) -> int:
    """The number of lines that went."""
    return _remove(member, Viewing.objects.all())


@transaction.atomic
def _remove(member: Member, viewings: QuerySet[Viewing]) -> int:
    """What a player tells of before this moment begins no line again: see `progress.keep`."""
    Member.objects.select_for_update(no_key=True).only("pk").get(pk=member.pk)
    number, _by_model = viewings.filter(member=member).delete()
    if number:
        Forgetting.objects.update_or_create(member=member, defaults={"at": timezone.now()})
    return number


def paused_since(member: Member) -> datetime | None:
    return HistoryPause.objects.filter(member=member).values_list("since", flat=True).first()


def pause(member: Member) -> None:
    """From now on nothing is written down of what the member watches. Safe to call twice."""
    HistoryPause.objects.get_or_create(member=member)


def go_on(member: Member) -> None:
    """Safe to call twice."""
    HistoryPause.objects.filter(member=member).delete()


def _line(viewing: Viewing) -> Line:
    workout_class = viewing.workout_class
    films = workout_class.ready_variants
    film = next((each for each in films if each.pk == viewing.variant_id), None)
    length = film.duration if film else None
    stands = viewing.continues and film is not None and film.video_id == viewing.film
    second = viewing.second if stands else None
    if second is not None and length is not None:
        second = min(second, int(length.total_seconds()))
    if not viewing.is_visible:  # type: ignore[attr-defined]
        return Line(viewing.pk, viewing.seen_at, None, None, viewing.done_at, viewing.times_done)
    return Line(
        viewing.pk,
        viewing.seen_at,
        second,
        length,
        viewing.done_at,
        viewing.times_done,
        title=workout_class.title,
        url=(film or workout_class).get_absolute_url(),
        variant=viewing.variant,
        picture=workout_class.picture,
        is_retired=workout_class.is_retired,
    )
