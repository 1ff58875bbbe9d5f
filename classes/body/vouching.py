"""When a focus tag keeps its promise.

A tag that forbids movements is *vouched for* on a class only where a named person checked the
class for every movement it forbids, and the class contains none of them. It fails closed: a class
that nobody checked, or that was checked before a movement was (re)defined, is not vouched for.
A tag without a rule needs no check.

The rule stands here twice: over rows already loaded, for pages, and as a query, for lists and
counts. `tests/classes/body/test_vouching.py` holds them to each other.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from classes.models import FocusTag, Movement, WorkoutClass

Tagging = WorkoutClass.focus_tags.through


def is_checked_for(workout_class: WorkoutClass, movements: Iterable[Movement]) -> bool:
    """Whether a person looked at the class since each of these movements was defined."""
    checked_at = workout_class.checked_at if workout_class.is_checked else None
    return checked_at is not None and all(
        movement.defined_at <= checked_at for movement in movements
    )


def is_vouched(workout_class: WorkoutClass, tag: FocusTag) -> bool:
    """Whether the class may be shown under this tag. No query after `for_cards`."""
    forbidden = list(tag.forbids.all())
    if not forbidden:
        return True
    contained = set(workout_class.movements.all())
    return is_checked_for(workout_class, forbidden) and contained.isdisjoint(forbidden)


def vouched_tags(workout_class: WorkoutClass) -> list[FocusTag]:
    """The tags that everyone sees on this class, in the studio's order."""
    return [tag for tag in workout_class.focus_tags.all() if is_vouched(workout_class, tag)]


def unvouched_tags(workout_class: WorkoutClass) -> list[FocusTag]:
    """The tags that only curators see, as "not vouched for yet"."""
    return [tag for tag in workout_class.focus_tags.all() if not is_vouched(workout_class, tag)]


def broken_promises(
    tags: Iterable[FocusTag], movements: Iterable[Movement]
) -> list[tuple[FocusTag, list[Movement]]]:
    """Tags with the movements, of those given, that they forbid: contradictions, stored or not."""
    contained = set(movements)
    found = []
    for tag in tags:
        broken = [movement for movement in tag.forbids.all() if movement in contained]
        if broken:
            found.append((tag, broken))
    return found


def vouched_taggings() -> QuerySet:
    """Rows of class × tag that count, list and show: `workoutclass_id`, `focustag_id`."""
    forbidden = FocusTag.forbids.through.objects.filter(focustag_id=OuterRef("focustag_id"))
    contained = WorkoutClass.movements.through.objects.filter(
        workoutclass_id=OuterRef(OuterRef("workoutclass_id")),
        movement_id=OuterRef("movement_id"),
    )
    broken = forbidden.filter(
        Q(movement__defined_at__gt=OuterRef("workoutclass__checked_at")) | Exists(contained)
    )
    checked = Q(workoutclass__checked_at__isnull=False, workoutclass__checked_by__isnull=False)
    return Tagging.objects.filter(~Exists(forbidden) | checked & ~Exists(broken))


def contradicting_taggings() -> QuerySet:
    """Rows of class × tag where the class contains what the tag forbids, checked or not."""
    contained = WorkoutClass.movements.through.objects.filter(
        workoutclass_id=OuterRef(OuterRef("workoutclass_id")),
        movement_id=OuterRef("movement_id"),
    )
    broken = FocusTag.forbids.through.objects.filter(
        Exists(contained), focustag_id=OuterRef("focustag_id")
    )
    return Tagging.objects.filter(Exists(broken))
