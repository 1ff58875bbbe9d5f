"""Dates as other sites write them."""

from datetime import UTC, datetime

import pytest
import time_machine

from comments.importing.dates import Ambiguous, read_date


@pytest.fixture(autouse=True)
def zone(settings):
    settings.TIME_ZONE = "Europe/Madrid"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-03-04T10:11:12Z", datetime(2019, 3, 4, 10, 11, 12, tzinfo=UTC)),
        ("2019-03-04T10:11:12+05:00", datetime(2019, 3, 4, 5, 11, 12, tzinfo=UTC)),
        ("2019-03-04 10:11:12", datetime(2019, 3, 4, 9, 11, 12, tzinfo=UTC)),
        ("2019-07-04 10:11", datetime(2019, 7, 4, 8, 11, tzinfo=UTC)),
        ("2019-03-04", datetime(2019, 3, 4, 11, tzinfo=UTC)),
        ("2019/03/04", datetime(2019, 3, 4, 11, tzinfo=UTC)),
        ("4.3.2019", datetime(2019, 3, 4, 11, tzinfo=UTC)),
        ("04.03.2019 10:11", datetime(2019, 3, 4, 9, 11, tzinfo=UTC)),
        ("March 4, 2019", datetime(2019, 3, 4, 11, tzinfo=UTC)),
        ("March 4, 2019 at 10:11 PM", datetime(2019, 3, 4, 21, 11, tzinfo=UTC)),
        ("4 Mar 2019", datetime(2019, 3, 4, 11, tzinfo=UTC)),
        ("25/3/2019", datetime(2019, 3, 25, 11, tzinfo=UTC)),
        ("3/25/2019 10:11 PM", datetime(2019, 3, 25, 21, 11, tzinfo=UTC)),
        ("4/4/2019", datetime(2019, 4, 4, 10, tzinfo=UTC)),
        ("Mon, 04 Mar 2019 10:11:12 +0000", datetime(2019, 3, 4, 10, 11, 12, tzinfo=UTC)),
        ("1551694272", datetime(2019, 3, 4, 10, 11, 12, tzinfo=UTC)),
    ],
)
def test_date_is_read(text, moment):
    assert read_date(text) == moment


def test_date_in_utc_is_in_utc():
    assert read_date("2019-03-04 10:11:12", is_utc=True) == datetime(
        2019, 3, 4, 10, 11, 12, tzinfo=UTC
    )


@pytest.mark.parametrize("text", ["", "  ", "0000-00-00 00:00:00", "0000-00-00"])
def test_no_date_is_none(text):
    assert read_date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2019-02-30",
        "2019-13-01",
        "31/31/2019",
        "12",
        "0001-01-01",
        "1899-12-30",
        "99999999999999999999",
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError):
        read_date(text)


@pytest.mark.parametrize("text", ["4/3/2019", "12/11/2019 10:00"])
def test_day_or_month_is_not_guessed(text):
    with pytest.raises(Ambiguous), time_machine.travel("2026-01-01"):
        read_date(text)
