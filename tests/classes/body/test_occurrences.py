"""Where a movement occurs, as rows and in words."""

import pytest

from classes.body.occurrences import occurrences, occurrences_in, places_in_words
from tests.factories import make_chapter, make_class, make_exercise, make_movement, make_variant

pytestmark = pytest.mark.django_db


def test_chapters_come_in_the_order_of_the_films_and_ticks_last():
    twisting, rolling = make_movement(name="Twisting"), make_movement(name="Rolling")
    workout_class = make_class(movements=[rolling])
    variant = workout_class.variants.get()
    later = make_chapter(variant, 754, 800, exercise=make_exercise(movements=[twisting]))
    earlier = make_chapter(variant, 0, 60, adds=[twisting])
    make_chapter(variant, 60, 90, exercise=make_exercise(movements=[twisting]), removes=[twisting])

    found = occurrences(workout_class)

    assert [(each.movement, each.chapter, each.variant) for each in found] == [
        (twisting, earlier, variant),
        (twisting, later, variant),
        (rolling, None, None),
    ]


def test_places_are_named_and_more_of_them_counted():
    twisting, rolling = make_movement(name="Twisting"), make_movement(name="Rolling")
    workout_class = make_class(movements=[rolling])
    saw = make_exercise(name="Saw", movements=[twisting])
    make_chapter(workout_class.variants.get(), 754, 800, exercise=saw)
    found = occurrences(workout_class)

    assert places_in_words(twisting, found) == "Twisting (Saw at 12:34 in Workout Tempo · en)"
    assert places_in_words(rolling, found) == "Rolling (ticked)"
    assert places_in_words(make_movement(name="Kneeling"), found) == "Kneeling"

    make_chapter(make_variant(workout_class, language="es"), 0, 9, exercise=saw)
    found = occurrences(workout_class)

    assert places_in_words(twisting, found).endswith("Workout Tempo · en and 1 more)")


def test_many_classes_cost_what_one_does(django_assert_num_queries):
    twisting = make_movement()
    classes = [make_class(movements=[twisting]) for _ in range(8)]
    for workout_class in classes:
        saw = make_exercise(movements=[twisting])
        make_chapter(workout_class.variants.get(), 0, 9, exercise=saw)

    with django_assert_num_queries(5):
        found = occurrences_in([workout_class.pk for workout_class in classes])
        assert all(len(each) == 2 for each in found.values())
        assert {place.in_words() for each in found.values() for place in each}
