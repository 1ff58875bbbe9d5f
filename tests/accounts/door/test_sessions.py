"""Where a member is signed in, since when, and how it ends."""

import time
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.door.sessions import SEEN_AT, LastSeenMiddleware, end_sessions
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


def test_the_list_says_how_long_a_film_goes_on_elsewhere(client, settings):
    settings.FILM_COOKIE_AGE = 3 * 60 * 60
    member = make_member()
    client.force_login(member)
    sign_in_elsewhere(member)
    sign_in_elsewhere(member)

    assert "may go on for up to 3 hours" in client.get(PAGE).text


def test_sessions_of_another_member_are_not_listed(client):
    other = sign_in_elsewhere(make_member())
    client.force_login(make_member())

    listed = {session.session_key for session in client.get(PAGE).context["sessions"]}

    assert other not in listed


# --- Ending


def end(client, key: str):
    row = UserSession.objects.get(session_key=key)
    return client.post(reverse("accounts:end_session", args=[row.pk]), follow=True)


def lives(key: str) -> bool:
    return Session.objects.filter(session_key=key).exists()


def test_one_session_is_ended_and_the_others_stay(client):
    member = make_member()
    client.force_login(member)
    ended, other = sign_in_elsewhere(member), sign_in_elsewhere(member)

    page = end(client, ended).content.decode()

    assert "Signed out there." in page
    assert (lives(ended), lives(other)) == (False, True)
    assert not UserSession.objects.filter(session_key=ended).exists()
    assert client.get(PAGE).status_code == 200


def test_an_ended_session_is_dead_at_its_next_request(client):
    member = make_member()
    client.force_login(member)
    elsewhere = Client()
    elsewhere.force_login(member)
    key = elsewhere.session.session_key
    UserSession.objects.create(session_key=key, user=member, ip="127.0.0.1", user_agent="x")
    assert elsewhere.get(PAGE).status_code == 200

    end(client, key)

    assert elsewhere.get(PAGE)["Location"] == f"{reverse('account_login')}?next={PAGE}"


def test_ending_it_again_is_no_mistake(client):
    member = make_member()
    client.force_login(member)
    row = UserSession.objects.get(session_key=sign_in_elsewhere(member))
    address = reverse("accounts:end_session", args=[row.pk])
    client.post(address)

    assert client.post(address).status_code == 302


def test_nobody_ends_the_session_of_another_member(client):
    key = sign_in_elsewhere(make_member())
    client.force_login(make_member())

    end(client, key)

    assert lives(key)


def test_the_session_one_sits_in_is_not_ended_by_it(client):
    member = make_member()
    client.force_login(member)
    here = client.session.session_key
    UserSession.objects.create(session_key=here, user=member, ip="127.0.0.1", user_agent="x")

    end(client, here)

    assert lives(here)


def test_an_address_alone_ends_nothing(client):
    member = make_member()
    client.force_login(member)
    key = sign_in_elsewhere(member)
    row = UserSession.objects.get(session_key=key)

    assert client.get(reverse("accounts:end_session", args=[row.pk])).status_code == 405
    assert lives(key)


@pytest.mark.parametrize("count", [1, 8])
def test_ending_all_others_costs_the_same_for_many(client, django_assert_max_num_queries, count):
    member = make_member()
    client.force_login(member)
    for _ in range(count):
        sign_in_elsewhere(member)

    with django_assert_max_num_queries(16):  # the page after it included
        response = client.post(PAGE, follow=True)

    assert f"Signed out in {count} place" in response.content.decode()
    assert client.get(PAGE).status_code == 200
    assert Session.objects.count() == 1


def test_all_sessions_of_a_member_can_be_ended():
    member, other = make_member(), make_member()
    key, kept = sign_in_elsewhere(member), sign_in_elsewhere(other)

    assert end_sessions(member) == 1

    assert (lives(key), lives(kept)) == (False, True)


def test_a_new_password_takes_the_other_sessions_from_the_list(client):
    member = make_verified()
    sign_in(client, member)
    elsewhere = sign_in_elsewhere(member)

    client.post(
        reverse("account_change_password"),
        {"oldpassword": "a quiet morning", "password1": "a brand new morning"},
    )

    assert not UserSession.objects.filter(session_key=elsewhere).exists()
    assert client.get(PAGE).context["session_count"] == 1


# --- Last seen


def make_verified():
    member = make_member()
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    return member


def sign_in(client, member) -> None:
    fields = {"login": member.email, "password": "a quiet morning"}
    assert client.post(reverse("account_login"), fields).status_code == 302
    client.get("/")  # the welcome is read, and stored as read


def writes(queries) -> list[str]:
    return [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]


def last_seen() -> object:
    return UserSession.objects.get().last_seen_at


@pytest.mark.parametrize(("minutes", "is_noted"), [(14, False), (16, True), (60 * 24, True)])
def test_use_is_noted_a_quarter_of_an_hour_after_the_last_note(client, minutes, is_noted):
    sign_in(client, make_verified())
    at_first = last_seen()

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        client.get("/accounts/profile/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/accounts/profile/")

    assert writes(queries) == []  # noted once

    assert (last_seen() > at_first) == is_noted


def test_a_note_of_a_clock_that_was_wrong_is_set_right(client):
    with time_machine.travel(timezone.now() + timedelta(days=300)):
        sign_in(client, make_verified())
        wrong = last_seen()
    Session.objects.update(expire_date=timezone.now() + timedelta(days=1))

    client.get("/accounts/profile/")

    assert last_seen() < wrong


def test_what_another_request_stored_meanwhile_is_not_lost(client):
    """The note does not bring back the session as it was when the page began."""
    sign_in(client, make_verified())
    key = client.session.session_key

    def stored_meanwhile(request):
        other = SessionStore(key)
        other["words"] = "begun elsewhere"
        other.save()
        return HttpResponse()

    request = RequestFactory().get("/")
    request.session = SessionStore(key)
    request.session.get("words")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        LastSeenMiddleware(stored_meanwhile)(request)

    stored = SessionStore(key)
    assert stored["words"] == "begun elsewhere"
    assert stored[SEEN_AT] > time.time()
    assert last_seen() > timezone.now()


def test_what_is_sent_every_few_seconds_writes_nothing(client):
    sign_in(client, make_verified())

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        at_first = last_seen()
        client.post("/accounts/profile/", {})

    assert last_seen() == at_first


def test_visitors_are_not_asked_for_a_session(client):
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("account_login"))

    assert not [query for query in queries if "session" in query["sql"]]
