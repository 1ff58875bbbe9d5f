"""What a member began and has not done: where to go on."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import F

from accounts.models import Member
from classes.catalogue import Hit
from classes.models import Viewing, WorkoutClass

MOST = 12


class Begun(NamedTuple):
    """A film, and where the member stopped in it."""

    class_id: int
    variant_id: int
    title: str
    slug: str
    second: int
    length: timedelta | None

    @property
    def hit(self) -> Hit:
        return Hit(self.class_id, self.variant_id)

    @property
    def reached(self) -> timedelta:
        """Where they stopped; never past the end."""
        reached = timedelta(seconds=self.second)
        return min(reached, self.length) if self.length else reached


def to_continue(member: Member, most: int = MOST) -> list[Begun]:
    """The last seen first, of classes that the member may open. One query.

    A film that was replaced is none of them: its seconds are others.
    """
    begun = Viewing.objects.filter(
        member=member,
        continues=True,
        film=F("variant__video"),
        workout_class__in=WorkoutClass.objects.visible_to(member).order_by().values("pk"),
    ).order_by("-seen_at", "-pk")
    rows = begun.values_list(
        "workout_class",
        "variant",
        "workout_class__title",
        "workout_class__slug",
        "second",
        "variant__video__duration",
    )
    return [Begun(*row) for row in rows[:most]]
