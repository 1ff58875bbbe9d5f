"""Members who go: they ask for it, have seven days to change their mind, and are gone.

A `Departure` is the wish. It is carried out by the worker's sweep once it is due, and until that
moment one press takes it back: both take the same row first, so that whoever comes second finds
the other's deed whole.
"""

import logging
from datetime import timedelta

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.mailing import letters
from accounts.models import Departure, Letter, Member
from accounts.privacy import erasing
from accounts.privacy.retention import rule_for_rows
from accounts.time_zones import zone_of

logger = logging.getLogger(__name__)

GRACE = timedelta(days=7)

_AT_ONCE = 20  # departures in one sweep; the next follows half a minute later

# The mail that says good-bye is all that knows the address then.
_FAREWELL_KEPT_FOR = timedelta(days=1)


class LastSuperuser(Exception):
    """Nobody else may manage everything. The text is a sentence for the one who asked."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Nobody but you can administer the studio. Give somebody else that right first, "
                "then you can go."
            )
        )


def is_last_superuser(member: Member) -> bool:
    """No query for whoever is none."""
    if not (member.is_superuser and member.is_active):
        return False
    others = Member.objects.filter(is_superuser=True, is_active=True).exclude(pk=member.pk)
    return not others.exists()


@transaction.atomic
def ask(member: Member, words: Departure.Words) -> Departure:
    """Write down that a member goes in seven days, and send them the way back by mail.

    Who asked already only chooses anew what becomes of the words: the day stays, and no second
    mail is sent. Raises `LastSuperuser`.
    """
    if is_last_superuser(member):
        raise LastSuperuser
    departure, is_new = Departure.objects.get_or_create(
        member=member, defaults={"words": words, "due_at": timezone.now() + GRACE}
    )
    if is_new:
        due = departure.due_at.isoformat()
        letters.send(member, Letter.Kind.LEAVING, data={"due": due})
    elif departure.words != words:
        departure.words = words
        departure.save(update_fields=["words"])
    return departure


@transaction.atomic
def stay(member: Member) -> bool:
    """Take it back. Whether there was anything to take back: not once it was carried out, or
    begun (`_begin`)."""
    departure = Departure.objects.select_for_update().filter(member=member).first()
    if departure is None or not Member.objects.filter(pk=member.pk, is_active=True).exists():
        return False
    departure.delete()
    return True


@transaction.atomic
def send_away(member: Member) -> None:
    """Close an account now, and have the next sweep delete it: for whoever may decide that.

    Of somebody who wrote very much, more than one request should take away. What they chose for
    their words stands, if they did; the good-bye is sent. Raises `LastSuperuser`.
    """
    if _goes_last(member):
        raise LastSuperuser
    Departure.objects.update_or_create(member=member, defaults={"due_at": timezone.now()})
    Member.objects.filter(pk=member.pk).update(is_active=False)


def words_of(member: Member) -> Departure.Words:
    """What a member chose for their comments, if they asked to go; else the default."""
    chosen = Departure.objects.filter(member=member).values_list("words", flat=True).first()
    return Departure.Words(chosen) if chosen else Departure.Words.PLACEHOLDER


def remind(request: HttpRequest, member: Member) -> None:
    """Say at the sign-in that the account goes, if it does. One query."""
    departure = Departure.objects.filter(member=member).first()
    if departure is None:
        return
    due = localtime(departure.due_at, zone_of(member))
    messages.warning(
        request,
        _("Your account will be deleted on %(day)s. Your profile has a button to stay.")
        % {"day": date_format(due, "DATETIME_FORMAT")},
    )


def carry_out_due() -> int:
    """Delete the accounts whose day has come; how many there were. A sweep.

    Each is a transaction of its own: one that fails is logged, tried again by the next sweep, and
    keeps the others from nothing.
    """
    due = Departure.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")
    gone = 0
    for departure in due.select_related("member")[:_AT_ONCE]:
        try:
            gone += _carry_out(departure.member)
        except Exception:
            logger.exception("The account %s could not be deleted.", departure.pk)
    return gone


def _carry_out(member: Member) -> bool:
    sessions = erasing.sessions_that_name(member)
    if steps := erasing.steps_ahead(member):
        words = _begin(member)
        if words is None:
            return False
        erasing.go_ahead(steps, words)
    with transaction.atomic():
        departure = _due(member)
        if departure is None:
            return False
        reads = {"language": member.language, "time_zone": member.time_zone}
        letters.send(None, Letter.Kind.GONE, address=member.email, data=reads)
        erasing.take_away(member, Departure.Words(departure.words), sessions)
    return True


@transaction.atomic
def _begin(member: Member) -> Departure.Words | None:
    """From here on there is no way back, for not all goes at once; None if they do not go.

    The member is signed out: nobody is to see half of what they wrote as theirs. Interrupted, the
    next sweep goes on.
    """
    departure = _due(member)
    if departure is None:
        return None
    Member.objects.filter(pk=member.pk).update(is_active=False)
    return Departure.Words(departure.words)


def _due(member: Member) -> Departure | None:
    """The wish that is carried out now, locked."""
    due = Departure.objects.filter(pk=member.pk, due_at__lte=timezone.now())
    departure = due.select_for_update().first()
    if departure is None:  # they stay, or another worker was here first
        return None
    # Since they asked, others may have gone: it waits until somebody else is there.
    return None if _goes_last(member) else departure


def _goes_last(member: Member) -> bool:
    """Asked with all of them locked: two who go at once must not each count on the other."""
    if member.is_superuser:
        superusers = Member.objects.select_for_update(of=("self",)).filter(is_superuser=True)
        list(superusers.order_by("pk").values_list("pk"))
    return is_last_superuser(member)


def _farewells_sent() -> QuerySet[Letter]:
    """One that failed waits for a curator like any other letter, and goes when those do."""
    done = [Letter.State.SENT, Letter.State.UNWANTED]
    before = timezone.now() - _FAREWELL_KEPT_FOR
    return Letter.objects.filter(kind=Letter.Kind.GONE, state__in=done, due_at__lt=before)


RULES = (
    rule_for_rows(
        "farewells",
        gettext_lazy("The address of somebody who left, once the mail that says so was sent"),
        _FAREWELL_KEPT_FOR,
        _farewells_sent,
    ),
)
