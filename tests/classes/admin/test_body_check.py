"""The body check: one act, by name, over every film that plays."""

import pytest
from django.urls import reverse
from django.utils import timezone

from classes.models import Movement
from tests.factories import (
    make_chapter,
    make_class,
    make_exercise,
    make_focus_tag,
    make_movement,
    make_variant,
    make_video,
)

from .conftest import messages_of


def page_of(workout_class) -> str:
    return reverse("admin:classes_check", args=[workout_class.pk])


def seen_on(desk, workout_class) -> str:
    return desk.get(page_of(workout_class)).context["seen"]


def test_page_shows_what_is_stood_for(desk):
    tag = make_focus_tag(name="Spine Safe", forbids=[make_movement(name="Twisting")])
    workout_class = make_class(focus_tags=[tag], movements=[make_movement(name="Kneeling")])

    page = desk.get(page_of(workout_class)).content.decode()

    for words in ("Kneeling", "Spine Safe", "Twisting", "I watched this film whole"):
        assert words in page


def test_curator_who_watched_every_film_stands_for_the_class(desk, curator):
    workout_class = make_class()
    make_variant(workout_class, language="es")
    data = {
        "seen": seen_on(desk, workout_class),
        "watched": [variant.pk for variant in workout_class.variants.all()],
    }

    response = desk.post(page_of(workout_class), data, follow=True)

    workout_class.refresh_from_db()
    assert workout_class.checked_by == curator
    assert all(variant.watched_whole_at for variant in workout_class.variants.all())
    assert "Your name stands for it." in messages_of(response)
    assert "Checked" in response.content.decode() and "Ines" in response.content.decode()


def test_film_with_a_whole_timeline_need_not_be_watched(desk, curator):
    workout_class = make_class()
    make_chapter(workout_class.variants.get(), 0, 1200, title="All of it")
    page = desk.get(page_of(workout_class))

    desk.post(page_of(workout_class), {"seen": page.context["seen"]})

    workout_class.refresh_from_db()
    assert "You need not watch the film whole." in page.content.decode()
    assert workout_class.checked_by == curator


def test_gaps_of_a_timeline_are_named_and_have_to_be_watched(desk):
    workout_class = make_class()
    make_chapter(workout_class.variants.get(), 60, 1200)
    page = desk.get(page_of(workout_class))

    refused = desk.post(page_of(workout_class), {"seen": page.context["seen"]})

    workout_class.refresh_from_db()
    assert "Its timeline says nothing about: 0:00–1:00" in page.content.decode()
    assert "from 0:00 to 1:00" in refused.content.decode()
    assert not workout_class.is_checked


def test_timeline_of_another_film_is_mended_before_it_is_stood_for(desk):
    workout_class = make_class()
    variant = workout_class.variants.get()
    make_chapter(variant, 0, 1300)
    page = desk.get(page_of(workout_class))

    data = {"seen": page.context["seen"], "watched": [variant.pk]}
    refused = desk.post(page_of(workout_class), data)

    assert "longer than the film" in page.content.decode()
    assert "is longer than its film" in refused.content.decode()


def test_what_it_contains_is_named_with_its_moments(desk):
    twisting = make_movement(name="Twisting")
    tag = make_focus_tag(name="Spine Safe", forbids=[twisting])
    workout_class = make_class(focus_tags=[tag])
    saw = make_exercise(name="Saw", movements=[twisting])
    make_chapter(workout_class.variants.get(), 754, 800, exercise=saw, note="slowly")

    page = desk.get(page_of(workout_class)).content.decode()

    assert "<li>Twisting (Saw at 12:34 in Workout Tempo · en)</li>" in page
    assert "<b>Saw</b>: Twisting" in page and "slowly" in page
    assert "“Spine Safe” forbids what the class contains" in page


def test_film_that_was_not_watched_is_named_and_the_ticks_are_kept(desk):
    workout_class = make_class()
    first = workout_class.variants.get()
    make_variant(workout_class, language="es")
    data = {"seen": seen_on(desk, workout_class), "watched": [first.pk]}

    page = desk.post(page_of(workout_class), data).content.decode()

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    assert "“Workout Tempo · es” has not been watched whole" in page
    assert f'value="{first.pk}" checked' in page


@pytest.mark.parametrize("change", ["film", "tick", "timeline"])
def test_what_changed_while_looking_is_not_stood_for(desk, change):
    workout_class = make_class()
    variant = workout_class.variants.get()
    data = {"seen": seen_on(desk, workout_class), "watched": [variant.pk]}
    if change == "film":
        variant.video = make_video(variant)
        variant.save()
    elif change == "tick":
        workout_class.ticked_movements.add(make_movement())
    else:
        make_chapter(variant, 0, 60)

    page = desk.post(page_of(workout_class), data).content.decode()

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    assert "Please look again." in page


@pytest.mark.parametrize("change", ["defined anew", "added"])
def test_movement_that_came_while_looking_is_not_stood_for(desk, change):
    twisting, workout_class = make_movement(), make_class()
    [variant] = workout_class.variants.all()
    data = {"seen": seen_on(desk, workout_class), "watched": [variant.pk]}
    if change == "added":
        make_movement(defined_at=timezone.now())
    else:
        Movement.objects.filter(pk=twisting.pk).update(defined_at=timezone.now())

    page = desk.post(page_of(workout_class), data).content.decode()

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    assert "Please look again." in page


def test_class_without_film_offers_no_check(desk):
    page = desk.get(page_of(make_class(variant=False))).content.decode()

    assert "No film is ready yet." in page
    assert "I stand for" not in page


def test_check_is_in_the_history(desk):
    workout_class = make_class()
    [variant] = workout_class.variants.all()
    data = {"seen": seen_on(desk, workout_class), "watched": [variant.pk]}
    desk.post(page_of(workout_class), data)

    page = desk.get(reverse("admin:classes_workoutclass_history", args=[workout_class.pk]))

    assert "The class was checked" in page.content.decode()


@pytest.mark.parametrize("count", [1, 8])
def test_check_page_query_count_is_constant(desk, django_assert_num_queries, count):
    tags = [make_focus_tag(forbids=[make_movement()]) for _ in range(count)]
    workout_class = make_class(
        variant=False, focus_tags=tags, movements=[make_movement() for _ in range(count)]
    )
    for number in range(count):
        variant = make_variant(workout_class, language=f"{'abcdefgh'[number]}a")
        saw = make_exercise(movements=[make_movement()])
        make_chapter(variant, 0, 60, exercise=saw, adds=[make_movement()])

    with django_assert_num_queries(19):
        desk.get(page_of(workout_class))
