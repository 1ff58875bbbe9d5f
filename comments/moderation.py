"""Deciding about comments: approving, holding, removing, restoring, and stopping who writes them.

Every function takes one comment or a query set of them, locks their classes before it looks, and
is whole or not at all. It returns the comments for which the decision was news, as they stand
now; doing it twice is doing it once. Each of those gets a `Decision`: who, when, why. The number
of queries does not depend on how many comments there are, but for telling of each that is
published (`mail.notices`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Member
from classes.models import WorkoutClass
from comments.importing.gone import remember
from comments.log import forget_words
from comments.mail import notices
from comments.models import Comment, Conversation, Decision, Report, Stop
from comments.upkeep import classes_of, keep_up, lock

Comments = Comment | QuerySet[Comment]
Act = Decision.Act
State = Comment.State

# Nobody gets mail about what was said longer ago: threads that were brought over from elsewhere are
# approved and restored, too.
NEWS_FOR = timedelta(days=30)

_TAKEN_BACK = Q(state=State.REMOVED, removed_by=F("author"))
# Its writer left, and took the words along (`former_members`).
HOLLOW = Q(author=None, author_name="", body="")
_PUBLISHED: dict[str, Any] = {
    "state": State.PUBLISHED,
    "held_for": [],
    "removed_at": None,
    "removed_by": None,
}


@transaction.atomic
def approve(
    comments: Comments, by: Member, reason: str = "", *, seen: Mapping[int, int] | None = None
) -> list[Comment]:
    """Publish what is held, and tell those whom it concerns.

    `seen` gives the edition of a comment that was looked at, by its id: one that its writer has
    changed since stays held.
    """
    held = _locked(comments).filter(state=State.HELD)
    looked_at = [
        comment for comment in held if not seen or seen.get(comment.pk) in (None, comment.edition)
    ]
    return _tell(_decide(looked_at, Act.APPROVED, by, reason, **_PUBLISHED))


@transaction.atomic
def restore(comments: Comments, by: Member, reason: str = "") -> list[Comment]:
    """Publish what was removed, but for what its own writer took back: that stays away.

    So does what a writer left without words when their account went.
    """
    removed = _locked(comments).filter(state=State.REMOVED).exclude(_TAKEN_BACK | HOLLOW)
    return _tell(_decide(removed, Act.RESTORED, by, reason, **_PUBLISHED))


@transaction.atomic
def remove(comments: Comments, by: Member, reason: str = "") -> list[Comment]:
    """Take comments off the page. Their words stay with the studio, with who did it and when.

    The first removal is remembered, not the last. A writer who takes back their own needs no
    reason.
    """
    there = _locked(comments).exclude(state=State.REMOVED)
    return _decide(
        there,
        Act.REMOVED,
        by,
        reason,
        state=State.REMOVED,
        is_pinned=False,
        removed_at=timezone.now(),
        removed_by=by,
    )


@transaction.atomic
def hold(
    comments: Comments, by: Member | None, reason: str = "", *, rules: Iterable[str] = ()
) -> list[Comment]:
    """Take what is published out of sight until somebody has looked. `rules` names what held it.

    What members reported about it stays open: that is what there is to look at.
    """
    rules = list(rules)
    published = _locked(comments).filter(state=State.PUBLISHED)
    return _decide(
        published,
        Act.HELD,
        by,
        reason,
        rules,
        state=State.HELD,
        is_pinned=False,
        held_for=rules,
    )


@transaction.atomic
def keep(comments: Comments, by: Member, reason: str = "") -> list[Comment]:
    """Leave comments as they are: somebody looked at what members had reported about them."""
    reported = _locked(comments).filter(pk__in=Report.objects.open().values("comment"))
    return _decide(reported, Act.KEPT, by, reason)


@transaction.atomic
def erase(comments: Comments) -> None:
    """Delete comments with everything that answers them, for good; their words in the log, too."""
    rows = _rows(comments)
    class_ids = classes_of(rows)
    lock(class_ids)
    threads = list(
        rows.order_by().exclude(thread=None).values_list("thread_id", flat=True).distinct()
    )
    with_answers = _with_answers(rows)
    forget_words(Comment, with_answers)
    remember(with_answers, in_place=False)
    rows.delete()
    keep_up(class_ids, threads)


def _with_answers(rows: QuerySet[Comment]) -> set[int]:
    """Ids of comments and of all that goes with them. A query for each step down the answers."""
    found = set(rows.order_by().values_list("pk", flat=True))
    latest = found
    while latest:
        answers = Comment.objects.filter(Q(parent__in=latest) | Q(thread__in=latest)).order_by()
        latest = set(answers.values_list("pk", flat=True)) - found
        found |= latest
    return found


def _rows(comments: Comments) -> QuerySet[Comment]:
    return Comment.objects.filter(pk=comments.pk) if isinstance(comments, Comment) else comments


def _locked(comments: Comments) -> QuerySet[Comment]:
    """The same comments, named by their ids, once nobody else is writing under their classes."""
    places = list(_rows(comments).order_by().values_list("pk", "workout_class_id"))
    lock({class_id for _pk, class_id in places})
    return Comment.objects.filter(pk__in=[pk for pk, _class_id in places]).order_by("pk")


def _decide(
    comments: Iterable[Comment],
    act: Decision.Act,
    by: Member | None,
    reason: str,
    rules: list[str] | None = None,
    **columns: Any,
) -> list[Comment]:
    """Write `columns` to these comments, and down what was decided; then see to what hangs on it.

    The classes are locked already.
    """
    changed = list(comments)
    if not changed:
        return []
    now = timezone.now()
    ids = [comment.pk for comment in changed]
    if columns:
        Comment.objects.filter(pk__in=ids).update(**columns)
        for comment in changed:
            for name, value in columns.items():
                setattr(comment, name, value)
    Decision.objects.bulk_create(
        Decision(comment_id=pk, act=act, by=by, reason=reason, rules=rules or [], made_at=now)
        for pk in ids
    )
    if act != Act.HELD:
        Report.objects.open().filter(comment__in=ids).update(settled_at=now)
    if columns:
        keep_up(
            {comment.workout_class_id for comment in changed},
            {comment.thread_id or comment.pk for comment in changed},
        )
    return changed


def _tell(published: list[Comment]) -> list[Comment]:
    """Mail is due to those whom these concern. Who had it already gets no second one."""
    since = timezone.now() - NEWS_FOR
    for comment in published:
        if comment.written_at and comment.written_at > since:
            notices.tell(comment)
    return published


# --- Who writes ---------------------------------------------------------------------------------


@transaction.atomic
def stop(members: QuerySet[Member], by: Member, until: datetime | None, reason: str) -> list[Stop]:
    """Let members read and not write until a moment, or (None) until somebody ends it.

    Whoever is stopped already is stopped anew, unless it is until the same moment. Staff are left
    out: what they may do is decided by their rights. Returns what was made.
    """
    now = timezone.now()
    stopped = _locked_members(members.filter(is_staff=False))
    running = Stop.objects.running(now).filter(member__in=stopped)
    as_wished = set(running.filter(ends_at=until).values_list("member_id", flat=True))
    running.exclude(member__in=as_wished).update(ends_at=now)
    return Stop.objects.bulk_create(
        Stop(member=member, starts_at=now, ends_at=until, reason=reason, by=by)
        for member in stopped
        if member.pk not in as_wished
    )


@transaction.atomic
def end_stops(members: QuerySet[Member], by: Member) -> list[Stop]:
    """Let members write again. Who ended it is in the administration's log."""
    now = timezone.now()
    running = Stop.objects.running(now).filter(member__in=_locked_members(members))
    ended = list(running.select_related("member"))
    Stop.objects.filter(pk__in=[stop.pk for stop in ended]).update(ends_at=now)
    if ended:
        LogEntry.objects.log_actions(by.pk, ended, CHANGE, gettext("Ended."))
    return ended


def _locked_members(members: QuerySet[Member]) -> list[Member]:
    return list(members.order_by("pk").select_for_update(no_key=True, of=("self",)))


# --- Who leads the conversation -----------------------------------------------------------------


class CannotBePinned(Exception):
    """Only what opens a thread and is published is pinned. The text is a sentence for a person."""

    def __init__(self) -> None:
        super().__init__(
            gettext("Only a comment that opens a thread, and that everybody sees, can be pinned.")
        )


def may_lead(member: Member | AnonymousUser, workout_class: WorkoutClass) -> bool:
    """Whether this member pins comments and closes the conversation: who teaches, and curators.

    No query where the class's instructors are loaded, but for staff, whose rights are asked for.
    """
    if not member.is_authenticated or not member.is_active:
        return False
    teaches = any(
        instructor.member_id == member.pk for instructor in workout_class.instructors.all()
    )
    return teaches or (member.is_staff and member.has_perm("comments.change_comment"))


@transaction.atomic
def pin(comment: Comment) -> None:
    """Show a comment in front of the others, in place of the one that was there.

    Raises `CannotBePinned` for a reply, and for what is not published.
    """
    lock([comment.workout_class_id])
    of_class = Comment.objects.filter(workout_class=comment.workout_class_id)
    if not of_class.published().top_level().filter(pk=comment.pk).exists():
        raise CannotBePinned
    of_class.filter(is_pinned=True).exclude(pk=comment.pk).update(is_pinned=False)
    of_class.filter(pk=comment.pk, is_pinned=False).update(is_pinned=True)


def unpin(comment: Comment) -> None:
    """Put a comment back in its place among the others."""
    Comment.objects.filter(pk=comment.pk, is_pinned=True).update(is_pinned=False)


@transaction.atomic
def close(workout_class: WorkoutClass, by: Member) -> None:
    """Take no more comments under a class. The first closing is remembered, not the last."""
    lock([workout_class.pk])
    Conversation.objects.get_or_create(workout_class=workout_class)
    # An UPDATE of these columns alone: the others belong to the database's triggers.
    Conversation.objects.filter(workout_class=workout_class, closed_at=None).update(
        closed_at=timezone.now(), closed_by=by
    )


@transaction.atomic
def reopen(workout_class: WorkoutClass) -> None:
    """Take comments under a class again."""
    lock([workout_class.pk])
    Conversation.objects.filter(workout_class=workout_class).update(closed_at=None, closed_by=None)
