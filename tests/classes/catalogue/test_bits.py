"""Sets as bits against Python's own sets and sorting."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from classes.catalogue import bits

SIZE = 700  # wide enough that `highest` looks through more than one window
sets = st.sets(st.integers(0, SIZE - 1))
values = st.lists(st.integers(0, 9) | st.integers(0, 2**32 - 1), min_size=1, max_size=200)


def test_nothing_is_the_empty_set():
    assert bits.from_flags(b"") == bits.from_numbers([]) == bits.union([]) == 0
    assert bits.to_flags(0, 0) == b""
    assert bits.to_numbers(0) == bits.highest(0, 5) == []
    assert bits.planes_of(array("I")) == bits.planes_of(array("I", [0, 0])) == []


@given(numbers=sets)
def test_what_goes_in_comes_out(numbers):
    flags = bytes(number in numbers for number in range(SIZE))

    assert bits.from_flags(flags) == bits.from_numbers(numbers)
    assert bits.to_flags(bits.from_flags(flags), SIZE) == flags
    assert bits.to_numbers(bits.from_flags(flags)) == sorted(numbers)
    assert {n for n in range(SIZE) if bits.has(bits.from_flags(flags), n)} == numbers


@given(one=sets, other=sets)
def test_difference(one, other):
    left = bits.without(bits.from_numbers(one), bits.from_numbers(other))

    assert left == bits.from_numbers(one - other)


@given(numbers=sets, size=st.integers(0, 50), skip=st.integers(0, SIZE))
def test_highest_are_those_of_the_sorted_list(numbers, size, skip):
    found = bits.highest(bits.from_numbers(numbers), size, skip)

    assert found == sorted(numbers, reverse=True)[skip : skip + size]


@given(values=values)
def test_planes_hold_the_values(values):
    planes = bits.planes_of(array("I", values))

    held = [
        sum((plane >> n & 1) << j for j, plane in enumerate(planes)) for n in range(len(values))
    ]
    assert held == values


@given(counted=st.lists(st.tuples(sets, st.integers(0, 3)), max_size=8))
def test_adding_counts(counted):
    planes: list[int] = []
    for numbers, place in counted:
        bits.add(planes, bits.from_numbers(numbers), place)

    for number in range(SIZE):
        expected = sum(2**place for numbers, place in counted if number in numbers)
        assert sum((plane >> number & 1) << j for j, plane in enumerate(planes)) == expected


@given(
    values=st.lists(st.integers(0, 5) | st.integers(0, 9999), min_size=1, max_size=SIZE),
    numbers=sets,
    size=st.integers(0, 50),
    skip=st.integers(0, 300),
    falling=st.booleans(),
    rounded=st.booleans(),
)
def test_order_by_value_is_that_of_sorting(values, numbers, size, skip, falling, rounded):
    numbers = {number for number in numbers if number < len(values)}
    held = [value // 4 for value in values] if rounded else values

    found = bits.by_value(
        bits.from_numbers(numbers),
        bits.planes_of(array("I", held)),
        size,
        skip,
        falling=falling,
        exact=values.__getitem__ if rounded else None,
        inexact=bits.from_numbers(n for n in numbers if values[n] % 4) if rounded else 0,
    )

    highest_first = sorted(numbers, reverse=True)
    expected = sorted(highest_first, key=values.__getitem__, reverse=falling)
    assert found == expected[skip : skip + size]


@given(numbers=sets, moving=sets)
def test_numbers_close_ranks_and_make_room_again(numbers, moving):
    kept = sorted(set(range(SIZE)) - moving)
    place = {number: new for new, number in enumerate(kept)}
    runs = bits.runs_of(sorted(moving))

    closed = bits.closed(bits.from_numbers(numbers - moving), runs)

    assert closed == bits.from_numbers(place[number] for number in numbers - moving)
    assert bits.opened(closed, runs) == bits.from_numbers(numbers - moving)
