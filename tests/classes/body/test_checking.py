"""A named person's word about a class, and how it is taken back."""

import pytest

from classes.body.checking import CannotCheck, check, withdraw_check, withdraw_for_ticks
from tests.factories import (
    make_checked_class,
    make_class,
    make_member,
    make_movement,
    make_variant,
)

pytestmark = pytest.mark.django_db


def test_check_records_who_when_and_what_was_watched():
    curator = make_member()
    workout_class = make_class(check_withdrawn="A film changed")

    check(workout_class, curator, watched=workout_class.variants.all())

    workout_class.refresh_from_db()
    assert workout_class.checked_by == curator
    assert workout_class.check_withdrawn == ""
    assert workout_class.variants.get().watched_whole_at == workout_class.checked_at


def test_every_ready_film_must_have_been_watched():
    workout_class = make_class()
    first = workout_class.variants.get()
    make_variant(workout_class, language="es")

    with pytest.raises(CannotCheck, match="es"):
        check(workout_class, make_member(), watched=[first])

    workout_class.refresh_from_db()
    assert not workout_class.is_checked


def test_film_in_the_works_need_not_be_watched():
    workout_class = make_class()
    ready = list(workout_class.variants.all())
    make_variant(workout_class, ready=False, language="es")

    check(workout_class, make_member(), watched=ready)

    assert workout_class.is_checked


def test_class_without_film_cannot_be_checked():
    with pytest.raises(CannotCheck):
        check(make_class(variant=False), make_member(), watched=[])


def test_withdrawal_says_why_and_is_stored():
    workout_class = make_checked_class()

    assert withdraw_check(workout_class, "A new film was brought in")

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    assert workout_class.check_withdrawn == "A new film was brought in"


def test_nothing_is_withdrawn_where_nobody_checked():
    workout_class = make_class()

    assert not withdraw_check(workout_class, "A new film was brought in")
    assert workout_class.check_withdrawn == ""


def test_changed_ticks_are_named():
    twisting, rolling = make_movement(name="Twisting"), make_movement(name="Rolling")
    workout_class = make_checked_class()

    assert withdraw_for_ticks(workout_class, [twisting], [rolling])

    assert workout_class.check_withdrawn.endswith("+ Rolling, − Twisting")


def test_the_same_ticks_change_nothing():
    twisting = make_movement()
    workout_class = make_checked_class()

    assert not withdraw_for_ticks(workout_class, [twisting], [twisting])
    assert workout_class.is_checked


def test_a_very_long_reason_is_cut_to_what_is_kept():
    workout_class = make_checked_class()

    withdraw_check(workout_class, "x" * 500)

    assert len(workout_class.check_withdrawn) == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda workout_class, movement: workout_class.ticked_movements.add(movement),
        lambda workout_class, movement: workout_class.ticked_movements.set([movement]),
        lambda workout_class, movement: workout_class.ticked_movements.remove(
            *workout_class.movements.all()
        ),
        lambda workout_class, movement: workout_class.ticked_movements.clear(),
    ],
)
def test_ticks_changed_by_any_hand_take_the_check_back(change):
    workout_class = make_checked_class(movements=[make_movement(name="Rolling")])

    change(workout_class, make_movement(name="Twisting"))

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    assert "Rolling" in workout_class.check_withdrawn or "Twisting" in workout_class.check_withdrawn


def test_ticks_set_to_what_they_are_leave_the_check_alone():
    rolling = make_movement()
    workout_class = make_checked_class(movements=[rolling])

    workout_class.ticked_movements.set([rolling])
    workout_class.ticked_movements.add(rolling)

    workout_class.refresh_from_db()
    assert workout_class.is_checked
