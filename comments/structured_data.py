"""What machines read of a conversation: schema.org `Comment`, within the class's `VideoObject`."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.utils.text import Truncator

from classes.models import WorkoutClass
from classes.structured_data import absolute
from comments.models import Comment
from comments.told import Told

MOST = 20  # of a page; answers count too
LONGEST = 600  # characters of each: the words stand whole on the page


def comment_object(comment: Comment | Told) -> dict[str, Any]:
    """https://schema.org/Comment of one, without its answers. Needs author loaded; no query."""
    data: dict[str, Any] = {
        "@type": "Comment",
        "url": absolute(comment.get_absolute_url()),
        "author": {"@type": "Person", "name": comment.writer_name},
        "text": Truncator(comment.body).chars(LONGEST),
    }
    if comment.written_at:
        data["dateCreated"] = comment.written_at.isoformat()
    if comment.edited_at:
        data["dateModified"] = comment.edited_at.isoformat()
    return data


def comment_objects(
    comments: Iterable[Comment | Told],
    one: Callable[[Comment | Told], dict[str, Any]] = comment_object,
) -> list[dict[str, Any]]:
    """https://schema.org/Comment for the first `MOST` published ones, answers within their thread.

    `comments` come in the order of the page, each thread in front of its answers, with author
    loaded. `one` stands in for `comment_object`, and what it gives is added to. None where the
    studio keeps comments from search engines. Runs no query.
    """
    if settings.COMMENTS_NOINDEX:
        return []
    found: dict[int, dict[str, Any]] = {}
    threads = []
    for comment in comments:
        if len(found) == MOST:
            break
        if not comment.is_published:
            continue
        found[comment.pk] = data = one(comment)
        thread = found.get(comment.thread_id) if comment.thread_id else None
        if thread is not None:
            thread.setdefault("comment", []).append(data)
        elif comment.thread_id is None:
            threads.append(data)
    return threads


def newest_of(workout_class: WorkoutClass) -> list[Comment]:
    """Of a class's first page what `comment_objects` takes, in its order. Two queries."""
    loaded = workout_class.comments.published().select_related("author")
    threads = list(loaded.top_level().newest_first()[:MOST])
    replies: dict[int | None, list[Comment]] = {}
    oldest_first = loaded.filter(thread__in=threads).order_by("written_at", "pk")
    for reply in oldest_first[: MOST * MOST]:
        replies.setdefault(reply.thread_id, []).append(reply)
    return [each for thread in threads for each in (thread, *replies.get(thread.pk, []))]
