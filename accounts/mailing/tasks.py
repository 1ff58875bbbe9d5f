"""Letters, in the background."""

from collections.abc import Iterable

from django_tasks import task

from accounts.mailing.sending import enqueue
from accounts.mailing.writing import outbox


# Before the news about comments, after a film: somebody waits for it, but can wait a minute.
@task(priority=-5)
def send_letter(letter_id: int) -> None:
    """Send one letter, if it is due and wanted. How it went is on the Letter row."""
    outbox.send(letter_id)


def enqueue_letters(letter_ids: Iterable[int]) -> None:
    enqueue(send_letter, letter_ids)


def enqueue_due_letters() -> int:
    """The sweep: put on the list what is due and not on it; how many there were."""
    return outbox.enqueue_due(send_letter)
