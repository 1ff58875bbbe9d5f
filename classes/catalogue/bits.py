"""Sets of small whole numbers as the bits of one integer: number n is in the set where bit n is 1.

Python's `&`, `|` and `^` are the intersection, union and difference of such sets, at a third of a
microsecond for 100,000 numbers, and `bit_count` is their size, at four. What is here are the steps
between: into bits and out of them, the highest of a set, and values that belong to the numbers.

Such values are kept as *planes*: the sets of those whose value has a 1 at the first binary place,
at the second, and so on. Counting and sorting by them is then a matter of sets as well.
"""

import re
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

Runs = Sequence[tuple[int, int]]  # (first number, how many)

_DIGITS = bytes.maketrans(b"\0\1", b"01")
_FLAGS = bytes.maketrans(b"01", b"\0\1")
# By value of a byte and place in it: the digit there.
_DIGIT_AT = [bytes(48 + (byte >> place & 1) for byte in range(256)) for place in range(8)]
_PLACES = [tuple(place for place in range(8) if byte >> place & 1) for byte in range(256)]
_NOT_EMPTY = re.compile(rb"[^\0]")

_FEW = 48  # so many are sorted faster one by one than by planes


def from_flags(flags: bytes | bytearray) -> int:
    """The set of the places at which there is a 1, and not a 0."""
    return int(flags[::-1].translate(_DIGITS), 2) if flags else 0


def to_flags(bits: int, size: int) -> bytes:
    """A 1 or a 0 for each number below `size`, as `itertools.compress` takes them."""
    return format(bits, f"0{size}b").encode()[::-1].translate(_FLAGS) if size else b""


def from_numbers(numbers: Iterable[int]) -> int:
    """The set of these. For a few: each costs as much as the largest is long."""
    return reduce(or_, (1 << number for number in numbers), 0)


def to_numbers(bits: int) -> list[int]:
    """The numbers of the set, the lowest first."""
    octets = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    return [
        match.start() * 8 + place
        for match in _NOT_EMPTY.finditer(octets)
        for place in _PLACES[octets[match.start()]]
    ]


def has(bits: int, number: int) -> bool:
    return bool(bits >> number & 1)


def union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


def without(bits: int, others: int) -> int:
    # Not `bits & ~others`: a negative number costs ten times as much.
    return bits ^ (bits & others)


def below(number: int) -> int:
    """The set of all numbers below this one."""
    return (1 << number) - 1


def highest(bits: int, size: int, skip: int = 0) -> list[int]:
    """At most `size` numbers of the set from the highest down, after the first `skip`."""
    if skip:
        bits = _without_highest(bits, skip)
    found: list[int] = []
    width = 512
    while bits and len(found) < size:
        bottom = max(0, bits.bit_length() - width)
        found += [bottom + number for number in reversed(to_numbers(bits >> bottom))]
        bits &= below(bottom)
        width *= 2
    return found[:size]


def _without_highest(bits: int, skip: int) -> int:
    """By halves: the border is looked for in a window that shrinks to one bit."""
    window, bottom = bits, 0
    while skip and window:
        half = window.bit_length() // 2
        upper = window >> half
        number = upper.bit_count()
        if number <= skip:
            skip -= number
            window &= below(half)
        else:
            window, bottom = upper, bottom + half
    return bits & below(bottom + window.bit_length())


# --- Values -------------------------------------------------------------------------------------


def planes_of(values: "array[int]") -> list[int]:
    """The planes of the values that stand at each number, none of them negative."""
    octets = values.tobytes()
    size = values.itemsize
    planes = []
    for octet in range(size):
        at = octet if sys.byteorder == "little" else size - 1 - octet
        column = octets[at::size][::-1]
        planes += [int(column.translate(digits) or b"0", 2) for digits in _DIGIT_AT]
    while planes and not planes[-1]:
        planes.pop()
    return planes


def add(planes: list[int], bits: int, place: int = 0) -> None:
    """Raise the value of each number of the set by 1, 2, 4 … (`place` 0, 1, 2 …)."""
    while bits:
        planes += [0] * (place + 1 - len(planes))
        planes[place], bits = planes[place] ^ bits, planes[place] & bits
        place += 1


def by_value(
    bits: int,
    planes: Sequence[int],
    size: int,
    skip: int = 0,
    *,
    falling: bool,
    exact: Callable[[int], Any] | None = None,
    inexact: int = 0,
) -> list[int]:
    """At most `size` numbers of the set by their values, after the first `skip`.

    Equal ones from the highest down. `exact` gives the value of one number, and spares many steps;
    it is needed where the planes are rounded down, which `inexact` says of each number.
    """
    found: list[int] = []
    waiting = [(bits, len(planes))]
    while waiting and len(found) < size:
        group, place = waiting.pop()
        number = group.bit_count()
        if number <= skip:
            skip -= number
            continue
        wanted = size - len(found)
        if exact and (number <= _FEW or (not place and group & inexact)):
            members = to_numbers(group)
            members.reverse()  # equal ones stay like that
            members.sort(key=exact, reverse=falling)
            found += members[skip : skip + wanted]
            skip = 0
        elif not place:
            found += highest(group, wanted, skip)
            skip = 0
        else:
            ones = group & planes[place - 1]
            zeros = group ^ ones
            halves = (zeros, ones) if falling else (ones, zeros)
            waiting += [(half, place - 1) for half in halves]
    return found


# --- Numbers that shift -------------------------------------------------------------------------


def closed(bits: int, runs: Runs) -> int:
    """The set after these runs of numbers are taken out and all above move down.

    None of them may be in the set. Runs stand in order, each as numbered before any is gone.
    """
    for start, length in reversed(runs):
        bits = bits >> start + length << start | bits & below(start)
    return bits


def opened(bits: int, runs: Runs) -> int:
    """The set after room is made for these runs, and all above moved up.

    Runs stand in order, each as numbered once all are there.
    """
    for start, length in runs:
        bits = bits >> start << start + length | bits & below(start)
    return bits


def runs_of(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Rising numbers as runs of those that follow each other."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and sum(runs[-1]) == number:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs
