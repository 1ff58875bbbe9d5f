"""What opens a film, and what does not."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine as clock
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from classes.watch import passes
from classes.watch.passes import EVERYONE, FilmPassMiddleware, Pass, new_pass, open_with
from tests.factories import make_class, make_member, make_membership

FILM = uuid4()
ANA, BEN = 7, 8
MORNING = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.fixture
def morning(time_machine):
    time_machine.move_to(MORNING, tick=False)
    return time_machine


@pytest.fixture
def browser(rf, settings):
    """A request of a browser whose film cookie reads as given."""

    def browser(cookie: str = ""):
        request = rf.get("/")
        if cookie:
            request.COOKIES[settings.FILM_COOKIE_NAME] = cookie
        return request

    return browser


# --- How long -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ((22, 0, 0, 0), (22, 6)),
        ((22, 0, 0, 1), (22, 12)),
        ((22, 8, 30, 0), (22, 18)),
        ((22, 12, 0, 0), (22, 18)),
        ((22, 17, 59, 59), (23, 0)),
        ((22, 18, 0, 1), (23, 6)),
    ],
)
def test_a_pass_ends_at_a_boundary_at_least_six_hours_ahead(time_machine, now, until):
    time_machine.move_to(datetime(2026, 11, *now, tzinfo=UTC), tick=False)

    assert new_pass(ANA).expires == datetime(2026, 11, *until, tzinfo=UTC).timestamp()


@given(st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1)))
def test_a_pass_never_holds_for_more_than_twelve_hours(moment):
    with clock.travel(moment.replace(tzinfo=UTC), tick=False):
        left = new_pass(ANA).seconds_left

    assert 6 * 3600 <= left < 12 * 3600


def test_a_reload_is_given_the_same_address(morning):
    first = new_pass(ANA).token(FILM)
    morning.shift(timedelta(hours=3, minutes=29))

    assert new_pass(ANA).token(FILM) == first


# --- Who ----------------------------------------------------------------------------------------


def test_a_token_opens_its_film_for_the_browser_of_its_member(morning, browser):
    film_pass = new_pass(ANA)

    opened = open_with(browser(film_pass.cookie()), film_pass.token(FILM), FILM)

    assert opened == film_pass


def test_a_token_for_everyone_needs_no_cookie(morning, browser):
    film_pass = new_pass(EVERYONE)

    assert open_with(browser(), film_pass.token(FILM), FILM) == film_pass


def test_a_token_alone_opens_nothing(morning, browser):
    assert open_with(browser(), new_pass(ANA).token(FILM), FILM) is None


def test_a_token_with_the_cookie_of_another_opens_nothing(morning, browser):
    for other in (BEN, EVERYONE):
        cookie = new_pass(other).cookie()

        assert open_with(browser(cookie), new_pass(ANA).token(FILM), FILM) is None


def test_a_token_opens_no_other_film(morning, browser):
    film_pass = new_pass(ANA)

    assert open_with(browser(film_pass.cookie()), film_pass.token(FILM), uuid4()) is None


def test_a_token_ends_with_its_time(morning, browser):
    film_pass = new_pass(ANA)
    later = Pass(film_pass.expires + 6 * 3600, ANA)
    request = browser(later.cookie())

    morning.move_to(film_pass.expires - 1)
    assert open_with(request, film_pass.token(FILM), FILM)
    morning.move_to(film_pass.expires)
    assert open_with(request, film_pass.token(FILM), FILM) is None


def test_a_cookie_that_ends_before_the_token_opens_nothing(morning, browser):
    film_pass = new_pass(ANA)
    earlier = Pass(film_pass.expires - 6 * 3600, ANA)

    assert earlier.seconds_left > 0
    assert open_with(browser(earlier.cookie()), film_pass.token(FILM), FILM) is None


def test_a_cookie_is_no_token_and_a_token_no_cookie(morning, browser):
    film_pass = new_pass(ANA)
    token, cookie = film_pass.token(FILM), film_pass.cookie()

    assert open_with(browser(token), token, FILM) is None
    assert open_with(browser(cookie), cookie, FILM) is None


# --- Signatures ---------------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(3))
def test_what_was_changed_in_a_token_or_cookie_opens_nothing(morning, browser, at):
    film_pass = new_pass(ANA)
    token, cookie = film_pass.token(FILM), film_pass.cookie()

    def changed(text: str) -> str:
        parts = text.split("-")
        parts[at] = parts[at][:-1] + ("0" if parts[at][-1] != "0" else "1")
        return "-".join(parts)

    assert open_with(browser(cookie), changed(token), FILM) is None
    assert open_with(browser(changed(cookie)), token, FILM) is None


@pytest.mark.parametrize(
    "text",
    ["", "-", "--", "1-2-3", "٤٢-7-" + "a" * 32, "9" * 40 + "-7-" + "a" * 32, "x" * 5000, "1-7-é"],
)
def test_what_is_no_token_opens_nothing(browser, text):
    assert open_with(browser(text), text, FILM) is None


def test_tokens_of_a_former_key_hold_while_it_is_named(morning, browser, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "former", []
    film_pass = new_pass(ANA)
    token, request = film_pass.token(FILM), browser(film_pass.cookie())

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "present", ["former"]
    assert open_with(request, token, FILM)
    settings.SECRET_KEY_FALLBACKS = []
    assert open_with(request, token, FILM) is None


# --- The cookie ---------------------------------------------------------------------------------


def test_cookie_is_for_our_own_pages_and_ends_with_the_pass(morning, browser):
    request = browser()
    passes.hand_out(request, new_pass(ANA))

    response = FilmPassMiddleware(lambda request: HttpResponse())(request)

    cookie = response.cookies["film"]
    assert cookie.value == new_pass(ANA).cookie()
    assert cookie["max-age"] == new_pass(ANA).seconds_left
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert not cookie["domain"]


def test_cookie_is_bound_to_its_host_where_the_site_has_https(morning, browser, settings):
    settings.FILM_COOKIE_NAME, settings.FILM_COOKIE_SECURE = "__Host-film", True
    request = browser(new_pass(BEN).cookie())
    middleware = FilmPassMiddleware(lambda request: HttpResponse())

    passes.hand_out(request, new_pass(ANA))
    assert middleware(request).cookies["__Host-film"]["secure"]
    passes.keep_for(request, None)
    assert middleware(request).cookies["__Host-film"]["secure"]


def test_pass_for_everyone_leaves_no_cookie_but_the_page_is_not_shared(morning, browser):
    request = browser()
    passes.hand_out(request, new_pass(EVERYONE))

    response = FilmPassMiddleware(lambda request: HttpResponse())(request)

    assert not response.cookies
    assert response.public_for_visitors is False


BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def ana(db):
    return make_membership(make_member()).member


def watch(client) -> str:
    """Open the page of a class; what the browser's film cookie then reads."""
    client.get(make_class().get_absolute_url())
    return client.cookies["film"].value


def test_opening_a_class_gives_a_member_the_cookie(client, ana):
    client.force_login(ana)

    assert watch(client).split("-")[1] == str(ana.pk)


def test_signing_out_deletes_the_cookie(client, ana):
    client.force_login(ana)
    watch(client)

    client.post(reverse("account_logout"))

    assert client.cookies["film"].value == ""
    assert client.cookies["film"]["max-age"] == 0


@pytest.mark.parametrize(("comes", "deleted"), [("Ana", False), ("Ben", True)])
def test_signing_in_as_another_deletes_the_cookie(ana, browser, comes, deleted):
    request = browser(new_pass(ana.pk).cookie())
    request.session = SessionStore()

    def view(request):
        login(request, ana if comes == "Ana" else make_member(), backend=BACKEND)
        return HttpResponse()

    response = FilmPassMiddleware(view)(request)

    assert ("film" in response.cookies) == deleted
    assert not deleted or response.cookies["film"]["max-age"] == 0
