"""Makes rows of `comments.json`: 60 comments of people who do not exist.

There, threads stand under the slug of their class. A comment has `by` (a person) or `instructor`
(a slug), `days_ago` (null for one brought over from elsewhere, whose date nobody knows), its
`text` in paragraphs, and its `replies`. What else happened to it stands there too: the `film` it
was written under, the rules that `held` it, its `reports`, whether it is `pinned`, and the
`request` that somebody kept from it.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import Member
from classes.demo.studio import read_studio
from classes.models import Instructor, Variant, WorkoutClass
from comments import time_codes
from comments.models import ClassRequest, Comment, Decision, Report, Vote
from comments.upkeep import keep_up

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
    said: list[tuple[Comment, Row]] = []
    for slug, threads in read_comments().items():
        workout_class = WorkoutClass.objects.get(slug=slug)
        moment = count()
        for thread in threads:
            said.extend(_unsaved(thread, workout_class, writers, now=now, moment=moment))

    said.sort(key=lambda pair: pair[0].written_at or _BEFORE_ALL_DATES)
    for comment, row in said:
        comment.save()
        _tell_on(comment, row, writers, now=now)
    _settle(comment for comment, _row in said)
    time_codes.keep_all(comment for comment, _row in said)
    keep_up({comment.workout_class_id for comment, _row in said}, [each.pk for each, _row in said])
    return len(said)


def _settle(comments: Iterable[Comment]) -> None:
    """Where somebody who teaches has answered, the thanks that followed wait for nobody.

    Comments come in the order of time.
    """
    teachers = set(Instructor.objects.values_list("member", flat=True))
    for comment in comments:
        thread = comment.thread
        if thread is None or comment.written_at is None:
            continue
        if comment.author_id in teachers:
            thread.no_answer_needed_by = comment.author
        if thread.no_answer_needed_by:
            thread.no_answer_needed_at = comment.written_at + _A_LITTLE_LATER
            thread.save(update_fields=["no_answer_needed_at", "no_answer_needed_by"])


def _tell_on(comment: Comment, row: Row, writers: dict[str, Member], *, now: datetime) -> None:
    """What came of a comment, once it has an id."""
    if comment.held_for and comment.written_at:
        comment.decisions.create(
            act=Decision.Act.HELD, rules=comment.held_for, made_at=comment.written_at
        )
    for report in row.get("reports", []):
        Report.objects.create(
            comment=comment,
            member=writers[report["by"]],
            reason=report["reason"],
            note=report["note"],
            made_at=now - timedelta(days=report["days_ago"]),
        )
    if asked := row.get("request"):
        kept_at = now - timedelta(days=asked["days_ago"])
        request = ClassRequest.objects.create(
            comment=comment, title=asked["title"], kept_by=writers[asked["by"]], kept_at=kept_at
        )
        Vote.objects.bulk_create(
            Vote(request=request, member=writers[name]) for name in asked["votes"]
        )


def _unsaved(
    row: Row,
    workout_class: WorkoutClass,
    writers: dict[str, Member],
    *,
    now: datetime,
    moment: Iterator[int],
    parent: Comment | None = None,
) -> Iterator[tuple[Comment, Row]]:
    """The comment of this row with it, then its replies, depth first."""
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
        variant=_film(workout_class, row["film"]) if "film" in row else None,
        is_pinned=row.get("pinned", False),
    )
    if rules := row.get("held"):
        comment.state = Comment.State.HELD
        comment.held_for = rules
    if row.get("removed") and written_at:
        comment.state = Comment.State.REMOVED
        comment.removed_at = written_at + _A_LITTLE_LATER
        comment.removed_by = comment.author
    yield comment, row
    for reply in row.get("replies", []):
        yield from _unsaved(reply, workout_class, writers, now=now, moment=moment, parent=comment)


def _film(workout_class: WorkoutClass, name: str) -> Variant:
    tempo, language = name.split("/")
    return workout_class.variants.get(tempo=tempo, language=language)


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
