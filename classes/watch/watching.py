"""Who may watch a film: the one place where that is decided."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.membership.standing import Standing, Stretch, standing
from accounts.models import Member, Membership
from classes.models import State, Variant
from classes.prepared import Prepared, aware


class Reason(StrEnum):
    """Why a film may or may not be watched, in the order in which it is asked."""

    NOT_READY = "not-ready"
    NOT_PUBLISHED = "not-published"
    TEACHES_OR_STAFF = "teaches-or-staff"
    FREE = "free"
    MEMBERSHIP = "membership"
    SIGN_IN = "sign-in"
    NO_MEMBERSHIP = "no-membership"


@dataclass(frozen=True)
class Decision:
    """`standing` is there where a member lacks a membership, and says what there was instead.

    It holds dates of one reader. What is kept for several goes by `reason` alone.
    """

    allowed: bool
    reason: Reason
    standing: Standing | None = None


def may_watch(
    member: Member | AnonymousUser, variant: Variant, *, now: datetime | None = None
) -> Decision:
    """Whether `member`, or a visitor, may watch this film whole at a moment (now), and why.

    At most two queries, none for a visitor: who teaches the class, if that is not loaded, and
    whether a membership runs. Both are skipped for staff.
    """
    now = now or timezone.now()
    workout_class = variant.workout_class
    if not variant.is_ready:
        return Decision(False, Reason.NOT_READY)

    published_at = workout_class.published_at
    is_public = (
        workout_class.state != State.DRAFT and published_at is not None and published_at <= now
    )
    if _is_staff_or_teaches(member, variant):
        return Decision(True, Reason.TEACHES_OR_STAFF)
    if not is_public:
        return Decision(False, Reason.NOT_PUBLISHED)
    if workout_class.is_free:
        return Decision(True, Reason.FREE)
    if not member.is_authenticated:
        return Decision(False, Reason.SIGN_IN)
    stands = _standing(member, now)
    if stands.runs:
        return Decision(True, Reason.MEMBERSHIP)
    return Decision(False, Reason.NO_MEMBERSHIP, stands)


def variant_of(video_id: UUID) -> Variant | None:
    """Whose film this is or was, with what `may_watch` asks of it. One query.

    By the former ones too: somebody may be in the middle of a film that has just been replaced.
    """
    variants = Variant.objects.select_related("video", "workout_class")
    return variants.filter(videos=video_id).first()


def _standing(member: Member, now: datetime) -> Standing:
    """One query, which every page of a class asks."""
    stretches = (
        Stretch(aware(starts_at), aware(ends_at), source)
        for starts_at, ends_at, source in _MEMBERSHIPS.rows(member.pk)
    )
    return standing(stretches, now)


_MEMBERSHIPS = Prepared(
    lambda member_id: (
        Membership.objects.filter(member=member_id)
        .order_by()
        .values_list("starts_at", "ends_at", "source")
    ),
    1,
)


def _is_staff_or_teaches(member: Member | AnonymousUser, variant: Variant) -> bool:
    if not member.is_authenticated:
        return False
    if member.is_staff:
        return True
    # It comes with the session, and most members teach nothing: then nobody asks who does.
    own_page = getattr(member, "instructor", None)
    if own_page is None:
        return False
    return own_page in variant.workout_class.instructors.all()
