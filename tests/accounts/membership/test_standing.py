"""What a member's memberships come to, and the sentence for it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from accounts.membership.standing import Standing, Stretch, last_day, standing, standing_words

NOW = datetime(2026, 5, 10, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TRIAL, CURATOR, PAYMENT = "trial", "curator", "payment"


def stretch(start: int, end: int | None, source: str = CURATOR) -> Stretch:
    """From and to so many days from now."""
    return Stretch(NOW + start * DAY, None if end is None else NOW + end * DAY, source)


def test_nobody_has_run_out_of_what_they_never_had():
    assert standing([], NOW) == Standing()


def test_a_grant_beside_a_trial_outlasts_it():
    stands = standing([stretch(-3, 11, TRIAL), stretch(-1, 30)], NOW)

    assert (stands.runs, stands.until) == (True, NOW + 30 * DAY)


def test_what_follows_without_a_gap_counts_as_one():
    stretches = [stretch(20, None), stretch(-3, 4), stretch(4, 15), stretch(10, 20)]

    assert standing(stretches, NOW) == Standing(True, None, None, "", NOW + 4 * DAY)


def test_what_follows_after_a_gap_does_not():
    stands = standing([stretch(-3, 4), stretch(5, 15)], NOW)

    assert (stands.until, stands.begins_at) == (NOW + 4 * DAY, NOW + 5 * DAY)


@pytest.mark.parametrize("latest", [TRIAL, PAYMENT])
def test_of_several_that_ended_the_last_is_named(latest):
    earlier = PAYMENT if latest == TRIAL else TRIAL

    stands = standing([stretch(-9, -1, latest), stretch(-30, -2, earlier)], NOW)

    assert (stands.runs, stands.ended_at, stands.ended_source) == (False, NOW - DAY, latest)


def test_of_two_that_ended_together_the_trial_is_the_lesser():
    for sources in ((TRIAL, CURATOR), (CURATOR, TRIAL)):
        stands = standing([stretch(-9, -1, source) for source in sources], NOW)

        assert stands.ended_source == CURATOR


@pytest.mark.parametrize(
    ("stretches", "english", "spanish"),
    [
        ([], "You have never had a membership.", None),
        ([stretch(-9, -7, TRIAL)], "Your trial ended on May 3, 2026.", "3 de mayo de 2026"),
        ([stretch(-9, -7)], "Your membership ended on May 3, 2026.", "3 de mayo de 2026"),
        ([stretch(-9, -7), stretch(2, 9)], "Your membership begins on May 12, 2026.", None),
        ([stretch(-9, None)], "You may watch every class, without an end.", None),
        ([stretch(-9, 3)], "You may watch every class until May 13, 2026.", None),
    ],
)
def test_the_sentence(stretches, english, spanish):
    stands = standing(stretches, NOW)

    assert standing_words(stands, NOW) == english
    if spanish:
        with translation.override("es"):
            assert spanish in standing_words(stands, NOW)


def test_what_begins_later_today_names_the_time():
    stands = Standing(begins_at=NOW + timedelta(hours=3, minutes=30))

    with timezone.override("Europe/Madrid"):
        assert standing_words(stands, NOW) == "Today at 5:30 p.m. your membership begins."


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", 31), ("America/New_York", 31), ("Asia/Tokyo", 1)]
)
def test_what_ends_at_midnight_ended_on_the_day_before(zone, day):
    with timezone.override(ZoneInfo(zone)):
        assert last_day(datetime(2027, 1, 1, tzinfo=UTC)).day == day
