"""What a member began and has not done: where to go on."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from accounts.models import Member
from classes.catalogue import Hit
from classes.models import Viewing, WorkoutClass
from classes.prepared import NOW, Prepared, lasting

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


def to_continue(member: Member) -> list[Begun]:
    """The `MOST` last seen, the last first, of classes that the member may open. One query.

    A film that was replaced is none of them: its seconds are others.
    """
    if member.is_staff:  # what they may open depends on their rights
        rows = list(_begun(member.pk, WorkoutClass.objects.visible_to(member)))
    else:
        rows = _BEGUN.rows(member.pk)
    return [Begun._make([*row[:-1], lasting(row[-1])]) for row in rows]


def _begun(member: int, visible: QuerySet[WorkoutClass]) -> QuerySet[Any, Any]:
    begun = Viewing.objects.filter(
        member=member,
        continues=True,
        film=F("variant__video"),
        workout_class__in=visible.order_by().values("pk"),
    ).order_by("-seen_at", "-pk")
    return begun.values_list(
        "workout_class",
        "variant",
        "workout_class__title",
        "workout_class__slug",
        "second",
        "variant__video__duration",
    )[:MOST]


# Asked on the first page of every member.
_BEGUN = Prepared(
    lambda member: _begun(member, WorkoutClass.objects.open_to(member, NOW)),
    1,
)
