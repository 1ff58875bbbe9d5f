"""Posting and editing, each whole or not at all.

The class's row is locked first (`upkeep`): it is what makes two senders wait for each other, so
that a form that is sent twice finds its first sending.
"""

from datetime import timedelta
from uuid import UUID, uuid5

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member
from classes.models import WorkoutClass
from comments.models import Comment
from comments.upkeep import keep_counts, lock

# So many comments of one member in so long a time, whichever classes they are on.
LIMIT = 10
WINDOW = timedelta(minutes=5)

_SUBMISSIONS = UUID("5b0f4a0e-6a4e-4a43-9a52-0a2f0d7f6c11")


class Refused(Exception):
    """What was asked may not be done. The text is a sentence for the one who asked."""


class NotConfirmed(Refused):
    def __init__(self) -> None:
        super().__init__(_("Confirm your e-mail address first. Then send this again."))


class TooMany(Refused):
    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, round(wait.total_seconds()))
        minutes = -(-self.seconds // 60)
        super().__init__(
            ngettext(
                "You wrote much in a short time. Send this again in %(minutes)d minute.",
                "You wrote much in a short time. Send this again in %(minutes)d minutes.",
                minutes,
            )
            % {"minutes": minutes}
        )


class TooLate(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("A comment can be changed for 15 minutes. You can add to it with a reply instead.")
        )


class Gone(Refused):
    def __init__(self) -> None:
        super().__init__(_("This comment was removed meanwhile, so it cannot be changed."))


def may_write(member: Member) -> bool:
    """Whether this account is active and has an address that was confirmed. One query."""
    return (
        member.is_active and EmailAddress.objects.filter(user_id=member.pk, verified=True).exists()
    )


@transaction.atomic
def post(
    member: Member,
    workout_class: WorkoutClass,
    *,
    body: str,
    parent: Comment | None = None,
    submission: str,
) -> Comment:
    """Say `body` under a class, or in answer to `parent`, a comment of the same class.

    `submission` is what the form was drawn with. The same words from the same form by the same
    member are posted once, however often they are sent, and give the comment that stands already.
    Other words from it are another comment: whoever went back and wrote anew means both.
    Raises `NotConfirmed` or `TooMany`; whether the member may see the class is the caller's.
    """
    lock([workout_class.pk])
    sending = _sending(member, workout_class, parent, body, submission)
    if earlier := Comment.objects.filter(submission=sending).first():
        return earlier
    if not may_write(member):
        raise NotConfirmed
    _refuse_too_many(member)
    comment = Comment.objects.create(
        workout_class=workout_class,
        author=member,
        parent=parent,
        thread_id=(parent.thread_id or parent.pk) if parent else None,
        body=body,
        submission=sending,
    )
    keep_counts([workout_class.pk])
    return comment


@transaction.atomic
def edit(member: Member, comment: Comment, body: str) -> None:
    """Change the words. Raises what `refuse_edit` raises."""
    now = Comment.objects.select_for_update(no_key=True).get(pk=comment.pk)
    refuse_edit(member, now)
    if now.body == body:
        return
    now.body = body
    now.edited_at = timezone.now()
    now.save(update_fields=["body", "edited_at"])


def refuse_edit(member: Member, comment: Comment) -> None:
    """Raise `Gone`, `TooLate` or `NotConfirmed` if its writer may not change this comment now."""
    if comment.is_removed:
        raise Gone
    if not comment.may_be_edited_by(member):
        raise TooLate
    if not may_write(member):
        raise NotConfirmed


def _sending(
    member: Member,
    workout_class: WorkoutClass,
    parent: Comment | None,
    body: str,
    submission: str,
) -> UUID:
    """The name of one sending. Nobody can make another member's name with a form of theirs."""
    parts = (submission, member.pk, workout_class.pk, parent.pk if parent else "", body)
    return uuid5(_SUBMISSIONS, "\n".join(map(str, parts)))


def _refuse_too_many(member: Member) -> None:
    """Counted by rows, removed ones too: nothing to keep, and the same for every process."""
    now = timezone.now()
    recent = member.comments.filter(written_at__gt=now - WINDOW).order_by("-written_at")
    moments = [moment for moment in recent.values_list("written_at", flat=True)[:LIMIT] if moment]
    if len(moments) == LIMIT:
        raise TooMany(moments[-1] + WINDOW - now)
