"""What the conversation asks of curators, on the start page."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.attention import what_waits_for
from comments.models import Comment, Report
from tests.factories import make_class, make_comment, make_member

pytestmark = pytest.mark.django_db

HELD, PUBLISHED = Comment.State.HELD, Comment.State.PUBLISHED


@pytest.fixture
def curator():
    member = make_member(is_staff=True)
    member.user_permissions.set(
        Permission.objects.filter(codename__in=["view_comment", "change_comment"])
    )
    return member


def report(comment: Comment, **attrs) -> None:
    Report.objects.create(
        comment=comment, member=make_member(), reason=Report.Reason.UNKIND, **attrs
    )


def page_of(comment: Comment) -> str:
    return reverse("admin:comments_comment_change", args=[comment.pk])


def test_held_comments_wait_for_who_may_decide(curator):
    make_comment(make_class(), body="Published")
    assert what_waits_for(curator) == []

    held = make_comment(make_class(), body="Please look at me", state=HELD)

    [item] = what_waits_for(curator)
    assert (item.count, item.title) == (1, "comment is held")
    assert item.examples == [("Please look at me", page_of(held))]
    assert what_waits_for(make_member(is_staff=True)) == []


def test_reported_comments_wait_until_somebody_has_looked(curator):
    reported = make_comment(make_class(), body="Buy my pills")
    for _ in range(2):
        report(reported)
    report(make_comment(make_class()), settled_at=timezone.now())

    [item] = what_waits_for(curator)

    assert (item.count, item.title, item.tone) == (1, "comment is reported", "problem")
    assert item.examples == [("Buy my pills", page_of(reported))]
    assert what_waits_for(make_member(is_staff=True)) == []


def test_what_is_reported_and_held_waits_once(curator):
    report(make_comment(make_class(), state=HELD))

    [item] = what_waits_for(curator)

    assert item.title == "comment is held"


@pytest.mark.parametrize("state", [HELD, PUBLISHED])
def test_the_start_page_leads_to_their_list(client, curator, state):
    for other in (HELD, PUBLISHED):
        make_comment(make_class(), state=other)
    for each in (HELD, PUBLISHED):
        report(make_comment(make_class(), state=each))
    client.force_login(curator)

    [item] = [item for item in what_waits_for(curator) if ("held" in item.title) == (state == HELD)]

    assert client.get(item.link).context["cl"].result_count == item.count
