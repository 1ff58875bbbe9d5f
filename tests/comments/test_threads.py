"""What stands where in the conversation under a class."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from classes.catalogue import keeping
from classes.models import WorkoutClass
from comments import moderation, threads
from comments.models import Comment
from comments.rendering import state_of
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

VISITOR = AnonymousUser()
HELD, REMOVED = Comment.State.HELD, Comment.State.REMOVED


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def bodies(entries: list[threads.Entry]) -> list[str]:
    return [entry.comment.body for entry in entries]


def pks(entries: list[threads.Entry]) -> list[int]:
    return [entry.comment.pk for entry in entries]


def read(workout_class, asked="") -> threads.Conversation:
    return threads.conversation(workout_class, asked)


def test_threads_come_newest_first_and_undated_ones_last():
    workout_class = make_class()
    make_comment(workout_class, body="undated", written_at=None, author_name="Old friend")
    make_comment(workout_class, body="old", written_at=days_ago(9))
    make_comment(workout_class, body="undated too", written_at=None, author_name="Old friend")
    make_comment(workout_class, body="new", written_at=days_ago(1))

    assert bodies(read(workout_class).threads) == ["new", "old", "undated too", "undated"]


def test_threads_of_other_classes_stay_there():
    make_comment(make_class())

    assert read(make_class()).threads == []


def test_replies_come_oldest_first_one_level_deep():
    workout_class = make_class()
    top = make_comment(workout_class, written_at=days_ago(9))
    late = make_comment(workout_class, parent=top, body="late", written_at=days_ago(1))
    make_comment(workout_class, parent=top, body="early", written_at=days_ago(5))
    make_comment(workout_class, parent=late, body="answer", written_at=days_ago(0.5))
    make_comment(workout_class, parent=top, body="undated", written_at=None, author_name="Ines")

    [thread] = read(workout_class).threads

    assert bodies(thread.replies) == ["early", "late", "answer", "undated"]


def test_only_an_answer_to_a_reply_says_whom_it_answers():
    workout_class = make_class()
    top = make_comment(workout_class)
    reply = make_comment(workout_class, parent=top)
    make_comment(workout_class, parent=reply)

    [thread] = read(workout_class).threads

    assert [entry.answers and entry.answers.pk for entry in thread.replies] == [None, reply.pk]


def test_numbers_run_on_over_the_pages():
    workout_class = make_class()
    for number in range(45):
        make_comment(workout_class, body=str(number), written_at=days_ago(number))

    pages = [read(workout_class, asked=asked) for asked in ("", "2", "3")]

    assert [page.page.start_index() for page in pages] == [1, 21, 41]
    shown = [body for page in pages for body in bodies(page.threads)]
    assert shown == [str(number) for number in range(45)]


@pytest.mark.parametrize(
    "asked", ["x", "0", "-1", "3", "1.0", " 2", "２", "9" * 30, "2\x00", "None", "1e1"]
)
def test_a_page_that_means_nothing_is_the_first_and_says_so(asked):
    workout_class = make_class()
    for number in range(21):
        make_comment(workout_class, written_at=days_ago(number))

    page = read(workout_class, asked=asked)

    assert page.page.number == 1
    assert page.nonsense


@pytest.mark.parametrize("state", [HELD, REMOVED])
def test_what_is_not_published_vanishes(state):
    workout_class = make_class()
    make_comment(workout_class, state=state)
    top = make_comment(workout_class, body="stays")
    make_comment(workout_class, parent=top, state=state)

    [thread] = read(workout_class).threads

    assert thread.comment.pk == top.pk
    assert thread.replies == []


@pytest.mark.parametrize("state", [HELD, REMOVED])
def test_it_keeps_its_place_for_published_replies(state):
    workout_class = make_class()
    top = make_comment(workout_class, state=state)
    reply = make_comment(workout_class, parent=top, state=state)
    answer = make_comment(workout_class, parent=reply, body="still here")

    [thread] = read(workout_class).threads

    assert pks([thread, *thread.replies]) == [top.pk, reply.pk, answer.pk]
    assert not thread.comment.is_published


def test_removed_with_removed_replies_vanishes():
    workout_class = make_class()
    top = make_comment(workout_class, state=REMOVED)
    make_comment(workout_class, parent=top, state=REMOVED)
    make_comment(workout_class, parent=top, state=HELD)

    assert read(workout_class).threads == []


def test_held_stands_above_the_list_for_its_writer_alone():
    workout_class = make_class()
    writer = make_member()
    held = make_comment(workout_class, author=writer, state=HELD)
    make_comment(workout_class)

    assert threads.held_of(workout_class, writer) == [held]
    assert threads.held_of(workout_class, make_member()) == []
    assert threads.held_of(workout_class, VISITOR) == []
    assert len(read(workout_class).threads) == 1


def test_who_waits_is_asked_once_while_nothing_is_said(django_assert_num_queries):
    workout_class = make_class()
    make_comment(workout_class)
    writer, other = make_member(), make_member()

    def held_of(member):
        said = state_of(workout_class)
        return threads.held_of(workout_class, member, (said.revision, said.stamp))

    assert held_of(writer) == []
    with django_assert_num_queries(1):  # the state
        assert held_of(other) == []

    held = make_comment(workout_class, author=writer, state=HELD)
    assert held_of(writer) == [held]
    assert held_of(other) == []

    moderation.approve(held, make_member(is_staff=True))
    assert held_of(writer) == []


def test_author_is_who_teaches_this_class():
    teacher = make_instructor(member=make_member())
    workout_class = make_class(instructors=[teacher])
    make_comment(workout_class, author=teacher.member)
    elsewhere = make_class()
    make_comment(elsewhere, author=teacher.member)

    assert read(workout_class).threads[0].teaches
    assert not read(elsewhere).threads[0].teaches


def test_a_comment_without_account_is_no_author_of_a_class_whose_teacher_has_none():
    workout_class = make_class(instructors=[make_instructor(member=None)])
    make_comment(workout_class, author=None, author_name="Old friend")

    assert not read(workout_class).threads[0].teaches


def test_pinned_thread_stands_in_front_of_the_first_page_without_a_number():
    workout_class = make_class()
    comments = [make_comment(workout_class, written_at=days_ago(n)) for n in range(22)]
    reply = make_comment(workout_class, parent=comments[21])
    Comment.objects.filter(pk=comments[21].pk).update(is_pinned=True)

    first, second = read(workout_class), read(workout_class, asked="2")

    assert first.pinned.comment.pk == comments[21].pk
    assert pks(first.pinned.replies) == [reply.pk]
    assert pks(first.threads) == [comment.pk for comment in comments[:20]]
    assert (second.pinned, pks(second.threads)) == (None, [comments[20].pk])
    address = workout_class.get_absolute_url()
    assert threads.address_of(reply, VISITOR) == f"{address}#comment-{reply.pk}"
    assert threads.address_of(comments[20], VISITOR) == (
        f"{address}?comments=2#comment-{comments[20].pk}"
    )


@pytest.mark.parametrize("count", [1, 8])
def test_conversation_query_count_is_constant(count, django_assert_num_queries):
    workout_class = make_class(instructors=[make_instructor(member=make_member())])
    for _ in range(count):
        top = make_comment(workout_class)
        for _ in range(count):
            make_comment(workout_class, parent=make_comment(workout_class, parent=top))

    with django_assert_num_queries(2):  # comments with writers, instructors
        conversation = read(workout_class)
        for thread in conversation.threads:
            for entry in (thread, *thread.replies):
                assert entry.comment.writer_name
                assert entry.answers is None or entry.answers.writer_name


@pytest.mark.parametrize("count", [1, 8])
def test_addresses_cost_the_same_however_many(count, django_assert_num_queries):
    workout_class = make_class()
    for _ in range(count):
        linked = make_class()
        body = f"/classes/{linked.slug}/ /classes/{linked.slug}/workout-tempo/en/ /classes/"
        make_comment(workout_class, body=body)

    ContentType.objects.get_for_model(WorkoutClass)  # Django keeps it once it was asked for
    keeping.current()  # what the catalogue reads after a change is its own matter
    with django_assert_num_queries(4):  # the conversation's two, classes, version
        assert len(read(workout_class).meanings) == 2 * count + 1


def test_address_of_a_comment_names_its_page():
    workout_class = make_class()
    comments = [make_comment(workout_class, written_at=days_ago(n)) for n in range(21)]
    reply = make_comment(workout_class, parent=comments[20])
    path = workout_class.get_absolute_url()

    def address(comment):
        return threads.address_of(comment, VISITOR)

    assert address(comments[0]) == f"{path}#comment-{comments[0].pk}"
    assert address(comments[19]) == f"{path}#comment-{comments[19].pk}"
    assert address(comments[20]) == f"{path}?comments=2#comment-{comments[20].pk}"
    assert address(reply) == f"{path}?comments=2#comment-{reply.pk}"


def test_address_follows_the_writer_of_a_held_comment_only():
    workout_class = make_class()
    writer = make_member()
    held = make_comment(workout_class, author=writer, state=HELD)

    assert threads.address_of(held, VISITOR) is None
    assert threads.address_of(held, make_member()) is None
    assert threads.address_of(held, writer).endswith(f"#comment-{held.pk}")


def test_moments_sort_by_instant_not_by_text():
    workout_class = make_class()
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    make_comment(workout_class, body="first", written_at=noon)
    make_comment(workout_class, body="second", written_at=noon)

    assert bodies(read(workout_class).threads) == ["second", "first"]
