"""Who is told of what is said."""

from threading import Thread

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from comments.mail import notices
from comments.mail.wishes import Kind
from comments.models import ClassRequest, Comment, Mute, Notice, Unsubscription, Vote
from tests.factories import make_class, make_comment, make_instructor, make_member

from .people import make_reader, make_taught_class, say, told

State = Comment.State

pytestmark = pytest.mark.django_db


def test_tell_tells_every_teacher_of_the_class_of_a_new_comment():
    ana, ben = make_reader(), make_reader()
    teachers = [make_instructor(member=ana), make_instructor(member=ben), make_instructor()]
    workout_class = make_class(instructors=teachers)

    comment = say(workout_class, author=make_reader())

    assert told(comment) == {(ana, Kind.COMMENT), (ben, Kind.COMMENT)}


def test_tell_tells_the_writers_of_the_answered_comment_and_of_the_thread():
    ana, asker, other = make_reader(), make_reader(), make_reader()
    workout_class = make_taught_class(ana)
    thread = make_comment(workout_class, author=asker)
    reply = make_comment(workout_class, author=other, parent=thread)

    answer = say(workout_class, author=ana, parent=reply)

    assert told(answer) == {(asker, Kind.ANSWER), (other, Kind.ANSWER)}


def test_tell_tells_a_teacher_who_is_answered_once():
    ana = make_reader()
    workout_class = make_taught_class(ana)
    thread = make_comment(workout_class, author=ana)

    answer = say(workout_class, author=make_reader(), parent=thread)

    assert told(answer) == {(ana, Kind.ANSWER)}


def test_tell_tells_nobody_of_their_own_words():
    ana = make_reader()
    workout_class = make_taught_class(ana)
    thread = say(workout_class, author=ana)
    reply = say(workout_class, author=ana, parent=thread)

    assert told(thread) == told(reply) == set()


def test_tell_tells_nobody_whose_words_were_taken_away():
    workout_class = make_class()
    removed = make_comment(workout_class, author=make_reader(), state=State.REMOVED)
    reply = make_comment(workout_class, author=make_reader(), parent=removed)

    answer = say(workout_class, author=make_reader(), parent=reply)

    assert told(answer) == {(reply.author, Kind.ANSWER)}


def test_tell_tells_the_writer_of_a_held_comment_that_is_answered():
    """Answering it approves it, in the same transaction, before or after."""
    held = make_comment(make_class(), author=make_reader(), state=State.HELD)

    answer = say(held.workout_class, author=make_reader(), parent=held)

    assert told(answer) == {(held.author, Kind.ANSWER)}


@pytest.mark.parametrize("state", [State.HELD, State.REMOVED])
def test_tell_says_nothing_of_what_is_not_published(state):
    comment = say(make_taught_class(make_reader()), state=state)

    assert told(comment) == set()


def test_tell_needs_no_account_on_either_side():
    workout_class = make_class(instructors=[make_instructor()])
    thread = say(workout_class, author=None, author_name="Ruth, from the old site")
    answer = say(workout_class, author=None, author_name="Rosa", parent=thread)

    assert told(thread) == told(answer) == set()


def leave_unconfirmed(member, thread):
    EmailAddress.objects.update(verified=False)


def confirm_another_address(member, thread):
    EmailAddress.objects.update(email="former@example.com")


def deactivate(member, thread):
    member.is_active = False
    member.save()


def mute(member, thread):
    Mute.objects.create(member=member, thread=thread)


def unsubscribe(member, thread):
    Unsubscription.objects.create(member=member, kind=Kind.ANSWER)


@pytest.mark.parametrize(
    "reason", [leave_unconfirmed, confirm_another_address, deactivate, mute, unsubscribe]
)
def test_tell_spares_who_cannot_or_will_not_be_told(reason):
    asker = make_reader()
    thread = make_comment(make_class(), author=asker)
    reason(asker, thread)

    answer = say(thread.workout_class, parent=thread)

    assert told(answer) == set()


def test_tell_heeds_the_kind_and_the_thread_alone():
    ana, asker = make_reader(), make_reader()
    workout_class = make_taught_class(ana)
    thread, other = (make_comment(workout_class, author=asker) for _ in range(2))
    Mute.objects.create(member=asker, thread=other)
    Unsubscription.objects.create(member=asker, kind=Kind.REQUEST)

    answer = say(workout_class, author=make_reader(), parent=thread)

    assert told(answer) == {(asker, Kind.ANSWER), (ana, Kind.COMMENT)}


def test_tell_compares_addresses_without_their_case():
    ana = make_reader(email="Ana@example.com")
    EmailAddress.objects.update(email="ana@example.com")

    comment = say(make_taught_class(ana))

    assert told(comment) == {(ana, Kind.COMMENT)}


def test_tell_twice_tells_once():
    comment = say(make_taught_class(make_reader()))
    before = Notice.objects.get()

    notices.tell(comment)

    assert Notice.objects.get().message_id == before.message_id


@pytest.mark.parametrize(
    ("handed_over_at", "expected"),
    [(None, Notice.State.DUE), (timezone.now(), Notice.State.UNWANTED)],
)
def test_tell_again_sends_what_never_left_the_house(handed_over_at, expected):
    comment = say(make_taught_class(make_reader()))
    Notice.objects.update(state=Notice.State.UNWANTED, handed_over_at=handed_over_at)

    notices.tell(comment)

    assert Notice.objects.get().state == expected


def test_tell_again_makes_no_second_mail_of_news_that_became_an_answer():
    ana, other = make_reader(), make_reader()
    workout_class = make_taught_class(ana)
    thread = make_comment(workout_class, author=ana, state=State.REMOVED)
    reply = make_comment(workout_class, author=make_reader(), parent=thread)
    comment = say(workout_class, author=other, parent=reply)
    Comment.objects.filter(pk=thread.pk).update(state=State.PUBLISHED)

    notices.tell(comment)

    assert told(comment) == {(ana, Kind.COMMENT), (reply.author, Kind.ANSWER)}


def test_tell_again_sends_news_that_became_an_answer_and_never_left_the_house():
    ana = make_reader()
    workout_class = make_taught_class(ana)
    thread = make_comment(workout_class, author=ana, state=State.REMOVED)
    comment = say(workout_class, author=make_reader(), parent=thread)
    Notice.objects.update(state=Notice.State.UNWANTED)
    Comment.objects.filter(pk=thread.pk).update(state=State.PUBLISHED)

    notices.tell(comment)

    assert Notice.objects.get(recipient=ana).state == Notice.State.DUE


@pytest.mark.parametrize("teachers", [1, 8])
def test_tell_costs_the_same_for_one_teacher_and_for_eight(teachers, django_assert_num_queries):
    taught_by = [make_instructor(member=make_reader()) for _ in range(teachers)]
    workout_class = make_class(instructors=taught_by)
    thread = make_comment(workout_class, author=make_reader())
    answer = make_comment(workout_class, author=make_reader(), parent=thread)

    with django_assert_num_queries(7):
        notices.tell(answer)

    assert Notice.objects.count() == teachers + 1


def test_tell_puts_mail_on_the_list_after_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        say(make_taught_class(make_reader()))
        assert not DBTaskResult.objects.exists()

    task = DBTaskResult.objects.get()
    assert task.args_kwargs["args"] == [Notice.objects.get().pk]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_tell_leaves_nothing_of_what_was_rolled_back():
    workout_class = make_taught_class(make_reader())

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        say(workout_class)
        raise ZeroDivisionError

    assert not Notice.objects.exists()
    assert not DBTaskResult.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_tell_lets_the_comment_stand_when_the_list_is_out_of_order(monkeypatch):
    def out_of_order(notice_ids):
        raise OSError("The list cannot be written")

    monkeypatch.setattr(notices, "enqueue_notices", out_of_order)
    workout_class = make_taught_class(make_reader())

    with transaction.atomic():
        say(workout_class)

    assert Notice.objects.get().state == Notice.State.DUE


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_tell_from_two_at_once_tells_once():
    comment = make_comment(make_taught_class(make_reader()))

    def tell():
        try:
            with transaction.atomic():
                notices.tell(comment)
        finally:
            connection.close()

    threads = [Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Notice.objects.count() == 1


# --- Requests -----------------------------------------------------------------------------------


def make_request(voters=(), **attrs) -> ClassRequest:
    asking = make_comment(make_class(), author=attrs.pop("author", None) or make_reader())
    request = ClassRequest.objects.create(
        comment=asking, title="Standing, no Wall", fulfilled_by=make_class(), **attrs
    )
    for voter in voters:
        Vote.objects.create(request=request, member=voter)
    return request


def test_tell_request_tells_who_asked_and_who_wanted_it_too():
    voters = [make_reader(), make_reader()]
    request = make_request(voters=[*voters, make_member()])

    notices.tell_request(request)

    concerned = [request.comment.author, *voters]
    assert told(request.comment) == {(member, Kind.REQUEST) for member in concerned}


def test_tell_request_tells_nobody_twice_and_not_who_tied_it():
    ana = make_reader()
    request = make_request(author=ana, voters=[ana], tied_by=ana)

    notices.tell_request(request)
    assert told(request.comment) == set()

    request.tied_by = None
    notices.tell_request(request)
    notices.tell_request(request)
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("voters", [1, 120])
def test_tell_request_costs_the_same_for_one_voter_and_for_many(
    voters, django_assert_max_num_queries
):
    request = make_request(voters=[make_reader() for _ in range(voters)])

    # Rows are written a hundred at a time.
    with django_assert_max_num_queries(6 if voters > 100 else 5):
        notices.tell_request(request)

    assert Notice.objects.count() == voters + 1
