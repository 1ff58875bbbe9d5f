"""Deciding about comments: approving, removing, restoring."""

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import Member
from comments.models import Comment
from comments.upkeep import classes_of, keep_counts, lock

_TAKEN_BACK = Q(state=Comment.State.REMOVED, removed_by=F("author"))


def remove(comment: Comment, by: Member) -> None:
    """Take a comment off the page. Its words stay with the studio, with who did it and when."""
    moderate(Comment.objects.filter(pk=comment.pk), Comment.State.REMOVED, by)


@transaction.atomic
def moderate(comments: QuerySet[Comment], state: Comment.State, by: Member) -> list[Comment]:
    """Give comments a state, and return those for which that was news.

    The first removal is remembered, not the last; publishing or holding forgets it. What its own
    writer took back stays away, whoever approves it with a hundred others.
    """
    class_ids = classes_of(comments)
    lock(class_ids)
    changed = list(comments.exclude(state=state).exclude(_TAKEN_BACK))
    removed = state == Comment.State.REMOVED
    Comment.objects.filter(pk__in=[comment.pk for comment in changed]).update(
        state=state,
        removed_at=timezone.now() if removed else None,
        removed_by=by if removed else None,
    )
    keep_counts(class_ids)
    return changed


@transaction.atomic
def erase(comments: QuerySet[Comment]) -> None:
    """Delete comments with everything that answers them, for good."""
    class_ids = classes_of(comments)
    lock(class_ids)
    comments.delete()
    keep_counts(class_ids)
