"""A worker that is a process of its own, killed while it talks to the mail server."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from comments import tasks
from comments.models import Notice
from tests.accounts.mailing.servers import STALL, MailServer
from tests.classes.video.workers import until, worker

from .people import make_notice

State = Notice.State

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def notice(post_office: MailServer, monkeypatch) -> Notice:
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{post_office.port}")
    notice = make_notice()
    # The list is made anew by the sweep, as where a process died between the commit and the list.
    DBTaskResult.objects.all().delete()
    return notice


def test_a_worker_that_is_killed_before_the_server_has_the_mail_sends_it_later(
    notice, post_office, tmp_path
):
    post_office.at["greeting"] = STALL
    with worker(tmp_path) as process:
        until(lambda: Notice.objects.filter(state=State.SENDING).exists(), process, tmp_path)
        process.kill()
    post_office.at.clear()

    work_after_the_lease(tmp_path)

    notice.refresh_from_db()
    assert notice.state == State.SENT
    assert [message["Message-ID"] for message in post_office.messages] == [notice.message_id]


def test_a_worker_that_is_killed_between_sending_and_marking_sends_once(
    notice, post_office, tmp_path
):
    post_office.at["end"] = STALL
    with worker(tmp_path) as process:
        until(lambda: bool(post_office.messages), process, tmp_path)
        process.kill()
    post_office.at.clear()

    work_after_the_lease(tmp_path)

    notice.refresh_from_db()
    assert notice.state == State.UNKNOWN
    assert [message["Message-ID"] for message in post_office.messages] == [notice.message_id]


def test_a_worker_puts_on_the_list_what_is_due(notice, post_office, tmp_path):
    with worker(tmp_path, "--until-idle") as process:
        process.wait(timeout=60)

    assert len(post_office.messages) == 1
    assert tasks.enqueue_due_notices() == 0


def work_after_the_lease(tmp_path) -> None:
    assert Notice.objects.get().state == State.SENDING
    Notice.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with worker(tmp_path, "--until-idle") as process:
        assert process.wait(timeout=60) == 0
