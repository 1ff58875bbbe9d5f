"""The curators' list of comments."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from classes.models import WorkoutClass
from comments import moderation
from comments.models import Comment, Decision, Report, Stop
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

LIST = reverse("admin:comments_comment_changelist")
HELD, REMOVED, PUBLISHED = Comment.State.HELD, Comment.State.REMOVED, Comment.State.PUBLISHED


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


def count_of(workout_class) -> int:
    return WorkoutClass.objects.values_list("comment_count", flat=True).get(pk=workout_class.pk)


def test_the_list_shows_what_one_scans(desk):
    comment = make_comment(make_class(title="Gentle Mat"), body="Hello\nthere", state=HELD)

    page = desk.get(LIST).content.decode()

    for word in ("Hello<br>there", "Gentle Mat", comment.writer_name, "Held"):
        assert word in page


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=splits", 1), ("q=Ines", 1), ("q=Gentle", 1), ("q=nothing", 0), ("state__exact=held", 1)],
)
def test_the_list_is_searched_and_filtered(desk, query, found):
    make_comment(make_class())
    make_comment(
        make_class(title="Gentle Mat"),
        body="No splits please",
        author=make_member(display_name="Ines"),
        state=HELD,
    )

    assert desk.get(f"{LIST}?{query}").context["cl"].result_count == found


def page_of(comment: Comment) -> str:
    return reverse("admin:comments_comment_change", args=[comment.pk])


def report(comment: Comment, **attrs) -> Report:
    attrs.setdefault("member", make_member())
    attrs.setdefault("reason", Report.Reason.UNKIND)
    return Report.objects.create(comment=comment, **attrs)


def told(response) -> str:
    return " ".join(map(str, get_messages(response.wsgi_request)))


# --- In sight -----------------------------------------------------------------------------------


def test_the_writers_record_is_in_sight(desk):
    writer = make_member()
    for state in (PUBLISHED, PUBLISHED, HELD):
        make_comment(make_class(), author=writer, state=state)
    make_comment(make_class(), author=writer, state=REMOVED, removed_by=make_member())
    make_comment(make_class(), author=writer, state=REMOVED, removed_by=writer)
    Stop.objects.create(member=writer, ends_at=timezone.now() + timedelta(days=3), reason="Rude")

    page = desk.get(f"{LIST}?state__exact=held").content.decode()

    for words in ("2 approved", "1 removed", "1 held", "joined", "stopped until"):
        assert words in page


def test_why_it_is_held_and_what_was_reported_are_in_sight(desk):
    comment = make_comment(make_class(), state=HELD, held_for=["links", "reports"])
    for _ in range(2):
        report(comment)
    report(comment, reason=Report.Reason.SPAM)
    report(comment, reason=Report.Reason.PRIVATE, settled_at=timezone.now())

    page = desk.get(LIST).content.decode()

    for words in ("It links to another site.", "Several members reported it.", "somebody × 2"):
        assert words in page
    assert "It advertises something" in page
    assert "something private" not in page


def test_a_long_comment_folds_out(desk):
    body = "word " * 900

    make_comment(make_class(), body=body + "end of it")

    page = desk.get(LIST).content.decode()
    assert "<details>" in page
    assert "end of it" in page


def test_a_comment_without_an_account_or_date_is_listed(desk):
    make_comment(make_class(), author_name="Old friend", written_at=None)

    page = desk.get(LIST).content.decode()

    assert "Old friend" in page
    assert "No date" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("reported=yes", 1),
        ("reported=no", 4),
        ("rule=links", 1),
        ("rule=reports", 1),
        ("rule=lin", 4),
        ("instructor=x", 4),
        ("instructor=99999999999999999999", 4),
    ],
)
def test_the_list_is_filtered_by_what_waits(desk, query, found):
    workout_class = make_class(instructors=[make_instructor()])
    make_comment(workout_class)
    report(make_comment(workout_class))
    make_comment(workout_class, state=HELD, held_for=["first", "links"])
    make_comment(workout_class, state=HELD, held_for=["reports"])

    assert desk.get(f"{LIST}?{query}").context["cl"].result_count == found


def test_the_list_is_filtered_by_who_teaches(desk):
    instructor = make_instructor()
    make_comment(make_class(instructors=[instructor]))
    make_comment(make_class(instructors=[make_instructor()]))

    found = desk.get(f"{LIST}?instructor={instructor.pk}").context["cl"].result_count

    assert found == 1


@pytest.mark.parametrize("count", [1, 50])
def test_the_list_query_count_is_constant(desk, count, django_assert_num_queries):
    workout_class = make_class(instructors=[make_instructor()])
    for _ in range(count):
        top = make_comment(workout_class)
        report(make_comment(workout_class, parent=top, state=HELD, held_for=["first"]))
        Stop.objects.create(member=top.author, reason="Rude")
    desk.get(LIST)  # what Django asks once

    # Session, member, rights (2), instructors to filter by, count, comments; records, stops and
    # reports beside them.
    with django_assert_num_queries(10):
        assert desk.get(LIST).status_code == 200


# --- Many at once -------------------------------------------------------------------------------


def act(desk, action: str, *comments: Comment, **fields):
    chosen = {"action": action, "_selected_action": [comment.pk for comment in comments]}
    return desk.post(LIST, {**chosen, **fields})


def test_many_are_approved_at_once(desk, curator):
    workout_class = make_class()
    held = [make_comment(workout_class, state=HELD) for _ in range(2)]
    published = make_comment(workout_class)

    response = act(desk, "approve_selected", *held, published)

    assert count_of(workout_class) == 3
    assert "2 comments are published." in told(response)
    assert [entry.user for entry in LogEntry.objects.all()] == [curator] * 2
    assert Decision.objects.filter(by=curator, act=Decision.Act.APPROVED).count() == 2


def test_what_its_writer_changed_since_the_page_was_drawn_still_waits(desk):
    same, changed = (make_comment(make_class(), state=HELD) for _ in range(2))
    page = desk.get(LIST).content.decode()
    drawn = dict(re.findall(r'name="(edition-\d+)" value="(\d+)"', page))
    Comment.objects.filter(pk=changed.pk).update(body="Buy my pills", edition=1)

    response = act(desk, "approve_selected", same, changed, **drawn)

    assert "1 comment is published." in told(response)
    assert "1 comment was changed by its writer meanwhile" in told(response)
    changed.refresh_from_db()
    assert changed.state == HELD


def test_removing_asks_why_first(desk, curator):
    workout_class = make_class()
    comments = [make_comment(workout_class, body=f"Pills {n}") for n in range(2)]

    asked = act(desk, "remove_selected", *comments)
    assert asked.status_code == 200
    page = asked.content.decode()
    assert "Pills 0" in page
    assert "Pills 1" in page
    assert "This field is required" not in page
    again = act(desk, "remove_selected", *comments, sure="Remove")
    assert "This field is required" in again.content.decode()
    assert count_of(workout_class) == Decision.objects.count() == 0

    act(desk, "remove_selected", *comments, sure="Remove", reason="Advertising")

    for comment in comments:
        comment.refresh_from_db()
        assert (comment.state, comment.removed_by) == (REMOVED, curator)
        assert comment.decisions.get().reason == "Advertising"
    assert LogEntry.objects.filter(change_message="Removed: Advertising").count() == 2


def test_the_page_that_asks_hands_on_what_was_chosen(desk):
    comments = [make_comment(make_class()) for _ in range(2)]

    page = act(desk, "remove_selected", *comments).content.decode()

    sent = dict(re.findall(r'type="hidden" name="(action|decide)" value="([^"]*)"', page))
    assert sent == {"action": "remove_selected"}
    chosen = re.findall(r'name="_selected_action" value="(\d+)"', page)
    assert sorted(map(int, chosen)) == [comment.pk for comment in comments]


def test_restoring_publishes_what_curators_removed(desk):
    comment = make_comment(make_class(), state=REMOVED, removed_by=make_member())

    act(desk, "restore_selected", comment)

    comment.refresh_from_db()
    assert comment.is_published


def test_holding_many_asks_why(desk):
    comment = make_comment(make_class())

    act(desk, "hold_selected", comment)
    comment.refresh_from_db()
    assert comment.is_published
    act(desk, "hold_selected", comment, sure="Hold", reason="Ask her first")

    comment.refresh_from_db()
    assert comment.state == HELD


def test_leaving_as_it_is_settles_reports(desk):
    comment = make_comment(make_class())
    report(comment)

    act(desk, "keep_selected", comment)

    assert not comment.reports.open().exists()
    assert comment.decisions.get().act == Decision.Act.KEPT
    assert "Nothing was left to decide" in told(act(desk, "keep_selected", comment))


def test_stopping_asks_until_when_and_why(desk, curator):
    first, second = make_comment(make_class()), make_comment(make_class())
    day = timezone.localdate() + timedelta(days=7)

    asked = act(desk, "stop_selected", first, second)
    assert not Stop.objects.exists()
    assert 'type="date"' in asked.content.decode()
    answer = {"sure": "Stop", "reason": "Rude", "until": day.isoformat()}
    act(desk, "stop_selected", first, second, **answer)

    assert {stop.member for stop in Stop.objects.running()} == {first.author, second.author}
    for stop in Stop.objects.all():
        assert timezone.localdate(stop.ends_at) == day
        assert (stop.by, stop.reason) == (curator, "Rude")
    assert LogEntry.objects.filter(user=curator).count() == 2
    first.refresh_from_db()
    assert first.is_published


def test_stopping_may_remove_as_well_and_needs_no_end(desk):
    comment = make_comment(make_class())

    act(desk, "stop_selected", comment, sure="Stop", reason="Rude", also_remove="on")

    assert Stop.objects.get().ends_at is None
    comment.refresh_from_db()
    assert comment.is_removed
    assert comment.decisions.get().reason == "Rude"


def test_nobody_is_stopped_until_yesterday(desk):
    yesterday = timezone.localdate() - timedelta(days=1)
    answer = {"sure": "Stop", "reason": "Rude", "until": yesterday.isoformat()}

    page = act(desk, "stop_selected", make_comment(make_class()), **answer).content.decode()

    assert "This day is over." in page
    assert not Stop.objects.exists()


def test_too_many_at_once_are_refused(desk, monkeypatch):
    monkeypatch.setattr("comments.admin.comments.MOST_AT_ONCE", 1)
    comments = [make_comment(make_class(), state=HELD) for _ in range(2)]

    response = act(desk, "approve_selected", *comments)

    assert "at most 1" in told(response)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("action", "answer", "state"),
    [
        ("approve_selected", {}, HELD),
        ("remove_selected", {"sure": "1", "reason": "x", "until": ""}, PUBLISHED),
        ("stop_selected", {"sure": "1", "reason": "x", "also_remove": "on"}, PUBLISHED),
    ],
)
def test_deciding_about_many_costs_as_much_as_about_one(
    desk, action, answer, state, django_assert_max_num_queries
):
    long_ago = timezone.now() - 2 * moderation.NEWS_FOR  # of which nobody is told

    def cost(number: int) -> int:
        comments = [
            make_comment(make_class(variant=False), state=state, written_at=long_ago)
            for _ in range(number)
        ]
        with django_assert_max_num_queries(60) as counted:
            assert act(desk, action, *comments, **answer).status_code == 302
        return len(counted)

    cost(1)  # what Django asks once
    assert cost(1) == cost(8)


# --- One by one ---------------------------------------------------------------------------------


def decide(desk, name: str, comment: Comment, at: str = LIST, **fields):
    return desk.post(at, {"decide": f"{name}:{comment.pk}", **fields})


@pytest.mark.parametrize("where", ["list", "page"])
def test_a_comment_has_its_own_buttons(desk, where):
    comment = make_comment(make_class(), state=HELD)
    at = f"{LIST}?state__exact=held" if where == "list" else page_of(comment)
    assert f'value="approve:{comment.pk}"' in desk.get(at).content.decode()

    response = decide(desk, "approve", comment, at)

    assert response["Location"] == at
    comment.refresh_from_db()
    assert comment.is_published


@pytest.mark.parametrize("where", ["list", "page"])
def test_a_button_that_needs_words_asks_for_them(desk, where):
    comment = make_comment(make_class())
    at = LIST if where == "list" else page_of(comment)

    asked = decide(desk, "remove", comment, at).content.decode()
    assert f'name="decide" value="remove:{comment.pk}"' in asked
    response = decide(desk, "remove", comment, at, sure="Remove", reason="Advertising")

    assert response["Location"] == at
    comment.refresh_from_db()
    assert comment.is_removed


@pytest.mark.parametrize("asked", ["approve:", "approve:999999", "nonsense:1", "", "approve:x"])
def test_a_button_that_means_nothing_finds_nothing(desk, asked):
    make_comment(make_class(), state=HELD)

    assert desk.post(LIST, {"decide": asked}).status_code == 404


def test_the_page_of_one_comment_decides_about_no_other(desk):
    here, other = make_comment(make_class()), make_comment(make_class(), state=HELD)

    assert decide(desk, "approve", other, page_of(here)).status_code == 404
    assert desk.post(page_of(here), {}).status_code == 404


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (HELD, ["approve", "remove", "stop"]),
        (PUBLISHED, ["remove", "hold", "stop"]),
        (REMOVED, ["restore", "stop"]),
    ],
)
def test_the_buttons_are_those_that_fit(desk, state, names):
    comment = make_comment(make_class(), state=state)

    page = desk.get(page_of(comment)).content.decode()

    assert re.findall(r'name="decide" value="(\w+):', page) == names


def test_what_its_writer_took_back_stays_away(desk):
    writer = make_member()
    comment = make_comment(make_class(), author=writer, state=REMOVED, removed_by=writer)

    assert 'value="restore:' not in desk.get(page_of(comment)).content.decode()
    decide(desk, "restore", comment)
    act(desk, "approve_selected", comment)
    act(desk, "restore_selected", comment)

    comment.refresh_from_db()
    assert comment.is_removed
    assert not LogEntry.objects.exists()


def test_the_page_shows_the_thread_and_every_decision(desk, curator):
    workout_class = make_class()
    top = make_comment(workout_class, body="The question")
    reply = make_comment(workout_class, parent=top, body="The answer")
    later = make_comment(workout_class, parent=reply, body="The thanks", state=HELD)
    make_comment(workout_class, body="Another thread")
    report(reply, note="He is wrong about knees")
    moderation.hold(reply, None, rules=["reports"])
    moderation.approve(reply, curator, "He is right")

    page = desk.get(page_of(reply)).content.decode()

    for words in ("The question", "The answer", "The thanks", "He is wrong about knees"):
        assert words in page
    for words in ("Several members reported it.", "He is right", curator.display_name):
        assert words in page
    assert page_of(later) in page
    assert "Another thread" not in page


@pytest.mark.parametrize("count", [1, 8])
def test_the_page_query_count_is_constant(desk, count, curator, django_assert_num_queries):
    workout_class = make_class()
    top = make_comment(workout_class)
    for _ in range(count):
        make_comment(workout_class, parent=make_comment(workout_class, parent=top))
        report(top)
        Decision.objects.create(comment=top, act=Decision.Act.KEPT, by=make_member())

    desk.get(page_of(top))
    # Session, member, rights (2), the comment; record, stops, open reports; what opens the thread,
    # what is before and after; reports, decisions.
    with django_assert_num_queries(13):
        desk.get(page_of(top))


def test_words_are_put_into_nobodys_mouth(desk):
    comment = make_comment(make_class(), body="As it was", state=HELD)

    desk.post(
        page_of(comment), {"decide": f"approve:{comment.pk}", "body": "Changed", "state": "removed"}
    )

    comment.refresh_from_db()
    assert (comment.body, comment.state) == ("As it was", PUBLISHED)


def test_comments_are_not_written_here(desk):
    assert desk.get(reverse("admin:comments_comment_add")).status_code == 403


@pytest.mark.parametrize("pk", ["x", "0", "9" * 30])
def test_a_page_of_no_comment_is_not_found(desk, pk):
    assert desk.get(f"/admin/comments/comment/{pk}/change/").status_code == 404


# --- Who may ------------------------------------------------------------------------------------


@pytest.fixture
def looker(client):
    member = make_member(is_staff=True)
    member.user_permissions.set(Permission.objects.filter(codename="view_comment"))
    client.force_login(member)
    return client


def test_who_may_only_look_does_not_decide(looker):
    comment = make_comment(make_class())

    for page in (LIST, page_of(comment)):
        response = looker.get(page)
        assert response.status_code == 200
        assert 'name="decide"' not in response.content.decode()
    act(looker, "remove_selected", comment, sure="Remove", reason="x")
    for at in (LIST, page_of(comment)):
        response = decide(looker, "remove", comment, at, sure="Remove", reason="x")
        assert response.status_code == 403

    comment.refresh_from_db()
    assert comment.is_published


def test_who_may_decide_and_not_stop_is_offered_no_stop(client):
    member = make_member(is_staff=True)
    member.user_permissions.set(
        Permission.objects.filter(codename__in=["view_comment", "change_comment"])
    )
    client.force_login(member)
    comment = make_comment(make_class())

    page = client.get(LIST).content.decode()
    assert f"remove:{comment.pk}" in page
    assert f"stop:{comment.pk}" not in page
    assert decide(client, "stop", comment, sure="Stop", reason="x").status_code == 403
    assert not Stop.objects.exists()


def test_staff_without_the_right_and_members_see_nothing(client):
    comment = make_comment(make_class())

    for member, status in ((make_member(is_staff=True), 403), (make_member(), 302)):
        client.force_login(member)
        for page in (LIST, page_of(comment)):
            assert client.get(page).status_code == status


def test_deleting_keeps_the_count(client):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    workout_class = make_class()
    make_comment(workout_class, state=HELD)
    top = make_comment(workout_class)
    make_comment(workout_class, parent=top)
    moderation.approve(Comment.objects.filter(state=HELD), make_member())

    assert "deletelink" in client.get(page_of(top)).content.decode()
    client.post(reverse("admin:comments_comment_delete", args=[top.pk]), {"post": "yes"})

    assert workout_class.comments.count() == 1
    assert count_of(workout_class) == 1


def test_curators_delete_nothing(desk):
    comment = make_comment(make_class())

    assert "deletelink" not in desk.get(page_of(comment)).content.decode()
    url = reverse("admin:comments_comment_delete", args=[comment.pk])
    assert desk.post(url, {"post": "yes"}).status_code == 403
