"""Reporting a comment: once each, and enough of it takes a member's comment out of sight."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.urls import reverse

from classes.models import State as ClassState
from classes.models import WorkoutClass
from comments import moderation, reports
from comments.models import Comment, Decision, Report
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

SPAM = Report.Reason.SPAM


def known_member():
    """Somebody of whom the studio has approved something."""
    member = make_member()
    make_comment(make_class(variant=False), author=member)
    return member


def report_by(comment: Comment, *members) -> None:
    for member in members:
        reports.report(member, comment, SPAM)


def state_of(comment: Comment) -> str:
    return Comment.objects.values_list("state", flat=True).get(pk=comment.pk)


def url_of(comment: Comment) -> str:
    return reverse("comments:report", args=[comment.pk])


# --- What is enough -----------------------------------------------------------------------------


def test_three_reports_by_known_members_hold_a_comment():
    workout_class = make_class()
    comment = make_comment(workout_class)

    report_by(comment, known_member(), known_member())
    assert state_of(comment) == Comment.State.PUBLISHED
    report_by(comment, known_member())

    comment.refresh_from_db()
    assert (comment.state, comment.held_for) == (Comment.State.HELD, [reports.RULE])
    [decision] = comment.decisions.all()
    assert (decision.act, decision.by) == (Decision.Act.HELD, None)
    assert decision.rules == [reports.RULE]
    assert WorkoutClass.objects.get(pk=workout_class.pk).comment_count == 0


def test_reports_by_members_nobody_knows_hold_nothing():
    comment = make_comment(make_class())
    held_only = make_member()
    make_comment(make_class(), author=held_only, state=Comment.State.HELD)

    report_by(comment, *[make_member() for _ in range(4)], held_only, known_member())

    assert state_of(comment) == Comment.State.PUBLISHED
    assert comment.reports.open().count() == 6


@pytest.mark.parametrize("kind", ["teacher of the class", "teacher of another", "staff"])
def test_what_the_studio_says_stays_until_a_curator_decides(kind):
    writer = make_member(is_staff=kind == "staff")
    if kind != "staff":
        instructor = make_instructor(member=writer)
    taught = [instructor] if kind == "teacher of the class" else []
    comment = make_comment(make_class(instructors=taught), author=writer)

    report_by(comment, *[known_member() for _ in range(4)])

    assert state_of(comment) == Comment.State.PUBLISHED
    assert comment.reports.open().count() == 4


def test_a_comment_without_an_account_behind_it_is_held_as_a_members():
    comment = make_comment(make_class(), author_name="Old friend")

    report_by(comment, *[known_member() for _ in range(3)])

    assert state_of(comment) == Comment.State.HELD


def test_settled_reports_count_no_more():
    comment, curator = make_comment(make_class()), make_member(is_staff=True)
    report_by(comment, *[known_member() for _ in range(3)])
    moderation.approve(comment, curator)

    report_by(comment, known_member())

    assert state_of(comment) == Comment.State.PUBLISHED


# --- What is refused ----------------------------------------------------------------------------


def test_a_comment_is_reported_once_by_each():
    comment, member = make_comment(make_class()), make_member()
    report_by(comment, member)

    with pytest.raises(reports.AlreadyReported):
        reports.report(member, comment, Report.Reason.UNKIND)

    assert comment.reports.count() == 1


def test_nobody_reports_their_own():
    comment = make_comment(make_class())

    with pytest.raises(reports.OwnComment):
        report_by(comment, comment.author)


@pytest.mark.parametrize("state", [Comment.State.HELD, Comment.State.REMOVED])
def test_what_is_not_there_is_not_reported(state):
    with pytest.raises(reports.NotThere):
        report_by(make_comment(make_class(), state=state), make_member())


def test_so_many_a_day_and_the_day_goes_by():
    workout_class, member = make_class(), make_member()
    with time_machine.travel("2026-05-01 12:00Z", tick=False) as clock:
        for _ in range(reports.LIMIT):
            report_by(make_comment(workout_class), member)
        clock.shift(timedelta(hours=23))

        with pytest.raises(reports.TooManyReports) as refusal:
            report_by(make_comment(workout_class), member)
        assert refusal.value.seconds == 3600

        clock.shift(timedelta(hours=1))
        report_by(make_comment(workout_class), member)
        report_by(make_comment(workout_class), make_member())


# --- The page -----------------------------------------------------------------------------------


def test_report_asks_and_thanks(client):
    comment, member = make_comment(make_class(), body="Buy my pills"), make_member()
    client.force_login(member)

    page = client.get(url_of(comment))
    assert "Buy my pills" in page.content.decode()
    response = client.post(url_of(comment), {"reason": SPAM, "body": "Look\r\nat the link"})

    assert response.status_code == 302
    assert response["Location"].endswith(f"#comment-{comment.pk}")
    made = comment.reports.get()
    assert (made.member, made.reason, made.note) == (member, SPAM, "Look\nat the link")
    assert "Thank you" in str(*get_messages(response.wsgi_request))


def test_report_thanks_whoever_is_the_third_and_leads_back_to_the_class(client):
    comment = make_comment(make_class())
    report_by(comment, known_member(), known_member())
    client.force_login(known_member())

    response = client.post(url_of(comment), {"reason": SPAM})

    assert state_of(comment) == Comment.State.HELD
    assert response["Location"] == f"{comment.workout_class.get_absolute_url()}#comments"
    assert "Thank you" in str(*get_messages(response.wsgi_request))


def test_report_sent_twice_says_so_and_is_one(client):
    comment = make_comment(make_class())
    client.force_login(make_member())
    client.post(url_of(comment), {"reason": SPAM})

    for again in (client.post(url_of(comment), {"reason": SPAM}), client.get(url_of(comment))):
        assert again.status_code == 302
        assert "already" in str(list(get_messages(again.wsgi_request))[-1])
    assert comment.reports.count() == 1


def test_report_needs_an_account_and_keeps_the_words(client):
    comment = make_comment(make_class())

    asked = client.get(url_of(comment))
    assert asked["Location"] == f"{reverse('account_login')}?next={url_of(comment)}"
    sent = client.post(url_of(comment), {"reason": SPAM, "body": "He sells pills"})

    assert sent.status_code == 403
    assert "He sells pills" in sent.content.decode()
    client.force_login(make_member())
    assert "He sells pills" in client.get(url_of(comment)).content.decode()
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Choose what fits best."),
        ({"reason": "nonsense"}, "Select a valid choice"),
        ({"reason": "other"}, "Say in a few words"),
        ({"reason": "other", "body": " \n "}, "Say in a few words"),
        ({"reason": "spam", "body": "x" * 501}, "at most 500 characters"),
        ({"reason": "spam", "body": "a\0b"}, "Null characters"),
    ],
)
def test_report_says_what_is_missing_and_keeps_the_words(client, form, words):
    comment = make_comment(make_class())
    client.force_login(make_member())

    response = client.post(url_of(comment), form)

    assert response.status_code == 200
    assert words in response.content.decode()
    assert not comment.reports.exists()


def test_report_of_too_many_says_when_and_keeps_the_words(client, monkeypatch):
    monkeypatch.setattr(reports, "LIMIT", 1)
    workout_class, member = make_class(), make_member()
    report_by(make_comment(workout_class), member)
    client.force_login(member)

    response = client.post(
        url_of(make_comment(workout_class)), {"reason": SPAM, "body": "And this one"}
    )

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 80_000
    assert "And this one" in response.content.decode()


def test_report_of_what_was_removed_meanwhile_hands_back_the_words(client):
    comment = make_comment(make_class(), body="Gone by now", state=Comment.State.REMOVED)
    client.force_login(make_member())

    response = client.post(url_of(comment), {"reason": SPAM, "body": "He sells pills"})

    assert response.status_code == 404
    assert "He sells pills" in response.content.decode()
    assert "Gone by now" not in response.content.decode()


def test_report_of_ones_own_is_refused(client):
    comment = make_comment(make_class())
    client.force_login(comment.author)

    assert client.get(url_of(comment)).status_code == 403


def test_report_under_a_class_that_is_not_shown_is_not_found(client):
    comment = make_comment(make_class(state=ClassState.DRAFT))
    client.force_login(make_member())

    assert client.get(url_of(comment)).status_code == 404
    assert client.get(reverse("comments:report", args=[10**9])).status_code == 404


def test_a_report_written_while_signed_out_waits_whole(client):
    comment = make_comment(make_class())
    client.post(url_of(comment), {"reason": SPAM, "body": "It sells shoes"})
    client.force_login(make_member())

    form = client.get(url_of(comment)).context["form"]

    assert (form["reason"].value(), form["body"].value()) == (SPAM, "It sells shoes")


def test_a_report_of_what_is_gone_for_good_hands_the_note_back(client):
    comment = make_comment(make_class())
    url = url_of(comment)
    comment.delete()
    client.force_login(make_member())

    response = client.post(url, {"reason": SPAM, "body": "It sells shoes"})

    assert response.status_code == 404
    assert "It sells shoes</textarea>" in response.content.decode()
    assert client.get(url).status_code == 404


# --- Pinning and closing ------------------------------------------------------------------------


@pytest.fixture
def taught():
    return make_class(instructors=[make_instructor(member=make_member())])


@pytest.fixture
def teacher(taught):
    return taught.instructors.get().member


def test_one_comment_is_pinned_at_a_time(client, taught, teacher):
    first, second = make_comment(taught), make_comment(taught)
    elsewhere = make_comment(make_class(), is_pinned=True)
    client.force_login(teacher)

    for comment in (first, second, second):
        response = client.post(reverse("comments:pin", args=[comment.pk]))
        assert response["Location"].endswith(f"#comment-{comment.pk}")

    assert list(Comment.objects.filter(is_pinned=True)) == [second, elsewhere]


def test_unpin_puts_a_comment_back(client, taught, teacher):
    comment = make_comment(taught, is_pinned=True)
    client.force_login(teacher)

    for _ in range(2):
        assert client.post(reverse("comments:unpin", args=[comment.pk])).status_code == 302

    assert not Comment.objects.filter(is_pinned=True).exists()


@pytest.mark.parametrize("state", [Comment.State.HELD, Comment.State.REMOVED])
@pytest.mark.parametrize("name", ["pin", "unpin"])
def test_the_question_shows_nothing_that_was_taken_away(client, taught, teacher, name, state):
    comment = make_comment(taught, body="Taken back", state=state)
    client.force_login(teacher)

    response = client.get(reverse(f"comments:{name}", args=[comment.pk]), follow=True)

    assert response.redirect_chain
    assert "Taken back" not in response.content.decode()


def test_replies_and_what_is_held_are_not_pinned(client, taught, teacher):
    top = make_comment(taught)
    client.force_login(teacher)

    for comment in (
        make_comment(taught, parent=top),
        make_comment(taught, state=Comment.State.HELD),
    ):
        response = client.post(reverse("comments:pin", args=[comment.pk]), follow=True)
        assert "Only a comment that opens a thread" in response.content.decode()

    assert not Comment.objects.filter(is_pinned=True).exists()


def test_close_and_reopen_are_safe_to_send_twice(client, taught, teacher):
    close, reopen = (
        reverse(f"comments:{name}", args=[taught.slug]) for name in ("close", "reopen")
    )
    client.force_login(teacher)

    client.post(close)
    taught.refresh_from_db()
    first = taught.conversation.closed_at
    client.post(close)
    taught.conversation.refresh_from_db()
    assert (taught.conversation.closed_at, taught.conversation.closed_by) == (first, teacher)
    assert "closed already" in client.get(close).content.decode()

    for _ in range(2):
        client.post(reopen)
    taught.conversation.refresh_from_db()
    assert (taught.conversation.closed_at, taught.conversation.closed_by) == (None, None)


@pytest.mark.parametrize("name", ["pin", "unpin", "close", "reopen"])
def test_asking_changes_nothing(client, taught, teacher, name):
    comment = make_comment(taught, is_pinned=name == "unpin")
    if name == "reopen":
        moderation.close(taught, teacher)
    arg = comment.pk if name.endswith("pin") else taught.slug
    client.force_login(teacher)

    assert client.get(reverse(f"comments:{name}", args=[arg])).status_code == 200

    comment.refresh_from_db()
    assert comment.is_pinned == (name == "unpin")
    closed = WorkoutClass.objects.filter(pk=taught.pk, conversation__closed_at__isnull=False)
    assert closed.exists() == (name == "reopen")


@pytest.mark.parametrize("name", ["pin", "unpin", "close", "reopen"])
def test_only_those_who_teach_the_class_and_curators_lead(client, taught, name):
    comment = make_comment(taught)
    url = reverse(f"comments:{name}", args=[comment.pk if name.endswith("pin") else taught.slug])

    assert client.post(url)["Location"].startswith(reverse("account_login"))
    other_teacher = make_instructor(member=make_member()).member
    for member in (comment.author, other_teacher, make_member(is_staff=True)):
        client.force_login(member)
        assert client.post(url).status_code == 403
    client.force_login(make_member(is_staff=True, is_superuser=True))
    assert client.post(url).status_code == 302


def test_may_lead_asks_nothing_where_the_instructors_are_loaded(
    taught, teacher, django_assert_num_queries
):
    loaded = WorkoutClass.objects.prefetch_related("instructors").get(pk=taught.pk)
    stranger = make_member()

    with django_assert_num_queries(0):
        assert moderation.may_lead(teacher, loaded)
        assert not moderation.may_lead(stranger, loaded)
        assert not moderation.may_lead(AnonymousUser(), loaded)


def test_close_under_a_class_that_is_not_there_is_not_found(client):
    client.force_login(make_member())

    assert client.get(reverse("comments:close", args=["no-such-class"])).status_code == 404
