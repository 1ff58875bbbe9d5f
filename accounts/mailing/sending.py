"""One row becomes one mail.

What is guaranteed of every row of an `Outgoing` model:

- Whoever is written down as to be told is sent a mail, or the row says why not. Nothing is only in
  memory: a process may be killed at any moment, and the sweep (`Outbox.enqueue_due`) finds what it
  left behind.
- Two workers never send the same row: it is taken by one conditional UPDATE, for as long as a
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
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import timedelta
from typing import Generic, TypeVar
from uuid import uuid4

from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from accounts.mailing import delivery
from accounts.models import Outgoing

logger = logging.getLogger(__name__)

State = Outgoing.State

# After the first, second … attempt that came to nothing. The seventh is the last.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60))
# Longer than any conversation with a server that answers each line within EMAIL_TIMEOUT.
LEASE = timedelta(minutes=10)

# On the list at the same time. A mail server that stalls takes its time with each of them.
_MOST = 100
_ERROR_LENGTH = 500

Row = TypeVar("Row", bound=Outgoing)


class Outbox(ABC, Generic[Row]):
    """All mails of one model. What they are about, only the one who makes an outbox knows."""

    model: type[Row]

    @abstractmethod
    def load(self, held: QuerySet[Row]) -> Row:
        """The one row, with all that judging and writing it reads."""

    @abstractmethod
    def is_wanted(self, row: Row) -> bool:
        """Whether what was worth a mail when it was written down still is."""

    @abstractmethod
    def write(self, row: Row) -> EmailMessage:
        """The whole mail, under the row's Message-ID. What it raises counts as an attempt."""

    def send(self, pk: int) -> None:
        """Send this one if it is due, nobody else is at it, and it is still wanted.

        A constant number of queries. Raises nothing about mail: how it went is on the row.
        """
        holder = uuid4()
        if not self._take(pk, holder):
            return
        held = self._rows().filter(pk=pk, held_by=holder)
        try:
            self._send(held)
        except delivery.Refused as refusal:
            _put_off(held, str(refusal), for_good=refusal.for_good)
        except delivery.Unclear as interruption:
            logger.warning("Whether %s arrived is not known: %s", self._name(pk), interruption)
            reason = str(interruption)[:_ERROR_LENGTH]
            held.update(state=State.UNKNOWN, lease_until=None, error=reason)
        except (OperationalError, InterfaceError):
            raise  # the database is away: the lease runs out, and then the sweep finds it
        except Exception as mistake:  # of ours, in a template say: it may be mended by then
            logger.exception("%s could not be written", self._name(pk))
            # What was handed over stays as it is until its lease runs out: it may have arrived.
            reason = f"{type(mistake).__name__}: {mistake}"
            _put_off(held.filter(handed_over_at=None), reason, for_good=False)
        except BaseException:  # the worker was told to stop
            held.filter(handed_over_at=None).update(
                state=State.DUE, attempts=F("attempts") - 1, held_by=None, lease_until=None
            )
            raise

    def take_up_lapsed(self) -> None:
        """Decide about what a process had in hand when it died. Two queries."""
        lapsed = self._rows().filter(state=State.SENDING, lease_until__lt=timezone.now())
        lapsed.filter(handed_over_at__isnull=False).update(
            state=State.UNKNOWN, error="The process ended while the mail server had the words."
        )
        lapsed.filter(handed_over_at=None).update(state=State.DUE, held_by=None, lease_until=None)

    def due_ids(self, most: int) -> list[int]:
        """What is to be sent by now, the longest waiting first."""
        due = self._rows().filter(state=State.DUE, due_at__lte=timezone.now())
        return list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:most])

    def enqueue_due(self, task: Task[[int], None]) -> int:
        """Put on the list what is due and not on it, oldest first; how many there were.

        The sweep: what failed and is to be tried again, what a killed process left behind, and
        what was too much for the list before. `task` sends one row. Four queries and one for each
        that is put on the list.
        """
        self.take_up_lapsed()
        waiting = DBTaskResult.objects.ready().filter(task_path=task.module_path)
        on_the_list = {
            arguments["args"][0] for arguments in waiting.values_list("args_kwargs", flat=True)
        }
        room = max(0, _MOST - len(on_the_list))
        due = [pk for pk in self.due_ids(_MOST + len(on_the_list)) if pk not in on_the_list][:room]
        enqueue(task, due)
        return len(due)

    @transaction.atomic
    def send_again(self, rows: QuerySet[Row]) -> list[int]:
        """Begin anew with what failed or may not have arrived; the ids of those it was true of."""
        stuck = rows.filter(state__in=[State.FAILED, State.UNKNOWN])
        ids = list(stuck.order_by("pk").values_list("pk", flat=True))
        self._rows().filter(pk__in=ids).update(
            state=State.DUE,
            due_at=timezone.now(),
            attempts=0,
            held_by=None,
            lease_until=None,
            handed_over_at=None,
            error="",
        )
        return ids

    def set_aside(self, rows: QuerySet[Row]) -> int:
        """Leave what failed or may have arrived as it is; how many there were."""
        stuck = rows.filter(state__in=[State.FAILED, State.UNKNOWN])
        return stuck.update(state=State.UNWANTED, held_by=None, lease_until=None)

    def stuck(self) -> QuerySet[Row]:
        """What somebody has to decide about."""
        return self._rows().filter(state__in=[State.FAILED, State.UNKNOWN])

    def _rows(self) -> QuerySet[Row]:
        return self.model._default_manager.all()

    def _name(self, pk: int) -> str:
        return f"{self.model._meta.label} {pk}"

    def _take(self, pk: int, holder: object) -> bool:
        now = timezone.now()
        free = self._rows().filter(pk=pk, state=State.DUE, due_at__lte=now)
        return bool(
            free.update(
                state=State.SENDING,
                attempts=F("attempts") + 1,
                held_by=holder,
                lease_until=now + LEASE,
                handed_over_at=None,
            )
        )

    def _send(self, held: QuerySet[Row]) -> None:
        row = self.load(held)
        if not self.is_wanted(row):
            held.update(state=State.UNWANTED, held_by=None, lease_until=None, error="")
            return
        message = self.write(row)
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
            # Also where the lease ran out in the middle, and the sweep said "unknown": now it is
            # known.
            held.update(
                state=State.SENT, sent_at=timezone.now(), held_by=None, lease_until=None, error=""
            )


def enqueue(task: Task[[int], None], ids: Iterable[int]) -> None:
    for pk in ids:
        task.enqueue(pk)


def _put_off(held: QuerySet[Row], reason: str, *, for_good: bool) -> None:
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
