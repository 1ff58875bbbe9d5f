"""Which threads wait for an answer, and since when: kept on the comment that opens a thread.

A thread waits when what others said last is later than what somebody said last who teaches the
class, and later than its "no answer needed" mark. It waits since the first thing that was said
since then. What is held is shown at the desk and waits until somebody decides about it, whatever
else was answered meanwhile, or until that mark; what is removed does not wait, and an answer has to
be published to be one. Without a date a comment is older than all others: it
starts no waiting and ends none. A class that nobody with an account teaches has no desk to wait on.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce

from classes.models import WorkoutClass
from comments.models import Comment

# So many threads in one statement: a database takes no endless list of numbers.
_AT_ONCE = 5_000
_LONG_AGO = Value(datetime(1, 1, 2, tzinfo=UTC))


def keep_waiting(thread_ids: Iterable[int]) -> None:
    """Say of these threads since when they wait. One statement, whatever stands in them.

    In the transaction of what changed, after it, with the classes locked (`upkeep.lock`). Ids of
    replies are passed over.
    """
    ids = list(thread_ids)
    for start in range(0, len(ids), _AT_ONCE):
        threads = Comment.objects.top_level().filter(pk__in=ids[start : start + _AT_ONCE])
        threads.update(waiting_since=waiting_since())


def keep_waiting_under(class_ids: Iterable[int]) -> None:
    """The same for every thread of these classes, as when other people teach them. One statement.

    Some 20 µs a thread.
    """
    threads = Comment.objects.top_level().filter(workout_class__in=class_ids)
    threads.update(waiting_since=waiting_since())


@transaction.atomic
def mend(*, after: int = 0, limit: int) -> tuple[int, int]:
    """Look at the next threads in the order of their ids, and mend those that are wrong.

    For what passes by us: a bulk update of instructors, a line in a shell. Returns the last id that
    was looked at, 0 at the end, and how many were wrong. Two queries, and two more if any was.
    """
    from comments.upkeep import lock  # which calls `keep_waiting`

    looked_at = list(
        Comment.objects.top_level()
        .filter(pk__gt=after)
        .order_by("pk")
        .annotate(due=waiting_since())
        .values_list("pk", "workout_class_id", "waiting_since", "due")[:limit]
    )
    wrong = {pk: class_id for pk, class_id, kept, due in looked_at if kept != due}
    if wrong:
        lock(set(wrong.values()))
        keep_waiting(wrong)
    return (looked_at[-1][0] if len(looked_at) == limit else 0), len(wrong)


def waiting_since() -> Subquery:
    """When the earliest comment was written that is held or has no answer by a teacher, or NULL.

    Of the top-level comment it is asked of. Time grows with n log n in the length of the thread.
    """
    tied = teaching().filter(workoutclass=OuterRef("workout_class"))
    by_teacher = Exists(tied.filter(instructor__member=OuterRef("author")))
    waiting = (
        Comment.objects.filter(Q(pk=OuterRef("pk")) | Q(thread=OuterRef("pk")))
        .filter(Exists(tied))
        .filter(written_at__gt=Coalesce(OuterRef("no_answer_needed_at"), _LONG_AGO))
        .alias(is_answer=by_teacher)
        .filter(Q(state=Comment.State.PUBLISHED) | Q(state=Comment.State.HELD, is_answer=False))
        # Answers from here on, itself included: no answer is among those that have none. The id
        # decides where two have the same moment, as they may when a clock was set back.
        .alias(
            answered=Case(
                When(state=Comment.State.HELD, then=0),
                default=Window(
                    Count("pk", filter=Q(is_answer=True)),
                    order_by=[F("written_at").desc(), F("pk").desc()],
                ),
            )
        )
        .filter(answered=0)
        .order_by("written_at")
    )
    return Subquery(waiting.values("written_at")[:1])


def teaching() -> QuerySet:
    """Who teaches what, of those who have an account: rows of class and instructor."""
    return WorkoutClass.instructors.through.objects.filter(instructor__member__isnull=False)
