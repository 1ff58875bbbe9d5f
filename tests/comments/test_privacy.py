"""What the conversation hands over of a person, and what it keeps of one who left."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from accounts.models import Departure
from accounts.privacy import registry, retention
from comments import former_members, moderation, privacy, requests
from comments.models import (
    ClassRequest,
    Comment,
    Conversation,
    Decision,
    Mute,
    Notice,
    Report,
    SavedFilter,
    Stop,
    TimeCode,
    Unsubscription,
    Vote,
)
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

HELD, REMOVED, PUBLISHED = Comment.State.HELD, Comment.State.REMOVED, Comment.State.PUBLISHED
PLACEHOLDER, FORMER = Departure.Words.PLACEHOLDER, Departure.Words.FORMER_MEMBER
HOLDINGS = {holding.name: holding for holding in privacy.HOLDINGS}


def erase(member, words=PLACEHOLDER) -> None:
    for holding in privacy.HOLDINGS:
        holding.erase(member, words)


def read(name: str, member) -> list[Any]:
    return list(HOLDINGS[name].read(member))


def rows_of(member, count: int = 1) -> None:
    """`count` rows of each thing that the conversation keeps of a person."""
    other = make_member()
    for _ in range(count):
        there = make_comment(make_class(), author=other)
        own = make_comment(there.workout_class, author=member, parent=there)
        Report.objects.create(comment=own, member=other, reason="other", note="Between us.")
        Decision.objects.create(comment=own, act=Decision.Act.KEPT, by=other, reason="Fine.")
        Report.objects.create(comment=there, member=member, reason="spam", note="An advert.")
        ClassRequest.objects.create(comment=own, title="With a wall", kept_by=other)
        wanted = ClassRequest.objects.create(comment=there, title="Standing")
        Vote.objects.create(request=wanted, member=member)
        Notice.objects.create(recipient=member, comment=there, kind=Notice.Kind.ANSWER)
        Mute.objects.create(member=member, thread=there)
        SavedFilter.objects.create(member=member, name="Backs", address=f"/classes/?q={there.pk}")
        Stop.objects.create(member=member, reason="Too loud.", by=other)
    kinds = [*Notice.Kind][:count]
    Unsubscription.objects.bulk_create(Unsubscription(member=member, kind=kind) for kind in kinds)


# --- What is handed over ------------------------------------------------------------------------


def test_a_comment_is_handed_over_with_what_was_decided_and_not_who_did():
    member, reporter = make_member(), make_member()
    comment = make_comment(make_class(title="Gentle Mat"), author=member, body="My back is better.")
    Report.objects.create(comment=comment, member=reporter, reason="private", note="I know her.")
    moderation.remove(comment, reporter, "She asked for it.")

    [record] = read("comments", member)

    assert record["class"] == "Gentle Mat"
    assert record["text"] == "My back is better."
    assert record["state"] == "removed"
    assert record["written_at"] == comment.written_at
    assert [report["reason"] for report in record["reports"]] == ["private"]
    assert [decision["reason"] for decision in record["decisions"]] == ["She asked for it."]
    assert reporter.display_name not in str(record)
    assert "I know her." not in str(record)


def test_every_holding_has_something_to_read_and_nothing_after_it_was_erased():
    member = make_member()
    rows_of(member)
    assert all(read(name, member) for name in HOLDINGS)

    erase(member)

    assert {name: read(name, member) for name in HOLDINGS} == {name: [] for name in HOLDINGS}


def test_erasing_twice_is_erasing_once():
    member = make_member()
    rows_of(member)
    erase(member)
    before = list(Comment.objects.values())

    erase(member)

    assert list(Comment.objects.values()) == before


@pytest.mark.parametrize("name", sorted(HOLDINGS))
def test_reading_costs_the_same_for_one_and_for_eight(name, django_assert_max_num_queries):
    few, many = make_member(), make_member()
    rows_of(few)
    rows_of(many, 8)

    for member in (few, many):
        with django_assert_max_num_queries(3):  # comments: themselves, reports, decisions
            assert read(name, member)


@pytest.mark.parametrize("words", Departure.Words)
@pytest.mark.parametrize("name", sorted(HOLDINGS))
def test_erasing_costs_the_same_for_two_and_for_eight(name, words):
    few, many = make_member(), make_member()
    rows_of(few, 2)
    rows_of(many, 8)
    HOLDINGS[name].erase(make_member(), words)  # content types are remembered

    counts = []
    for member in (few, many):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            HOLDINGS[name].erase(member, words)
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- What becomes of comments -------------------------------------------------------------------


def what_is_left() -> list[dict[str, Any]]:
    rows = Comment.objects.order_by("pk").values()
    return [{key: value for key, value in row.items() if key != "removed_at"} for row in rows]


def left_at_once(member, words) -> list[dict[str, Any]]:
    """What would be left if all went in one transaction."""
    with transaction.atomic():
        former_members.erase_comments(member, words)
        left = what_is_left()
        transaction.set_rollback(True)
    return left


@pytest.mark.parametrize("words", Departure.Words)
def test_who_wrote_very_much_goes_in_steps_as_if_at_once(words, monkeypatch):
    monkeypatch.setattr(former_members, "_MANY", 3)
    monkeypatch.setattr(former_members, "_STEP", 4)
    monkeypatch.setattr(former_members, "_THREADS_OF_A_STEP", 2)
    member, other = make_member(), make_member()
    for workout_class in (make_class(), make_class()):
        for _ in range(3):
            opening = make_comment(workout_class, author=member)
            answer = make_comment(workout_class, parent=opening, author=other)
            make_comment(workout_class, parent=answer, author=member)
        asked = make_comment(workout_class, author=member)
        request = ClassRequest.objects.create(comment=asked, title="Standing")
        Vote.objects.create(request=request, member=other)
        make_comment(workout_class, author=member)
    at_once = left_at_once(member, words)
    assert len(what_is_left()) == 22

    steps = former_members.steps_ahead(member)
    for step in steps:
        step(words)

    assert len(steps) == 5
    assert what_is_left() == at_once
    assert not Comment.objects.filter(author=member).exists()


@pytest.mark.parametrize("words", Departure.Words)
@runs(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    thread=st.lists(
        st.tuples(st.integers(0, 100), st.sampled_from(["own", "own", "held", "hollow", "other"])),
        min_size=4,
        max_size=14,
    ),
    wanted=st.sets(st.integers(0, 13), max_size=3),
    step=st.integers(1, 3),
)
# What others want stays with its words, under an opening of theirs that goes without.
@example(thread=[(0, "own")] * 4, wanted={3}, step=1)
def test_one_long_thread_goes_in_steps_as_if_at_once(words, thread, wanted, step):
    """However its comments hang on one another, and whoever wrote them: no step takes more than
    its share, and none changes what becomes of the rest."""
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(former_members, "_MANY", 0)
        patch.setattr(former_members, "_STEP", step)
        member, other = make_member(), make_member()
        workout_class = make_class()
        written: list[Comment] = []
        for place, who in thread:
            words_of = {
                "own": {"author": member},
                "held": {"author": member, "state": HELD},
                "hollow": {"author": None, "body": "", "state": REMOVED},
                "other": {"author": other},
            }[who]
            parent = written[place % len(written)] if written else None
            written.append(make_comment(workout_class, parent=parent, **words_of))
        for number in wanted:
            if number < len(thread) and thread[number][1] == "own":
                request = ClassRequest.objects.create(comment=written[number], title="Standing")
                Vote.objects.create(request=request, member=other)
        at_once = left_at_once(member, words)

        for take in former_members.steps_ahead(member):
            before = {row["id"]: row for row in what_is_left()}
            take(words)
            after = {row["id"]: row for row in what_is_left()}
            # Their own lose their author; those that were hollow before can only go.
            changed = [pk for pk in after if after[pk]["author_id"] != before[pk]["author_id"]]
            assert len(before.keys() - after.keys()) + len(changed) <= step

        assert what_is_left() == at_once
        assert not Comment.objects.filter(author=member).exists()
        transaction.set_rollback(True)


def test_nobody_else_goes_in_steps():
    comment = make_comment(make_class())

    assert former_members.steps_ahead(comment.author) == []


@pytest.mark.parametrize("words", Departure.Words)
def test_a_comment_that_nobody_answered_is_deleted(words):
    comment = make_comment(make_class())
    own_answer = make_comment(comment.workout_class, parent=comment, author=comment.author)

    erase(comment.author, words)

    assert not Comment.objects.filter(pk__in=[comment.pk, own_answer.pk]).exists()


def test_a_comment_that_was_answered_leaves_a_place_without_anything_of_its_writer():
    teacher = make_instructor(member=make_member())
    workout_class = make_class(instructors=[teacher])
    comment = make_comment(workout_class, body="My hip, at 1:23", submission="0" * 32)
    TimeCode.objects.create(comment=comment, variant=workout_class.variants.get(), second=83)
    Report.objects.create(comment=comment, member=make_member(), reason="other")
    Decision.objects.create(comment=comment, act=Decision.Act.KEPT, reason="Only her hip.")
    requests.keep(comment, teacher.member)
    answer = make_comment(workout_class, parent=comment, author=teacher.member)

    erase(comment.author)

    comment.refresh_from_db()
    assert comment.is_hollow
    assert comment.was_taken_back
    assert comment.state == REMOVED
    assert comment.submission is None
    assert comment.variant is None
    for model in (TimeCode, Report, Decision, ClassRequest):
        assert not model.objects.filter(comment=comment).exists()
    answer.refresh_from_db()
    assert answer.is_published


def test_the_words_of_an_answered_comment_stay_under_no_name():
    comment = make_comment(make_class(), body="What about knees?")
    make_comment(comment.workout_class, parent=comment)

    erase(comment.author, FORMER)

    comment.refresh_from_db()
    assert comment.is_published
    assert comment.body == "What about knees?"
    assert comment.author is None
    assert comment.writer_name == "Former member"
    assert comment.submission is None


@pytest.mark.parametrize("state", [HELD, REMOVED])
def test_words_that_nobody_reads_do_not_stay(state):
    comment = make_comment(make_class(), body="What about knees?", state=state)
    make_comment(comment.workout_class, parent=comment)

    erase(comment.author, FORMER)

    comment.refresh_from_db()
    assert comment.is_hollow


def test_what_others_want_too_counts_as_answered():
    workout_class = make_class()
    wanted, unwanted = (make_comment(workout_class, author=make_member()) for _ in range(2))
    for comment in (wanted, unwanted):
        Comment.objects.filter(pk=comment.pk).update(author=wanted.author)
        ClassRequest.objects.create(comment=comment, title="Standing")
    Vote.objects.create(request=wanted.request, member=make_member())

    erase(wanted.author, FORMER)

    assert [comment.pk for comment in Comment.objects.all()] == [wanted.pk]
    assert ClassRequest.objects.get().votes.count() == 1


def test_a_place_without_words_goes_with_the_last_answer_under_it():
    comment = make_comment(make_class())
    answer = make_comment(comment.workout_class, parent=comment)
    erase(comment.author)
    assert Comment.objects.count() == 2

    erase(answer.author)

    assert Comment.objects.count() == 0


def test_what_is_left_without_words_is_never_brought_back(curator):
    comment = make_comment(make_class())
    make_comment(comment.workout_class, parent=comment)
    erase(comment.author)

    restored = moderation.restore(Comment.objects.all(), curator)

    assert restored == []
    comment.refresh_from_db()
    assert comment.is_removed


@pytest.mark.parametrize("words", Departure.Words)
def test_counts_desk_and_page_follow(words):
    teacher = make_instructor(member=make_member())
    workout_class = make_class(instructors=[teacher])
    written_at = timezone.now() - timedelta(days=2)
    waiting = make_comment(workout_class, written_at=written_at)
    other = make_comment(workout_class, parent=waiting, written_at=written_at + timedelta(hours=1))
    moderation.keep_up([workout_class.pk], [waiting.pk])
    revision = Conversation.objects.get(workout_class=workout_class).revision

    erase(waiting.author, words)

    workout_class.refresh_from_db()
    waiting.refresh_from_db()
    assert workout_class.comment_count == (2 if words == FORMER else 1)
    expected = waiting.written_at if words == FORMER else other.written_at
    assert waiting.waiting_since == expected
    assert Conversation.objects.get(workout_class=workout_class).revision > revision


def test_an_answer_that_stays_has_no_badge_of_somebody_who_teaches(client):
    teacher = make_instructor(member=make_member())
    workout_class = make_class(instructors=[teacher])
    question = make_comment(workout_class)
    answer = make_comment(workout_class, parent=question, author=teacher.member, body="Sit on it.")
    make_comment(workout_class, parent=answer, body="Thanks.")

    erase(teacher.member, FORMER)

    page = client.get(workout_class.get_absolute_url()).content.decode()
    assert "Sit on it." in page
    assert "Former member" in page
    assert "badge-author" not in page


def test_the_log_keeps_the_deed_and_not_the_words(curator):
    comment = make_comment(make_class(), body="Secret hip.")
    [stop] = moderation.stop(type(curator).objects.filter(pk=comment.author.pk), curator, None, "!")
    LogEntry.objects.log_actions(curator.pk, [comment, stop], CHANGE, "Removed: her secret hip")

    erase(comment.author)

    entries = LogEntry.objects.filter(user=curator)
    assert len(entries) == 2
    assert {entry.object_repr for entry in entries} == {f"#{comment.pk}", f"#{stop.pk}"}
    assert not any(entry.change_message for entry in entries)


def test_a_comment_that_a_curator_deletes_leaves_no_words_in_the_log(curator):
    comment = make_comment(make_class(), body="Secret hip.")
    answer = make_comment(comment.workout_class, parent=comment, body="Secret knee.")
    below = make_comment(comment.workout_class, parent=answer, body="Secret toe.")
    said = [comment, answer, below]
    LogEntry.objects.log_actions(curator.pk, said, CHANGE, "Held: that secret")

    moderation.erase(answer)
    moderation.erase(comment)

    assert not Comment.objects.exists()
    entries = LogEntry.objects.filter(user=curator)
    assert len(entries) == 3
    assert not any("ecret" in entry.object_repr + entry.change_message for entry in entries)


# --- Any conversation, against a plain account of it --------------------------------------------

# Each comment: who wrote it (0 leaves), which earlier one it answers, whether everybody reads it.
CONVERSATIONS = st.lists(
    st.tuples(
        st.integers(0, 2), st.one_of(st.none(), st.integers(0, 9)), st.sampled_from(Comment.State)
    ),
    min_size=1,
    max_size=10,
)


@runs(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=CONVERSATIONS, words=st.sampled_from(Departure.Words), both=st.booleans())
def test_only_what_is_theirs_changes_and_nothing_loses_what_it_answers(db, plan, words, both):
    people = [make_member() for _ in range(3)]
    workout_class = make_class(variant=False)
    said: list[Comment] = []
    for writer, answers, state in plan:
        parent = said[answers] if answers is not None and answers < len(said) else None
        attrs = {"parent": parent} if parent else {}
        said.append(make_comment(workout_class, author=people[writer], state=state, **attrs))
    leaving = {people[0].pk, people[1].pk} if both else {people[0].pk}
    before = {row["id"]: row for row in Comment.objects.values()}

    for person in people[:2] if both else people[:1]:
        erase(person, words)

    def answers_of_others(pk: int) -> bool:
        return any(
            comment.author_id not in leaving or answers_of_others(comment.pk)
            for comment in said
            if comment.parent_id == pk
        )

    after = {row["id"]: row for row in Comment.objects.filter(workout_class=workout_class).values()}
    for comment in said:
        if comment.author_id not in leaving:
            row, kept = dict(after[comment.pk]), dict(before[comment.pk])
            assert row.pop("waiting_since") is None
            kept.pop("waiting_since")
            assert row == kept
        elif answers_of_others(comment.pk):
            row = after[comment.pk]
            assert row["author_id"] is None
            if words == PLACEHOLDER or comment.state != PUBLISHED:
                assert (row["body"], row["state"]) == ("", REMOVED)
            else:
                assert row["body"] == comment.body
        elif not (both and words == FORMER):  # then the first may stay for the other's words
            assert comment.pk not in after
    published = sum(row["state"] == PUBLISHED for row in after.values())
    workout_class.refresh_from_db()
    assert not leaving & {row["author_id"] for row in after.values()}
    if any(comment.author_id in leaving for comment in said):
        assert workout_class.comment_count == published


# --- How long mail is remembered ----------------------------------------------------------------


def test_old_mail_is_forgotten_once_it_is_done_with():
    now = timezone.now()
    comment = make_comment(make_class())
    notices = {
        state: Notice.objects.create(
            recipient=make_member(), comment=comment, kind=Notice.Kind.ANSWER, state=state
        )
        for state in Notice.State
    }
    [rule] = privacy.RULES

    with time_machine.travel(now + timedelta(days=89)):
        assert rule.purge() == 0
    with time_machine.travel(now + timedelta(days=91)):
        assert rule.purge() == 4
        assert rule.purge() == 0

    assert {notice.state for notice in Notice.objects.all()} == {
        Notice.State.DUE,
        Notice.State.SENDING,
    }
    assert set(Notice.objects.all()) == {
        notices[Notice.State.DUE],
        notices[Notice.State.SENDING],
    }


def test_all_of_it_stands_in_the_lists():
    assert set(privacy.HOLDINGS) <= set(registry.holdings())
    assert set(privacy.TRACES) <= set(registry.traces())
    assert set(privacy.RULES) <= set(retention.rules())
