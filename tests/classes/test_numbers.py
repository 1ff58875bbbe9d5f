"""What of an address counts as a number."""

import pytest

from classes.numbers import whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("-1", None),
        ("+1", None),
        ("1.0", None),
        ("٣", None),
        ("²", None),
        (" 1", None),
        ("", None),
        (None, None),
    ],
)
def test_whole_number_takes_plain_digits_alone(text, number):
    assert whole_number(text) == number
