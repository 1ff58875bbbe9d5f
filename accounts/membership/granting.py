"""What curators do to memberships, of one member or of thousands: give, extend, end.

Each locks the members it is about and reads them again, so that two curators at once, or a form
that is sent twice, change everything once. What is changed stands in the history, under the name
of the curator and with their note. A constant number of queries, but for one more per 500 rows
that are written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.timezone import localtime
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts.membership.standing import standing, stretches_of
from accounts.models import Member, Membership

_BATCH = 500
_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Longer:
    """How far a membership is extended: by days, or to a moment. One of the two."""

    days: int | None = None
    until: datetime | None = None

    def end(self, ends_at: datetime) -> datetime:
        """The new end of what ended then; the old one, where it is as late.

        A day is one of the calendar by the clock that is active: midnight stays midnight when
        clocks change.
        """
        if self.days is not None:
            by_the_clock = localtime(ends_at).replace(tzinfo=None) + timedelta(days=self.days)
            return max(ends_at, timezone.make_aware(by_the_clock))
        return max(ends_at, self.until or ends_at)


@dataclass(frozen=True)
class Extended:
    """How many members have longer now, and why others do not."""

    longer: int
    not_running: int
    changed_meanwhile: int


@transaction.atomic
def give(members: QuerySet[Member], ends_at: datetime | None, *, note: str, by: Member) -> int:
    """Give each member a membership from now on; None as end means until somebody ends it.

    Whoever has one that runs at least as long is passed over. One that runs shorter, such as a
    trial, is left as it is beside the new one. Returns how many were given.
    """
    members = _locked(members)
    now = timezone.now()
    lasting = Q(ends_at__isnull=True)
    if ends_at:
        lasting |= Q(ends_at__gte=ends_at)
    enough = Membership.objects.running(now).filter(lasting, member=OuterRef("pk"))
    given = _create(
        [
            _of_the_studio(pk, now, ends_at, note)
            for pk in members.exclude(Exists(enough)).values_list("pk", flat=True)
        ],
        note,
        by,
    )
    return len(given)


@transaction.atomic
def extend(
    members: QuerySet[Member], longer: Longer, *, note: str, by: Member, asked_at: datetime
) -> Extended:
    """Let what runs of each member, or follows it without a gap, end later.

    Of nobody whose memberships were changed since `asked_at`, when the curator saw them: else days
    would be added once more by the same form sent twice. What has no end stays so. A payment's
    own stretch is the payment's to say: what the studio adds begins at its end.
    """
    members = _locked(members)
    now = timezone.now()
    changed_since = Membership.history.filter(
        member_id__in=members.values("pk"), history_date__gte=asked_at
    )
    changed = set(changed_since.values_list("member_id", flat=True))
    moved, added, not_running, met = [], [], 0, 0
    for pk, memberships in _by_member(members, now).items():
        if pk in changed:
            met += 1
            continue
        stands = standing(stretches_of(memberships), now)
        if not stands.runs:
            not_running += 1
        if stands.until is None or longer.end(stands.until) <= stands.until:
            continue
        last = next(each for each in memberships if each.ends_at == stands.until)
        if last.source == Membership.Source.PAYMENT:
            added.append(_of_the_studio(pk, stands.until, longer.end(stands.until), note))
        else:
            last.ends_at = longer.end(stands.until)
            last.note = note or last.note
            moved.append(last)
    _update(moved, note, by)
    _create(added, note, by)
    return Extended(len(moved) + len(added), not_running, met)


@transaction.atomic
def end(
    memberships: QuerySet[Membership], at: datetime | None = None, *, note: str, by: Member
) -> int:
    """Let these memberships end at a moment (now), whatever end they had; none ends later for it.

    One that would begin after that never opens a film: it keeps its row, as over. Returns how many
    were changed.
    """
    _locked(Member.objects.filter(pk__in=memberships.order_by().values("member")))
    at = at or timezone.now()
    later = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    rows = list(Membership.objects.filter(later, pk__in=memberships.order_by().values("pk")))
    for membership in rows:
        cut(membership, at)
        membership.note = note or membership.note
    _update(rows, note, by)
    return len(rows)


def cut(membership: Membership, at: datetime) -> None:
    """Set the end of a membership, without saving it.

    The database wants an end after the start. What had not begun by then is taken to have begun
    just before, so that nobody reads that it is still to come.
    """
    membership.starts_at = min(membership.starts_at, at - _A_MOMENT)
    membership.ends_at = at


def _locked(members: QuerySet[Member]) -> QuerySet[Member]:
    """These members, whose memberships nobody else who asks here changes meanwhile.

    In the order of their ids, so that two who lock the same do not wait for each other. As trials
    do, it locks the member, for whoever has no membership yet has no row of one.
    """
    locked = Member.objects.filter(pk__in=members.order_by().values("pk"))
    list(locked.order_by("pk").select_for_update().values_list("pk"))
    return locked


def _by_member(members: QuerySet[Member], now: datetime) -> dict[int, list[Membership]]:
    """What runs or is to come of each member, with nothing for whom nothing does."""
    found: dict[int, list[Membership]] = {
        pk: [] for pk in members.order_by("pk").values_list("pk", flat=True)
    }
    alive = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    for membership in Membership.objects.filter(alive, member__in=members.values("pk")):
        found[membership.member_id].append(membership)
    return found


def _of_the_studio(
    member_id: int, starts_at: datetime, ends_at: datetime | None, note: str
) -> Membership:
    return Membership(
        member_id=member_id,
        starts_at=starts_at,
        ends_at=ends_at,
        source=Membership.Source.CURATOR,
        note=note,
    )


def _reason(note: str) -> str:
    return note[: Membership.history.model._meta.get_field("history_change_reason").max_length]


def _create(memberships: list[Membership], note: str, by: Member) -> list[Membership]:
    return bulk_create_with_history(
        memberships,
        Membership,
        batch_size=_BATCH,
        default_user=by,
        default_change_reason=_reason(note),
    )


def _update(memberships: list[Membership], note: str, by: Member) -> None:
    if memberships:
        bulk_update_with_history(
            memberships,
            Membership,
            ["starts_at", "ends_at", "note"],
            batch_size=_BATCH,
            default_user=by,
            default_change_reason=_reason(note),
        )
