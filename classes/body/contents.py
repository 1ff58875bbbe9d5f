"""What a class contains: what a curator ticked, and the movements of its chapters.

`WorkoutClass.movements` keeps the union, so that lists need no chapters. Whoever changes one of
its sources calls `refresh`; a check is only ever made on what was refreshed in the same
transaction.
"""

from collections.abc import Iterable

from django.db import transaction

from classes.models import Chapter, WorkoutClass

Contained = WorkoutClass.movements.through


@transaction.atomic(savepoint=False)
def refresh(class_ids: Iterable[int]) -> None:
    """Bring `WorkoutClass.movements` of these classes up to date, in a constant number of queries.

    Only rows that differ are written. The classes are held to the end of the transaction: two who
    do this at once would otherwise write the same rows, or leave out what the other has changed.
    """
    held = WorkoutClass.objects.filter(pk__in=list(class_ids)).order_by("pk").select_for_update()
    class_ids = list(held.values_list("pk", flat=True))
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
