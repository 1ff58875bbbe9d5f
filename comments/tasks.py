"""What the conversation has done in the background."""

from collections.abc import Iterable

from django_tasks import task

from accounts.mailing.sending import enqueue
from comments.mail.sending import outbox


# After all else in its queue: a film that was uploaded plays before a hundred mails are out.
@task(priority=-10)
def send_notice(notice_id: int) -> None:
    """Send one mail, if it is due and wanted. How it went is on the Notice row."""
    outbox.send(notice_id)


def enqueue_notices(notice_ids: Iterable[int]) -> None:
    enqueue(send_notice, notice_ids)


def enqueue_due_notices() -> int:
    """The sweep: put on the list what is due and not on it; how many there were."""
    return outbox.enqueue_due(send_notice)
