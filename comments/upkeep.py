"""What is kept beside the comments of a class, in the transaction of whatever changes them.

Whoever changes which comments are published, or where they stand, locks their classes first and
calls `keep_up` last.
"""

from collections.abc import Iterable

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from classes.models import WorkoutClass
from classes.search.upkeep import follow_after_commit
from comments.desk.waiting import keep_waiting
from comments.models import Comment


def classes_of(comments: QuerySet[Comment]) -> list[int]:
    return list(comments.order_by().values_list("workout_class_id", flat=True).distinct())


def lock(class_ids: Iterable[int]) -> None:
    """Wait for whoever is writing under these classes. SQLite's transactions wait by themselves."""
    locked = WorkoutClass.objects.select_for_update(no_key=True).filter(pk__in=class_ids)
    list(locked.order_by("pk").values_list("pk"))


def keep_counts(class_ids: Iterable[int]) -> None:
    """Count the published comments anew: a number that was wrong does not stay wrong.

    An UPDATE on its own, for this is no change to a class that its history should tell.
    """
    published = (
        Comment.objects.published()
        .filter(workout_class=OuterRef("pk"))
        .order_by()
        .values("workout_class")
        .annotate(number=Count("pk"))
        .values("number")
    )
    WorkoutClass.objects.filter(pk__in=class_ids).update(
        comment_count=Coalesce(Subquery(published), 0)
    )
    follow_after_commit()  # no signal tells of it


def keep_up(class_ids: Iterable[int], thread_ids: Iterable[int]) -> None:
    """Count anew under these classes, and say of these threads whether they wait.

    Two statements, however many they are. A thread is named by the comment that opens it.
    """
    keep_counts(class_ids)
    keep_waiting(thread_ids)
