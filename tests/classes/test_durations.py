"""Lengths, the same everywhere."""

from datetime import timedelta

import pytest

from classes.durations import clock, iso_duration, read_clock, whole_minutes


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, 1), (20, 1), (89, 1), (90, 2), (629, 10), (630, 11), (1230, 21), (3600, 60)],
)
def test_minutes_are_rounded_half_up_and_at_least_one(seconds, expected):
    assert whole_minutes(timedelta(seconds=seconds)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "0:00"), (65.9, "1:05"), (1450, "24:10"), (3850, "1:04:10")]
)
def test_clock_shows_hours_only_where_there_are_any(seconds, expected):
    assert clock(timedelta(seconds=seconds)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "PT0S"), (1230, "PT20M30S"), (3600, "PT1H"), (3661, "PT1H1M1S")]
)
def test_iso_duration_leaves_out_empty_units(seconds, expected):
    assert iso_duration(timedelta(seconds=seconds)) == expected


def test_iso_duration_refuses_a_negative_length():
    with pytest.raises(ValueError, match="-1 day"):
        iso_duration(timedelta(seconds=-1))


@pytest.mark.parametrize(
    ("text", "seconds"), [("0:00", 0), ("90", 90), ("24:10", 1450), ("1:04:10", 3850), ("2:5", 125)]
)
def test_clock_is_read_as_it_is_written(text, seconds):
    assert read_clock(text) == seconds


@pytest.mark.parametrize("text", ["", "half past", "24:70", "1:2:3:4", "-1", "2:30.5", "1:", "٣"])
def test_what_is_no_clock_is_refused(text):
    with pytest.raises(ValueError, match="is no clock"):
        read_clock(text)
