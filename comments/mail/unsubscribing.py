"""Saying that one wants no more mail, from the mail itself or signed in.

The address in a mail is signed and holds no secret: it tells for whom it was made, about which kind
of mail and which thread. Whoever has the mail may stop such mail, and nothing else, without signing
in. It never runs out: a mail is found again after years.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts.models import Member
from comments.models import Comment, Mute, Notice, Unsubscription

Kind = Notice.Kind

_SALT = "comments.mail"


@dataclass(frozen=True)
class Ticket:
    """What the address in a mail stands for."""

    member_id: int
    kind: Kind
    thread_id: int

    @property
    def token(self) -> str:
        text = f"{self.member_id}-{self.kind.value}-{self.thread_id}"
        return Signer(salt=_SALT).sign(text)

    @property
    def address(self) -> str:
        """In full, as a mail needs it: built from SITE_URL, never from a Host header."""
        return f"{settings.SITE_URL}{reverse('comments:mail', args=[self.token])}"


def read(token: str) -> Ticket | None:
    """The ticket behind a token of ours, or None for any other text. No query."""
    try:
        member, kind, thread = Signer(salt=_SALT).unsign(token).split("-")
        return Ticket(int(member), Kind(kind), int(thread))
    except (BadSignature, ValueError):
        return None


def ticket_of(notice: Notice) -> Ticket:
    comment = notice.comment
    return Ticket(notice.recipient_id, Kind(notice.kind), comment.thread_id or comment.pk)


# Each of these is idempotent: a mail program may send the same wish many times.


def unsubscribe(member: Member, *kinds: Kind) -> None:
    Unsubscription.objects.bulk_create(
        (Unsubscription(member=member, kind=kind) for kind in kinds), ignore_conflicts=True
    )


def subscribe(member: Member, *kinds: Kind) -> None:
    Unsubscription.objects.filter(member=member, kind__in=kinds).delete()


def mute(member: Member, thread: Comment) -> None:
    Mute.objects.get_or_create(member=member, thread=thread)


def unmute(member: Member, thread: Comment) -> None:
    Mute.objects.filter(member=member, thread=thread).delete()
