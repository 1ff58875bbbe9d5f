"""One notice becomes one mail.

What is guaranteed:

- Whoever is written down as to be told is sent a mail, or the row says why not. Nothing is only in
  memory: a process may be killed at any moment, and the sweep (`tasks.enqueue_due_notices`) finds
  what it left behind.
- Two workers never send the same notice: it is taken by one conditional UPDATE, for as long as a
  lease runs, and whoever takes it says so once more just before the mail server gets the words.
- Killed before that (`handed_over_at` is empty): it is sent later. Killed after it, while the
  server has the words and the row does not know yet: it is **not** sent again, for it may have
  arrived. The row says `UNKNOWN`, the start page of the admin shows it, and a curator decides
  ("send again"). No program can do better: a mail server takes no name under which it would know a
  second sending from the first. The moment in question lasts as long as the server's answer.
- What the server refuses for now (4xx), and what does not reach it, is tried again after each of
  `PAUSES`, then `FAILED`. What it refuses for good (5xx) is `FAILED` at once; a refusal to talk to
  us at all (greeting, password) is no word about this mail and is tried again.
- A connection that drops or stalls while the words are on their way is tried again if the end of
  them was not sent, for then no server may deliver them; and is `UNKNOWN` if it was (`delivery`).
- Every attempt carries the same Message-ID.
"""

import logging
from datetime import timedelta
from uuid import uuid4

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.mailing import delivery
from comments.mail import messages, wishes
from comments.models import Notice

logger = logging.getLogger(__name__)

State = Notice.State

# After the first, second … attempt that came to nothing. The seventh is the last.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60))
# Longer than any conversation with a server that answers each line within EMAIL_TIMEOUT.
LEASE = timedelta(minutes=10)

_ERROR_LENGTH = 500


def send(notice_id: int) -> None:
    """Send this one if it is due, nobody else is at it, and it is still wanted.

    A constant number of queries. Raises nothing about mail: how it went is on the row.
    """
    holder = uuid4()
    if not _take(notice_id, holder):
        return
    held = Notice.objects.filter(pk=notice_id, held_by=holder)
    try:
        _send(held)
    except delivery.Refused as refusal:
        _put_off(held, str(refusal), for_good=refusal.for_good)
    except delivery.Unclear as interruption:
        logger.warning("Whether mail %s arrived is not known: %s", notice_id, interruption)
        held.update(state=State.UNKNOWN, lease_until=None, error=str(interruption)[:_ERROR_LENGTH])
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease runs out, and then the sweep finds it
    except Exception as mistake:  # a mistake of ours, in a template say: it may be mended by then
        logger.exception("Mail %s could not be written", notice_id)
        # What was handed over stays as it is until its lease runs out: it may have arrived.
        reason = f"{type(mistake).__name__}: {mistake}"
        _put_off(held.filter(handed_over_at=None), reason, for_good=False)
    except BaseException:  # the worker was told to stop
        held.filter(handed_over_at=None).update(
            state=State.DUE, attempts=F("attempts") - 1, held_by=None, lease_until=None
        )
        raise


def take_up_lapsed() -> None:
    """Decide about what a process had in hand when it died. Two queries."""
    lapsed = Notice.objects.filter(state=State.SENDING, lease_until__lt=timezone.now())
    lapsed.filter(handed_over_at__isnull=False).update(
        state=State.UNKNOWN, error="The process ended while the mail server had the words."
    )
    lapsed.filter(handed_over_at=None).update(state=State.DUE, held_by=None, lease_until=None)


def due_ids(most: int) -> list[int]:
    """What is to be sent by now, the longest waiting first."""
    due = Notice.objects.filter(state=State.DUE, due_at__lte=timezone.now())
    return list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:most])


@transaction.atomic
def send_again(notices: QuerySet[Notice]) -> list[int]:
    """Begin anew with what failed or may not have arrived; the ids of those it was true of."""
    stuck = notices.filter(state__in=[State.FAILED, State.UNKNOWN])
    ids = list(stuck.order_by("pk").values_list("pk", flat=True))
    Notice.objects.filter(pk__in=ids).update(
        state=State.DUE,
        due_at=timezone.now(),
        attempts=0,
        held_by=None,
        lease_until=None,
        handed_over_at=None,
        error="",
    )
    return ids


def set_aside(notices: QuerySet[Notice]) -> int:
    """Leave what failed or may have arrived as it is; how many there were."""
    stuck = notices.filter(state__in=[State.FAILED, State.UNKNOWN])
    return stuck.update(state=State.UNWANTED, held_by=None, lease_until=None)


def _take(notice_id: int, holder: object) -> bool:
    now = timezone.now()
    free = Notice.objects.filter(pk=notice_id, state=State.DUE, due_at__lte=now)
    return bool(
        free.update(
            state=State.SENDING,
            attempts=F("attempts") + 1,
            held_by=holder,
            lease_until=now + LEASE,
            handed_over_at=None,
        )
    )


def _send(held: QuerySet[Notice]) -> None:
    notice = held.select_related(
        "recipient",
        "comment__author",
        "comment__workout_class",
        "comment__parent__author",
        "comment__thread__author",
        "comment__request__fulfilled_by",
    ).get()
    if not wishes.is_still_wanted(notice):
        held.update(state=State.UNWANTED, held_by=None, lease_until=None, error="")
        return
    message = messages.write(notice)
    with delivery.server() as server:
        now = timezone.now()
        # If the lease ran out meanwhile somebody else may be at it: then this one lets go.
        still_ours = held.filter(state=State.SENDING, lease_until__gt=now)
        if not still_ours.update(handed_over_at=now, lease_until=now + LEASE):
            return
        try:
            server.hand_over(message)
        except (SystemExit, KeyboardInterrupt):
            if not server.may_have_arrived:
                held.update(handed_over_at=None)
            raise
        # Also where the lease ran out in the middle, and the sweep said "unknown": now it is known.
        held.update(
            state=State.SENT, sent_at=timezone.now(), held_by=None, lease_until=None, error=""
        )


def _put_off(held: QuerySet[Notice], reason: str, *, for_good: bool) -> None:
    """It did not arrive: try again later, or give up."""
    attempts = held.values_list("attempts", flat=True).first()
    if attempts is None:
        return
    gives_up = for_good or attempts > len(PAUSES)
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    held.update(
        state=State.FAILED if gives_up else State.DUE,
        due_at=timezone.now() + pause,
        held_by=None,
        lease_until=None,
        handed_over_at=None,
        error=reason[:_ERROR_LENGTH],
    )


def stuck() -> QuerySet[Notice]:
    """What somebody has to decide about."""
    return Notice.objects.filter(state__in=[State.FAILED, State.UNKNOWN])
