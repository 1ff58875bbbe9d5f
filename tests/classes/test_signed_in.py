"""Who is signed in, read in one question and judged as Django judges it."""

from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore as DjangoStore
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.models import Member
from classes import signed_in
from classes.signed_in import SessionStore, SignedInMiddleware
from tests.factories import make_instructor, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    return make_member()


def sign_in(member: Member) -> str:
    """As the door does it: a session, and the row that says whose it is. Its key."""
    client = Client()
    client.force_login(member)
    key = client.session.session_key
    UserSession.objects.create(user=member, ip="127.0.0.1", session_key=key)
    return key


def whose(key: str) -> Member | AnonymousUser:
    request = RequestFactory().get("/")
    request.session = SessionStore(key)
    SignedInMiddleware(lambda _request: None).process_request(request)
    return request.user


def test_a_session_and_its_member_are_one_query(member, django_assert_num_queries):
    key = sign_in(member)

    with django_assert_num_queries(1):
        found = whose(key)
        assert found.display_name == member.display_name
        assert not hasattr(found, "instructor")


def test_whoever_teaches_comes_with_their_page(member, django_assert_num_queries):
    instructor = make_instructor(member=member)
    key = sign_in(member)

    with django_assert_num_queries(1):
        found = whose(key)
        assert found.instructor == instructor
        assert found.instructor.member is found._wrapped


def test_the_member_is_all_that_the_database_says(member):
    Member.objects.filter(pk=member.pk).update(last_login=timezone.now(), avatar="avatars/a.webp")
    make_instructor(member=member)
    found = whose(sign_in(member))
    stored = Member.objects.select_related("instructor").get(pk=member.pk)

    for field in Member._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(stored, field.attname), field.name
    for field in type(stored.instructor)._meta.concrete_fields:
        name = field.attname
        assert getattr(found.instructor, name) == getattr(stored.instructor, name), name


def test_without_the_row_of_the_sign_in_it_works_as_django_does(member, client):
    client.force_login(member)

    assert whose(client.session.session_key) == member


def test_a_row_that_names_somebody_else_gives_nobody_their_account(member):
    other = make_member(is_staff=True)
    key = sign_in(member)
    UserSession.objects.filter(session_key=key).update(user=other)

    assert whose(key) == member


def test_a_changed_password_ends_the_session(member):
    key = sign_in(member)
    member.set_password("another quiet morning")
    member.save()

    assert not whose(key).is_authenticated
    assert not Session.objects.filter(session_key=key).exists()


def test_a_former_secret_still_opens_the_session_and_renews_it(member, settings):
    key = sign_in(member)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "new"

    assert whose(key) == member
    assert not Session.objects.filter(session_key=key).exists()  # under another key now


def test_whoever_may_not_sign_in_any_more_is_nobody_at_once(member):
    key = sign_in(member)
    Member.objects.filter(pk=member.pk).update(is_active=False)

    assert not whose(key).is_authenticated


def test_a_session_past_its_time_is_nobodys(member):
    key = sign_in(member)

    with time_machine.travel(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE + 1)):
        assert not whose(key).is_authenticated


def test_a_session_that_was_ended_is_dead_at_the_next_request(member):
    key = sign_in(member)
    UserSession.objects.get(session_key=key).end()

    assert not whose(key).is_authenticated


def test_another_backend_is_left_to_django(member):
    key = sign_in(member)
    store = SessionStore(key)
    store[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store.save()

    assert not whose(key).is_authenticated  # it is none of the site's


def test_nobody_is_read_for_a_visitor(django_assert_num_queries):
    request = RequestFactory().get("/")
    request.session = SessionStore(None)
    SignedInMiddleware(lambda _request: None).process_request(request)

    with django_assert_num_queries(0):
        assert not request.user.is_authenticated


def test_sessions_are_those_that_django_writes(member):
    key = sign_in(member)

    assert DjangoStore(key)[auth.SESSION_KEY] == str(member.pk)
    django_wrote = DjangoStore()
    django_wrote["word"] = "breath"
    django_wrote.create()
    assert SessionStore(django_wrote.session_key)["word"] == "breath"
    assert import_module(settings.SESSION_ENGINE) is signed_in
