"""Deciding about comments: what changes, what is written down, and what stays away."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import Member
from classes.models import WorkoutClass
from comments import moderation
from comments.models import Comment, Decision, Notice, Report, Stop
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

HELD, REMOVED, PUBLISHED = Comment.State.HELD, Comment.State.REMOVED, Comment.State.PUBLISHED
Act = Decision.Act


@pytest.fixture
def curator():
    return make_member(is_staff=True)


def count_of(workout_class) -> int:
    return WorkoutClass.objects.values_list("comment_count", flat=True).get(pk=workout_class.pk)


def report(comment: Comment) -> Report:
    return Report.objects.create(comment=comment, member=make_member(), reason=Report.Reason.UNKIND)


def all_comments():
    return Comment.objects.all()


# --- Approving, holding, removing, restoring ----------------------------------------------------


def test_approving_publishes_and_forgets_why_it_was_held(curator):
    comment = make_comment(make_class(), state=HELD, held_for=["first", "links"])

    [approved] = moderation.approve(comment, curator, "A kind question")

    comment.refresh_from_db()
    assert (comment.state, comment.held_for) == (PUBLISHED, [])
    assert (approved.state, approved.held_for) == (PUBLISHED, [])
    assert count_of(comment.workout_class) == 1
    decision = comment.decisions.get()
    assert (decision.act, decision.by, decision.reason) == (
        Act.APPROVED,
        curator,
        "A kind question",
    )
    assert timezone.now() - decision.made_at < timedelta(minutes=1)


def test_approving_passes_over_what_is_not_held(curator):
    make_comment(make_class())
    make_comment(make_class(), state=REMOVED, removed_by=curator)

    assert moderation.approve(all_comments(), curator) == []
    assert not Decision.objects.exists()


def test_approving_passes_over_what_was_changed_since_it_was_looked_at(curator):
    same = make_comment(make_class(), state=HELD, edition=1)
    changed = make_comment(make_class(), state=HELD, edition=1)
    unseen = make_comment(make_class(), state=HELD, edition=5)

    approved = moderation.approve(all_comments(), curator, seen={same.pk: 1, changed.pk: 0})

    assert approved == [same, unseen]
    changed.refresh_from_db()
    assert changed.state == HELD


def test_holding_takes_out_of_sight_with_the_rules_that_say_so():
    comment = make_comment(make_class(), is_pinned=True)

    moderation.hold(comment, None, rules=["links"])

    comment.refresh_from_db()
    assert (comment.state, comment.held_for, comment.is_pinned) == (HELD, ["links"], False)
    decision = comment.decisions.get()
    assert (decision.act, decision.by, decision.rules) == (Act.HELD, None, ["links"])


def test_removing_says_who_when_and_why(curator):
    comment = make_comment(make_class(), is_pinned=True)

    moderation.remove(comment, curator, "Advertises pills")

    comment.refresh_from_db()
    assert (comment.state, comment.removed_by, comment.is_pinned) == (REMOVED, curator, False)
    assert timezone.now() - comment.removed_at < timedelta(minutes=1)
    assert comment.decisions.get().reason == "Advertises pills"


def test_the_first_removal_is_remembered(curator):
    comment = make_comment(make_class())

    moderation.remove(comment, comment.author)
    comment.refresh_from_db()
    first = comment.removed_at
    moderation.remove(comment, curator, "Too late")

    comment.refresh_from_db()
    assert (comment.removed_by, comment.removed_at) == (comment.author, first)
    assert comment.decisions.count() == 1


def test_restoring_publishes_and_forgets_the_removal(curator):
    comment = make_comment(make_class(), held_for=["links"], state=HELD)
    moderation.remove(comment, curator, "By mistake")

    moderation.restore(comment, curator)

    comment.refresh_from_db()
    assert (comment.state, comment.held_for) == (PUBLISHED, [])
    assert (comment.removed_at, comment.removed_by) == (None, None)
    assert [decision.act for decision in comment.decisions.all()] == [Act.REMOVED, Act.RESTORED]


def test_restoring_passes_over_what_is_held(curator):
    make_comment(make_class(), state=HELD)

    assert moderation.restore(all_comments(), curator) == []


def test_what_its_writer_took_back_is_not_published_again(curator):
    taken_back = make_comment(make_class())
    moderation.remove(taken_back, taken_back.author)
    nobodys = make_comment(make_class(), author=None, author_name="Old friend", state=REMOVED)

    moderation.approve(all_comments(), curator)
    restored = moderation.restore(all_comments(), curator)

    taken_back.refresh_from_db()
    assert taken_back.was_taken_back
    assert restored == [nobodys]


def test_many_keep_every_count(curator):
    classes = [make_class() for _ in range(3)]
    for workout_class in classes:
        make_comment(workout_class, state=HELD)
        make_comment(workout_class)

    assert len(moderation.approve(all_comments(), curator)) == 3

    assert [count_of(workout_class) for workout_class in classes] == [2, 2, 2]


@pytest.mark.parametrize("state", [PUBLISHED, HELD, REMOVED])
def test_doing_it_twice_is_doing_it_once(curator, state):
    comment = make_comment(make_class(), state=state)
    report(comment)
    for decide in (moderation.approve, moderation.hold, moderation.remove, moderation.restore):
        decide(comment, curator, "Once")
        decided = Decision.objects.count()

        assert decide(comment, curator, "Twice") == []
        assert Decision.objects.count() == decided


def test_erasing_keeps_the_count():
    workout_class = make_class()
    top = make_comment(workout_class)
    make_comment(workout_class, parent=top)
    make_comment(workout_class)

    moderation.erase(top)

    assert count_of(workout_class) == workout_class.comments.count() == 1


def test_nothing_is_decided_about_nothing(curator):
    for decide in (moderation.approve, moderation.hold, moderation.remove, moderation.restore):
        assert decide(Comment.objects.none(), curator) == []


# --- Reports ------------------------------------------------------------------------------------


def test_leaving_it_as_it_is_settles_what_was_reported(curator):
    reported, other = make_comment(make_class()), make_comment(make_class())
    made = report(reported)

    assert moderation.keep(all_comments(), curator) == [reported]

    made.refresh_from_db()
    assert made.settled_at is not None
    assert reported.decisions.get().act == Act.KEPT
    assert not other.decisions.exists()
    reported.refresh_from_db()
    assert reported.state == PUBLISHED


@pytest.mark.parametrize("name", ["remove", "keep", "hold then approve", "hold then remove"])
def test_deciding_settles_what_was_reported(curator, name):
    comment = make_comment(make_class())
    made = report(comment)

    for step in name.split(" then "):
        getattr(moderation, step)(comment, curator)

    made.refresh_from_db()
    assert made.settled_at is not None


def test_holding_leaves_what_was_reported_open(curator):
    comment = make_comment(make_class())
    report(comment)

    moderation.hold(comment, curator)

    assert comment.reports.open().count() == 1


# --- Cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("approve", HELD),
        ("hold", PUBLISHED),
        ("remove", PUBLISHED),
        ("restore", REMOVED),
        ("keep", PUBLISHED),
    ],
)
def test_query_count_is_constant(curator, name, state, django_assert_max_num_queries):
    """But for telling those whom a comment concerns, and of these nobody is told."""
    long_ago = timezone.now() - 2 * moderation.NEWS_FOR

    def cost(number: int) -> int:
        Comment.objects.all().delete()
        for _ in range(number):
            report(make_comment(make_class(variant=False), state=state, written_at=long_ago))
        with django_assert_max_num_queries(30) as counted:
            assert len(getattr(moderation, name)(all_comments(), curator)) == number
        return len(counted)

    assert cost(1) == cost(8)


# --- Mail ---------------------------------------------------------------------------------------


@pytest.fixture
def taught():
    """A class whose teacher can be sent mail."""
    teacher = make_member()
    EmailAddress.objects.create(user=teacher, email=teacher.email, verified=True, primary=True)
    return make_class(instructors=[make_instructor(member=teacher)])


def test_approving_tells_the_teacher_once(curator, taught):
    comment = make_comment(taught, state=HELD)
    assert not Notice.objects.exists()

    moderation.approve(comment, curator)
    moderation.hold(comment, curator)
    moderation.approve(comment, curator)

    notice = Notice.objects.get()
    assert (notice.comment, notice.recipient) == (comment, taught.instructors.get().member)


def test_restoring_what_was_never_seen_tells_the_teacher(curator, taught):
    comment = make_comment(taught, state=HELD)

    moderation.remove(comment, curator)
    assert not Notice.objects.exists()
    moderation.restore(comment, curator)

    assert Notice.objects.count() == 1


@pytest.mark.parametrize("written_at", [None, timezone.now() - timedelta(days=2000)])
def test_nobody_is_told_of_what_was_said_long_ago(curator, taught, written_at):
    moderation.approve(make_comment(taught, state=HELD, written_at=written_at), curator)

    assert not Notice.objects.exists()


# --- Stopping -----------------------------------------------------------------------------------


def stop(member: Member, curator: Member, until=None) -> list[Stop]:
    return moderation.stop(Member.objects.filter(pk=member.pk), curator, until, "Unkind")


def test_stopping_says_who_until_when_and_why(curator):
    member, until = make_member(), timezone.now() + timedelta(days=7)

    [made] = stop(member, curator, until)

    made.refresh_from_db()
    assert (made.member, made.by, made.ends_at, made.reason) == (member, curator, until, "Unkind")
    assert list(Stop.objects.running()) == [made]
    assert not Stop.objects.running(until).exists()


def test_stopping_twice_until_the_same_moment_is_once(curator):
    member, until = make_member(), timezone.now() + timedelta(days=7)

    assert len(stop(member, curator, until)) == 1
    assert stop(member, curator, until) == []
    assert Stop.objects.count() == 1


def test_the_latest_stop_is_the_one_that_runs(curator):
    member, until = make_member(), timezone.now() + timedelta(days=7)

    stop(member, curator, until)
    [forever] = stop(member, curator, None)
    assert list(Stop.objects.running()) == [forever]
    assert stop(member, curator, None) == []
    [shorter] = stop(member, curator, until)

    assert list(Stop.objects.running()) == [shorter]
    assert Stop.objects.count() == 3


def test_staff_are_not_stopped(curator):
    assert stop(make_member(is_staff=True), curator) == []
    assert not Stop.objects.exists()


def test_ending_a_stop_is_written_down(curator):
    member = make_member()
    [made] = stop(member, curator)

    assert moderation.end_stops(Member.objects.all(), curator) == [made]
    assert moderation.end_stops(Member.objects.all(), curator) == []

    assert not Stop.objects.running().exists()
    assert LogEntry.objects.get().user == curator


def test_stopping_many_costs_as_much_as_stopping_one(curator, django_assert_max_num_queries):
    def cost(number: int) -> int:
        names = [make_member().pk for _ in range(number)]
        with django_assert_max_num_queries(12) as counted:
            moderation.stop(Member.objects.filter(pk__in=names), curator, None, "Unkind")
        return len(counted)

    assert cost(1) == cost(8)


# --- Leading ------------------------------------------------------------------------------------


def test_who_teaches_the_class_leads_and_nobody_else(curator):
    teacher = make_member()
    workout_class = make_class(instructors=[make_instructor(member=teacher)])

    assert moderation.may_lead(teacher, workout_class)
    assert not moderation.may_lead(teacher, make_class())
    assert not moderation.may_lead(make_member(), workout_class)
    assert not moderation.may_lead(curator, workout_class)  # staff without the right
    assert moderation.may_lead(make_member(is_staff=True, is_superuser=True), workout_class)


def test_pinning_needs_a_published_thread():
    top = make_comment(make_class())

    for comment in (
        make_comment(top.workout_class, parent=top),
        make_comment(top.workout_class, state=HELD),
    ):
        with pytest.raises(moderation.CannotBePinned):
            moderation.pin(comment)
