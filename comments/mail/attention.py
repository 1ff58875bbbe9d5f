"""What of the mail waits for a curator."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.attention import Item
from accounts.models import Member
from comments.mail.sending import outbox
from comments.models import Notice

_EXAMPLES = 5


def undelivered_mail(member: Member) -> Iterator[Item]:
    """Mail that was given up, or of which nobody knows whether it arrived. Two queries."""
    if not member.has_perm("comments.change_notice"):
        return
    number = outbox.stuck().count()
    states = f"{Notice.State.FAILED},{Notice.State.UNKNOWN}"
    yield Item(
        title=ngettext("mail did not arrive for sure", "mails did not arrive for sure", number),
        count=number,
        link=f"{reverse('admin:comments_notice_changelist')}?state__in={states}",
        examples=[
            (str(notice), reverse("admin:comments_notice_change", args=[notice.pk]))
            for notice in outbox.stuck().select_related("recipient").order_by("-pk")[:_EXAMPLES]
        ],
        tone="problem",
    )
