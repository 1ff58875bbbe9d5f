"""What follows for the desk when other people teach a class, whoever says so.

Only what Python's signals tell of; a bulk update, or an account that is deleted with its answers,
is found by the sweep (`rounds`).
"""

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete

from classes.models import Instructor, WorkoutClass
from comments.desk.waiting import keep_waiting_under


def connect() -> None:
    """Called once, when all models are loaded."""
    taught = WorkoutClass.instructors.through
    m2m_changed.connect(desk_of_class, sender=taught, dispatch_uid="comments.desk_of_class")
    for signal, follow in (
        (post_save, desk_of_instructor),
        (pre_delete, note_classes_of_instructor),
        (post_delete, desk_without_instructor),
    ):
        signal.connect(follow, sender=Instructor, dispatch_uid=f"comments.{follow.__name__}")


def desk_of_class(
    sender: type,
    instance: WorkoutClass | Instructor,
    action: str,
    reverse: bool,
    pk_set: set[int] | None,
    **kwargs: Any,
) -> None:
    """Instructors of a class came or went; told from either side."""
    if isinstance(instance, WorkoutClass):
        if action.startswith("post_"):
            keep_waiting_under([instance.pk])
    elif action == "pre_clear":  # afterwards nobody knows which classes they were
        _note_classes(instance)
    elif action == "post_clear":
        keep_waiting_under(_noted_classes(instance))
    elif action.startswith("post_"):
        keep_waiting_under(pk_set or ())


def desk_of_instructor(
    sender: type,
    instance: Instructor,
    created: bool,
    raw: bool,
    update_fields: frozenset[str] | None,
    **kwargs: Any,
) -> None:
    """An instructor may have got an account, or another one. A new one teaches nothing yet."""
    if created or raw or (update_fields is not None and "member" not in update_fields):
        return
    keep_waiting_under(_classes_of(instance))


def note_classes_of_instructor(sender: type, instance: Instructor, **kwargs: Any) -> None:
    _note_classes(instance)


def desk_without_instructor(sender: type, instance: Instructor, **kwargs: Any) -> None:
    keep_waiting_under(_noted_classes(instance))


def _classes_of(instructor: Instructor) -> list[int]:
    tied = WorkoutClass.instructors.through.objects.filter(instructor=instructor)
    return list(tied.values_list("workoutclass_id", flat=True))


def _note_classes(instructor: Instructor) -> None:
    instructor._classes_before = _classes_of(instructor)  # type: ignore[attr-defined]


def _noted_classes(instructor: Instructor) -> list[int]:
    return instructor.__dict__.pop("_classes_before", [])
