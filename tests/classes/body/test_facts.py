"""What the page of a class tells about a body, with and without a check."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classes.body.facts import body_facts
from classes.models import WorkoutClass
from tests.factories import make_checked_class, make_class, make_movement

pytestmark = pytest.mark.django_db


def on_page(workout_class: WorkoutClass) -> WorkoutClass:
    return WorkoutClass.objects.for_page().get(pk=workout_class.pk)


def test_a_checked_class_contains_some_and_leaves_out_the_rest(django_assert_num_queries):
    twisting, rolling = make_movement(), make_movement()
    workout_class = on_page(make_checked_class(movements=[twisting]))

    with django_assert_num_queries(1):
        facts = body_facts(workout_class)

    assert (facts.is_checked, facts.contains, facts.leaves_out) == (True, [twisting], [rolling])
    assert (facts.avoided, facts.unchecked_for) == (frozenset(), ())


def test_nothing_is_left_out_before_somebody_has_looked():
    twisting, rolling = make_movement(), make_movement()
    workout_class = on_page(make_class(movements=[twisting]))

    facts = body_facts(workout_class, [rolling.slug])

    assert (facts.is_checked, facts.contains, facts.leaves_out) == (False, [twisting], [])
    assert facts.unchecked_for == (rolling,)


def test_what_the_visitor_avoids_is_marked():
    twisting, rolling, kneeling = make_movement(), make_movement(), make_movement()
    workout_class = on_page(make_checked_class(movements=[twisting, kneeling]))

    facts = body_facts(workout_class, [twisting.slug, rolling.slug, "no-such-movement"])

    assert facts.avoided == {twisting.slug}
    assert facts.unchecked_for == ()


def test_a_movement_defined_since_the_check_is_nobodys_word():
    new = make_movement(defined_at=timezone.now())
    workout_class = on_page(make_checked_class(checked_at=timezone.now() - timedelta(days=1)))

    facts = body_facts(workout_class, [new.slug])

    assert facts.leaves_out == []
    assert facts.unchecked_for == (new,)
