"""How a member stands: whether the films are open to them, and what is said where they are not.

A film asks this a hundred times for every change of a membership, so it is worked out in Python
from plain rows, which callers read in the way that costs them least.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from accounts.models import Member, Membership

_A_MOMENT = timedelta(microseconds=1)  # the finest that a database keeps


class Stretch(NamedTuple):
    """A membership as far as it opens films."""

    starts_at: datetime
    ends_at: datetime | None
    source: str


@dataclass(frozen=True)
class Standing:
    """What a member's memberships come to at a moment.

    `until` is the end of what runs, followed through memberships that begin before another ends;
    None where it has no end, and where nothing runs. The last that ended and the next that begins
    are told whether one runs or not.
    """

    runs: bool = False
    until: datetime | None = None
    ended_at: datetime | None = None
    ended_source: str = ""
    begins_at: datetime | None = None


def standing(stretches: Iterable[Stretch], now: datetime) -> Standing:
    """`stretches` are all memberships of one member, in any order. Runs no query."""
    running, ended, coming = [], [], []
    for stretch in stretches:
        if stretch.starts_at > now:
            coming.append(stretch)
        elif stretch.ends_at is not None and stretch.ends_at <= now:
            # Of two that ended together the trial is the lesser.
            is_trial = stretch.source == Membership.Source.TRIAL
            ended.append((stretch.ends_at, not is_trial, stretch.source))
        else:
            running.append(stretch)
    coming.sort(key=lambda stretch: stretch.starts_at)
    ended_at, _lesser, ended_source = max(ended, default=(None, False, ""))
    return Standing(
        runs=bool(running),
        until=_unbroken_end(running, coming),
        ended_at=ended_at,
        ended_source=ended_source,
        begins_at=coming[0].starts_at if coming else None,
    )


def standing_of(member: Member, now: datetime | None = None) -> Standing:
    """One query."""
    return standing(stretches_of(member.memberships.all()), now or timezone.now())


def stretches_of(memberships: Iterable[Membership]) -> list[Stretch]:
    return [Stretch(each.starts_at, each.ends_at, each.source) for each in memberships]


def last_day(ends_at: datetime) -> date:
    """The day, by the reader's clock, on which a membership still ran last.

    One that ends at midnight ended on the day before, which is the day that was promised.
    """
    return localdate(ends_at - _A_MOMENT)


def standing_words(standing: Standing, now: datetime | None = None) -> str:
    """Until when the films are open, or since when they are not: one sentence.

    In the reader's language, with days by the reader's clock, as both are active.
    """
    if standing.runs and standing.until is None:
        return _("You may watch every class, without an end.")
    if standing.runs and standing.until:
        return _("You may watch every class until %(day)s.") % {"day": _day(standing.until)}
    if standing.begins_at:
        return _begins(standing.begins_at, now or timezone.now())
    if standing.ended_at is None:
        return _("You have never had a membership.")
    if standing.ended_source == Membership.Source.TRIAL:
        return _("Your trial ended on %(day)s.") % {"day": _day(standing.ended_at)}
    return _("Your membership ended on %(day)s.") % {"day": _day(standing.ended_at)}


def in_short(standing: Standing) -> str:
    """As `standing_words`, of somebody else, for a column of a list."""
    if standing.runs:
        if standing.until is None:
            return _("without an end")
        return _("until %(day)s") % {"day": _short_day(standing.until)}
    if standing.begins_at:
        begins = date_format(localdate(standing.begins_at), "SHORT_DATE_FORMAT")
        return _("begins on %(day)s") % {"day": begins}
    if standing.ended_at is None:
        return "–"
    if standing.ended_source == Membership.Source.TRIAL:
        return _("trial ended on %(day)s") % {"day": _short_day(standing.ended_at)}
    return _("ended on %(day)s") % {"day": _short_day(standing.ended_at)}


def _begins(begins_at: datetime, now: datetime) -> str:
    # On the day itself the day alone would puzzle: it is that day, and the film does not play.
    if localdate(begins_at) == localdate(now):
        time = time_format(localtime(begins_at).time(), "TIME_FORMAT")
        return _("Today at %(time)s your membership begins.") % {"time": time}
    day = date_format(localdate(begins_at), "DATE_FORMAT")
    return _("Your membership begins on %(day)s.") % {"day": day}


def _day(ends_at: datetime) -> str:
    return date_format(last_day(ends_at), "DATE_FORMAT")


def _short_day(ends_at: datetime) -> str:
    return date_format(last_day(ends_at), "SHORT_DATE_FORMAT")


def _unbroken_end(running: list[Stretch], coming: list[Stretch]) -> datetime | None:
    """`coming` in the order of their starts."""
    if not running:
        return None
    ends = [stretch.ends_at for stretch in running]
    until: datetime | None = None if None in ends else max(end for end in ends if end)
    for stretch in coming:
        if until is None or stretch.starts_at > until:
            break
        until = None if stretch.ends_at is None else max(until, stretch.ends_at)
    return until
