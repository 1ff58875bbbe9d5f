"""How long ago, in words."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from comments.moments import ago

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(days=-3), "just now"),
        (timedelta(seconds=-1), "just now"),
        (timedelta(), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6, hours=23), "6 days ago"),
        (timedelta(days=7), "1 week ago"),
        (timedelta(days=29), "4 weeks ago"),
        (timedelta(days=30), "1 month ago"),
        (timedelta(days=61), "2 months ago"),
        (timedelta(days=364), "11 months ago"),
        (timedelta(days=365), "1 year ago"),
        (timedelta(days=729), "1 year ago"),
        (timedelta(days=730), "2 years ago"),
        (timedelta(days=36500), "100 years ago"),
    ],
)
def test_ago_names_the_largest_full_unit(passed, words):
    with time_machine.travel(NOW, tick=False):
        assert ago(NOW - passed) == words
