"""Where in a class each movement occurs: ticked by a curator, or at a moment of a film."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classes.durations import clock
from classes.models import Chapter, Movement, Variant, WorkoutClass


@dataclass(frozen=True)
class Occurrence:
    """`chapter`, with its `variant`, involves the movement; without one, a curator ticked it."""

    movement: Movement
    chapter: Chapter | None = None
    variant: Variant | None = None

    def in_words(self) -> str:
        """`Saw at 12:34 in Workout Tempo · en`, or `ticked`."""
        if self.chapter is None:
            return _("ticked")
        return _("%(exercise)s at %(time)s in %(variant)s") % {
            "exercise": self.chapter.label,
            "time": clock(timedelta(seconds=self.chapter.start)),
            "variant": self.variant,
        }


def occurrences(workout_class: WorkoutClass) -> list[Occurrence]:
    """All of one class: 5 queries. Chapters in the order of the films, then what was ticked."""
    return occurrences_in([workout_class.pk])[workout_class.pk]


def occurrences_in(class_ids: Iterable[int]) -> dict[int, list[Occurrence]]:
    """The same for each of these classes, an empty list where there is none: 5 queries for all."""
    found = in_chapters(class_ids)
    ticks = WorkoutClass.ticked_movements.through.objects.filter(workoutclass__in=list(found))
    in_order = ticks.order_by("movement__position", "movement__name")
    for tick in in_order.select_related("movement"):
        found[tick.workoutclass_id].append(Occurrence(tick.movement))
    return found


def in_chapters(class_ids: Iterable[int]) -> dict[int, list[Occurrence]]:
    """Only those in chapters, in the order of the films: 4 queries for all."""
    found: dict[int, list[Occurrence]] = {class_id: [] for class_id in class_ids}
    chapters = Chapter.objects.filter(variant__workout_class__in=list(found))
    for chapter in chapters.for_timeline().select_related("variant"):
        found[chapter.variant.workout_class_id] += [
            Occurrence(movement, chapter, chapter.variant) for movement in chapter.movements
        ]
    return found


def places_in_words(movement: Movement, among: Iterable[Occurrence]) -> str:
    """`Twisting (Saw at 12:34 in Workout Tempo · en and 2 more)`; the name alone if nowhere."""
    places = [occurrence for occurrence in among if occurrence.movement == movement]
    if not places:
        return str(movement)
    first, more = places[0].in_words(), len(places) - 1
    if more:
        first = ngettext("%(place)s and %(count)d more", "%(place)s and %(count)d more", more) % {
            "place": first,
            "count": more,
        }
    return f"{movement} ({first})"
