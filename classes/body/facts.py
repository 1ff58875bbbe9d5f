"""What a class asks of a body, as its page tells it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from classes.models import Movement, WorkoutClass

from .vouching import is_checked_for


@dataclass(frozen=True)
class BodyFacts:
    """`leaves_out` is empty until a person has checked: it fails closed.

    Without a check `contains` is only what has been noted so far.
    """

    is_checked: bool
    contains: list[Movement]
    leaves_out: list[Movement]
    # Of what the visitor avoids: slugs of what the class contains, and the movements of which
    # nobody can say whether it does.
    avoided: frozenset[str] = frozenset()
    unchecked_for: tuple[Movement, ...] = ()


def body_facts(
    workout_class: WorkoutClass,
    avoids: Collection[str] = (),
    movements: Iterable[Movement] | None = None,
) -> BodyFacts:
    """One query for the studio's movements, if they are not given; the class from `for_page`.

    `avoids` are the slugs of what the visitor avoids; unknown ones say nothing.
    """
    contains = list(workout_class.movements.all())
    every = Movement.objects.all() if movements is None else movements
    # By ids: rows are compared with rows a dozen times slower, and there are dozens of them.
    contained = {movement.pk for movement in contains}
    others = [movement for movement in every if movement.pk not in contained]
    leaves_out = [movement for movement in others if is_checked_for(workout_class, [movement])]
    return BodyFacts(
        is_checked=workout_class.is_checked,
        contains=contains,
        leaves_out=leaves_out,
        avoided=frozenset(movement.slug for movement in contains if movement.slug in avoids),
        unchecked_for=tuple(
            movement
            for movement in others
            if movement.slug in avoids and movement not in leaves_out  # asked for those few alone
        ),
    )
