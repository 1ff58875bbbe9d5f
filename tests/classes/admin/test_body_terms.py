"""Movements, exercises and starter sets: what a change of one costs, and what is refused."""

from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from classes.models import AvoidSet, Exercise, Movement
from tests.factories import (
    make_avoid_set,
    make_chapter,
    make_checked_class,
    make_class,
    make_exercise,
    make_focus_tag,
    make_movement,
)

from .conftest import messages_of


def page_of(row) -> str:
    return reverse(f"admin:classes_{row._meta.model_name}_change", args=[row.pk])


def submitted(exercise: Exercise, **changes) -> dict:
    return {
        "name": exercise.name,
        "slug": exercise.slug,
        "family": exercise.family,
        "position": exercise.position,
        "description": exercise.description,
        "aliases": "\n".join(exercise.aliases),
        "movements": [movement.pk for movement in exercise.movements.all()],
        **changes,
    }


def make_checked_class_with(exercise: Exercise, **attrs):
    """A checked class whose film is one chapter of the exercise."""
    workout_class = make_class(**attrs)
    make_chapter(workout_class.variants.get(), 0, 1200, exercise=exercise)
    type(workout_class).objects.filter(pk=workout_class.pk).update(
        checked_by=make_checked_class().checked_by, checked_at=timezone.now()
    )
    return workout_class


# --- Exercises ----------------------------------------------------------------------------------


def test_other_names_are_lines_each_once(desk):
    hundred = make_exercise(name="Hundred")

    desk.post(
        page_of(hundred), submitted(hundred, aliases=" 100s \n\nThe  Hundreds\n100s\nEl cien\n")
    )

    hundred.refresh_from_db()
    assert hundred.aliases == ["100s", "The Hundreds", "El cien"]


def test_other_names_come_back_as_they_were_typed(desk):
    hundred = make_exercise(aliases=["100s", "El cien"])

    page = desk.get(page_of(hundred)).content.decode()

    assert "100s\nEl cien" in page


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("x" * 61, "longer than 60 characters"),
        ("\n".join(f"name {n}" for n in range(21)), "At most 20 names"),
        ("the SAW", "is what “Saw” is called already"),
        ("sierra", "is what “Saw” is called already"),
        ("scie", "is what “Saw” is called already"),
    ],
)
def test_other_names_that_say_too_much_or_belong_to_others_are_refused(desk, typed, refusal):
    make_exercise(name="Saw", names={"es": "Sierra"}, aliases=["Scie"])
    hundred = make_exercise(name="Hundred")

    response = desk.post(page_of(hundred), submitted(hundred, aliases=typed))

    assert refusal in response.content.decode()
    hundred.refresh_from_db()
    assert hundred.aliases == []


def test_page_says_how_many_checks_a_change_would_cost_and_then_how_many_it_did(desk):
    twisting = make_movement(name="Twisting")
    saw = make_exercise(name="Saw")
    workout_class = make_checked_class_with(saw, focus_tags=[make_focus_tag(forbids=[twisting])])
    assert "takes the check back from 1 class" in desk.get(page_of(saw)).content.decode()

    response = desk.post(page_of(saw), submitted(saw, movements=[twisting.pk]), follow=True)

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    assert "Saw" in workout_class.check_withdrawn
    assert "The check of 1 class that has it is taken back" in messages_of(response)
    assert "1 class contains now what its own tags forbid" in messages_of(response)


def test_corrected_description_costs_no_check(desk):
    saw = make_exercise(movements=[make_movement()])
    workout_class = make_checked_class_with(saw)

    desk.post(page_of(saw), submitted(saw, description="Sit, turn and reach"))

    saw.refresh_from_db()
    workout_class.refresh_from_db()
    assert saw.description == "Sit, turn and reach"
    assert workout_class.is_checked


def test_exercise_that_moves_leaves_a_redirect(desk):
    saw = make_exercise(slug="saw")

    desk.post(page_of(saw), submitted(saw, slug="the-saw"))

    assert Exercise.moved_from("saw") == saw


def test_exercise_of_a_timeline_is_not_deleted(desk):
    used, unused = make_exercise(), make_exercise()
    make_chapter(make_class().variants.get(), 0, 60, exercise=used)

    for exercise in (used, unused):
        address = reverse("admin:classes_exercise_delete", args=[exercise.pk])
        desk.post(address, {"post": "yes"})

    assert list(Exercise.objects.all()) == [used]


def test_what_an_exercise_involves_is_in_its_history(desk):
    saw, twisting = make_exercise(), make_movement(name="Twisting")
    desk.post(page_of(saw), submitted(saw, movements=[twisting.pk]))

    page = desk.get(reverse("admin:classes_exercise_history", args=[saw.pk])).content.decode()

    assert "Twisting" in page
    assert "Ines" in page


def test_exercise_leads_to_the_classes_that_have_it(desk):
    saw = make_exercise()
    workout_class = make_class(title="With the Saw")
    variant = workout_class.variants.get()
    make_chapter(variant, 0, 60, exercise=saw)
    make_chapter(variant, 60, 120, exercise=saw)
    make_class(title="Without")

    page = desk.get(reverse("admin:classes_exercise_changelist")).content.decode()
    address = f"?variants__chapters__exercise__id__exact={saw.pk}"
    found = desk.get(reverse("admin:classes_workoutclass_changelist") + address)

    assert f"{address}&quot;" in page or f'{address}">1</a>' in page
    assert [row.title for row in found.context["cl"].result_list] == ["With the Saw"]


@pytest.mark.parametrize("count", [1, 8])
def test_exercise_list_query_count_is_constant(desk, django_assert_num_queries, count):
    for _ in range(count):
        exercise = make_exercise(movements=[make_movement()])
        make_chapter(make_class().variants.get(), 0, 60, exercise=exercise)

    with django_assert_num_queries(9):
        desk.get(reverse("admin:classes_exercise_changelist"))


# --- Starter sets -------------------------------------------------------------------------------


def test_starter_set_is_made_and_changed(desk):
    twisting, rolling = make_movement(), make_movement()
    desk.post(
        reverse("admin:classes_avoidset_add"),
        {
            "name": "Back",
            "slug": "",
            "names_es": "Espalda",
            "position": 1,
            "movements": twisting.pk,
        },
    )
    made = AvoidSet.objects.get()

    desk.post(
        page_of(made),
        {"name": "Back", "position": 1, "names_es": "Espalda", "movements": rolling.pk},
    )

    made.refresh_from_db()
    assert (made.slug, made.names) == ("back", {"es": "Espalda"})
    assert list(made.movements.all()) == [rolling]


def test_starter_set_without_a_movement_is_refused(desk):
    response = desk.post(
        reverse("admin:classes_avoidset_add"), {"name": "Nothing", "slug": "", "position": 0}
    )

    assert response.status_code == 200
    assert not AvoidSet.objects.exists()


@pytest.mark.parametrize("count", [1, 8])
def test_starter_set_list_query_count_is_constant(desk, django_assert_num_queries, count):
    for _ in range(count):
        make_avoid_set(movements=[make_movement()])

    with django_assert_num_queries(8):
        desk.get(reverse("admin:classes_avoidset_changelist"))


# --- Movements ----------------------------------------------------------------------------------


def test_movement_is_not_called_none_in_addresses(desk):
    """`avoid=none` lifts whatever somebody avoids."""
    response = desk.post(
        reverse("admin:classes_movement_add"), {"name": "None", "slug": "", "position": 0}
    )

    assert "choose another" in response.content.decode()
    assert not Movement.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("redefined", [False, True])
def test_movement_that_was_read_before_it_was_redefined_does_not_go_back(rf, redefined):
    read_before = make_movement()
    now = timezone.now()
    Movement.objects.filter(pk=read_before.pk).update(defined_at=now)
    form = SimpleNamespace(cleaned_data={"redefined": redefined})

    request = rf.post("/")
    request._messages = Mock()
    admin.site.get_model_admin(Movement).save_model(request, read_before, form, change=True)

    assert Movement.objects.get().defined_at >= now


def test_redefining_counts_the_classes_that_are_checked_for_it(desk):
    twisting = make_movement(name="Twisting", defined_at=timezone.now() - timedelta(days=2))
    make_checked_class()
    make_checked_class(checked_at=timezone.now() - timedelta(days=3))
    make_class()

    page = desk.get(page_of(twisting)).content.decode()

    assert "1 class is checked for it today" in page
    assert "0 classes are vouched for by a tag" in page


@pytest.mark.parametrize("use", ["tick", "exercise", "adds", "removes"])
def test_movement_that_something_involves_is_not_deleted(desk, use):
    twisting, other = make_movement(), make_movement()
    workout_class = make_class(movements=[twisting] if use == "tick" else [])
    if use == "exercise":
        make_exercise(movements=[twisting])
    elif use in ("adds", "removes"):
        make_chapter(workout_class.variants.get(), 0, 60, **{use: [twisting]})

    for movement in (twisting, other):
        address = reverse("admin:classes_movement_delete", args=[movement.pk])
        desk.post(address, {"post": "yes"})

    assert list(Movement.objects.all()) == [twisting]
