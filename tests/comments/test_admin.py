"""The curators' list of comments."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.attention import what_waits_for
from classes.models import WorkoutClass
from comments.models import Comment
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

LIST = reverse("admin:comments_comment_changelist")
HELD, REMOVED, PUBLISHED = Comment.State.HELD, Comment.State.REMOVED, Comment.State.PUBLISHED


@pytest.fixture
def curator():
    member = make_member(is_staff=True)
    member.user_permissions.set(
        Permission.objects.filter(codename__in=["view_comment", "change_comment"])
    )
    return member


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


def count_of(workout_class) -> int:
    return WorkoutClass.objects.values_list("comment_count", flat=True).get(pk=workout_class.pk)


def test_the_list_shows_what_one_scans(desk):
    comment = make_comment(make_class(title="Gentle Mat"), body="Hello\nthere", state=HELD)

    page = desk.get(LIST).content.decode()

    for word in ("Hello there", "Gentle Mat", comment.writer_name, "Held"):
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


@pytest.mark.parametrize("count", [1, 8])
def test_the_list_query_count_is_constant(desk, count, django_assert_num_queries):
    for _ in range(count):
        workout_class = make_class(instructors=[make_instructor()])
        make_comment(workout_class, parent=make_comment(workout_class))
    desk.get(LIST)  # what Django asks once

    # Session, member, rights (2), two counts, comments, instructors to filter by.
    with django_assert_num_queries(8):
        desk.get(LIST)


def act(desk, action: str, *comments: Comment):
    return desk.post(
        LIST, {"action": action, "_selected_action": [comment.pk for comment in comments]}
    )


def test_many_are_approved_at_once(desk):
    workout_class = make_class()
    held = [make_comment(workout_class, state=HELD) for _ in range(2)]
    published = make_comment(workout_class)

    act(desk, "approve_selected", *held, published)

    assert count_of(workout_class) == 3
    assert LogEntry.objects.count() == 2


def test_many_are_removed_at_once_with_who_and_when(desk, curator):
    workout_class = make_class()
    comments = [make_comment(workout_class) for _ in range(2)]

    act(desk, "remove_selected", *comments)

    assert count_of(workout_class) == 0
    for comment in comments:
        comment.refresh_from_db()
        assert (comment.state, comment.removed_by) == (REMOVED, curator)
        assert comment.removed_at is not None


def test_the_state_is_changed_on_a_page_of_its_own(desk, curator):
    workout_class = make_class()
    comment = make_comment(workout_class, body="As it was")
    url = reverse("admin:comments_comment_change", args=[comment.pk])

    assert desk.get(url).status_code == 200
    desk.post(url, {"state": REMOVED, "body": "Words in another's mouth"})

    comment.refresh_from_db()
    assert (comment.state, comment.removed_by, comment.body) == (REMOVED, curator, "As it was")
    desk.post(url, {"state": PUBLISHED})
    comment.refresh_from_db()
    assert (comment.state, comment.removed_by) == (PUBLISHED, None)
    assert count_of(workout_class) == 1


def test_what_its_writer_took_back_stays_away(desk):
    writer = make_member()
    comment = make_comment(make_class(), author=writer, state=REMOVED, removed_by=writer)
    url = reverse("admin:comments_comment_change", args=[comment.pk])

    assert 'name="state"' not in desk.get(url).content.decode()
    desk.post(url, {"state": PUBLISHED})
    act(desk, "approve_selected", comment)

    comment.refresh_from_db()
    assert comment.is_removed
    assert not LogEntry.objects.filter(change_message__contains="state").exists()


def test_comments_are_not_written_here(desk):
    assert desk.get(reverse("admin:comments_comment_add")).status_code == 403


def test_who_may_only_look_does_not_moderate(client):
    looker = make_member(is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_comment"))
    client.force_login(looker)
    comment = make_comment(make_class())

    assert client.get(LIST).status_code == 200
    act(client, "remove_selected", comment)

    comment.refresh_from_db()
    assert comment.is_published


def test_deleting_keeps_the_count(client):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    workout_class = make_class()
    stays = make_comment(workout_class)
    top = make_comment(workout_class)
    make_comment(workout_class, parent=top)
    act(client, "approve_selected", stays)

    client.post(reverse("admin:comments_comment_delete", args=[top.pk]), {"post": "yes"})

    assert list(workout_class.comments.all()) == [stays]
    assert count_of(workout_class) == 1


def test_held_comments_wait_on_the_start_page_of_who_may_act(curator):
    make_comment(make_class(), body="Published")
    assert what_waits_for(curator) == []

    held = make_comment(make_class(), body="Please look at me", state=HELD)

    [item] = what_waits_for(curator)
    assert (item.count, item.title) == (1, "comment is held")
    assert item.examples == [
        ("Please look at me", reverse("admin:comments_comment_change", args=[held.pk]))
    ]
    assert what_waits_for(make_member(is_staff=True)) == []


def test_held_comments_lead_to_their_list(desk, curator):
    make_comment(make_class(), state=HELD)
    make_comment(make_class())

    [item] = what_waits_for(curator)

    assert desk.get(item.link).context["cl"].result_count == 1
