"""What a visitor avoids: what the address says, else what a member keeps for themselves.

`avoid` in an address means exactly that set, for that page, and the links of the page pass it on.
What a member keeps is health data: it applies, visibly, where the address says nothing, and it is
never written into an address, nor into a form or a kept fragment that others could get.
"""

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest
from django.utils.http import urlencode

from accounts.models import Member
from classes.models import Avoidance, Movement, WorkoutClass
from classes.prepared import Prepared

from .vouching import is_checked_for

AVOID = "avoid"  # the parameter; its values are slugs of movements
NOTHING = "none"  # its value for "avoid nothing", which lifts what a member keeps


@dataclass(frozen=True)
class Avoided:
    """Slugs of movements, each once, and whether they stood in the address."""

    slugs: tuple[str, ...] = ()
    is_from_address: bool = False

    @property
    def query(self) -> str:
        """What links pass on: `avoid=kneeling&avoid=rolling`, `avoid=none`, or nothing.

        Nothing of what a member keeps, however much of it applies here.
        """
        if not self.is_from_address:
            return ""
        return urlencode([(AVOID, slug) for slug in self.slugs or (NOTHING,)])

    def passed_on_to(self, url: str) -> str:
        """That address of this site, with what this page's own address avoids.

        What follows a "#" stays at the end.
        """
        if not self.query:
            return url
        path, hash_mark, fragment = url.partition("#")
        return f"{path}{'&' if '?' in path else '?'}{self.query}{hash_mark}{fragment}"


def avoided_by(request: HttpRequest, known_slugs: Container[str]) -> Avoided:
    """What applies on a page. One query where the address says nothing and somebody is signed in.

    `known_slugs` are those of the studio's movements.
    """
    slugs = read_avoid(request.GET.getlist(AVOID), known_slugs)
    if slugs is not None:
        return Avoided(slugs, is_from_address=True)
    return Avoided(tuple(slug for slug in kept_by(request.user) if slug in known_slugs))


def read_avoid(values: Iterable[str], known_slugs: Container[str]) -> tuple[str, ...] | None:
    """The movements that an address names, or none of them; None where it says nothing.

    An address of which no value means anything says nothing, so that what a member keeps still
    applies. `none` beside a movement is passed over: the movement counts.
    """
    given = list(dict.fromkeys(values))
    slugs = tuple(value for value in given if value in known_slugs)
    return slugs if slugs or NOTHING in given else None


def kept_by(member: Member | AnonymousUser) -> tuple[str, ...]:
    """Slugs of what a member avoids everywhere, in the studio's order. One query, if a member."""
    if not member.is_authenticated:
        return ()
    return tuple(slug for (slug,) in _KEPT_BY.rows(member.pk))


_KEPT_BY = Prepared(
    lambda member_id: (
        Avoidance.movements.through.objects.filter(avoidance__member=member_id)
        .order_by("movement__position", "movement__name")
        .values_list("movement__slug")
    ),
    1,
)


@transaction.atomic
def keep(member: Member, slugs: Iterable[str]) -> tuple[str, ...]:
    """Keep exactly these for the member, and say which: what is no movement is passed over.

    None of them is "nothing": then no row is left that says anything about their body.
    """
    movements = list(Movement.objects.filter(slug__in=list(slugs)))
    if movements:
        avoidance, _is_new = Avoidance.objects.get_or_create(member=member)
        avoidance.movements.set(movements)
    else:
        Avoidance.objects.filter(member=member).delete()
    return tuple(movement.slug for movement in movements)


@dataclass(frozen=True)
class Mark:
    """What of a visitor's set speaks against a class that is shown all the same."""

    contains: tuple[Movement, ...]
    unchecked: tuple[Movement, ...]  # it does not, as far as it is noted; nobody has looked


def marks_for(class_ids: Iterable[int], slugs: Collection[str]) -> dict[int, Mark]:
    """Marks of the classes that would be left out; the others have none.

    Three queries if anything is avoided.
    """
    if not slugs:
        return {}
    avoided = list(Movement.objects.filter(slug__in=slugs))
    classes = WorkoutClass.objects.filter(pk__in=list(class_ids)).order_by()
    classes = classes.only("checked_at", "checked_by").prefetch_related("movements")
    found = {}
    for workout_class in classes:
        contained = set(workout_class.movements.all())
        mark = Mark(
            tuple(movement for movement in avoided if movement in contained),
            tuple(
                movement
                for movement in avoided
                if movement not in contained and not is_checked_for(workout_class, [movement])
            ),
        )
        if mark.contains or mark.unchecked:
            found[workout_class.pk] = mark
    return found
