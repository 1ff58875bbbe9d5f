"""Length bands."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classes.catalogue.facets import BANDS
from classes.durations import whole_minutes


@given(seconds=st.integers(0, 130) | st.integers(600, 4 * 3600), of_a_second=st.integers(0, 999))
def test_every_length_is_in_the_one_band_that_holds_its_minutes(seconds, of_a_second):
    duration = timedelta(seconds=seconds, milliseconds=of_a_second)
    minutes = whole_minutes(duration)

    holding = [
        band
        for band in BANDS.values()
        if band.at_least <= duration and (band.below is None or duration < band.below)
    ]

    assert len(holding) == 1
    assert holding[0].low <= minutes <= (holding[0].high or minutes)


@pytest.mark.parametrize(("seconds", "value"), [(0, "0-10"), (629, "0-10"), (630, "11-20")])
def test_half_a_minute_rounds_up(seconds, value):
    band = BANDS[value]

    assert band.at_least <= timedelta(seconds=seconds) < band.below


def test_bands_are_those_that_addresses_promise():
    assert list(BANDS) == ["0-10", "11-20", "21-30", "31-45", "46-60", "61-"]
    assert [BANDS[value].label for value in ("0-10", "11-20", "61-")] == [
        "Up to 10 minutes",
        "11–20 minutes",
        "Over 60 minutes",
    ]
