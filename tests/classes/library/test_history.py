"""The lines of a history, and the days they stand under."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classes.library.history import (
    Line,
    by_day,
    forget,
    forget_all,
    go_on,
    history_of,
    pause,
    paused_since,
)
from classes.models import Viewing
from tests.factories import make_class, make_member, make_variant, make_video, make_viewing


def line(seen_at: datetime, **attrs) -> Line:
    attrs = {"second": None, "length": None, "done_at": None, "times_done": 0, **attrs}
    return Line(1, seen_at, **attrs)


def lines_of(member) -> list[Line]:
    return [each for day in history_of(member, 0, 50) for each in day.lines]


# --- Days ---------------------------------------------------------------------------------------


def test_days_turn_at_the_readers_midnight_summer_time_or_not():
    # In Madrid the clocks went back on 25 October 2026, at 1:00 by UTC.
    moments = [
        datetime(2026, 10, 25, 23, 30, tzinfo=UTC),  # 0:30 on the 26th
        datetime(2026, 10, 25, 22, 30, tzinfo=UTC),  # 23:30
        datetime(2026, 10, 24, 22, 30, tzinfo=UTC),  # 0:30 on the 25th
        datetime(2026, 10, 24, 21, 30, tzinfo=UTC),  # 23:30 on the 24th
    ]

    with timezone.override("Europe/Madrid"):
        days = by_day(map(line, moments))

    assert [(each.day, len(each.lines)) for each in days] == [
        (date(2026, 10, 26), 1),
        (date(2026, 10, 25), 2),
        (date(2026, 10, 24), 1),
    ]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    quarters=st.lists(st.integers(0, 4 * 24 * 365 * 3), max_size=30),
    zone=st.sampled_from(["UTC", "Europe/Madrid", "America/Lima", "Pacific/Apia"]),
)
def test_every_line_stands_once_under_its_own_day(quarters, zone):
    first = datetime(2024, 1, 1, tzinfo=UTC)
    moments = [first + timedelta(minutes=15 * each) for each in sorted(quarters, reverse=True)]

    with timezone.override(zone):
        days = by_day(map(line, moments))
        under = [(day.day, each.seen_at) for day in days for each in day.lines]

        assert [seen_at for _day, seen_at in under] == moments
        assert all(timezone.localdate(seen_at) == day for day, seen_at in under)
        assert [day.day for day in days] == sorted({day.day for day in days}, reverse=True)


def test_done_says_its_day_only_where_that_is_another():
    seen_at = datetime(2026, 5, 3, 12, tzinfo=UTC)

    assert line(seen_at, done_at=seen_at - timedelta(hours=1)).is_done_that_day
    assert not line(seen_at, done_at=seen_at - timedelta(days=1)).is_done_that_day
    assert not line(seen_at).is_done_that_day


# --- Lines --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_line_names_its_film_and_where_it_was_left():
    member, workout_class = make_member(), make_class(title="Undo the Desk", slug="undo")
    spanish = make_variant(workout_class, language="es", duration=timedelta(minutes=10))
    make_viewing(member, spanish, second=90)

    (found,) = lines_of(member)

    assert found.title == "Undo the Desk"
    assert found.url == "/classes/undo/workout-tempo/es/"
    assert found.reached == timedelta(seconds=90)
    assert found.length == timedelta(minutes=10)


@pytest.mark.django_db
def test_line_of_a_done_round_has_no_place_to_go_on_from():
    member = make_member()
    make_viewing(member, make_class().variants.get(), second=1199, continues=False)

    assert lines_of(member)[0].reached is None


@pytest.mark.django_db
def test_line_of_a_replaced_film_stays_without_its_place():
    member = make_member()
    viewing = make_viewing(member, make_class(title="Undo the Desk").variants.get(), second=90)
    viewing.variant.video = make_video(viewing.variant)
    viewing.variant.save()

    (found,) = lines_of(member)

    assert (found.title, found.reached) == ("Undo the Desk", None)


@pytest.mark.django_db
def test_line_of_a_film_that_is_gone_leads_to_its_class():
    member, workout_class = make_member(), make_class(slug="undo")
    spanish = make_variant(workout_class, language="es")
    make_viewing(member, spanish)
    spanish.video = None
    spanish.save()

    assert lines_of(member)[0].url == "/classes/undo/"


@pytest.mark.django_db
def test_line_of_a_draft_names_nothing():
    member = make_member()
    viewing = make_viewing(member, make_class(title="Undo the Desk").variants.get(), second=90)
    viewing.workout_class.state = "draft"
    viewing.workout_class.save()

    (found,) = lines_of(member)

    assert (found.title, found.url, found.picture, found.reached) == ("", "", None, None)
    assert found.pk == viewing.pk  # it can be taken out


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 8])
def test_history_takes_two_queries(number, django_assert_num_queries):
    member = make_member()
    for _ in range(number):
        make_viewing(member, make_class().variants.get(), second=90)

    with django_assert_num_queries(2):
        assert len(lines_of(member)) == number


# --- What its owner does with it ----------------------------------------------------------------


@pytest.mark.django_db
def test_only_ones_own_lines_can_be_taken_out():
    member, other = make_member(), make_member()
    variant = make_class().variants.get()
    own, others = make_viewing(member, variant), make_viewing(other, variant)

    assert not forget(member, others.pk)
    assert forget(member, own.pk)
    assert not forget(member, own.pk)
    assert list(Viewing.objects.all()) == [others]


@pytest.mark.django_db
def test_clearing_takes_ones_own_lines_only():
    member, other = make_member(), make_member()
    for _ in range(3):
        make_viewing(member, make_class().variants.get())
    others = make_viewing(other, make_class().variants.get())

    assert forget_all(member) == 3
    assert forget_all(member) == 0
    assert list(Viewing.objects.all()) == [others]


@pytest.mark.django_db
def test_paused_twice_is_paused_since_the_first_time():
    member = make_member()
    pause(member)
    since = paused_since(member)

    pause(member)

    assert paused_since(member) == since
    assert paused_since(make_member()) is None
    go_on(member)
    go_on(member)
    assert paused_since(member) is None
