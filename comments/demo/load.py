"""Makes rows of `comments.json`: 60 comments of people who do not exist.

There, threads stand under the slug of their class. A comment has `by` (a person) or `instructor`
(a slug), `days_ago` (null for one brought over from elsewhere, whose date nobody knows), its
`text` in paragraphs, and its `replies`.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import Member
from classes.demo.studio import read_studio
from classes.models import Instructor, WorkoutClass
from comments.models import Comment
from comments.upkeep import keep_counts

# Whoever writes on the same day does not write in the same second.
_A_LITTLE_LATER = timedelta(minutes=37)
_JOINED_BEFORE_WRITING = timedelta(days=2)
_BEFORE_ALL_DATES = datetime.min.replace(tzinfo=UTC)

Row = dict[str, Any]


@cache
def read_comments() -> dict[str, list[Row]]:
    return json.loads(Path(__file__).with_name("comments.json").read_text("utf-8"))


@transaction.atomic
def load_comments(*, now: datetime) -> int:
    """Create all comments, dated back from `now`, and the members who wrote them; return how many.

    Needs the demo studio's accounts, instructors and classes. Ids follow time, as if all of it had
    been written here; what has no date comes first.
    """
    writers = _create_writers(now=now)
    comments: list[Comment] = []
    for slug, threads in read_comments().items():
        workout_class = WorkoutClass.objects.get(slug=slug)
        moment = count()
        for thread in threads:
            comments.extend(_unsaved(thread, workout_class, writers, now=now, moment=moment))

    comments.sort(key=lambda comment: comment.written_at or _BEFORE_ALL_DATES)
    for comment in comments:
        comment.save()
    keep_counts({comment.workout_class_id for comment in comments})
    return len(comments)


def _unsaved(
    row: Row,
    workout_class: WorkoutClass,
    writers: dict[str, Member],
    *,
    now: datetime,
    moment: Iterator[int],
    parent: Comment | None = None,
) -> Iterator[Comment]:
    """The comment of this row, then its replies, depth first."""
    name = row.get("instructor") or row["by"]
    written_at = None
    if row["days_ago"] is not None:
        written_at = now - timedelta(days=row["days_ago"]) + next(moment) * _A_LITTLE_LATER
    comment = Comment(
        workout_class=workout_class,
        author=writers.get(name),
        author_name="" if name in writers else name,
        parent=parent,
        thread=parent and (parent.thread or parent),
        body="\n\n".join(row["text"]),
        written_at=written_at,
    )
    if row.get("held"):
        comment.state = Comment.State.HELD
    if row.get("removed") and written_at:
        comment.state = Comment.State.REMOVED
        comment.removed_at = written_at + _A_LITTLE_LATER
        comment.removed_by = comment.author
    yield comment
    for reply in row.get("replies", []):
        yield from _unsaved(reply, workout_class, writers, now=now, moment=moment, parent=comment)


def _create_writers(*, now: datetime) -> dict[str, Member]:
    """Members by the name or instructor's slug that the rows give.

    Someone whose comments have no date has no account either: only the name was brought over.
    """
    writers: dict[str, Member] = {
        instructor.slug: instructor.member
        for instructor in Instructor.objects.select_related("member")
        if instructor.member
    }
    for account in read_studio().accounts:
        writers[account.name] = Member.objects.get(email=account.email)
    for name, days_ago in _first_words().items():
        if name not in writers:
            joined = now - timedelta(days=days_ago) - _JOINED_BEFORE_WRITING
            writers[name] = _create_writer(name, number=len(writers), joined=joined)
    return writers


def _create_writer(name: str, *, number: int, joined: datetime) -> Member:
    """Without a password nobody signs in as this member."""
    email = f"writer{number}@example.org"
    member = Member.objects.create_user(email, display_name=name, date_joined=joined)
    EmailAddress.objects.create(user=member, email=email, verified=True, primary=True)
    return member


def _first_words() -> dict[str, int]:
    """How many days ago each person wrote first."""
    first: dict[str, int] = {}

    def listen(rows: list[Row]) -> None:
        for row in rows:
            if "by" in row and row["days_ago"] is not None:
                first[row["by"]] = max(row["days_ago"], first.get(row["by"], 0))
            listen(row.get("replies", []))

    for threads in read_comments().values():
        listen(threads)
    return first
