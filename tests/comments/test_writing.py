"""Posting, editing, removing: once, by whom it may be, with the count kept."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classes.models import WorkoutClass
from comments import moderation, writing
from comments.models import Comment, Stop
from tests.factories import make_class, make_comment, make_instructor, make_member


def make_writer(**attrs):
    """A member who confirmed the address."""
    member = make_member(**attrs)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


def post(member, workout_class, body="Lovely", parent=None, submission=None, **read) -> Comment:
    return writing.post(
        member,
        workout_class,
        body=body,
        parent=parent,
        submission=submission or str(uuid4()),
        **read,
    )


def count_of(workout_class) -> int:
    return WorkoutClass.objects.values_list("comment_count", flat=True).get(pk=workout_class.pk)


@pytest.mark.django_db
def test_post_publishes_and_counts():
    workout_class, writer = make_class(), make_writer()

    comment = post(writer, workout_class)

    assert comment.is_published
    assert comment.author == writer
    assert count_of(workout_class) == 1


@pytest.mark.django_db
def test_post_tells_the_history_of_the_class_nothing():
    workout_class = make_class()
    before = workout_class.history.count()

    post(make_writer(), workout_class)

    changed = WorkoutClass.objects.get(pk=workout_class.pk)
    assert changed.history.count() == before
    assert changed.updated_at == workout_class.updated_at


@pytest.mark.django_db
def test_a_reply_belongs_to_the_thread_of_what_it_answers():
    workout_class, writer = make_class(), make_writer()
    top = make_comment(workout_class)

    reply = post(writer, workout_class, parent=top)
    answer = post(writer, workout_class, parent=reply)

    assert (reply.parent, reply.thread) == (top, top)
    assert (answer.parent, answer.thread) == (reply, top)


@pytest.mark.django_db
def test_the_same_form_sent_twice_is_one_comment():
    workout_class, writer = make_class(), make_writer()

    first = post(writer, workout_class, submission="a")
    second = post(writer, workout_class, submission="a")

    assert first == second
    assert count_of(workout_class) == 1


@pytest.mark.django_db
def test_other_words_from_the_same_form_are_another_comment():
    workout_class, writer = make_class(), make_writer()

    post(writer, workout_class, "One", submission="a")
    post(writer, workout_class, "Two", submission="a")

    assert count_of(workout_class) == 2


@pytest.mark.django_db
def test_another_member_with_the_same_form_gets_a_comment_of_their_own():
    workout_class = make_class()

    first = post(make_writer(), workout_class, submission="a")
    second = post(make_writer(), workout_class, submission="a")

    assert first != second
    assert count_of(workout_class) == 2


@pytest.mark.django_db
def test_the_same_form_sent_again_finds_a_comment_that_was_removed():
    workout_class, writer = make_class(), make_writer()
    first = post(writer, workout_class, submission="a")
    moderation.remove(first, by=writer)

    assert post(writer, workout_class, submission="a") == first
    assert count_of(workout_class) == 0


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_that_arrive_at_once_are_one_comment():
    workout_class, writer = make_class(), make_writer()
    together = Barrier(6)
    posted = []

    def send():
        together.wait()
        try:
            posted.append(post(writer, workout_class, submission="a").pk)
        finally:
            connection.close()

    senders = [Thread(target=send) for _ in range(6)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert len(posted) == 6
    assert len(set(posted)) == 1
    assert count_of(workout_class) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_count_is_right_when_many_write_at_once():
    workout_class = make_class()
    writers = [make_writer() for _ in range(6)]
    together = Barrier(6)

    def send(writer):
        together.wait()
        try:
            post(writer, workout_class)
        finally:
            connection.close()

    senders = [Thread(target=send, args=[writer]) for writer in writers]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert count_of(workout_class) == 6


@pytest.mark.django_db
def test_who_has_not_confirmed_an_address_does_not_write():
    workout_class, member = make_class(), make_member()
    EmailAddress.objects.create(user=member, email=member.email, verified=False)

    with pytest.raises(writing.NotConfirmed):
        post(member, workout_class)

    assert count_of(workout_class) == 0


@pytest.mark.django_db
def test_who_was_shut_out_does_not_write():
    writer = make_writer(is_active=False)

    with pytest.raises(writing.NotConfirmed):
        post(writer, make_class())


@pytest.mark.django_db
def test_too_many_in_a_short_time_are_refused_with_the_time_to_wait():
    workout_class, writer = make_class(), make_writer()
    with time_machine.travel("2026-05-01 12:00Z", tick=False) as clock:
        first = post(writer, workout_class, "0", submission="a")
        clock.shift(timedelta(minutes=1))
        for number in range(1, writing.LIMIT):
            post(writer, workout_class, str(number))

        with pytest.raises(writing.TooMany) as refusal:
            post(writer, workout_class)
        assert refusal.value.seconds == 240
        assert "4 minutes" in str(refusal.value)
        # What was posted is still found, and others may write.
        assert post(writer, workout_class, "0", submission="a") == first
        post(make_writer(), workout_class)

        clock.shift(timedelta(minutes=4))
        post(writer, workout_class)


@pytest.mark.django_db
def test_edit_changes_the_words_and_says_when():
    workout_class, writer = make_class(), make_writer()
    comment = post(writer, workout_class, "Lovly")

    writing.edit(writer, comment, "Lovely")

    comment.refresh_from_db()
    assert comment.body == "Lovely"
    assert comment.edited_at is not None


@pytest.mark.django_db
def test_edit_to_the_same_words_is_no_edit():
    writer = make_writer()
    comment = post(writer, make_class(), "Lovely")

    writing.edit(writer, comment, "Lovely")

    comment.refresh_from_db()
    assert comment.edited_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "refused"), [(14.9, False), (15, True), (60 * 24, True)])
def test_edit_is_refused_after_a_quarter_of_an_hour(minutes, refused):
    writer = make_writer()
    comment = make_comment(
        make_class(), author=writer, written_at=timezone.now() - timedelta(minutes=minutes)
    )

    if refused:
        with pytest.raises(writing.TooLate):
            writing.edit(writer, comment, "Changed")
    else:
        writing.edit(writer, comment, "Changed")

    comment.refresh_from_db()
    assert (comment.body == "Changed") is not refused


@pytest.mark.django_db
def test_edit_of_a_removed_or_undated_comment_is_refused():
    writer = make_writer()
    removed = make_comment(make_class(), author=writer, state=Comment.State.REMOVED)
    undated = make_comment(make_class(), author=writer, written_at=None)

    with pytest.raises(writing.Gone):
        writing.edit(writer, removed, "Changed")
    with pytest.raises(writing.TooLate):
        writing.edit(writer, undated, "Changed")


@pytest.mark.django_db
def test_edits_are_counted_and_a_stale_one_is_refused_with_what_stands_there():
    writer = make_writer()
    comment = post(writer, make_class(), "Lovly")

    assert writing.edit(writer, comment, "Lovely", edition=0).edition == 1
    with pytest.raises(writing.Stale) as refusal:
        writing.edit(writer, comment, "Loving", edition=0)

    assert (refusal.value.now.body, refusal.value.now.edition) == ("Lovely", 1)
    assert writing.edit(writer, comment, "Loving", edition=1).edition == 2


@pytest.mark.django_db
def test_an_edit_sent_twice_is_one_edit():
    writer = make_writer()
    comment = post(writer, make_class(), "Lovly")

    for _ in range(2):
        assert writing.edit(writer, comment, "Lovely", edition=0).edition == 1


# --- Who may not, and where ---------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("ends", [timedelta(days=1), None])
def test_who_is_stopped_neither_posts_nor_edits(ends):
    writer, workout_class = make_writer(), make_class()
    comment = post(writer, workout_class)
    until = timezone.now() + ends if ends else None
    Stop.objects.create(member=writer, ends_at=until, reason="Unkind words")

    for act in (
        lambda: post(writer, workout_class, "Two"),
        lambda: writing.edit(writer, comment, "Changed"),
    ):
        with pytest.raises(writing.Stopped) as refusal:
            act()
        assert (refusal.value.until, refusal.value.reason) == (until, "Unkind words")
        assert "Unkind words" in str(refusal.value)
    assert workout_class.comments.get().body == "Lovely"


@pytest.mark.django_db
def test_who_was_stopped_writes_again_when_it_ends():
    writer, now = make_writer(), timezone.now()
    Stop.objects.create(
        member=writer, starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1)
    )

    assert post(writer, make_class()).is_published


@pytest.mark.django_db
def test_the_stop_that_lasts_longest_is_told():
    writer, now = make_writer(), timezone.now()
    for days in (1, 3, 2):
        Stop.objects.create(member=writer, ends_at=now + timedelta(days=days), reason=str(days))

    with pytest.raises(writing.Stopped) as refusal:
        post(writer, make_class())

    assert refusal.value.reason == "3"


@pytest.mark.django_db
def test_who_is_stopped_still_finds_what_was_posted():
    writer, workout_class = make_writer(), make_class()
    comment = post(writer, workout_class, submission="a")
    Stop.objects.create(member=writer, reason="Enough")

    assert post(writer, workout_class, submission="a") == comment


@pytest.mark.django_db
def test_a_closed_conversation_takes_words_of_the_studio_only():
    teacher, curator, other_teacher = make_writer(), make_writer(is_staff=True), make_writer()
    make_instructor(member=other_teacher)
    workout_class = make_class(instructors=[make_instructor(member=teacher)])
    question = make_comment(workout_class)
    moderation.close(workout_class, by=curator)

    for member in (make_writer(), other_teacher):
        with pytest.raises(writing.Closed):
            post(member, workout_class)
    for member in (teacher, curator):
        assert post(member, workout_class, parent=question).is_published

    moderation.reopen(workout_class)
    assert post(make_writer(), workout_class).is_published


@pytest.mark.django_db
def test_what_was_written_before_the_closing_can_be_changed():
    writer, workout_class = make_writer(), make_class()
    comment = post(writer, workout_class)
    moderation.close(workout_class, by=make_member(is_staff=True))

    assert writing.edit(writer, comment, "Changed").body == "Changed"


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["hold", "remove", "erase"])
def test_an_answer_to_what_was_taken_away_meanwhile_is_refused(act):
    workout_class, curator = make_class(), make_member(is_staff=True)
    question = make_comment(workout_class)
    rows = Comment.objects.filter(pk=question.pk)
    getattr(moderation, act)(rows, *([] if act == "erase" else [curator]))

    with pytest.raises(writing.ParentGone):
        post(make_writer(), workout_class, parent=question)

    assert not Comment.objects.filter(body="Lovely").exists()


@pytest.mark.django_db
def test_answering_what_is_held_approves_it():
    teacher = make_writer()
    workout_class = make_class(instructors=[make_instructor(member=teacher)])
    question = make_comment(workout_class, state=Comment.State.HELD, held_for=["first"])

    answer = post(teacher, workout_class, parent=question, parent_seen=question.edition)

    question.refresh_from_db()
    assert (question.state, question.held_for) == (Comment.State.PUBLISHED, [])
    assert (answer.parent, answer.is_published) == (question, True)
    assert question.decisions.get().by == teacher
    assert count_of(workout_class) == 2


@pytest.mark.django_db
def test_answering_what_was_held_after_it_was_read_approves_nothing():
    teacher = make_writer()
    workout_class = make_class(instructors=[make_instructor(member=teacher)])
    question = make_comment(workout_class)
    Comment.objects.filter(pk=question.pk).update(state=Comment.State.HELD, edition=1)

    with pytest.raises(writing.ParentChanged):
        post(teacher, workout_class, parent=question)

    question.refresh_from_db()
    assert question.state == Comment.State.HELD
    assert not question.answers.exists()


@pytest.mark.django_db
def test_answering_approves_only_what_was_read():
    teacher = make_writer()
    workout_class = make_class(instructors=[make_instructor(member=teacher)])
    question = make_comment(workout_class, state=Comment.State.HELD, edition=1)
    answer = {"body": "Twice a week", "parent": question, "submission": "a"}

    with pytest.raises(writing.ParentChanged):
        writing.post(teacher, workout_class, **answer, parent_seen=0)
    question.refresh_from_db()
    assert question.state == Comment.State.HELD

    writing.post(teacher, workout_class, **answer, parent_seen=1)
    question.refresh_from_db()
    assert question.is_published


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["a member", "who teaches another class", "staff without rights"])
def test_nobody_else_approves_by_answering(who):
    member = make_writer(is_staff=who == "staff without rights")
    if who == "who teaches another class":
        make_instructor(member=member)
    question = make_comment(make_class(), state=Comment.State.HELD)

    with pytest.raises(writing.ParentGone):
        post(member, question.workout_class, parent=question)

    question.refresh_from_db()
    assert question.state == Comment.State.HELD


# --- Order, and the same words ------------------------------------------------------------------


@pytest.mark.django_db
def test_comments_stand_in_the_order_in_which_they_were_taken():
    workout_class = make_class()
    with time_machine.travel("2026-05-01 12:00Z", tick=False) as clock:
        first = post(make_writer(), workout_class)
        clock.shift(timedelta(seconds=-30))  # another server, whose clock is behind
        second = post(make_writer(), workout_class)

    assert first.written_at < second.written_at < first.written_at + timedelta(seconds=1)
    assert list(workout_class.comments.newest_first()) == [second, first]


@pytest.mark.django_db
def test_a_comment_dated_far_ahead_does_not_take_the_others_along():
    workout_class = make_class()
    make_comment(workout_class, written_at=timezone.now() + timedelta(days=365))

    comment = post(make_writer(), workout_class)

    assert comment.written_at <= timezone.now()


@pytest.mark.django_db
def test_the_same_words_from_two_tabs_are_one_comment():
    writer, workout_class = make_writer(), make_class()

    assert post(writer, workout_class) == post(writer, workout_class)
    assert count_of(workout_class) == 1


@pytest.mark.django_db
def test_the_same_words_elsewhere_or_after_they_were_taken_back_are_another_comment():
    writer, workout_class = make_writer(), make_class()
    question = make_comment(workout_class)
    first = post(writer, workout_class)

    under_question = post(writer, workout_class, parent=question)
    moderation.remove(first, by=writer)
    again = post(writer, workout_class)

    assert len({first.pk, under_question.pk, again.pk}) == 3


@pytest.mark.django_db
def test_times_in_the_text_are_kept_and_follow_an_edit():
    writer, workout_class = make_writer(), make_class()
    variant = workout_class.variants.get()

    comment = writing.post(
        writer, workout_class, body="At 2:05 my neck hurts", variant=variant, submission="a"
    )
    assert list(comment.time_codes.values_list("variant", "second")) == [(variant.pk, 125)]
    writing.edit(writer, comment, "At 3:05 my neck hurts")

    assert list(comment.time_codes.values_list("second", flat=True)) == [185]


# --- Everything together ------------------------------------------------------------------------


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["post", "reply", "again", "edit", "take back", "remove", "hold", "publish", "erase"]
        ),
        st.integers(min_value=0, max_value=5),
    ),
    max_size=12,
)


class CountAlwaysHolds(TestCase):
    """A walk through everything that can happen to comments."""

    @given(_STEPS)
    @settings(max_examples=40, deadline=None)
    def test_comment_count_is_the_number_of_published_comments(self, steps):
        workout_class, writer = make_class(variant=False), make_writer()
        curator = make_member(is_staff=True)
        for number, (step, which) in enumerate(steps):
            there = list(workout_class.comments.order_by("pk"))
            comment = there[which % len(there)] if there else None
            this = Comment.objects.filter(pk=comment.pk) if comment else Comment.objects.none()
            try:
                match step:
                    case "post":
                        post(writer, workout_class, str(number))
                    case "reply":
                        post(writer, workout_class, str(number), parent=comment)
                    case "again":
                        post(writer, workout_class, "again", submission="again")
                    case "edit" if comment:
                        writing.edit(writer, comment, f"edited {number}")
                    case "take back" if comment:
                        moderation.remove(comment, by=writer)
                    case "remove":
                        moderation.remove(this, by=curator)
                    case "hold":
                        moderation.hold(this, by=curator)
                    case "publish":
                        moderation.approve(this, by=curator)
                        moderation.restore(this, by=curator)
                    case "erase":
                        moderation.erase(this)
            except writing.Refused:
                pass
            assert count_of(workout_class) == workout_class.comments.published().count()
