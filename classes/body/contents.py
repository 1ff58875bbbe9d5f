"""What a class contains: what a curator ticked, and the movements of its chapters.

`WorkoutClass.movements` keeps the union, so that lists need no chapters. Whoever changes one of
its sources calls `refresh`; a check is only ever made on what was refreshed in the same
transaction.
"""

from collections.abc import Iterable

from classes.models import Chapter, Movement, WorkoutClass

Contained = WorkoutClass.movements.through


def chapter_movements(workout_class: WorkoutClass) -> list[Movement]:
    """The movements of all its chapters, each once. At most 4 queries."""
    chapters = Chapter.objects.filter(variant__workout_class=workout_class).for_timeline()
    return list(dict.fromkeys(m for chapter in chapters for m in chapter.movements))


def refresh(class_ids: Iterable[int]) -> None:
    """Bring `WorkoutClass.movements` of these classes up to date, in a constant number of queries.

    Needs a transaction. Only rows that differ are written.
    """
    class_ids = list(class_ids)
    wanted = {*_ticked(class_ids), *_in_chapters(class_ids)}
    stored = {
        (row.workoutclass_id, row.movement_id): row.pk
        for row in Contained.objects.filter(workoutclass__in=class_ids)
    }
    gone = [pk for pair, pk in stored.items() if pair not in wanted]
    Contained.objects.filter(pk__in=gone).delete()
    Contained.objects.bulk_create(
        Contained(workoutclass_id=class_id, movement_id=movement_id)
        for class_id, movement_id in sorted(wanted - stored.keys())
    )


def _ticked(class_ids: list[int]) -> Iterable[tuple[int, int]]:
    return WorkoutClass.ticked_movements.through.objects.filter(
        workoutclass__in=class_ids
    ).values_list("workoutclass_id", "movement_id")


def _in_chapters(class_ids: list[int]) -> Iterable[tuple[int, int]]:
    chapters = Chapter.objects.filter(variant__workout_class__in=class_ids)
    removed = set(
        Chapter.removes.through.objects.filter(chapter__in=chapters).values_list(
            "chapter_id", "movement_id"
        )
    )
    usual = chapters.filter(exercise__movements__isnull=False).values_list(
        "pk", "variant__workout_class_id", "exercise__movements"
    )
    added = chapters.filter(adds__isnull=False).values_list(
        "pk", "variant__workout_class_id", "adds"
    )
    for chapter_id, class_id, movement_id in (*usual, *added):
        if (chapter_id, movement_id) not in removed:
            yield class_id, movement_id
