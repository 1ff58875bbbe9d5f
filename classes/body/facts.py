"""What a class asks of a body, as its page tells it."""

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


def body_facts(workout_class: WorkoutClass) -> BodyFacts:
    """One query for the studio's movements; the class comes with `for_page`."""
    contains = list(workout_class.movements.all())
    leaves_out = [
        movement
        for movement in Movement.objects.all()
        if movement not in contains and is_checked_for(workout_class, [movement])
    ]
    return BodyFacts(workout_class.is_checked, contains, leaves_out)
