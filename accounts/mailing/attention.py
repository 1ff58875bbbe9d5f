"""What of the letters waits for a curator."""

from collections.abc import Iterator

from django.utils.translation import ngettext

from accounts.attention import Item
from accounts.mailing.admin import undelivered
from accounts.mailing.writing import outbox
from accounts.models import Member


def undelivered_letters(member: Member) -> Iterator[Item]:
    """Letters that were given up, or may not have arrived. Two queries."""
    if not member.has_perm("accounts.change_letter"):
        return
    number = outbox.stuck().count()
    title = ngettext("letter did not arrive for sure", "letters did not arrive for sure", number)
    yield undelivered(outbox, title, number)
