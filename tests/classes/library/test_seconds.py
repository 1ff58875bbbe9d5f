"""Seconds as bits, against sets of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classes.library.seconds import (
    MOST_SPANS,
    TooManySpansError,
    bits_of,
    first,
    from_bytes,
    read_spans,
    spans_of,
    to_bytes,
)

MODEST = settings(max_examples=60, deadline=None)
LENGTHS = st.integers(0, 400)
SPANS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 10**8)), max_size=12)
SECONDS = st.sets(st.integers(0, 400))


def as_set(bits: int) -> set[int]:
    return {place for place in range(bits.bit_length()) if bits >> place & 1}


def as_bits(seconds: set[int]) -> int:
    return sum(1 << second for second in seconds)


@MODEST
@given(SPANS, LENGTHS)
def test_bits_are_the_seconds_of_the_film_that_are_named(spans, length):
    named = {second for a, b in spans for second in range(a, min(b, length))}

    assert as_set(bits_of(spans, length)) == named


@MODEST
@given(SECONDS)
def test_spans_are_as_few_as_can_name_the_seconds(seconds):
    spans = spans_of(as_bits(seconds))

    assert as_set(bits_of(spans, 500)) == seconds
    assert len(spans) == len({second for second in seconds if second - 1 not in seconds})
    assert spans == sorted(spans)


@MODEST
@given(SECONDS, st.integers(0, 450))
def test_first_are_the_earliest_of_them(seconds, most):
    assert as_set(first(as_bits(seconds), most)) == set(sorted(seconds)[:most])


@MODEST
@given(SECONDS)
def test_bytes_keep_every_second_and_nothing_else(seconds):
    kept = to_bytes(as_bits(seconds))

    assert as_set(from_bytes(memoryview(kept))) == seconds
    assert len(kept) <= max(seconds, default=0) // 8 + 1


def test_spans_are_read_in_the_order_they_come():
    assert read_spans("") == []
    assert read_spans("14-20 0-10") == [(14, 20), (0, 10)]


@pytest.mark.parametrize(
    "text",
    ["5", "5-", "-5", "9-5", "5-5", "0-1,2-3", "0-1  2-3", " 0-1", "٠-١", "0-1\n", "0-9999999999"],
)
def test_spans_that_mean_nothing_are_refused(text):
    with pytest.raises(ValueError, match=r"is no span|is empty"):
        read_spans(text)


def test_spans_are_bounded():
    assert len(read_spans("0-1 " * (MOST_SPANS - 1) + "0-1")) == MOST_SPANS

    with pytest.raises(TooManySpansError):
        read_spans("0-1 " * MOST_SPANS + "0-1")
