"""Histories as staff read them."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from classes.models import WorkoutClass
from tests.factories import make_class, make_focus_tag, make_instructor, make_member


@pytest.fixture
def desk(client, db) -> Client:
    """A superuser's browser."""
    client.force_login(make_member(is_staff=True, is_superuser=True))
    return client


def history_of(workout_class: WorkoutClass) -> str:
    return reverse("admin:classes_workoutclass_history", args=[workout_class.pk])


def cost_of_one_line_and_of_eight(desk, address: str, change: Callable[[], None]) -> list[int]:
    desk.get(address)  # content types are looked up once for each process
    costs = []
    for more in (1, 7):
        for _number in range(more):
            change()
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(address).status_code == 200
        costs.append(len(captured))
    return costs


def test_history_of_a_class_query_count_is_constant(desk):
    workout_class = make_class(variant=False)

    def change() -> None:
        workout_class.focus_tags.add(make_focus_tag())
        workout_class.instructors.add(make_instructor())
        workout_class.title += "!"
        workout_class.save()

    one, eight = cost_of_one_line_and_of_eight(desk, history_of(workout_class), change)

    assert one == eight


def test_history_of_a_member_query_count_is_constant(desk):
    member = make_member()

    def change() -> None:
        member.display_name += "!"
        member.save()

    address = reverse("admin:accounts_member_history", args=[member.pk])
    one, eight = cost_of_one_line_and_of_eight(desk, address, change)

    assert one == eight


def test_history_names_what_a_relation_gained_and_lost(desk):
    workout_class = make_class(variant=False)
    gentle, strong = make_focus_tag(name="Gentle"), make_focus_tag(name="Strong")
    workout_class.focus_tags.add(gentle)
    workout_class.focus_tags.set([strong])

    page = desk.get(history_of(workout_class)).content.decode()

    assert "<b>Focus</b>: [] → [Gentle]" in page
    assert "<b>Focus</b>: [] → [Strong]" in page
    assert "<b>Focus</b>: [Gentle] → []" in page


def test_history_remembers_that_something_was_there_which_is_deleted(desk):
    workout_class = make_class(variant=False)
    tag = make_focus_tag()
    workout_class.focus_tags.add(tag)
    workout_class.focus_tags.remove(tag)
    tag.delete()

    page = desk.get(history_of(workout_class)).content.decode()

    assert "[Deleted focus tag (pk=" in page
