"""How much is written from one place and by one member in a short time."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import RequestFactory

from comments import rates, writing
from comments.models import Comment
from tests.comments.test_writing import make_writer
from tests.factories import make_class, make_instructor

HERE = "here"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-05-01 12:01Z", tick=False) as clock:
        yield clock


def send(writer, workout_class, body, **attrs) -> Comment:
    attrs.setdefault("address", HERE)
    return writing.post(writer, workout_class, body=body, submission=body, **attrs)


def test_a_member_is_held_and_then_refused_until_the_window_ends(clock):
    seen = [rates.count(1, HERE) for _ in range(rates.OF_MEMBER.refused + 1)]

    assert [rate.is_held for rate in seen].index(True) == rates.OF_MEMBER.held
    assert [rate.refused_for for rate in seen[:-1]] == [0] * rates.OF_MEMBER.refused
    assert seen[-1].refused_for == 240
    assert rates.count(2, HERE) == rates.Rate()
    clock.shift(timedelta(seconds=240))
    assert rates.count(1, HERE) == rates.Rate()


def test_an_address_is_counted_over_all_its_members():
    seen = [rates.count(number, HERE) for number in range(rates.OF_ADDRESS.refused + 1)]

    assert [rate.is_held for rate in seen].index(True) == rates.OF_ADDRESS.held
    assert [bool(rate.refused_for) for rate in seen].index(True) == rates.OF_ADDRESS.refused
    assert rates.count(1000, "there") == rates.Rate()


def test_who_answers_for_the_studio_may_write_more():
    seen = [rates.count(1, HERE, of_studio=True) for _ in range(rates.OF_MEMBER.refused + 1)]

    assert set(seen) == {rates.Rate()}


def test_a_cache_that_is_away_keeps_nobody_from_writing(monkeypatch, caplog):
    def away(*args, **kwargs):
        raise ConnectionError("no route to the cache")

    for name in ("add", "incr", "get", "set"):
        monkeypatch.setattr(type(cache._connections["default"]), name, away)

    assert {rates.count(1, HERE) for _ in range(50)} == {rates.Rate()}
    assert "does not count" in caplog.text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("", "nonsense", True),
        ("", "192.0.2.1", False),
    ],
)
def test_a_household_is_one_address(one, other, same):
    names = [rates.address_of(RequestFactory().post("/", REMOTE_ADDR=ip)) for ip in (one, other)]

    assert (names[0] == names[1]) is same
    assert not any(ip and ip in name for ip in (one, other) for name in names)


def test_only_proxies_that_are_trusted_say_where_a_request_comes_from(settings):
    told = RequestFactory().post("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="192.0.2.9")
    plain = RequestFactory().post("/", REMOTE_ADDR="192.0.2.1")
    from_nine = RequestFactory().post("/", REMOTE_ADDR="192.0.2.9")

    assert rates.address_of(told) == rates.address_of(plain)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert rates.address_of(told) == rates.address_of(from_nine)


@pytest.mark.django_db
def test_comments_over_the_rate_are_held():
    writer, workout_class = make_writer(), make_class()
    for number in range(rates.OF_MEMBER.held):
        assert send(writer, workout_class, str(number)).is_published

    assert send(writer, workout_class, "One more").held_for == ["rate"]


@pytest.mark.django_db
def test_a_form_that_is_sent_again_is_not_counted():
    writer, workout_class = make_writer(), make_class()

    for _ in range(rates.OF_MEMBER.refused + 5):
        assert send(writer, workout_class, "Lovely").is_published

    assert workout_class.comments.count() == 1


@pytest.mark.django_db
def test_an_address_over_its_limit_is_refused_with_the_time_to_wait():
    workout_class = make_class()
    for number in range(rates.OF_ADDRESS.refused):
        rates.count(number, HERE)

    with pytest.raises(writing.TooMany) as refusal:
        send(make_writer(), workout_class, "Lovely")

    assert refusal.value.seconds == 240
    assert not workout_class.comments.exists()


@pytest.mark.django_db
def test_an_instructor_answers_many_in_a_row():
    teacher = make_writer()
    workout_class = make_class(instructors=[make_instructor(member=teacher)])

    for number in range(40):
        assert send(teacher, workout_class, f"Answer {number}").is_published


@pytest.mark.django_db
def test_counts_are_kept_in_the_database_too(settings):
    """The cache that a studio has by default: of all processes, in the database."""
    settings.CACHES = {
        **settings.CACHES,
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "matwork_cache",
        },
    }

    seen = [rates.count(1, HERE) for _ in range(rates.OF_MEMBER.refused + 1)]

    assert [rate.is_held for rate in seen].index(True) == rates.OF_MEMBER.held
    assert seen[-1].refused_for == 240
