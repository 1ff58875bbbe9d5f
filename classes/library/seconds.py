"""Whole seconds of a film as bits of a number: the lowest stands for the first second.

A film of an hour is 450 bytes, and what two browsers watched at once is one "or".
"""

import re
from collections.abc import Iterable

# What a browser may name at once. Of a film of an hour no more can be apart from each other.
MOST_SPANS = 2_000
_SPAN = re.compile(r"([0-9]{1,9})-([0-9]{1,9})", re.ASCII)

Span = tuple[int, int]  # from a second to another, which is not in it


class TooManySpansError(ValueError):
    """More than anybody's player has to say."""


def read_spans(text: str) -> list[Span]:
    """`0-10 14-20` is the first ten seconds, and six more. ValueError for anything else.

    Whether the film has such seconds is not looked at.
    """
    words = text.split(" ", MOST_SPANS) if text else []
    if len(words) > MOST_SPANS:
        raise TooManySpansError(len(words))
    return [_read_span(word) for word in words]


def _read_span(word: str) -> Span:
    match = _SPAN.fullmatch(word)
    if match is None:
        raise ValueError(f"{word[:40]!r} is no span")
    start, end = int(match[1]), int(match[2])
    if start >= end:
        raise ValueError(f"{word!r} is empty")
    return start, end


def bits_of(spans: Iterable[Span], length: int) -> int:
    """All seconds of these spans that a film of `length` seconds has."""
    bits = 0
    for start, end in spans:
        end = min(end, length)
        if start < end:
            bits |= ((1 << end - start) - 1) << start
    return bits


def spans_of(bits: int) -> list[Span]:
    """The same seconds as few spans, in the order of the film, none touching the next."""
    spans = []
    start = 0
    while bits:
        gap = (bits & -bits).bit_length() - 1
        bits >>= gap
        run = (~bits & bits + 1).bit_length() - 1
        bits >>= run
        start += gap
        spans.append((start, start + run))
        start += run
    return spans


def first(bits: int, most: int) -> int:
    """The earliest of them, and no more than `most`."""
    if bits.bit_count() <= most:
        return bits
    low, high = 0, bits.bit_length()  # the first `low` seconds have no more of them than that
    while low < high:
        middle = (low + high + 1) // 2
        if (bits & (1 << middle) - 1).bit_count() <= most:
            low = middle
        else:
            high = middle - 1
    return bits & (1 << low) - 1


def to_bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def from_bytes(kept: bytes | memoryview) -> int:
    return int.from_bytes(kept, "little")
