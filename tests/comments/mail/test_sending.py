"""One notice becomes one mail, whatever the mail server does. Each test talks to a real one."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.mailing import delivery, sending
from accounts.models import Member
from classes.models import State as ClassState
from classes.models import WorkoutClass
from comments import tasks
from comments.mail import messages, notices
from comments.mail.sending import outbox
from comments.models import ClassRequest, Comment, Mute, Notice, Unsubscription, Vote
from tests.accounts.mailing.servers import DROP, STAGES, STALL
from tests.factories import make_class, make_comment

from .people import make_notice, make_reader, make_taught_class, say

State, Kind = Notice.State, Notice.Kind

pytestmark = pytest.mark.django_db


def send(notice: Notice) -> Notice:
    outbox.send(notice.pk)
    notice.refresh_from_db()
    return notice


def test_send_sends_one_mail(post_office):
    notice = send(make_notice())

    assert notice.state == State.SENT
    assert notice.sent_at is not None
    assert (notice.attempts, notice.held_by, notice.error) == (1, None, "")
    (message,) = post_office.messages
    assert message["To"] == notice.recipient.email
    assert message["Message-ID"] == notice.message_id


def test_send_sends_what_was_sent_no_second_time(post_office):
    notice = send(make_notice())

    send(notice)

    assert len(post_office.messages) == 1


def test_send_leaves_what_is_not_due(post_office):
    notice = make_notice()
    Notice.objects.update(due_at=timezone.now() + timedelta(minutes=1))

    assert send(notice).state == State.DUE
    assert post_office.messages == []


def test_send_says_nothing_about_a_notice_that_is_gone(post_office):
    outbox.send(12345)

    assert post_office.messages == []


# --- What the server says ------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_send_tries_again_what_is_refused_for_now(post_office, stage):
    post_office.at[stage] = "451 Come back later"

    with time_machine.travel(timezone.now(), tick=False):
        notice = send(make_notice())

        assert (notice.state, notice.handed_over_at) == (State.DUE, None)
        assert notice.due_at == timezone.now() + timedelta(minutes=1)
        assert "Come back later" in notice.error

    post_office.at.clear()
    post_office.messages.clear()
    with time_machine.travel(notice.due_at):
        assert send(notice).state == State.SENT
    assert [message["Message-ID"] for message in post_office.messages] == [notice.message_id]


@pytest.mark.parametrize("stage", STAGES[1:])
def test_send_gives_up_at_once_what_is_refused_for_good(post_office, stage):
    post_office.at[stage] = "550 Nobody here by that name"

    notice = send(make_notice())

    assert (notice.state, notice.attempts) == (State.FAILED, 1)
    assert notice.error == "550 Nobody here by that name"


def test_send_tries_again_where_the_server_will_not_talk_to_us(post_office):
    """That says nothing about this mail: all of them would be given up."""
    post_office.at["greeting"] = "554 Not today"

    assert send(make_notice()).state == State.DUE


@pytest.mark.parametrize("stage", STAGES[:-1])
@pytest.mark.parametrize("trouble", [STALL, DROP])
def test_send_tries_again_what_did_not_all_go_out(post_office, stage, trouble):
    post_office.at[stage] = trouble

    notice = send(make_notice())

    assert (notice.state, notice.handed_over_at) == (State.DUE, None)
    assert notice.error
    assert post_office.messages == []


@pytest.mark.parametrize("trouble", [STALL, DROP])
def test_send_does_not_send_again_what_may_have_arrived(post_office, trouble):
    post_office.at["end"] = trouble

    notice = send(make_notice())

    assert notice.state == State.UNKNOWN
    assert notice.error
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert tasks.enqueue_due_notices() == 0
        assert send(notice).state == State.UNKNOWN
    assert len(post_office.messages) == 1


def test_send_tries_again_where_nobody_listens(post_office, settings):
    settings.EMAIL_PORT = 1

    assert send(make_notice()).state == State.DUE


def test_send_gives_up_after_the_seventh_attempt(post_office):
    post_office.at["RCPT"] = "451 Come back later"
    notice, pauses = make_notice(), []

    for _attempt in range(6):
        with time_machine.travel(notice.due_at, tick=False):
            send(notice)
            pauses.append(notice.due_at - timezone.now())
        assert notice.state == State.DUE
    with time_machine.travel(notice.due_at, tick=False):
        send(notice)

    assert tuple(pauses) == sending.PAUSES
    assert (notice.state, notice.attempts) == (State.FAILED, 7)


@pytest.mark.parametrize("farewell", ["421 Gone already", DROP])
def test_send_does_not_mind_how_the_server_says_goodbye(post_office, monkeypatch, farewell):
    def bad_goodbye(backend):
        raise OSError(farewell)

    monkeypatch.setattr(delivery._Backend, "close", bad_goodbye)

    assert send(make_notice()).state == State.SENT


def test_send_tries_again_what_could_not_be_written(post_office, monkeypatch):
    def mistaken(notice):
        raise KeyError("no such name")

    monkeypatch.setattr(messages, "write", mistaken)

    notice = send(make_notice())

    assert notice.state == State.DUE
    assert notice.error == "KeyError: 'no such name'"


def test_send_does_not_send_again_what_it_stumbled_over_afterwards(post_office):
    hand_over = delivery.Server.hand_over

    def stumbling(server, message):
        hand_over(server, message)
        raise RuntimeError("A mistake of ours")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery.Server, "hand_over", stumbling)
        notice = send(make_notice())

    with time_machine.travel(timezone.now() + sending.LEASE + timedelta(seconds=1)):
        assert tasks.enqueue_due_notices() == 0
        assert send(notice).state == State.UNKNOWN
    assert len(post_office.messages) == 1


def test_send_gives_up_an_address_that_no_mail_can_carry(post_office):
    notice = make_notice()
    for rows in (Member.objects.filter(pk=notice.recipient_id), EmailAddress.objects.all()):
        rows.update(email="ana@exa mple.com")

    assert send(notice).state == State.FAILED
    assert post_office.messages == []


@pytest.mark.parametrize("error", [OSError, RuntimeError, ValueError])
def test_send_through_another_backend_does_not_know_what_became_of_it(monkeypatch, error):
    def broken(backend, messages):
        raise error("The line was cut")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", broken)

    assert send(make_notice()).state == State.UNKNOWN


# --- What changed meanwhile ----------------------------------------------------------------------


def remove_comment(notice):
    Comment.objects.update(state=Comment.State.REMOVED)


def hold_comment(notice):
    Comment.objects.update(state=Comment.State.HELD)


def change_teacher(notice):
    notice.comment.workout_class.instructors.clear()


def withdraw_class_from_writer(notice):
    Notice.objects.update(kind=Kind.ANSWER)
    notice.comment.workout_class.instructors.clear()
    WorkoutClass.objects.update(state=ClassState.DRAFT)


def mute(notice):
    Mute.objects.create(member=notice.recipient, thread=notice.comment)


def unsubscribe(notice):
    Unsubscription.objects.create(member=notice.recipient, kind=notice.kind)


def deactivate(notice):
    Member.objects.filter(pk=notice.recipient_id).update(is_active=False)


def lose_address(notice):
    EmailAddress.objects.all().delete()


@pytest.mark.parametrize(
    "change",
    [
        remove_comment,
        hold_comment,
        change_teacher,
        withdraw_class_from_writer,
        mute,
        unsubscribe,
        deactivate,
        lose_address,
    ],
)
def test_send_looks_once_more_whether_it_is_wanted(post_office, change):
    notice = make_notice()
    change(notice)

    assert send(notice).state == State.UNWANTED
    assert post_office.messages == []


def make_told_request() -> tuple[ClassRequest, Notice]:
    asking = make_comment(make_class(), author=make_reader())
    request = ClassRequest.objects.create(
        comment=asking, title="Standing", fulfilled_by=make_class()
    )
    notices.tell_request(request)
    return request, Notice.objects.get()


def test_send_tells_of_a_request_while_its_class_is_listed(post_office):
    _request, notice = make_told_request()
    Comment.objects.update(state=Comment.State.REMOVED)

    assert send(notice).state == State.SENT
    assert notice.comment.body not in post_office.messages[0].as_string()


def test_send_tells_of_no_request_whose_class_was_withdrawn(post_office):
    request, notice = make_told_request()
    WorkoutClass.objects.filter(pk=request.fulfilled_by_id).update(state=ClassState.DRAFT)

    assert send(notice).state == State.UNWANTED


# --- Interrupted, and at the same time -----------------------------------------------------------


def test_sweep_takes_up_what_was_not_handed_over(post_office):
    notice = make_notice()
    outbox._take(notice.pk, "00000000-0000-0000-0000-000000000001")  # and the process dies

    assert tasks.enqueue_due_notices() == 0
    with time_machine.travel(timezone.now() + sending.LEASE + timedelta(seconds=1)):
        assert tasks.enqueue_due_notices() == 1
        assert send(notice).state == State.SENT
    assert len(post_office.messages) == 1


def test_sweep_asks_about_what_was_handed_over(post_office):
    notice = make_notice()
    outbox._take(notice.pk, "00000000-0000-0000-0000-000000000001")
    Notice.objects.update(handed_over_at=timezone.now())

    with time_machine.travel(timezone.now() + sending.LEASE + timedelta(seconds=1)):
        assert tasks.enqueue_due_notices() == 0
        assert send(notice).state == State.UNKNOWN
    assert post_office.messages == []


def test_send_lets_go_when_its_lease_ran_out(post_office, monkeypatch):
    """A server that stalled for longer than the lease: another worker may have it by now."""
    notice = make_notice()
    write = messages.write

    def slowly(notice):
        Notice.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        return write(notice)

    monkeypatch.setattr(messages, "write", slowly)

    send(notice)

    assert (notice.state, notice.handed_over_at) == (State.SENDING, None)
    assert post_office.messages == []


@pytest.mark.parametrize("stage", [None, *STAGES[1:-1]])
def test_send_gives_back_what_it_is_stopped_at(post_office, monkeypatch, stage):
    def stopped(*args):
        raise SystemExit(0)

    if stage is None:
        monkeypatch.setattr(messages, "write", stopped)
    else:
        monkeypatch.setattr(delivery._NoticesTheEnd, "send", stopped_at(stage))
    notice = make_notice()

    with pytest.raises(SystemExit):
        outbox.send(notice.pk)

    notice.refresh_from_db()
    assert (notice.state, notice.attempts, notice.held_by) == (State.DUE, 0, None)


def stopped_at(stage):
    """A conversation that is interrupted as it begins a command."""
    send_on = delivery._NoticesTheEnd.send

    def send(conversation, words):
        if str(words).upper().startswith(stage):
            raise SystemExit(0)
        send_on(conversation, words)

    return send


def test_send_does_not_give_back_what_it_is_stopped_at_too_late(post_office, monkeypatch):
    def stopped(conversation):
        if conversation.all_went_out:
            raise SystemExit(0)
        return getreply(conversation)

    getreply = delivery._Smtp.getreply
    monkeypatch.setattr(delivery._Smtp, "getreply", stopped)
    notice = make_notice()

    with pytest.raises(SystemExit):
        outbox.send(notice.pk)

    notice.refresh_from_db()
    assert notice.state == State.SENDING
    assert notice.handed_over_at is not None


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_send_from_four_workers_at_once_sends_once(post_office):
    notice = make_notice()
    barrier = Barrier(4)

    def work():
        try:
            barrier.wait()
            outbox.send(notice.pk)
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == (State.SENT, 1)
    assert len(post_office.messages) == 1


# --- Deciding about what is stuck ----------------------------------------------------------------


def test_send_again_begins_anew_under_the_same_message_id(post_office):
    post_office.at["end"] = DROP
    notice = send(make_notice())
    post_office.at.clear()

    assert outbox.send_again(Notice.objects.all()) == [notice.pk]
    send(notice)

    assert (notice.state, notice.attempts) == (State.SENT, 1)
    assert {message["Message-ID"] for message in post_office.messages} == {notice.message_id}


@pytest.mark.parametrize("state", [State.DUE, State.SENDING, State.SENT, State.UNWANTED])
def test_send_again_and_set_aside_leave_the_others_alone(state):
    make_notice()
    Notice.objects.update(state=state)

    assert outbox.send_again(Notice.objects.all()) == []
    assert outbox.set_aside(Notice.objects.all()) == 0
    assert Notice.objects.get().state == state


@pytest.mark.parametrize("state", [State.FAILED, State.UNKNOWN])
def test_set_aside_leaves_it_unsent(state):
    make_notice()
    Notice.objects.update(state=state)

    assert outbox.set_aside(Notice.objects.all()) == 1

    assert not outbox.stuck().exists()


def test_what_was_set_aside_stays_there_when_its_comment_is_told_again():
    notice = make_notice()
    Notice.objects.update(state=State.FAILED, error="550 No such mailbox")
    outbox.set_aside(Notice.objects.all())

    notices.tell(notice.comment)

    assert Notice.objects.get().state == State.UNWANTED


# --- Many ----------------------------------------------------------------------------------------


def make_voters(number: int) -> ClassRequest:
    asking = make_comment(make_class(), author=None, author_name="Ruth")
    request = ClassRequest.objects.create(
        comment=asking, title="Standing", fulfilled_by=make_class()
    )
    members = Member.objects.bulk_create(
        Member(email=f"voter{n}@example.com", display_name=f"Voter {n}") for n in range(number)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=member, email=member.email, verified=True) for member in members
    )
    Vote.objects.bulk_create(Vote(request=request, member=member) for member in members)
    return request


def test_sweep_puts_a_hundred_on_the_list_and_not_the_same_twice():
    notices.tell_request(make_voters(130))

    assert tasks.enqueue_due_notices() == 100
    assert tasks.enqueue_due_notices() == 0

    DBTaskResult.objects.all().delete()
    Notice.objects.filter(pk__in=outbox.due_ids(100)).update(state=State.SENT)
    assert tasks.enqueue_due_notices() == 30


def test_a_thousand_mails_cost_as_many_queries_each_as_one(django_assert_num_queries):
    notices.tell_request(make_voters(1000))
    every = list(Notice.objects.values_list("pk", flat=True))

    with django_assert_num_queries(6 * 1000):
        for pk in every:
            outbox.send(pk)

    assert len(mail.outbox) == 1000
    assert not Notice.objects.exclude(state=State.SENT).exists()


@pytest.mark.parametrize("kind", [Kind.COMMENT, Kind.ANSWER])
def test_send_costs_a_constant_number_of_queries(kind, django_assert_num_queries):
    workout_class = make_taught_class(make_reader())
    thread = make_comment(workout_class, author=make_reader())
    say(workout_class, author=make_reader(), parent=thread)
    notice = Notice.objects.get(kind=kind)

    # Taken, read, wanted (who teaches it, only for those who do), visible, handed over, sent.
    with django_assert_num_queries(7 if kind == Kind.COMMENT else 6):
        outbox.send(notice.pk)

    assert len(mail.outbox) == 1
