"""Timelines as they are stored, what follows for the class, and how much they describe."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classes.body.timeline import (
    contradictions_in,
    coverage,
    gaps,
    has_whole_timeline,
    plain_chapters,
    store_timeline,
)
from classes.body.timeline_text import PlainChapter
from classes.models import Variant, WorkoutClass
from tests.factories import (
    make_chapter,
    make_checked_class,
    make_class,
    make_exercise,
    make_focus_tag,
    make_member,
    make_movement,
    make_variant,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def twisting():
    return make_movement(name="Twisting")


@pytest.fixture
def saw(twisting):
    return make_exercise(name="Saw", movements=[twisting])


def only_variant(workout_class: WorkoutClass) -> Variant:
    return workout_class.variants.get()


def contents(workout_class: WorkoutClass) -> set[str]:
    stored = WorkoutClass.objects.get(pk=workout_class.pk)
    return {movement.name for movement in stored.movements.all()}


# --- Storing --------------------------------------------------------------------------------------


def test_stored_chapters_are_what_was_given(saw, twisting):
    kneeling = make_movement(name="Kneeling")
    chapters = [
        PlainChapter(0, 60, title="Welcome", adds=(kneeling,), note="slowly"),
        PlainChapter(60, 1200, saw, removes=(twisting,)),
    ]
    variant = only_variant(make_class())

    assert store_timeline(variant, chapters)

    assert plain_chapters(variant) == chapters


def test_the_class_contains_what_its_chapters_do(saw):
    rolling = make_movement(name="Rolling")
    workout_class = make_class(movements=[rolling])

    store_timeline(only_variant(workout_class), [PlainChapter(0, 60, saw)])
    assert contents(workout_class) == {"Rolling", "Twisting"}

    store_timeline(only_variant(workout_class), [])
    assert contents(workout_class) == {"Rolling"}


def test_a_chapter_takes_nothing_away_from_a_tick_or_another_chapter(saw, twisting):
    workout_class = make_class()
    other = make_variant(workout_class, language="es")
    head_down = [PlainChapter(0, 60, saw, removes=(twisting,))]

    store_timeline(other, head_down)
    assert contents(workout_class) == set()

    store_timeline(workout_class.variants.exclude(pk=other.pk).get(), [PlainChapter(0, 60, saw)])
    assert contents(workout_class) == {"Twisting"}


def test_the_same_timeline_again_writes_nothing_and_keeps_the_check(
    saw, django_assert_max_num_queries
):
    chapters = [PlainChapter(0, 1200, saw)]
    workout_class = make_checked_class()
    variant = only_variant(workout_class)
    make_chapter(variant, 0, 1200, exercise=saw)
    before = workout_class.history.count()

    with django_assert_max_num_queries(8):  # savepoint, class, hold, chapters
        assert not store_timeline(variant, chapters)

    workout_class.refresh_from_db()
    assert workout_class.is_checked
    assert workout_class.history.count() == before


def test_a_changed_timeline_takes_the_check_back_and_says_when(saw):
    workout_class = make_checked_class()
    variant = only_variant(workout_class)
    make_chapter(variant, 0, 754, title="Welcome")
    make_chapter(variant, 754, 1200, exercise=saw)

    store_timeline(variant, [PlainChapter(0, 754, title="Welcome"), PlainChapter(754, 1000, saw)])

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    sentence = "The timeline of “Workout Tempo · en” was changed at 12:34 (Saw)"
    assert workout_class.check_withdrawn == sentence
    assert workout_class.history.first().history_change_reason == sentence


def test_many_changes_are_counted():
    workout_class = make_checked_class()
    chapters = [PlainChapter(i * 60, i * 60 + 60, title=f"Part {i}") for i in range(6)]

    store_timeline(only_variant(workout_class), chapters)

    workout_class.refresh_from_db()
    assert workout_class.check_withdrawn.endswith(
        "0:00 (Part 0), 1:00 (Part 1), 2:00 (Part 2) and 3 more"
    )


def test_history_says_who_changed_a_class_that_nobody_had_checked(saw):
    curator = make_member(is_staff=True)
    workout_class = make_class()

    store_timeline(only_variant(workout_class), [PlainChapter(0, 60, saw)], by=curator)

    newest = workout_class.history.first()
    assert newest.history_user == curator
    assert "was changed at 0:00 (Saw)" in newest.history_change_reason


@pytest.mark.parametrize("second", [PlainChapter(59, 90, title="b"), PlainChapter(0, 5, title="b")])
def test_chapters_that_overlap_are_not_stored(second):
    variant = only_variant(make_class())

    with pytest.raises(ValueError, match="begins before"):
        store_timeline(variant, [PlainChapter(0, 60, title="a"), second])

    assert not variant.chapters.exists()


def test_storing_costs_the_same_for_one_chapter_and_for_eighty(saw, twisting):
    def cost(count: int) -> int:
        variant = Variant.objects.select_related("workout_class").get(
            pk=only_variant(make_checked_class()).pk
        )
        kneeling = make_movement()
        old, new = (
            [
                PlainChapter(i * 10, i * 10 + length, saw, adds=(kneeling,), removes=(twisting,))
                for i in range(count)
            ]
            for length in (10, 9)
        )
        store_timeline(variant, old)
        with CaptureQueriesContext(connection) as queries:
            store_timeline(variant, new)
        return len(queries)

    assert cost(1) == cost(80)


# --- Contradictions -------------------------------------------------------------------------------


def test_contradictions_name_the_chapter_the_tag_and_the_movement(saw, twisting):
    spine_safe = make_focus_tag(name="Spine Safe", forbids=[twisting])
    workout_class = make_class(focus_tags=[spine_safe, make_focus_tag()])
    chapters = [
        PlainChapter(0, 60, title="Welcome"),
        PlainChapter(60, 90, saw),
        PlainChapter(90, 120, saw, removes=(twisting,)),
        PlainChapter(120, 180, title="Legs", adds=(twisting,)),
    ]

    found = contradictions_in(only_variant(workout_class), chapters)

    assert found == [(chapters[1], spine_safe, twisting), (chapters[3], spine_safe, twisting)]


# --- Coverage -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stretches", "expected"),
    [
        ([], [(0, 1200)]),
        ([(0, 1200)], []),
        ([(15, 1185)], []),
        ([(16, 1184)], [(0, 16), (1184, 1200)]),
        ([(0, 100), (115, 1200)], []),
        ([(0, 100), (116, 1200)], [(100, 116)]),
        ([(0, 1100), (1190, 1300)], [(1100, 1190)]),
        ([(0, 1000), (1300, 1400)], [(1000, 1200)]),
    ],
)
def test_gaps_are_stretches_of_more_than_fifteen_seconds(stretches, expected):
    variant = only_variant(make_class())
    for start, end in stretches:
        make_chapter(variant, start, end)

    assert gaps(variant) == expected


def test_a_timeline_is_whole_without_gaps_and_within_the_film():
    variant = only_variant(make_class())
    assert not has_whole_timeline(variant)

    chapter = make_chapter(variant, 0, 1200)
    assert has_whole_timeline(variant)

    chapter.end = 1201
    chapter.save()
    assert coverage(variant).overhang == 1
    assert not has_whole_timeline(variant)


def test_no_film_is_short_enough_to_need_no_chapter():
    variant = make_variant(make_class(variant=False), duration=timedelta(seconds=10))

    assert gaps(variant) == [(0, 10)]
    assert not has_whole_timeline(variant)
