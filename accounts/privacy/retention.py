"""What is past its time, and how long each kind of thing is kept.

Each app registers its rules in `AppConfig.ready`. `manage.py purge` follows them, and so does the
worker, once a day; the privacy page says them.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import ngettext

from accounts.models import FailedRule

logger = logging.getLogger(__name__)

_BITE = 500  # rows of one transaction: nobody waits for long, and memory stays where it is
_DAYS_OF_A_MONTH = 365.25 / 12

_DONE = "accounts.purged"
_UNDER_WAY = "accounts.purging"
# Whoever was killed meanwhile holds it that long.
_LEASE = timedelta(hours=1)
_AGAIN = timedelta(hours=1)


@dataclass(frozen=True)
class Rule:
    """How long one kind of thing is kept."""

    name: str  # for the command and its report: "trials"
    title: str | Promise  # what it is, in words
    kept: timedelta | None  # None: as `purge` itself knows, each thing has its own end
    purge: Callable[[], int]  # removes what is past its time, in bounded bites; how many there were
    is_said: bool = True  # on the privacy page: it is about persons
    # How many are past their time, for a dry run; None where only removing them could tell.
    past: Callable[[], int] | None = None


@dataclass(frozen=True)
class Followed:
    """What following a rule came to. `number` is None where it failed, or could not be counted."""

    rule: Rule
    number: int | None
    has_failed: bool = False


_rules: dict[str, Rule] = {}


def register(*rules: Rule) -> None:
    """Add rules, followed in this order. The last time a name is registered counts."""
    _rules.update({rule.name: rule for rule in rules})


def rules() -> tuple[Rule, ...]:
    return tuple(_rules.values())


# --- Making a rule ------------------------------------------------------------------------------


def months(number: int) -> timedelta:
    return timedelta(days=round(number * _DAYS_OF_A_MONTH))


def rule_for_rows(
    name: str,
    title: str | Promise,
    kept: timedelta | None,
    past: Callable[[], QuerySet[Any]],
    *,
    is_said: bool = True,
) -> Rule:
    """A rule for rows that need nothing but to go. `past` is asked anew each time."""
    return Rule(
        name,
        title,
        kept,
        purge=lambda: remove(past()),
        is_said=is_said,
        past=lambda: past().count(),
    )


def remove(past: QuerySet[Any]) -> int:
    """Delete rows, and what hangs on them, a few at a time; how many there were.

    Interrupted, it has removed the first of them, and goes on the next time.
    """
    return in_bites(past, lambda pks: past.model._default_manager.filter(pk__in=pks).delete())


def in_bites(past: QuerySet[Any], remove_these: Callable[[list[Any]], Any]) -> int:
    """Hand over the primary keys of some rows after the other; how many there were.

    Each is handed over once, whether it went or not.
    """
    number = 0
    remaining = past.order_by("pk").values_list("pk", flat=True)
    pks = list(remaining[:_BITE])
    while pks:
        remove_these(pks)
        number += len(pks)
        pks = list(remaining.filter(pk__gt=pks[-1])[:_BITE])
    return number


def in_words(kept: timedelta) -> str:
    """In months, days or hours, whichever is the largest that says it: "24 months", "3 days"."""
    if kept.days >= 60:
        number = round(kept.days / _DAYS_OF_A_MONTH)
        return ngettext("%(number)d month", "%(number)d months", number) % {"number": number}
    if kept.days:
        return ngettext("%(number)d day", "%(number)d days", kept.days) % {"number": kept.days}
    hours = round(kept.total_seconds() / 3600)
    return ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours}


# --- Following the rules ------------------------------------------------------------------------


def purge(*, dry_run: bool = False) -> Iterator[Followed]:
    """Follow every rule, one with each step; one that fails keeps no other back.

    It is logged, and written down for the start page of the administration until it was followed
    again. A dry run counts, and neither removes nor writes. A database that is away ends it:
    OperationalError or InterfaceError.
    """
    for rule in rules():
        yield _count(rule) if dry_run else _follow(rule)
    if not dry_run:
        FailedRule.objects.exclude(name__in=_rules).delete()  # of a former version


def failed() -> list[tuple[Rule, datetime]]:
    """Rules that could not be followed the last time, and since when; the oldest first."""
    rows = FailedRule.objects.filter(name__in=_rules).order_by("since", "name")
    return [(_rules[row.name], row.since) for row in rows]


def _count(rule: Rule) -> Followed:
    try:
        return Followed(rule, rule.past() if rule.past else None)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("What is past its time could not be counted: %s", rule.name)
        return Followed(rule, None, has_failed=True)


def _follow(rule: Rule) -> Followed:
    try:
        number = rule.purge()
    except Exception:
        logger.exception("What is past its time could not be removed: %s", rule.name)
        # A statement that fails every time looks like a database that is away. That one takes no
        # note either: this raises, and the rest waits for it.
        FailedRule.objects.get_or_create(name=rule.name)
        return Followed(rule, None, has_failed=True)
    FailedRule.objects.filter(name=rule.name).delete()
    return Followed(rule, number)


def purge_daily() -> bool:
    """Follow the rules if nobody has today; whether it was done now. The worker's sweep.

    What failed is tried again after an hour, with all else. Two workers share one day's work by the
    shared cache. Should that forget, it is done once more, which harms nothing.
    """
    today = f"{timezone.now():%Y-%m-%d}"
    if cache.get(_DONE) == today:
        return False
    if not cache.add(_UNDER_WAY, today, _LEASE.total_seconds()):
        return False
    has_failed = False
    try:
        for followed in purge():
            has_failed |= followed.has_failed
            if followed.number:
                logger.info("Past their time: %s of “%s”", followed.number, followed.rule.name)
        cache.set(_DONE, today, (_AGAIN if has_failed else timedelta(days=2)).total_seconds())
    finally:
        cache.delete(_UNDER_WAY)
    return True
