"""What the conversation has done in the background."""

from collections.abc import Iterable

from django_tasks import task
from django_tasks_db.models import DBTaskResult

from comments.mail import sending

# On the list at the same time. A mail server that stalls takes its time with each of them.
_MOST = 100


# After all else in its queue: a film that was uploaded plays before a hundred mails are out.
@task(priority=-10)
def send_notice(notice_id: int) -> None:
    """Send one mail, if it is due and wanted. How it went is on the Notice row."""
    sending.send(notice_id)


def enqueue_notices(notice_ids: Iterable[int]) -> None:
    for pk in notice_ids:
        send_notice.enqueue(pk)


def enqueue_due_notices() -> int:
    """Put on the list what is due and not on it, oldest first; how many there were.

    The sweep: what failed and is to be tried again, what a killed process left behind, and what
    was too much for the list before. Four queries and one for each that is put on the list.
    """
    sending.take_up_lapsed()
    waiting = DBTaskResult.objects.ready().filter(task_path=send_notice.module_path)
    on_the_list = {
        arguments["args"][0] for arguments in waiting.values_list("args_kwargs", flat=True)
    }
    room = max(0, _MOST - len(on_the_list))
    due = [pk for pk in sending.due_ids(_MOST + len(on_the_list)) if pk not in on_the_list][:room]
    enqueue_notices(due)
    return len(due)
