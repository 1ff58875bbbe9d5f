"""Saying that nothing more need be said in a thread, and taking that back."""

from django.db import transaction
from django.db.models import Q

from accounts.models import Member
from comments.desk.waiting import keep_waiting
from comments.models import Comment
from comments.upkeep import lock


@transaction.atomic
def settle(thread: Comment, by: Member, seen: Comment | None = None) -> None:
    """No answer is needed to what was said up to `seen`, a comment of the thread; else up to now.

    What came after it was read, while the button was on the way, waits none the less.
    """
    lock([thread.workout_class_id])
    said = [seen] if seen else [thread, *thread.replies.all()]
    moments = [comment.written_at for comment in said if comment.written_at]
    if not moments:
        return  # undated: it does not wait
    marked = Comment.objects.top_level().filter(pk=thread.pk)
    # A page that is older than the mark does not move it back.
    earlier = Q(no_answer_needed_at__isnull=True) | Q(no_answer_needed_at__lt=max(moments))
    marked.filter(earlier).update(no_answer_needed_at=max(moments), no_answer_needed_by=by)
    keep_waiting([thread.pk])


@transaction.atomic
def unsettle(thread: Comment) -> None:
    """Take the mark back: the thread waits as if it had never been made."""
    lock([thread.workout_class_id])
    Comment.objects.top_level().filter(pk=thread.pk).update(
        no_answer_needed_at=None, no_answer_needed_by=None
    )
    keep_waiting([thread.pk])
