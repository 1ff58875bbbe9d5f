"""Which threads wait: the rule against a plain reading of it, and whoever changes something."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from comments.desk.waiting import keep_waiting
from comments.models import Comment
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)

Moment = datetime | None
Said = tuple[str, str, Moment]  # by whom, in which state, when


def at(hours: int) -> datetime:
    return NINE + timedelta(hours=hours)


def oracle(said: list[Said], mark: Moment, *, has_account: bool = True) -> Moment:
    """The rule, read aloud: `said` in the order of arrival."""
    if not has_account:
        return None
    answers = [
        (moment, place)
        for place, (by, state, moment) in enumerate(said)
        if by == "teacher" and state == "published" and moment
    ]
    waiting = [
        moment
        for place, (by, state, moment) in enumerate(said)
        if by != "teacher"
        and state in ("published", "held")
        and moment
        and (state == "held" or all((moment, place) > answer for answer in answers))
        and (mark is None or moment > mark)
    ]
    return min(waiting, default=None)


@pytest.fixture
def teacher():
    return make_member(display_name="Ruth")


@pytest.fixture
def workout_class(teacher):
    return make_class(instructors=[make_instructor(member=teacher)])


def waits(thread: Comment) -> Moment:
    return Comment.objects.values_list("waiting_since", flat=True).get(pk=thread.pk)


# --- The rule -----------------------------------------------------------------------------------


def test_a_question_waits_since_it_was_written(workout_class):
    thread = make_comment(workout_class, written_at=at(0))

    keep_waiting([thread.pk])

    assert waits(thread) == at(0)


def test_an_answer_ends_the_waiting_and_another_question_starts_it(workout_class, teacher):
    thread = make_comment(workout_class, written_at=at(0))
    make_comment(workout_class, parent=thread, author=teacher, written_at=at(1))
    keep_waiting([thread.pk])
    assert waits(thread) is None

    make_comment(workout_class, parent=thread, written_at=at(2))
    make_comment(workout_class, parent=thread, written_at=at(3))
    keep_waiting([thread.pk])

    assert waits(thread) == at(2)


def test_what_is_held_waits_though_another_was_answered(workout_class, teacher):
    thread = make_comment(workout_class, written_at=at(0))
    held = make_comment(workout_class, parent=thread, written_at=at(1), state=Comment.State.HELD)
    make_comment(workout_class, parent=thread, author=teacher, written_at=at(2))
    keep_waiting([thread.pk])
    assert waits(thread) == at(1)

    held.state = Comment.State.PUBLISHED  # as somebody decides
    held.save()
    keep_waiting([thread.pk])

    assert waits(thread) is None


def test_who_teaches_another_class_is_no_teacher_here(workout_class):
    thread = make_comment(workout_class, written_at=at(0))
    other = make_instructor(member=make_member())
    make_class(instructors=[other])
    make_comment(workout_class, parent=thread, author=other.member, written_at=at(1))

    keep_waiting([thread.pk])

    assert waits(thread) == at(0)


def test_ids_of_replies_are_passed_over(workout_class):
    thread = make_comment(workout_class, written_at=at(0))
    reply = make_comment(workout_class, parent=thread, written_at=at(1))

    keep_waiting([reply.pk])

    assert waits(reply) is None


@pytest.mark.parametrize("count", [1, 8])
def test_many_threads_cost_one_statement(workout_class, count, django_assert_num_queries):
    threads = [make_comment(workout_class) for _ in range(count)]

    with django_assert_num_queries(1):
        keep_waiting([thread.pk for thread in threads])

    assert all(waits(thread) for thread in threads)


moments = st.one_of(st.none(), st.integers(0, 4).map(at))
people = st.sampled_from(["teacher", "member", "staff", "name only"])
states = st.sampled_from(["published", "held", "removed"])


class TheRule(TestCase):
    """Whatever was said in a thread, in whatever order, the database says what the oracle says."""

    @settings(deadline=None, max_examples=60)
    @given(
        threads=st.lists(
            st.tuples(
                st.lists(st.tuples(people, states, moments), min_size=1, max_size=6),
                st.one_of(st.none(), st.integers(0, 4).map(at)),
            ),
            min_size=1,
            max_size=4,
        ),
        has_account=st.booleans(),
    )
    def test_the_database_agrees(self, threads, has_account):
        people = {
            "teacher": {"author": make_member()},
            "member": {"author": make_member()},
            "staff": {"author": make_member(is_staff=True)},
            "name only": {"author": None, "author_name": "Ines"},
        }
        account = people["teacher"]["author"] if has_account else None
        workout_class = make_class(
            instructors=[make_instructor(member=account), make_instructor()], variant=False
        )
        made = []
        for said, mark in threads:
            thread = None
            for by, state, moment in said:
                comment = make_comment(
                    workout_class, parent=thread, state=state, written_at=moment, **people[by]
                )
                thread = thread or comment
            Comment.objects.filter(pk=thread.pk).update(no_answer_needed_at=mark)
            made.append(thread)

        keep_waiting([thread.pk for thread in made])

        assert [waits(thread) for thread in made] == [
            oracle(said, mark, has_account=has_account) for said, mark in threads
        ]
