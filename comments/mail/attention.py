"""What of the mail waits for a curator."""

from collections.abc import Iterator

from django.utils.translation import ngettext

from accounts.attention import Item
from accounts.mailing.admin import undelivered
from accounts.models import Member
from comments.mail.sending import outbox


def undelivered_mail(member: Member) -> Iterator[Item]:
    """Mail that was given up, or of which nobody knows whether it arrived. Two queries."""
    if not member.has_perm("comments.change_notice"):
        return
    number = outbox.stuck().count()
    title = ngettext("mail did not arrive for sure", "mails did not arrive for sure", number)
    yield undelivered(outbox, title, number)
