"""What a curator may submit about a class, whichever page or file it comes from."""

from datetime import timedelta

import pytest
from django.forms.models import model_to_dict
from django.utils import timezone

from classes.forms import ClassRules
from classes.models import Picture, State, WorkoutClass
from tests.factories import (
    make_chapter,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_movement,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)


def make_public_class(**attrs) -> WorkoutClass:
    attrs.setdefault("description", "For a quiet morning.")
    attrs.setdefault("instructors", [make_instructor()])
    attrs.setdefault("poster", Picture.objects.create(width=640, height=360, widths=[320, 640]))
    attrs.setdefault("published_at", NOW - timedelta(days=30))
    return make_class(**attrs)


def submit(workout_class: WorkoutClass, **changes) -> ClassRules:
    """The form with what is stored in it, and these changes."""
    stored = WorkoutClass.objects.get(pk=workout_class.pk)
    return ClassRules({**model_to_dict(stored, ClassRules.Meta.fields), **changes}, instance=stored)


def test_what_is_stored_can_be_submitted_again():
    form = submit(make_public_class(retires_at=YESTERDAY))

    assert form.is_valid(), form.errors


@pytest.mark.parametrize("retires_at", [None, TOMORROW])
def test_moment_to_retire_may_lie_ahead_or_not_be(retires_at):
    assert submit(make_public_class(), retires_at=retires_at).is_valid()


def test_moment_to_retire_comes_after_that_of_publishing():
    form = submit(make_public_class(), published_at=TOMORROW, retires_at=TOMORROW)

    assert form.errors == {"retires_at": ["A class retires after it is published."]}


def test_a_public_class_does_not_retire_in_the_past():
    form = submit(make_public_class(), retires_at=YESTERDAY)

    [error] = form.errors["retires_at"]
    assert "Give it a later moment to retire, or none." in error


def test_class_that_comes_back_needs_time():
    retired = make_public_class(state=State.RETIRED, retires_at=YESTERDAY)

    form = submit(retired, state=State.PUBLISHED)
    assert list(form.errors) == ["retires_at"]

    assert submit(retired, state=State.PUBLISHED, retires_at=TOMORROW).is_valid()


def test_tag_that_forbids_what_a_chapter_involves_is_refused_with_exercise_and_time():
    twisting = make_movement(name="Twisting")
    tag = make_focus_tag(name="Spine Safe", forbids=[twisting])
    workout_class = make_public_class()
    saw = make_exercise(name="Saw", movements=[twisting])
    make_chapter(workout_class.variants.get(), 754, 800, exercise=saw)

    form = submit(workout_class, focus_tags=[tag.pk])

    assert form.errors["focus_tags"] == [
        "“Spine Safe” forbids what the class contains: "
        "Twisting (Saw at 12:34 in Workout Tempo · en)."
    ]
