"""The menu that leads to every variant, and is never dead."""

import pytest

from classes.models import Tempo, WorkoutClass
from classes.show_me import show_me
from tests.factories import make_class, make_variant

pytestmark = pytest.mark.django_db


def menu_of(workout_class, tempo=Tempo.WORKOUT, language="en"):
    loaded = WorkoutClass.objects.for_cards().get(pk=workout_class.pk)
    shown = next(
        (v for v in loaded.ready_variants if (v.tempo, v.language) == (tempo, language)), None
    )
    return show_me(loaded, shown)


def test_entry_that_the_class_lacks_leads_to_the_catalogue():
    menu = menu_of(make_class())

    assert [entry.is_elsewhere for entry in menu.tempos] == [False, True]
    assert menu.tempos[1].url == "/classes/?show=observe-and-learn"
    assert menu.other_languages.url == "/classes/?show=other-languages"
    assert menu.languages == []


def test_shown_variant_is_marked_as_current():
    workout_class = make_class()
    make_variant(workout_class, tempo=Tempo.OBSERVE)

    menu = menu_of(workout_class, Tempo.OBSERVE)

    assert [entry.is_current for entry in menu.tempos] == [False, True]


def test_tempo_entry_keeps_the_language_where_it_can():
    workout_class = make_class()
    make_variant(workout_class, language="es")
    make_variant(workout_class, tempo=Tempo.OBSERVE)
    make_variant(workout_class, tempo=Tempo.OBSERVE, language="es")

    menu = menu_of(workout_class, Tempo.WORKOUT, "es")

    assert menu.tempos[1].url.endswith("/observe-and-learn/es/")


def test_languages_are_named_in_themselves_with_the_way_back():
    workout_class = make_class()
    make_variant(workout_class, language="ar")

    menu = menu_of(workout_class, language="ar")

    assert [(e.language, e.direction, e.is_current) for e in menu.languages] == [
        ("en", "ltr", False),
        ("ar", "rtl", True),
    ]
    assert menu.languages[0].url == workout_class.get_absolute_url()


def test_regional_form_of_the_studio_language_is_no_other_language():
    workout_class = make_class()
    make_variant(workout_class, language="en-GB")

    assert menu_of(workout_class).languages == []


def test_class_without_a_film_still_has_its_menu():
    menu = menu_of(make_class(variant=False))

    assert all(entry.is_elsewhere for entry in menu.tempos)
