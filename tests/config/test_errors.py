"""What a visitor sees when a request cannot be answered."""

import errno
import re
import sqlite3

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.http import require_POST

from config.errors import csrf_failure, server_error
from tests.factories import make_member

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

OWN_PAGE = {"sec-fetch-site": "same-origin"}

_failure: Exception | None = None


def fails(request: HttpRequest) -> HttpResponse:
    assert _failure is not None
    raise _failure


@require_POST
def takes_post(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"Posted: {request.POST.get('body', '')}")


urlpatterns = [
    path("fails/", fails),
    path("takes-post/", takes_post),
    path("", include("config.urls")),
]
handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"


@pytest.fixture
def visitor() -> Client:
    """Sees the page for an error instead of the exception, and has tokens checked."""
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def fail_with(monkeypatch, exception: Exception) -> None:
    monkeypatch.setattr(f"{__name__}._failure", exception)


def sqlite_error(code: int, message: str) -> OperationalError:
    """As Django raises it: its own class, caused by the driver's."""
    cause = sqlite3.OperationalError(message)
    cause.sqlite_errorcode = code
    error = OperationalError(message)
    error.__cause__ = cause
    return error


def says(response: HttpResponse, words: str) -> bool:
    return words in response.content.decode()


def test_lost_page_is_a_page_of_ours(visitor):
    response = visitor.get("/no/such/page/")

    assert response.status_code == 404
    assert says(response, "site-header")


def test_lost_page_of_a_visitor_sets_no_cookie(visitor):
    assert not visitor.get("/no/such/page/").cookies


def test_lost_page_is_drawn_without_a_database(visitor, monkeypatch):
    visitor.force_login(make_member())
    monkeypatch.setattr(
        "django.contrib.sessions.backends.db.SessionStore.load",
        lambda store: (_ for _ in ()).throw(OperationalError("away")),
    )

    response = visitor.get("/no/such/page/")

    assert response.status_code == 404
    assert says(response, "site-header")


def test_refused_permission_is_a_page_of_ours(visitor, monkeypatch):
    fail_with(monkeypatch, PermissionDenied())

    response = visitor.get("/fails/")

    assert response.status_code == 403
    assert says(response, "site-header")


def test_fault_of_ours_is_a_page_that_tells_nothing_of_it(visitor, monkeypatch):
    fail_with(monkeypatch, ValueError("the colour of the unicorn"))

    response = visitor.get("/fails/")

    assert response.status_code == 500
    assert says(response, "site-header")
    assert not says(response, "unicorn")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="codes of SQLite")
@pytest.mark.parametrize(
    ("exception", "status"),
    [
        (sqlite_error(5, "database is locked"), 503),
        (sqlite_error(261, "database is locked"), 503),  # SQLITE_BUSY_RECOVERY
        (sqlite_error(14, "unable to open database file"), 503),
        (sqlite_error(13, "database or disk is full"), 507),
        (sqlite_error(1, "no such table: members"), 500),
        (DatabaseError("anything else"), 500),
    ],
)
def test_lost_database_is_not_a_fault_of_the_code(visitor, monkeypatch, exception, status):
    fail_with(monkeypatch, exception)

    response = visitor.get("/fails/")

    assert response.status_code == status
    assert says(response, "site-header")


@pytest.mark.skipif(connection.vendor == "sqlite", reason="words of PostgreSQL")
def test_lost_server_is_not_a_fault_of_the_code(visitor, monkeypatch):
    fail_with(monkeypatch, OperationalError("server closed the connection unexpectedly"))

    assert visitor.get("/fails/").status_code == 503


def test_second_click_that_came_too_soon_is_told_so(visitor, monkeypatch):
    fail_with(monkeypatch, IntegrityError("UNIQUE constraint failed"))

    response = visitor.get("/fails/")

    assert response.status_code == 409
    assert says(response, "saved a moment ago")
    assert not says(response, "UNIQUE")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_says_so_and_when_to_come_back(visitor, monkeypatch, number):
    fail_with(monkeypatch, OSError(number, "No space left on device"))

    response = visitor.get("/fails/")

    assert response.status_code == 507
    assert response["Retry-After"]
    assert says(response, "disk is full")


def token_from(client: Client) -> str:
    """As a page with a form would have given it."""
    return client.get("/accounts/login/").context["csrf_token"]


@pytest.mark.parametrize(
    ("exception", "status"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (ValueError("the colour of the unicorn"), 500),
        (IntegrityError("UNIQUE constraint failed"), 409),
        pytest.param(
            sqlite_error(5, "database is locked"),
            503,
            marks=pytest.mark.skipif(connection.vendor != "sqlite", reason="codes of SQLite"),
        ),
    ],
)
def test_what_was_typed_is_handed_back_to_be_sent_again(visitor, monkeypatch, exception, status):
    typed = {
        "body": "Thanks",
        "parent": "7",
        "password": "open sesame",
        "csrfmiddlewaretoken": token_from(visitor),
    }
    fail_with(monkeypatch, exception)

    refused = visitor.post("/fails/", typed, headers=OWN_PAGE)

    assert refused.status_code == status
    assert says(refused, "Thanks</textarea>")
    assert says(refused, '<input type="hidden" name="parent" value="7">')
    assert not says(refused, "sesame")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', refused.content.decode())[1]
    again = visitor.post(
        "/takes-post/", {"body": "Thanks", "csrfmiddlewaretoken": token}, headers=OWN_PAGE
    )
    assert says(again, "Posted: Thanks")


def test_a_page_elsewhere_has_nothing_handed_back(visitor, monkeypatch):
    typed = {"body": "Delete it all", "csrfmiddlewaretoken": token_from(visitor)}
    fail_with(monkeypatch, ValueError("broken"))

    response = visitor.post("/fails/", typed)

    assert response.status_code == 500
    assert not says(response, "Delete it all")


def test_what_cannot_be_read_does_not_break_the_page_that_says_so(rf, monkeypatch):
    request = rf.post("/fails/", {"body": "Thanks"}, headers=OWN_PAGE)
    monkeypatch.setattr(type(request), "POST", property(lambda request: 1 / 0))

    try:
        raise ValueError("broken")
    except ValueError:
        assert server_error(request).status_code == 500


def test_wrong_method_is_a_page_of_ours_that_names_the_right_one(visitor):
    response = visitor.get("/takes-post/")

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert says(response, "site-header")


def test_wrong_host_is_a_page_of_ours(visitor):
    response = visitor.get("/", headers={"host": "elsewhere.example"})

    assert response.status_code == 400
    assert says(response, "site-header")
    assert response["Content-Security-Policy"]


def test_expired_form_keeps_what_was_typed_and_sends_it_with_a_fresh_token(visitor):
    typed = {"body": "My back thanks you.\nTruly.", "parent": "7"}

    refused = visitor.post("/takes-post/?comments=2", typed, headers=OWN_PAGE)

    assert refused.status_code == 403
    assert says(refused, "My back thanks you.\nTruly.</textarea>")
    assert says(refused, '<input type="hidden" name="parent" value="7">')
    assert says(refused, 'action="/takes-post/?comments=2"')

    token = visitor.cookies["csrf"].value
    accepted = visitor.post(
        "/takes-post/", {**typed, "csrfmiddlewaretoken": token}, headers=OWN_PAGE
    )
    assert says(accepted, "Posted: My back thanks you.")


def test_expired_form_never_shows_secrets(visitor):
    secrets = {
        "password": "open sesame 1",
        "oldpassword": "open sesame 2",
        "code": "open sesame 3",
        "csrfmiddlewaretoken": "open sesame 4",
    }

    response = visitor.post("/takes-post/", secrets, headers=OWN_PAGE)

    assert response.status_code == 403
    assert not says(response, "sesame")


@pytest.mark.parametrize(
    "came_from",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"referer": "https://elsewhere.example/testserver/"},
    ],
)
def test_form_of_elsewhere_is_not_offered_for_sending(visitor, came_from):
    response = visitor.post("/takes-post/", {"body": "Delete it all"}, headers=came_from)

    assert response.status_code == 403
    assert not says(response, "Delete it all")
    assert not says(response, "<textarea")


def test_expired_form_escapes_what_was_typed(visitor):
    typed = {"body": "</textarea><script src=/x></script> and more"}

    response = visitor.post("/takes-post/", typed, headers=OWN_PAGE)

    assert not says(response, "<script src=/x>")


def test_expired_form_is_sent_nowhere_else(rf):
    request = rf.post(
        "/", {"body": "two words"}, headers=OWN_PAGE, PATH_INFO="//elsewhere.example/"
    )

    page = csrf_failure(request).content.decode()

    assert "two words" in page
    assert 'action="//' not in page
