"""Members say that a comment should not stand there, and enough of them take it out of sight."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from comments import moderation
from comments.holding import is_of_studio
from comments.models import Comment, Report
from comments.upkeep import lock
from comments.writing import Refused

# So many reports, by members of whom the studio has approved something, hold a member's comment.
ENOUGH = 3
# The name under which the reports that held a comment stand beside the rules of `holding`.
RULE = "reports"

# So many reports by one member in so long a time.
LIMIT = 20
WINDOW = timedelta(days=1)


class OwnComment(Refused):
    def __init__(self) -> None:
        super().__init__(_("This comment is your own. You can remove it yourself."))


class NotThere(Refused):
    def __init__(self) -> None:
        super().__init__(_("This comment is not there any more."))


class AlreadyReported(Refused):
    def __init__(self) -> None:
        super().__init__(_("You reported this comment already. The studio looks at it."))


class TooManyReports(Refused):
    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, round(wait.total_seconds()))
        super().__init__(
            _("You reported many comments today. Come back tomorrow, or write to the studio.")
        )


@transaction.atomic
def report(member: Member, comment: Comment, reason: str, note: str = "") -> Report:
    """Bring a comment before the curators, and out of sight if that is enough.

    What somebody says who teaches, or is staff, stays until a curator decides. Raises `OwnComment`,
    `NotThere`, `AlreadyReported` or `TooManyReports`; whether the member may see the class is the
    caller's.
    """
    lock([comment.workout_class_id])
    refuse_report(member, comment)
    made = Report.objects.create(comment=comment, member=member, reason=reason, note=note)
    if _is_enough(comment):
        moderation.hold(comment, by=None, rules=[RULE])
    return made


def refuse_report(member: Member, comment: Comment) -> None:
    """Raise what `report` raises if this member may not report this comment now."""
    if comment.is_by(member):
        raise OwnComment
    if Report.objects.filter(comment=comment, member=member).exists():
        raise AlreadyReported
    if not Comment.objects.published().filter(pk=comment.pk).exists():
        raise NotThere
    now = timezone.now()
    recent = Report.objects.filter(member=member, made_at__gt=now - WINDOW).order_by("-made_at")
    moments = list(recent.values_list("made_at", flat=True)[:LIMIT])
    if len(moments) == LIMIT:
        raise TooManyReports(moments[-1] + WINDOW - now)


def _is_enough(comment: Comment) -> bool:
    """Reports that a curator has settled count no more."""
    if comment.author and is_of_studio(comment.author):
        return False
    known = Comment.objects.published().filter(author=OuterRef("member"))
    return comment.reports.open().filter(Exists(known)).count() >= ENOUGH
