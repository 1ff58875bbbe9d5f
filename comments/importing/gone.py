"""What an import is not to bring back: words that somebody took away for good."""

from collections.abc import Collection

from comments.models import Comment, GoneSending


def remember(ids: Collection[int], *, in_place: bool) -> None:
    """Call it before these comments lose their `submission`: two statements, or one.

    `in_place` says that they keep their places, with or without words, so that what answers them
    still finds them. A few thousand at a time.
    """
    sent = Comment.objects.filter(pk__in=ids, submission__isnull=False).order_by()
    GoneSending.objects.bulk_create(
        (
            GoneSending(submission=submission, comment_id=pk if in_place else None)
            for pk, submission in sent.values_list("pk", "submission")
            if submission  # so says the filter; its type does not
        ),
        ignore_conflicts=True,
    )
