"""Where a member is signed in."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.factories import make_member

pytestmark = pytest.mark.django_db

PAGE = "/accounts/sessions/"


def sign_in_elsewhere(member) -> str:
    """Another browser of the same person, as allauth would have noted it; its session's key."""
    browser = Client()
    browser.force_login(member)
    key = browser.session.session_key
    UserSession.objects.get_or_create(
        session_key=key, defaults={"user": member, "ip": "127.0.0.1", "user_agent": "Elsewhere"}
    )
    return key


@pytest.mark.parametrize("count", [1, 8])
def test_sessions_query_count_is_constant(client, django_assert_max_num_queries, count):
    member = make_member()
    client.force_login(member)
    for _ in range(count):
        sign_in_elsewhere(member)

    with django_assert_max_num_queries(4):
        response = client.get(PAGE)

    assert len(response.context["sessions"]) >= count


def test_sessions_that_ended_are_not_listed(client):
    member = make_member()
    client.force_login(member)
    ended, living = sign_in_elsewhere(member), sign_in_elsewhere(member)
    Session.objects.filter(session_key=ended).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )

    listed = {session.session_key for session in client.get(PAGE).context["sessions"]}

    assert living in listed
    assert ended not in listed


def test_sessions_of_another_member_are_not_listed(client):
    other = sign_in_elsewhere(make_member())
    client.force_login(make_member())

    listed = {session.session_key for session in client.get(PAGE).context["sessions"]}

    assert other not in listed
