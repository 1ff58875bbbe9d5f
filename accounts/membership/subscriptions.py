"""Memberships as somebody else tells of them, such as a shop that takes payments.

Whoever is told (a webhook) says it on with one of these functions. `reference` is what the source
itself calls the matter, of a payment the subscription's id; `told_at` is when the source said so,
by its own clock, not when the news arrived. Hence news may come twice, late, or in any order: the
latest word on the end stands, of two said at once the earlier end, and the start is the earliest
that was told. News that changes nothing writes nothing.

A few queries each, under a lock on the member. Raises ValueError for a source without references,
for an empty reference, and where the reference is another member's.
"""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Member, Membership

_A_MOMENT = timedelta(microseconds=1)
_TELLING = frozenset({Membership.Source.PAYMENT})


def grant(
    member: Member,
    source: Membership.Source,
    reference: str,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    told_at: datetime,
) -> Membership:
    """It begins then and ends then; None as end means until the source says more."""
    return _told(member, source, reference, told_at, starts_at=starts_at, ends_at=ends_at)


def renew_until(
    member: Member,
    source: Membership.Source,
    reference: str,
    until: datetime | None,
    *,
    told_at: datetime,
) -> Membership:
    """It goes on until then. What was never granted is taken to have begun when this was told."""
    return _told(member, source, reference, told_at, ends_at=until)


def end_at(
    member: Member,
    source: Membership.Source,
    reference: str,
    at: datetime,
    *,
    told_at: datetime,
) -> Membership:
    """It ends then: at the end of what is paid, or at once.

    Of what was never granted, so that a grant which comes late opens no more than it should.
    """
    return _told(member, source, reference, told_at, ends_at=at)


@transaction.atomic
def _told(
    member: Member,
    source: Membership.Source,
    reference: str,
    told_at: datetime,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None,
) -> Membership:
    if source not in _TELLING or not reference:
        raise ValueError(f"{source!r} tells of nothing under {reference!r}")
    # As curators do, so that both do not change a member's memberships at once.
    Member.objects.select_for_update().get(pk=member.pk)
    membership = Membership.objects.filter(source=source, reference=reference).first()
    if membership is None:
        membership = Membership(
            member=member,
            source=source,
            reference=reference,
            starts_at=starts_at or told_at,
            ends_at=ends_at,
            told_at=told_at,
        )
        before = None
    else:
        before = _state(membership)
        _tell_on(membership, starts_at, ends_at, told_at)
    if membership.member_id != member.pk:
        raise ValueError(f"{reference!r} is not of member {member.pk}")
    if membership.ends_at:  # the database wants the end after the start
        membership.starts_at = min(membership.starts_at, membership.ends_at - _A_MOMENT)
    if _state(membership) != before:
        membership.save()
    return membership


def _tell_on(
    membership: Membership, starts_at: datetime | None, ends_at: datetime | None, told_at: datetime
) -> None:
    membership.starts_at = min(membership.starts_at, starts_at or membership.starts_at)
    if membership.told_at is None or told_at > membership.told_at:
        membership.ends_at, membership.told_at = ends_at, told_at
    elif told_at == membership.told_at:
        ends = [end for end in (membership.ends_at, ends_at) if end]
        membership.ends_at = min(ends, default=None)


def _state(membership: Membership) -> tuple[datetime, datetime | None, datetime | None]:
    return membership.starts_at, membership.ends_at, membership.told_at
