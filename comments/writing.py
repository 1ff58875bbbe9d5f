"""Posting and editing, each whole or not at all.

The class's row is locked first (`upkeep`): it is what makes two senders wait for each other, so
that a form that is sent twice finds its first sending, and comments stand in the order in which
they were taken.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member
from classes.models import Variant, WorkoutClass
from comments import holding, moderation, rates, time_codes
from comments.mail import notices
from comments.models import Comment, Conversation, Decision, Stop
from comments.upkeep import keep_up, lock

# So many comments of one member in so long a time, whichever classes they are on. Whoever answers
# for the studio writes one after another.
LIMIT = 10
LIMIT_OF_STUDIO = 60
WINDOW = timedelta(minutes=5)

# The same words of the same member at the same place are one comment for so long, from whatever
# form they come: two tabs, or a page that was loaded anew before it was sent again.
SAME_WITHIN = timedelta(minutes=10)

# Two servers' clocks may be as far apart. A comment dated further ahead is somebody's mistake.
_CLOCKS_APART = timedelta(minutes=5)

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


class Stopped(Refused):
    """The studio keeps this member from writing: until a moment, or (None) until it ends that."""

    def __init__(self, until: datetime | None, reason: str) -> None:
        self.until, self.reason = until, reason
        if until:
            day = date_format(timezone.localtime(until), "DATETIME_FORMAT")
            told = _("The studio has stopped you from writing until %(day)s.") % {"day": day}
        else:
            told = _("The studio has stopped you from writing.")
        why = _("The reason: %(reason)s") % {"reason": reason} if reason else ""
        super().__init__(f"{told} {why}".strip())


class Closed(Refused):
    def __init__(self) -> None:
        super().__init__(_("This conversation is closed: no new comments are taken here."))


class ParentGone(Refused):
    def __init__(self) -> None:
        super().__init__(
            _(
                "The comment that you answer was taken away meanwhile. Send this again, and it "
                "stands as a comment of its own."
            )
        )


class ParentChanged(Refused):
    """What is held was changed since it was read: answering would approve words unread."""

    def __init__(self) -> None:
        super().__init__(
            _("The comment that you answer was changed meanwhile. Read it, then send this again.")
        )


class TooLate(Refused):
    def __init__(self) -> None:
        super().__init__(
            _("A comment can be changed for 15 minutes. You can add to it with a reply instead.")
        )


class Gone(Refused):
    def __init__(self) -> None:
        super().__init__(_("This comment was removed meanwhile, so it cannot be changed."))


class Stale(Refused):
    """The words were changed since the form was drawn. `now` is the comment as it stands."""

    def __init__(self, now: Comment) -> None:
        self.now = now
        super().__init__(
            _(
                "You changed this comment in another place since you opened this form. Nothing "
                "is lost: here are both."
            )
        )


def may_write(member: Member) -> bool:
    """Whether this account is active and has an address that was confirmed. One query."""
    return (
        member.is_active and EmailAddress.objects.filter(user_id=member.pk, verified=True).exists()
    )


def post(
    member: Member,
    workout_class: WorkoutClass,
    *,
    body: str,
    parent: Comment | None = None,
    parent_seen: int | None = None,
    variant: Variant | None = None,
    submission: str,
    address: str = "",
) -> Comment:
    """Say `body` under a class, or in answer to `parent`, a comment of the same class.

    What a rule suspects is held (`holding`): look at the comment's state. Whoever leads the class
    approves what is held by answering it, if it is still in `parent_seen`, the edition that they
    read while it was held: what was published then they have not read with that in mind.
    `variant` is the film that times in the text speak of.

    `submission` is what the form was drawn with. The same words from the same form by the same
    member are posted once, however often they are sent, and give the comment that stands already;
    so do the same words at the same place within `SAME_WITHIN`. Other words from the form are
    another comment: whoever went back and wrote anew means both.

    `address` says where the request came from (`rates.address_of`); without it, as where the site
    itself writes, no rate is kept. Called outside a transaction where it is given.
    Raises `NotConfirmed`, `Stopped`, `Closed`, `TooMany`, `ParentGone` or `ParentChanged`; whether
    the member may see the class is the caller's.
    """
    sending = _sending(member, workout_class, parent, body, submission)
    if earlier := Comment.objects.filter(submission=sending).first():
        return earlier
    of_studio = holding.is_of_studio(member)
    rate = rates.count(member.pk, address, of_studio=of_studio) if address else rates.Rate()
    with transaction.atomic():
        lock([workout_class.pk])
        if earlier := _said_already(sending, member, workout_class, parent, body):
            return earlier
        refuse_writing(member, workout_class)
        if rate.refused_for:
            raise TooMany(timedelta(seconds=rate.refused_for))
        _refuse_too_many(member, LIMIT_OF_STUDIO if of_studio else LIMIT)
        if parent:
            parent = _open_parent(parent, parent_seen, member, workout_class)
        sent = holding.Sent(member, body, of_studio, is_over_rate=rate.is_held)
        rules = holding.judge(sent)
        comment = Comment.objects.create(
            workout_class=workout_class,
            author=member,
            parent=parent,
            thread_id=(parent.thread_id or parent.pk) if parent else None,
            body=body,
            variant=variant,
            written_at=_next_moment(workout_class),
            state=Comment.State.HELD if rules else Comment.State.PUBLISHED,
            held_for=rules,
            submission=sending,
        )
        if rules:
            Decision.objects.create(comment=comment, act=Decision.Act.HELD, rules=rules)
        time_codes.keep(comment)
        keep_up([workout_class.pk], [comment.thread_id or comment.pk])
        notices.tell(comment)
        return comment


def refuse_writing(member: Member, workout_class: WorkoutClass) -> None:
    """Raise `NotConfirmed`, `Stopped` or `Closed` if nothing of this member's is taken here now.

    Whoever teaches the class, and staff, have the last word in a conversation that is closed.
    """
    _refuse_writer(member)
    closed = Conversation.objects.filter(workout_class=workout_class, closed_at__isnull=False)
    if closed.exists() and not (member.is_staff or moderation.may_lead(member, workout_class)):
        raise Closed


def edit(
    member: Member, comment: Comment, body: str, edition: int | None = None, *, address: str = ""
) -> Comment:
    """Change the words, and return the comment as it stands now. Look at its state.

    What the rules suspect in the new words takes the comment out of sight; what was held stays so.
    `edition` is the one that the form was drawn with; without it the last to send wins. `address`
    is that of `post`. Raises `Stale` if the words were changed since, `TooMany`, and what
    `refuse_edit` raises.
    """
    rate = rates.count(member.pk, address, act="edit") if address else rates.Rate()
    if rate.refused_for:
        raise TooMany(timedelta(seconds=rate.refused_for))
    return _edit(member, comment, body, edition)


@transaction.atomic
def _edit(member: Member, comment: Comment, body: str, edition: int | None) -> Comment:
    lock([comment.workout_class_id])
    comments = Comment.objects.select_related("workout_class")
    now = comments.select_for_update(no_key=True, of=("self",)).get(pk=comment.pk)
    refuse_edit(member, now)
    if now.body == body:  # also what is sent twice
        return now
    if edition is not None and edition != now.edition:
        raise Stale(now)
    of_studio = holding.is_of_studio(member)
    rules = holding.judge(holding.Sent(member, body, of_studio, replaces=now))
    now.body = body
    now.edited_at = timezone.now()
    now.edition += 1
    now.save(update_fields=["body", "edited_at", "edition"])
    time_codes.keep(now)
    if not rules:
        return now
    if now.is_published:
        moderation.hold(now, None, rules=rules)
    elif new := [name for name in rules if name not in now.held_for]:
        now.held_for = [*now.held_for, *new]
        now.save(update_fields=["held_for"])
        Decision.objects.create(comment=now, act=Decision.Act.HELD, rules=new)
    now.refresh_from_db(fields=["state", "held_for", "is_pinned"])
    return now


def refuse_edit(member: Member, comment: Comment) -> None:
    """Raise `Gone`, `TooLate`, `NotConfirmed` or `Stopped` if it may not be changed now."""
    if comment.is_removed:
        raise Gone
    if not comment.may_be_edited_by(member):
        raise TooLate
    _refuse_writer(member)


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


def _said_already(
    sending: UUID, member: Member, workout_class: WorkoutClass, parent: Comment | None, body: str
) -> Comment | None:
    """This sending's comment, or the same words at the same place that were not taken away."""
    if earlier := Comment.objects.filter(submission=sending).first():
        return earlier
    lately = member.comments.filter(written_at__gt=timezone.now() - SAME_WITHIN)
    here = lately.filter(workout_class=workout_class, parent=parent)
    return here.exclude(state=Comment.State.REMOVED).filter(body=body).first()


def _refuse_writer(member: Member) -> None:
    if not may_write(member):
        raise NotConfirmed
    # The one that lasts longest is what the member has to know.
    stops = Stop.objects.running().filter(member=member)
    if stop := max(stops, key=lambda stop: (stop.ends_at is None, stop.ends_at), default=None):
        raise Stopped(stop.ends_at, stop.reason)


def _refuse_too_many(member: Member, limit: int) -> None:
    """Counted by rows, removed ones too: nothing to keep, and the same for every process."""
    now = timezone.now()
    recent = member.comments.filter(written_at__gt=now - WINDOW).order_by("-written_at")
    moments = [moment for moment in recent.values_list("written_at", flat=True)[:limit] if moment]
    if len(moments) == limit:
        raise TooMany(moments[-1] + WINDOW - now)


def _open_parent(
    parent: Comment, seen: int | None, member: Member, workout_class: WorkoutClass
) -> Comment:
    """What is answered, as it stands now; approved, where it was held and the writer decides."""
    now = Comment.objects.filter(pk=parent.pk).first()
    if now is None or now.is_removed:
        raise ParentGone
    if now.state == Comment.State.HELD:
        if not moderation.may_lead(member, workout_class):
            raise ParentGone
        if seen != now.edition:
            raise ParentChanged
        moderation.approve(now, member)
    return now


def _next_moment(workout_class: WorkoutClass) -> datetime:
    """Now, or just after the newest comment of the class if this clock is behind that."""
    now = timezone.now()
    newest = workout_class.comments.filter(written_at__lt=now + _CLOCKS_APART)
    last = newest.aggregate(last=Max("written_at"))["last"]
    return max(now, last + timedelta(microseconds=1)) if last else now
