"""What of a film touches what somebody avoids."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classes.body.facts import body_facts
from classes.body.my_version import MyVersion, my_version
from classes.models import Movement, WorkoutClass
from tests.factories import make_chapter, make_class, make_exercise, make_member, make_movement

MINUTES = timedelta(minutes=20)


def version_of(workout_class, *avoided: Movement, duration=MINUTES) -> MyVersion | None:
    """As the page asks for it."""
    workout_class = WorkoutClass.objects.for_page().get(pk=workout_class.pk)
    variant = workout_class.variants.first()
    slugs = {movement.slug for movement in avoided}
    facts = body_facts(workout_class, slugs)
    chapters = variant.chapters.for_timeline()
    return my_version(workout_class, chapters, slugs, facts, duration=duration)


def stretches(version: MyVersion | None) -> list[tuple[int, int]]:
    assert version
    return [(stretch.start, stretch.end) for stretch in version.stretches]


def checked(workout_class: WorkoutClass) -> WorkoutClass:
    """Checked with all that it contains by now."""
    WorkoutClass.objects.filter(pk=workout_class.pk).update(
        checked_by=make_member(is_staff=True), checked_at=timezone.now()
    )
    return workout_class


@pytest.mark.django_db
def test_chapters_with_what_is_avoided_are_stretches():
    twisting, kneeling = make_movement(), make_movement()
    workout_class = make_class()
    variant = workout_class.variants.get()
    saw = make_exercise(movements=[twisting, kneeling])
    make_chapter(variant, 0, 60)
    make_chapter(variant, 60, 100, exercise=saw)
    make_chapter(variant, 100, 200, adds=[kneeling])

    version = version_of(checked(workout_class), twisting)

    assert stretches(version) == [(60, 100)]
    assert version.movements == (twisting,)
    assert (version.parts, version.seconds) == (1, 40)
    assert (version.unplaced, version.unchecked_for) == ((), ())


@pytest.mark.django_db
def test_chapter_that_leaves_it_out_is_none():
    twisting = make_movement()
    workout_class = make_class()
    saw = make_exercise(movements=[twisting])
    make_chapter(workout_class.variants.get(), 0, 60, exercise=saw, removes=[twisting])

    assert version_of(checked(workout_class), twisting) is None


@pytest.mark.django_db
def test_adjoining_and_overlapping_chapters_are_one_stretch():
    twisting, rolling = make_movement(), make_movement()
    workout_class = make_class()
    variant = workout_class.variants.get()
    make_chapter(variant, 10, 20, adds=[twisting])
    make_chapter(variant, 20, 30, adds=[rolling])
    make_chapter(variant, 25, 28, adds=[rolling])
    make_chapter(variant, 31, 40, adds=[rolling])

    version = version_of(checked(workout_class), twisting, rolling)

    assert stretches(version) == [(10, 30), (31, 40)]
    assert version.parts == 4
    assert version.seconds == 29
    assert set(version.stretches[0].movements) == {twisting, rolling}


@pytest.mark.django_db
def test_stretch_ends_with_the_film():
    twisting = make_movement()
    workout_class = make_class()
    variant = workout_class.variants.get()
    make_chapter(variant, 90, 150, adds=[twisting])
    make_chapter(variant, 150, 200, adds=[twisting])
    film = timedelta(seconds=99.5)

    version = version_of(checked(workout_class), twisting, duration=film)

    assert stretches(version) == [(90, 100)]
    assert version.parts == 1


@pytest.mark.django_db
@pytest.mark.parametrize("seconds, is_much", [(40, False), (41, True)])
def test_more_than_two_fifths_is_much(seconds, is_much):
    twisting = make_movement()
    workout_class = make_class()
    make_chapter(workout_class.variants.get(), 0, seconds, adds=[twisting])

    version = version_of(checked(workout_class), twisting, duration=timedelta(seconds=100))

    assert version.percent == seconds
    assert version.is_much == is_much


@pytest.mark.django_db
def test_movement_without_a_time_is_named():
    twisting, kneeling = make_movement(), make_movement()
    workout_class = make_class(movements=[kneeling, twisting])
    make_chapter(workout_class.variants.get(), 0, 60, adds=[twisting])

    version = version_of(checked(workout_class), twisting, kneeling)

    assert version.unplaced == (kneeling,)
    assert version.movements == (twisting,)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "last_chapter, has_gaps", [((60, 1200), False), ((60, 1180), True), ((80, 1200), True)]
)
def test_film_that_is_not_all_described_may_have_more_of_it(last_chapter, has_gaps):
    """Whoever checked it has watched it, and had no need to tick what a chapter has already."""
    twisting, kneeling = make_movement(), make_movement()
    workout_class = make_class()
    variant = workout_class.variants.get()
    make_chapter(variant, 0, 60, adds=[twisting])
    make_chapter(variant, *last_chapter)
    checked(workout_class)

    assert version_of(workout_class, twisting).has_gaps is has_gaps
    assert version_of(workout_class, kneeling) is None


@pytest.mark.django_db
def test_class_that_nobody_checked_promises_nothing():
    twisting, kneeling, rolling = make_movement(), make_movement(), make_movement()
    workout_class = make_class()
    make_chapter(workout_class.variants.get(), 0, 60, adds=[twisting, rolling])

    version = version_of(workout_class, twisting, kneeling)

    assert version.unchecked_for == (twisting, kneeling)
    assert stretches(version) == [(0, 60)]


@pytest.mark.django_db
def test_check_made_before_a_movement_was_defined_is_none_for_it():
    twisting, kneeling = make_movement(), make_movement()
    workout_class = make_class(movements=[twisting, kneeling])
    checked(workout_class)
    Movement.objects.filter(pk=twisting.pk).update(defined_at=timezone.now())

    version = version_of(workout_class, twisting, kneeling)

    assert version.unchecked_for == (twisting,)


@pytest.mark.django_db
def test_nothing_is_said_where_nothing_is_avoided_or_nothing_touched():
    twisting, kneeling = make_movement(), make_movement()
    workout_class = checked(make_class(movements=[twisting]))

    assert version_of(workout_class) is None
    assert version_of(workout_class, kneeling) is None


@pytest.mark.django_db
def test_no_query_but_what_the_page_has_asked(django_assert_num_queries):
    twisting = make_movement()
    workout_class = make_class()
    variant = workout_class.variants.get()
    for start in range(0, 80, 10):
        make_chapter(variant, start, start + 10, adds=[twisting])
    workout_class = WorkoutClass.objects.for_page().get(pk=workout_class.pk)
    facts = body_facts(workout_class, {twisting.slug})
    chapters = list(variant.chapters.for_timeline())

    with django_assert_num_queries(0):
        my_version(workout_class, chapters, {twisting.slug}, facts, duration=MINUTES)


class TestTimelines(TestCase):
    @settings(deadline=None)
    @given(
        cuts=st.lists(st.tuples(st.integers(0, 90), st.integers(1, 20), st.booleans()), max_size=8),
        duration=st.floats(1, 100),
    )
    def test_every_second_of_it_lies_in_one_stretch_and_no_other_does(self, cuts, duration):
        twisting = make_movement()
        workout_class = make_class()
        variant = workout_class.variants.get()
        avoided: set[int] = set()
        for start, length, is_avoided in {cut[0]: cut for cut in cuts}.values():
            make_chapter(variant, start, start + length, adds=[twisting] if is_avoided else [])
            if is_avoided:
                avoided.update(range(start, start + length))
        in_the_film = {second for second in avoided if second < duration}

        version = version_of(checked(workout_class), twisting, duration=timedelta(seconds=duration))

        found = version.stretches if version else ()
        covered = [second for s in found for second in range(s.start, s.end)]
        assert sorted(covered) == sorted(in_the_film)  # so no stretch overlaps another
        assert all(a.end < b.start for a, b in pairwise(found))  # nor touches

    @settings(deadline=None, max_examples=30)
    @given(
        chapters=st.lists(
            st.tuples(
                st.integers(0, 60),  # where it begins
                st.integers(1, 25),  # how long it lasts
                st.sampled_from([None, {0}, {1}, {0, 1, 2}]),  # what its exercise has
                st.sets(st.integers(0, 2)),  # what it adds
                st.sets(st.integers(0, 2)),  # and leaves out
            ),
            max_size=6,
            unique_by=lambda chapter: chapter[0],
        ),
        avoided=st.sets(st.integers(0, 2), min_size=1),
        duration=st.floats(1, 90),
        is_checked=st.booleans(),
    )
    def test_no_second_of_it_is_passed_over_in_silence(
        self, chapters, avoided, duration, is_checked
    ):
        movements = [make_movement() for _ in range(3)]
        workout_class = make_class()
        variant = workout_class.variants.get()
        seconds: set[int] = set()
        done: set[int] = set()  # anywhere in the class, past the end of the film as well
        for start, length, usual, adds, removes in chapters:
            exercise = usual and make_exercise(movements=[movements[i] for i in usual])
            make_chapter(
                variant,
                start,
                start + length,
                adds=[movements[i] for i in adds],
                removes=[movements[i] for i in removes],
                **({"exercise": exercise} if exercise else {}),
            )
            if touched := avoided & ({*(usual or ()), *adds} - removes):
                done |= touched
                seconds.update(s for s in range(start, start + length) if s < duration)
        if is_checked:
            checked(workout_class)

        version = version_of(
            workout_class,
            *(movements[i] for i in avoided),
            duration=timedelta(seconds=duration),
        )

        if version is None:
            assert is_checked and not done
            return
        found = [s for stretch in version.stretches for s in range(stretch.start, stretch.end)]
        assert sorted(found) == sorted(seconds)
        assert {*version.movements, *version.unplaced} >= {movements[i] for i in done}
        assert set(version.unchecked_for) == (
            set() if is_checked else {movements[i] for i in avoided}
        )
