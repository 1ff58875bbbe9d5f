"""Where a member is in a film, and when they have done it: what their player tells is judged here.

The player tells every ten seconds, and when it stops, where it is and which seconds of film it
played or left out. Word may come late, twice, in another order, from two tabs, or from somebody
who makes it up:

- The place moves with the moment at which it was measured, and never back to an earlier one.
- A second counts once in a round, whoever names it. No more are believed than could have been
  watched at the highest speed since the round began.
- What was left out counts where "my version" of the film leaves it out for this member.
- A film is begun when ten of its seconds are covered, and done when nine tenths are. What follows
  is another round, which goes on from the member's library once they have really begun it: the end
  of the film, played after it counted as done, begins nothing.
- What the member took out of their history is not brought back by a player that is still open:
  what was measured before begins no line, and no second before counts in a new one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Member
from classes.body.avoiding import kept_by
from classes.body.my_version import stretches_of
from classes.body.timeline_text import film_seconds
from classes.models import Chapter, Forgetting, Variant, Viewing

from . import seconds
from .seconds import Span

TOP_SPEED = 2  # what the player offers at most
# How long a round is taken to have run when it is first heard of: word of its first ten seconds
# comes when they are over, and the line may be slow.
HEAD_START = timedelta(seconds=15)
DONE_PERCENT = 90
# Of the beginning and the end: who stopped there begins anew.
OPENING = 10
ENDING = 15
BEGUN = 10  # seconds of the first round: who looks in for less has nothing to go on with
BEGUN_AGAIN = 30  # seconds of another round
EARLIER = 5  # seconds by which a film goes on before the place where it was left
MOST_TIMES = 32_767  # what the column takes
_NEVER = datetime.fromtimestamp(0, UTC)  # after it nothing that is told comes late


@dataclass(frozen=True)
class Beacon:
    """What a player told."""

    film: UUID
    second: int
    measured_at: datetime  # when it was at that second; a moment to come is taken for now
    played: tuple[Span, ...] = ()
    skipped: tuple[Span, ...] = ()  # as far as they are believed: see `believed`


def goes_on_at(second: int) -> int:
    """Where a film goes on that was left at this second, by what is kept: 0 is its beginning."""
    return max(0, second - EARLIER)


def believed(
    skipped: Collection[Span], member: Member, variant: Variant, avoided: Collection[str] | None
) -> tuple[Span, ...]:
    """What of this "my version" leaves out of the film.

    `avoided` are slugs of movements that the page's address named, None for what the member keeps.
    No query where nothing was skipped, else four for the chapters and one for what is kept.
    """
    if not skipped:
        return ()
    slugs = kept_by(member) if avoided is None else avoided
    chapters = Chapter.objects.filter(variant=variant).for_timeline()
    duration = variant.duration or timedelta()
    length = film_seconds(duration)
    stretches = stretches_of(chapters, slugs, duration)
    left_out = seconds.bits_of(((stretch.start, stretch.end) for stretch in stretches), length)
    # As bits: each span beside each stretch would be as much work as somebody likes to make of it.
    return tuple(seconds.spans_of(seconds.bits_of(skipped, length) & left_out))


def keep(
    member_id: int, variant: Variant, beacon: Beacon, *, now: datetime | None = None
) -> Viewing | None:
    """Write down what a player told. None where there is nothing to keep yet.

    One query reads the row, one writes it, and only if it is still the row that was read: else
    what was told is judged anew. Nothing is written that changes nothing. The first word of a film
    takes a transaction. A film of which no second was played is not one that the member saw: it
    gets no row. The film has to be the one that plays, with its video loaded.

    ContendedError where others were quicker each time: to be told again.
    """
    now = now or timezone.now()
    length = film_seconds(variant.duration or timedelta())
    for _attempt in range(_ATTEMPTS):
        viewing = Viewing.objects.filter(member=member_id, variant=variant).first()
        if viewing is None:
            if not seconds.bits_of(beacon.played, length):
                return None
            try:
                return _begin(member_id, variant, beacon, length, now)
            except IntegrityError:  # the same member's other tab has made the row meanwhile
                continue
        read = _state(viewing)
        changed = advance(viewing, beacon, length=length, now=now)
        if not changed or _write(viewing, changed, read):
            return viewing
    raise ContendedError


class ContendedError(Exception):
    """Each time the row was another by the time at which it was to be written."""


_ATTEMPTS = 20  # of which one that fails means that another beacon came through


@transaction.atomic
def _begin(
    member_id: int, variant: Variant, beacon: Beacon, length: int, now: datetime
) -> Viewing | None:
    # In turn with the clearing of the history.
    Member.objects.select_for_update(no_key=True).only("pk").get(pk=member_id)
    forgotten_at = Forgetting.objects.filter(member=member_id).values_list("at", flat=True).first()
    if forgotten_at and beacon.measured_at <= forgotten_at:
        return None
    viewing = Viewing(
        member_id=member_id,
        variant=variant,
        workout_class_id=variant.workout_class_id,
        film=beacon.film,
        measured_at=_NEVER,
        credited_at=max(now - HEAD_START, forgotten_at or _NEVER),
        started_at=now,
        seen_at=now,
    )
    advance(viewing, beacon, length=length, now=now)
    viewing.save(force_insert=True)
    return viewing


def _write(viewing: Viewing, changed: Collection[str], read: Mapping[str, Any]) -> bool:
    """Whether the row was still as it was read. One statement, which waits for no lock."""
    as_read = Viewing.objects.filter(pk=viewing.pk, **read)
    return bool(as_read.update(**{name: getattr(viewing, name) for name in changed}))


def advance(viewing: Viewing, beacon: Beacon, *, length: int, now: datetime) -> list[str]:
    """Put into the row what a player told, and say which of its fields are another now. No query.

    `length` is the film's, in seconds.
    """
    if length < 1:
        return []
    before = _state(viewing)
    if viewing.film != beacon.film:
        _begin_anew(viewing, beacon.film, now)
    measured_at = min(beacon.measured_at, now)
    # What was measured before the film was done is of the round that is over.
    if viewing.done_at is None or measured_at > viewing.done_at:
        _cover(viewing, beacon, length, now)
    is_late = measured_at <= viewing.measured_at
    viewing.measured_at = max(viewing.measured_at, measured_at)
    if viewing.done_at is not None and not viewing.continues:
        viewing.second = 0  # until the next round has begun
    elif not is_late:
        viewing.second = _place(beacon.second, length)
    changed = [name for name, value in before.items() if getattr(viewing, name) != value]
    if changed:
        viewing.seen_at = max(viewing.seen_at, measured_at)
        changed.append("seen_at")
    return changed


_FIELDS = (
    "film",
    "second",
    "measured_at",
    "covered",
    "credited_at",
    "continues",
    "done_at",
    "times_done",
)


def _state(viewing: Viewing) -> dict[str, Any]:
    return {name: getattr(viewing, name) for name in _FIELDS}


def _begin_anew(viewing: Viewing, film: UUID, now: datetime) -> None:
    """Another film has other seconds. That the member did the former one stays."""
    viewing.film = film
    viewing.second = 0
    viewing.covered = b""
    viewing.credited_at = now - HEAD_START
    viewing.continues = False


def _cover(viewing: Viewing, beacon: Beacon, length: int, now: datetime) -> None:
    covered = seconds.from_bytes(viewing.covered)
    played = seconds.bits_of(beacon.played, length) & ~covered
    could_be = int((now - viewing.credited_at).total_seconds() * TOP_SPEED)
    played = seconds.first(played, max(0, could_be))
    viewing.credited_at += timedelta(seconds=played.bit_count() / TOP_SPEED)
    covered |= played | seconds.bits_of(beacon.skipped, length)
    if covered.bit_count() * 100 >= length * DONE_PERCENT:
        viewing.done_at = now
        viewing.times_done = min(viewing.times_done + 1, MOST_TIMES)
        viewing.continues = False
        viewing.credited_at = now - HEAD_START
        covered = 0
    elif not viewing.continues:
        viewing.continues = _has_begun(viewing, covered, length)
    viewing.covered = seconds.to_bytes(covered)


def _has_begun(viewing: Viewing, covered: int, length: int) -> bool:
    """Whether the member is on their way through the film, for the first time or once more."""
    if viewing.done_at is None:
        return covered.bit_count() >= BEGUN
    # Who has just done it still sees the end of it.
    before_the_end = (1 << length * DONE_PERCENT // 100) - 1
    return (covered & before_the_end).bit_count() >= BEGUN_AGAIN


def _place(second: int, length: int) -> int:
    """Where the film is to go on; 0 where it was hardly begun, or as good as over."""
    return second if OPENING <= second <= length - ENDING else 0
