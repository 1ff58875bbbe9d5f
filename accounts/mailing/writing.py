"""What a letter says, as text and as HTML, in the reader's language and on their clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.mailing.changes import CHANGES
from accounts.mailing.sending import Outbox
from accounts.mailing.words import language_of, one_line
from accounts.models import Departure, Export, Letter, Member
from accounts.time_zones import zone_of

Kind = Letter.Kind


class Letters(Outbox[Letter]):
    """Mails about an account, to whoever has it, or had it."""

    model = Letter

    def load(self, held: QuerySet[Letter]) -> Letter:
        return held.select_related("recipient").get()

    def is_wanted(self, row: Letter) -> bool:
        """No wish stops a letter, but what it says may no longer be so. One query at most."""
        if row.kind == Kind.EXPORT_READY:
            ready = Export.objects.filter(state=Export.State.READY, member=row.recipient_id)
            return ready.filter(pk=row.data["export"], expires_at__gt=timezone.now()).exists()
        if row.kind == Kind.LEAVING:
            # Who stayed and left anew has another day, and another letter.
            due = _moment(row.data["due"])
            return Departure.objects.filter(member=row.recipient_id, due_at=due).exists()
        return True

    def write(self, row: Letter) -> EmailMessage:
        return write(row)


outbox = Letters()


def write(letter: Letter) -> EmailMultiAlternatives:
    """The whole mail. Needs the letter's recipient. No query.

    KeyError if its data lack what its kind needs, ValueError if a moment is none.
    """
    reader = letter.recipient or Member(
        language=letter.data.get("language", ""), time_zone=letter.data.get("time_zone", "")
    )
    with translation.override(language_of(reader.language)), timezone.override(zone_of(reader)):
        context = _context(letter)
        name = f"accounts/mail/{letter.kind}"
        message = EmailMultiAlternatives(
            subject=_subject(letter),
            body=render_to_string(f"{name}.txt", context),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[letter.address or reader.email],
            headers={
                "Message-ID": letter.message_id,
                # RFC 3834: robots do not answer.
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_to_string(f"{name}.html", context), "text/html")
    return message


def _subject(letter: Letter) -> str:
    studio = one_line(settings.STUDIO_NAME)
    if letter.kind == Kind.SIGN_IN_CHANGED:
        return CHANGES[letter.data["about"]].subject % {"studio_name": studio}
    subjects = {
        Kind.EXPORT_READY: _("Your data at %(studio)s is ready to be fetched"),
        Kind.LEAVING: _("Your account at %(studio)s is going to be deleted"),
        Kind.GONE: _("Your account at %(studio)s is deleted"),
        Kind.NEW_DEVICE: _("Somebody signed in to your account at %(studio)s"),
        Kind.ADDRESS_CHANGED: _("Your address at %(studio)s was changed"),
    }
    return subjects[Kind(letter.kind)] % {"studio": studio}


def _context(letter: Letter) -> dict[str, Any]:
    """What the templates of all kinds may say. What a kind lacks in its data is a KeyError."""
    context: dict[str, Any] = {
        "studio_name": settings.STUDIO_NAME,
        "site_url": settings.SITE_URL,
        "language": translation.get_language(),
        "is_right_to_left": translation.get_language_bidi(),
        "name": one_line(letter.recipient.display_name) if letter.recipient else "",
    }
    return context | _facts(Kind(letter.kind), letter.data)


def _facts(kind: Kind, data: Mapping[str, Any]) -> dict[str, Any]:
    """What one kind of letter tells: its data, with moments as such, and where to go."""
    if kind == Kind.EXPORT_READY:
        export = _whole("accounts:privacy_export", UUID(data["export"]))
        return {"until": _moment(data["until"]), "export_address": export}
    if kind == Kind.LEAVING:
        return {"due": _moment(data["due"]), "privacy_address": _whole("accounts:privacy")}
    if kind == Kind.NEW_DEVICE:
        return _origin(data) | {"sessions_address": _whole("accounts:sessions")}
    if kind == Kind.SIGN_IN_CHANGED:
        told = {name: one_line(words) for name, words in data.items()}
        told["studio_name"] = settings.STUDIO_NAME
        return _origin(data) | {"change": CHANGES[data["about"]].sentence % told}
    if kind == Kind.ADDRESS_CHANGED:
        return {"new": one_line(data["new"])}
    return {}


def _origin(data: Mapping[str, Any]) -> dict[str, Any]:
    """Where something was done from, and where to go if it was somebody else."""
    return {
        "device": one_line(data["device"]),
        "ip": one_line(data["ip"]),
        "at": _moment(data["at"]),
        "password_address": _whole("account_reset_password"),
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _whole(name: str, *parts: Any) -> str:
    """An address in full, as a mail needs it: from SITE_URL, never from a Host header."""
    return f"{settings.SITE_URL}{reverse(name, args=parts)}"
