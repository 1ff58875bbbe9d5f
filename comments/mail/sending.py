"""One notice becomes one mail, under the guarantees of `accounts.mailing.sending`."""

from django.core.mail import EmailMessage
from django.db.models import QuerySet

from accounts.mailing.sending import Outbox
from comments.mail import messages, wishes
from comments.models import Notice


class Notices(Outbox[Notice]):
    """Mails about comments, to those whom they concern and who want them."""

    model = Notice

    def load(self, held: QuerySet[Notice]) -> Notice:
        return held.select_related(
            "recipient",
            "comment__author",
            "comment__workout_class",
            "comment__parent__author",
            "comment__thread__author",
            "comment__request__fulfilled_by",
        ).get()

    def is_wanted(self, row: Notice) -> bool:
        return wishes.is_still_wanted(row)

    def write(self, row: Notice) -> EmailMessage:
        return messages.write(row)


outbox = Notices()
