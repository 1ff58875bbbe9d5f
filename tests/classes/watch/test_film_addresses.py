"""Every address of a film, asked for in every shape by whoever has no membership."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine as clock
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from classes.models import Captions
from classes.watch.passes import new_pass
from tests.classes.film_files import FILM, PLAYLIST, lay_out
from tests.factories import make_class, make_member, make_membership

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MORNING = datetime(2050, 11, 22, 8, 30, tzinfo=UTC)

SAID = "WEBVTT\n\n00:00.000 --> 00:01.000\nBreathe in.\n"
FILES = (
    "master.m3u8",
    "480p.m3u8",
    "480p.mp4",
    "film.mp4",
    "copy.mp4",
    "storyboard.vtt",
    "storyboard-1.jpg",
    "captions.es.vtt",
    "pass",
)


@pytest.fixture
def video(time_machine):
    time_machine.move_to(MORNING, tick=False)
    video = lay_out(make_class().variants.get().video)
    Captions.objects.create(variant=video.variant, language="es", text=SAID)
    return video


@pytest.fixture
def member():
    """Somebody with a membership, to whom the addresses were given."""
    return make_membership(make_member()).member


def address_of(video, file: str, member) -> str:
    if file == "pass":
        return reverse("classes:pass", args=[video.pk])
    return f"/v/{new_pass(member.pk).token(video.pk)}/{video.pk}/{file}"


def browser_of(member, *, has_film_cookie: bool = True) -> Client:
    browser = Client()
    browser.force_login(member)
    if has_film_cookie:
        browser.cookies[settings.FILM_COOKIE_NAME] = new_pass(member.pk).cookie()
    return browser


def is_given(response) -> bool:
    """Whether anything of the film is in the answer, or a way to it."""
    body = b"".join(response) if response.streaming else response.content
    told = [FILM[:64], PLAYLIST[:20], b"Breathe in", b"picture", b"/v/"]
    return response.status_code < 400 or any(each in body for each in told)


# --- Seven shapes -------------------------------------------------------------------------------


def other_session(video, file, member):
    """The address of a member, in the browser of somebody without a membership."""
    return browser_of(make_member()).get(address_of(video, file, member))


def no_cookie(video, file, member):
    return Client().get(address_of(video, file, member))


def expired_link(video, file, member):
    """The link of the morning in the evening, after the membership ended at noon."""
    browser, address = browser_of(member), address_of(video, file, member)
    member.memberships.update(ends_at=MORNING + timedelta(hours=4))
    with clock.travel(MORNING + timedelta(hours=12), tick=False):
        return browser.get(address)


def head(video, file, member):
    return browser_of(make_member()).head(address_of(video, file, member))


def a_range(video, file, member):
    headers = {"Range": "bytes=0-63"}
    return browser_of(make_member()).get(address_of(video, file, member), headers=headers)


def dots(video, file, member):
    """Out of the folder of a free film, whose pass everybody is given, into that of this one."""
    free = lay_out(make_class(is_free=True).variants.get().video)
    token = new_pass(0).token(free.pk)
    answers = [
        browser_of(make_member()).get(f"/v/{token}/{free.pk}/{up}{video.pk}/ladder/{file}")
        for up in ("../../", "..%2f..%2f", "%2e%2e/%2e%2e/", "..%5c..%5c", "....//....//")
    ]
    given = [answer for answer in answers if is_given(answer)]
    return given[0] if given else answers[0]


def letter_case(video, file, member):
    address = address_of(video, file, member)
    turned = {address.upper(), address.swapcase(), address.replace("/v/", "/V/", 1)}
    if file != "pass":
        turned.add(address.replace(file, file.upper()))
        turned.add(re.sub("[a-f]", lambda letter: letter[0].upper(), address, count=1))
    turned.add(address.replace(str(video.pk), str(video.pk).upper()))
    browser = browser_of(make_member())
    answers = [browser.get(each) for each in turned if each != address]
    given = [answer for answer in answers if is_given(answer)]
    return given[0] if given else answers[0]


SHAPES = (other_session, no_cookie, expired_link, head, a_range, dots, letter_case)


@pytest.mark.parametrize("file", FILES)
def test_the_address_plays_for_whom_it_was_made(video, member, file):
    """Else the refusals below would prove nothing."""
    assert is_given(browser_of(member).get(address_of(video, file, member)))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize("file", FILES)
def test_no_address_of_a_film_opens_without_a_membership(video, member, file, shape):
    response = shape(video, file, member)

    assert response.status_code in (400, 403, 404)
    assert not is_given(response)
    assert settings.FILM_COOKIE_NAME not in response.cookies


# --- In words -----------------------------------------------------------------------------------


@pytest.mark.parametrize("file", [file for file in FILES if file != "pass"])
def test_the_address_itself_says_why(video, member, file):
    trial = {"starts_at": MORNING - 15 * DAY, "ends_at": MORNING - DAY, "source": "trial"}
    browser = browser_of(make_membership(make_member(), **trial).member)

    response = browser.get(address_of(video, file, member))

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    said = response.content.decode()
    assert said.startswith("Your trial ended on Nov. 21, 2050.")
    assert said.endswith(f"{settings.SITE_URL}{reverse('accounts:membership')}")


def test_whoever_may_watch_is_not_told_of_a_membership(video, member):
    other = make_membership(make_member()).member

    response = browser_of(other).get(address_of(video, "film.mp4", member))

    assert response.status_code == 403
    assert "belongs to somebody else" in response.content.decode()


def test_a_draft_is_not_told_from_what_was_never_there(video, member):
    video.variant.workout_class.__class__.objects.update(state="draft")

    response = browser_of(make_member()).get(address_of(video, "film.mp4", member))

    assert "belongs to somebody else" in response.content.decode()


def test_a_refusal_costs_a_visitor_no_query(video, member, django_assert_num_queries):
    with django_assert_num_queries(0):
        Client().get(address_of(video, "film.mp4", member))


def test_a_refusal_costs_a_member_no_more_than_a_new_pass(
    video, member, django_assert_max_num_queries
):
    browser = browser_of(make_member())

    with django_assert_max_num_queries(5):  # session, member, film, who teaches it, memberships
        browser.get(address_of(video, "film.mp4", member))


@pytest.mark.parametrize(
    ("zone", "source", "words"),
    [
        ("", "trial", "Your trial ended on Nov. 22, 2050."),
        ("Pacific/Kiritimati", "trial", "Your trial ended on Nov. 23, 2050."),
        ("", "payment", "Your membership ended on Nov. 22, 2050."),
    ],
)
def test_what_ended_meanwhile_stops_at_the_renewal(video, time_machine, zone, source, words):
    member = make_member(time_zone=zone)
    ends_at = MORNING + timedelta(hours=4)
    make_membership(member, ends_at=ends_at, source=source)
    browser, film = browser_of(member), address_of(video, "480p.mp4", member)
    assert browser.get(address_of(video, "pass", member)).status_code == 200

    time_machine.move_to(ends_at, tick=False)
    # What was handed out goes on until it has run out: the bound that is documented.
    assert is_given(browser.get(film))
    response = browser.get(address_of(video, "pass", member))

    assert response.status_code == 403
    assert response.json() == {
        "reason": "no-membership",
        "message": words,
        "href": reverse("accounts:membership"),
    }


def test_what_is_still_to_begin_is_told(video):
    member = make_member()
    make_membership(member, starts_at=MORNING + 3 * DAY)

    response = browser_of(member).get(address_of(video, "pass", member))

    assert response.json()["message"] == "Your membership begins on Nov. 25, 2050."


def test_the_page_of_the_class_says_the_same_to_each_reader(video):
    """One after the other, so that what is kept of the page for the first is not the second's."""
    for days, day in ((1, "Nov. 21"), (2, "Nov. 20"), (1, "Nov. 21")):
        period = {"starts_at": MORNING - 9 * DAY, "ends_at": timezone.now() - days * DAY}
        browser = browser_of(make_membership(make_member(), **period).member)

        page = browser.get(video.variant.workout_class.get_absolute_url()).content.decode()

        assert f"Your membership ended on {day}, 2050." in page
        assert reverse("accounts:membership") in page
        assert page.count("Your membership ended on") == 1
    assert Membership.objects.count() == 3
