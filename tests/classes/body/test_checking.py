"""A named person's word about a class, and how it is taken back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from classes.body.checking import (
    CHANGED_UNSEEN,
    CannotCheck,
    check,
    why_withdrawn,
    withdraw_check,
    withdraw_checks,
    withdraw_for_ticks,
)
from classes.body.contents import refresh
from classes.models import Chapter, Exercise, Tempo, Variant, WorkoutClass
from tests.factories import (
    make_apparatus,
    make_chapter,
    make_checked_class,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_member,
    make_movement,
    make_prop,
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


def test_a_film_that_its_timeline_describes_whole_need_not_be_watched():
    workout_class = make_class()
    make_chapter(workout_class.variants.get(), 0, 1200)

    check(workout_class, make_member(), watched=[])

    assert workout_class.is_checked
    assert workout_class.variants.get().watched_whole_at is None


def test_a_gap_in_the_timeline_is_named():
    workout_class = make_class()
    make_chapter(workout_class.variants.get(), 0, 754)
    make_chapter(workout_class.variants.get(), 800, 1200)

    with pytest.raises(CannotCheck) as refusal:
        check(workout_class, make_member(), watched=[])

    assert str(refusal.value) == (
        "“Workout Tempo · en” has not been watched whole, and its timeline says nothing of what "
        "happens from 12:34 to 13:20."
    )
    check(workout_class, make_member(), watched=workout_class.variants.all())
    assert workout_class.is_checked


def test_a_timeline_of_another_film_is_refused_even_if_the_film_was_watched():
    workout_class = make_class()
    make_chapter(workout_class.variants.get(), 0, 1201)

    with pytest.raises(CannotCheck, match="longer than its film"):
        check(workout_class, make_member(), watched=workout_class.variants.all())


def test_a_check_stands_for_what_the_chapters_say_now():
    """Rows written past every way of people leave the contents behind; a check never does."""
    twisting, rolling = make_movement(), make_movement()
    workout_class = make_class(movements=[rolling])
    exercise = make_exercise(movements=[twisting])
    chapter = make_chapter(workout_class.variants.get(), 0, 1200, exercise=exercise)
    Chapter.removes.through.objects.create(chapter=chapter, movement=twisting)
    WorkoutClass.ticked_movements.through.objects.all().delete()
    assert set(workout_class.movements.all()) == {twisting, rolling}

    check(workout_class, make_member(), watched=[])

    stored = WorkoutClass.objects.get(pk=workout_class.pk)
    assert stored.is_checked
    assert not stored.movements.exists()


def test_a_class_that_is_checked_again_keeps_its_check():
    workout_class = make_checked_class()
    chapter = make_chapter(workout_class.variants.get(), 0, 1200)
    Chapter.adds.through.objects.create(chapter=chapter, movement=make_movement())
    workout_class.refresh_from_db()
    assert not workout_class.is_checked

    check(workout_class, make_member(), watched=[])

    workout_class.refresh_from_db()
    assert workout_class.is_checked
    assert workout_class.movements.count() == 1


def test_a_contradiction_does_not_stand_in_the_way_of_a_check():
    twisting = make_movement()
    tag = make_focus_tag(forbids=[twisting])
    workout_class = make_class(movements=[twisting], focus_tags=[tag])

    check(workout_class, make_member(), watched=workout_class.variants.all())

    assert workout_class.is_checked


def test_checking_costs_the_same_for_one_film_and_for_six():
    def cost(languages: list[str]) -> int:
        workout_class = make_class(variant=False)
        for language in languages:
            make_chapter(make_variant(workout_class, language=language), 0, 1200)
        with CaptureQueriesContext(connection) as queries:
            check(workout_class, make_member(), watched=[])
        return len(queries)

    assert cost(["en"]) == cost(["en", "es", "fr", "de", "it", "pt"])


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


# --- Exercises ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda saw, new: saw.movements.add(new), "+ Kneeling"),
        (lambda saw, new: saw.movements.set([new, *saw.movements.all()]), "+ Kneeling"),
        (lambda saw, new: saw.movements.remove(*saw.movements.all()), "− Twisting"),
        (lambda saw, new: saw.movements.clear(), "− Twisting"),
    ],
)
def test_a_changed_default_takes_back_the_check_of_every_class_that_uses_it(change, reason):
    saw = make_exercise(name="Saw", movements=[make_movement(name="Twisting")])
    using, other = make_checked_class(), make_checked_class()
    make_chapter(using.variants.get(), 0, 60, exercise=saw)

    change(saw, make_movement(name="Kneeling"))

    using.refresh_from_db()
    other.refresh_from_db()
    assert not using.is_checked
    assert using.check_withdrawn == f"What “Saw” involves was changed: {reason}"
    assert using.history.first().history_change_reason == using.check_withdrawn
    assert set(using.movements.all()) == set(saw.movements.all())
    assert other.is_checked


@pytest.mark.parametrize(
    "change",
    [
        lambda saw: saw.movements.set(saw.movements.all()),
        lambda saw: saw.movements.add(*saw.movements.all()),
        lambda saw: saw.movements.remove(make_movement()),
        lambda saw: Exercise.objects.get(pk=saw.pk).save(),
    ],
)
def test_a_default_that_stays_what_it_is_leaves_checks_alone(change):
    saw = make_exercise(movements=[make_movement()])
    workout_class = make_checked_class()
    make_chapter(workout_class.variants.get(), 0, 60, exercise=saw)

    change(saw)

    workout_class.refresh_from_db()
    assert workout_class.is_checked


def test_a_changed_default_costs_the_same_for_one_class_and_for_eight():
    def cost(count: int) -> int:
        saw = make_exercise(movements=[make_movement()])
        for _ in range(count):
            make_chapter(make_checked_class().variants.get(), 0, 60, exercise=saw)
        new = make_movement()
        with CaptureQueriesContext(connection) as queries:
            saw.movements.add(new)
        return len(queries)

    assert cost(1) == cost(8)


def test_many_withdrawals_are_told_in_each_history_as_one_would_be():
    lists = {
        "instructors": [make_instructor(), make_instructor()],
        "focus_tags": [make_focus_tag()],
        "apparatus": [make_apparatus()],
        "props": [make_prop()],
        "movements": [make_movement(), make_movement()],
    }
    checked = [make_checked_class(**lists) for _ in range(2)]
    unchecked = make_class()

    number = withdraw_checks([each.pk for each in [*checked, unchecked]], "The light changed")

    assert number == 2
    for workout_class in checked:
        newest, before = workout_class.history.all()[:2]
        assert newest.history_change_reason == "The light changed"
        assert newest.checked_at is None
        delta = newest.diff_against(before)
        assert set(delta.changed_fields) <= {"checked_by", "checked_at", "check_withdrawn"}
        assert newest.instructors.count() == 2
        assert newest.ticked_movements.count() == 2
    assert unchecked.history.first().history_change_reason != "The light changed"


# --- Variants -------------------------------------------------------------------------------------


def test_a_new_variant_takes_the_check_back_whoever_makes_it():
    workout_class = make_checked_class()

    Variant.objects.create(workout_class=workout_class, tempo=Tempo.OBSERVE, language="es")

    workout_class.refresh_from_db()
    assert workout_class.check_withdrawn == "A variant was added: Observe & Learn · es"


@pytest.mark.parametrize("by_queryset", [False, True])
def test_with_a_variant_goes_what_its_chapters_involve(by_queryset):
    twisting = make_movement()
    workout_class = make_checked_class()
    observed = make_variant(workout_class, tempo=Tempo.OBSERVE)
    make_chapter(observed, 0, 60, adds=[twisting])
    assert workout_class.movements.exists()

    if by_queryset:
        Variant.objects.filter(pk=observed.pk).delete()
    else:
        observed.delete()

    workout_class.refresh_from_db()
    assert workout_class.check_withdrawn == "A variant was removed: Observe & Learn · en"
    assert not workout_class.movements.exists()


def test_a_variant_without_chapters_goes_quietly():
    workout_class = make_checked_class()
    observed = make_variant(workout_class, tempo=Tempo.OBSERVE)

    observed.delete()

    workout_class.refresh_from_db()
    assert workout_class.is_checked


def test_a_checked_class_goes_with_all_that_it_has():
    workout_class = make_checked_class(movements=[make_movement()])
    make_chapter(workout_class.variants.get(), 0, 60, adds=[make_movement()])

    workout_class.delete()

    assert not WorkoutClass.objects.exists()
    assert not Chapter.objects.exists()


# --- Contents -------------------------------------------------------------------------------------


def test_refreshing_writes_only_what_differs_and_costs_the_same_for_many(
    django_assert_num_queries,
):
    twisting, rolling = make_movement(), make_movement()
    exercise = make_exercise(movements=[twisting])
    classes = [make_class(movements=[rolling]) for _ in range(8)]
    for workout_class in classes:
        make_chapter(workout_class.variants.get(), 0, 60, exercise=exercise)

    with django_assert_num_queries(6):  # hold, ticks, removed, usual, added, stored
        refresh([workout_class.pk for workout_class in classes])

    assert all(set(each.movements.all()) == {twisting, rolling} for each in classes)


# --- In words -------------------------------------------------------------------------------------


def test_the_sentence_of_the_database_is_in_the_language_of_its_reader():
    by_database = make_class(check_withdrawn=CHANGED_UNSEEN)
    by_a_person = make_class(check_withdrawn="Ich war es")

    with translation.override("en"):
        assert why_withdrawn(by_database) == CHANGED_UNSEEN
    assert why_withdrawn(by_a_person) == "Ich war es"
    assert why_withdrawn(make_class()) == ""
