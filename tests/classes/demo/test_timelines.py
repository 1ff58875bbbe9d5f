"""The demo's timelines lie within its films and keep what its classes promise."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone

from classes.body.occurrences import occurrences
from classes.body.timeline import plain_chapters
from classes.body.timeline_text import BodyVocabulary, film_seconds, write_timeline
from classes.conditions import contradicted
from classes.demo.load import load_studio
from classes.demo.studio import DemoVariant, read_studio
from classes.demo.timelines import timeline_of
from classes.models import Variant, WorkoutClass
from classes.taxonomy import load_taxonomy

STUDIO = read_studio()
BACK_PAIN = STUDIO.classes[0]


@pytest.fixture(scope="module")
def vocabulary(django_db_setup, django_db_blocker) -> BodyVocabulary:
    """Of the demo's terms, whose rows are gone again: whoever asks reads none."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_taxonomy()
        vocabulary = BodyVocabulary.load()
        transaction.set_rollback(True)
    return vocabulary


@pytest.mark.parametrize("demo", STUDIO.classes, ids=lambda demo: demo.slug)
def test_timeline_leaves_nothing_of_its_film_out(demo, vocabulary):
    for film in demo.variants:
        if film.timeline == ():
            continue

        chapters = timeline_of(demo, film, vocabulary)

        assert chapters[0].start == 0
        assert chapters[-1].end == film_seconds(film.length)
        assert all(one.end == other.start for one, other in pairwise(chapters))


@pytest.mark.parametrize("demo", STUDIO.classes, ids=lambda demo: demo.slug)
def test_what_happens_in_the_films_is_what_the_class_is_said_to_contain(demo, vocabulary):
    happens = {
        movement.slug
        for film in demo.variants
        for chapter in timeline_of(demo, film, vocabulary)
        for movement in chapter.movements
    }

    assert happens <= set(demo.contains)


def test_exercises_of_a_short_film_share_it_as_their_names_do(vocabulary):
    film = DemoVariant("workout-tempo", "en", seconds=24, minutes=None, timeline=None)

    chapters = timeline_of(BACK_PAIN, film, vocabulary)

    assert [chapter.exercise.slug for chapter in chapters] == list(BACK_PAIN.exercises)
    assert {chapter.end - chapter.start for chapter in chapters} == {3, 4}


def test_back_pain_class_shows_what_a_timeline_can_say(vocabulary):
    chapters = timeline_of(BACK_PAIN, BACK_PAIN.variants[0], vocabulary)

    assert chapters[0].title and chapters[0].note
    assert any(chapter.adds for chapter in chapters)
    assert any(chapter.removes for chapter in chapters)


def test_lines_print_back(vocabulary):
    film = BACK_PAIN.variants[0]
    printed = write_timeline(timeline_of(BACK_PAIN, film, vocabulary), duration=film.length)

    assert '0:00 "Welcome" | Lie down as you like' in printed
    assert "7:30 Hundred " in printed


@pytest.mark.django_db
def test_loaded_studio_keeps_its_checks_and_contradicts_none_of_its_tags():
    passwords = {account.email: "a quiet morning" for account in STUDIO.accounts}

    load_studio(now=timezone.now(), passwords=passwords, portraits={})

    checked = {row.slug for row in WorkoutClass.objects.all() if row.is_checked}
    assert checked == {demo.slug for demo in STUDIO.classes if demo.checked is not None}
    assert not contradicted(WorkoutClass.objects.all()).exists()
    for demo in STUDIO.classes:
        workout_class = WorkoutClass.objects.get(slug=demo.slug)
        stored = {movement.slug for movement in workout_class.movements.all()}
        assert stored == set(demo.contains)
        assert {place.movement.slug for place in occurrences(workout_class)} == stored
    longest = Variant.objects.get(
        workout_class__slug=BACK_PAIN.slug, tempo="workout-tempo", language="en"
    )
    assert plain_chapters(longest)[-1].end == timedelta(minutes=24).total_seconds()
