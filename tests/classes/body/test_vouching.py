"""The promise of a focus tag, over rows and as a query."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classes.body.vouching import broken_promises, is_vouched, vouched_taggings
from classes.models import WorkoutClass
from tests.factories import (
    make_checked_class,
    make_class,
    make_focus_tag,
    make_member,
    make_movement,
)


def agree_on(workout_class: WorkoutClass, tag) -> bool:
    """The row's answer, once it is certain that the query gives the same."""
    row = is_vouched(WorkoutClass.objects.for_cards().get(pk=workout_class.pk), tag)
    query = vouched_taggings().filter(workoutclass=workout_class, focustag=tag).exists()
    assert row == query
    return row


@pytest.mark.django_db
def test_tag_without_rule_needs_no_check():
    tag = make_focus_tag()
    workout_class = make_class(focus_tags=[tag])

    assert agree_on(workout_class, tag)


@pytest.mark.django_db
def test_unchecked_class_is_not_vouched_for():
    tag = make_focus_tag(forbids=[make_movement()])
    workout_class = make_class(focus_tags=[tag])

    assert not agree_on(workout_class, tag)


@pytest.mark.django_db
def test_checked_class_without_forbidden_movement_is_vouched_for():
    tag = make_focus_tag(forbids=[make_movement()])
    workout_class = make_checked_class(focus_tags=[tag], movements=[make_movement()])

    assert agree_on(workout_class, tag)


@pytest.mark.django_db
def test_class_that_contains_a_forbidden_movement_is_not_vouched_for():
    twisting = make_movement()
    tag = make_focus_tag(forbids=[make_movement(), twisting])
    workout_class = make_checked_class(focus_tags=[tag], movements=[twisting])

    assert not agree_on(workout_class, tag)
    assert broken_promises([tag], workout_class.movements.all()) == [(tag, [twisting])]


@pytest.mark.django_db
def test_movement_redefined_after_the_check_takes_the_promise_back():
    twisting = make_movement()
    tag = make_focus_tag(forbids=[twisting])
    workout_class = make_checked_class(
        focus_tags=[tag], checked_at=timezone.now() - timedelta(days=2)
    )
    twisting.defined_at = timezone.now() - timedelta(days=1)
    twisting.save()

    assert not agree_on(workout_class, tag)


@pytest.mark.django_db
def test_check_goes_with_the_person_who_made_it():
    curator = make_member(is_staff=True)
    tag = make_focus_tag(forbids=[make_movement()])
    workout_class = make_checked_class(focus_tags=[tag], checked_by=curator)

    curator.delete()

    assert not agree_on(workout_class, tag)


class RowAndQueryAgree(TestCase):
    @settings(deadline=None)  # a database on a busy machine keeps no deadline
    @given(
        forbids=st.sets(st.integers(0, 3)),
        contains=st.sets(st.integers(0, 3)),
        checked_days_ago=st.none() | st.integers(0, 4),
        defined_days_ago=st.lists(st.integers(0, 4), min_size=4, max_size=4),
    )
    def test_over_random_rules(self, forbids, contains, checked_days_ago, defined_days_ago):
        now = timezone.now()
        movements = [make_movement(defined_at=now - timedelta(days=d)) for d in defined_days_ago]
        tag = make_focus_tag(forbids=[movements[i] for i in forbids])
        check = (
            {}
            if checked_days_ago is None
            else {
                "checked_by": make_member(),
                "checked_at": now - timedelta(days=checked_days_ago),
            }
        )
        workout_class = make_class(
            focus_tags=[tag], movements=[movements[i] for i in contains], variant=False, **check
        )

        vouched = agree_on(workout_class, tag)

        expected = not forbids or (
            checked_days_ago is not None
            and not forbids & contains
            and all(defined_days_ago[i] >= checked_days_ago for i in forbids)
        )
        assert vouched == expected
