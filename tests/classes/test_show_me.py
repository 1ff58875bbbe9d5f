"""The menu that leads to every variant, and is never dead."""

import json
from datetime import timedelta

import pytest

from classes.body.avoiding import Avoided
from classes.models import Tempo, WorkoutClass
from classes.show_me import Place, Span, outlines_of, same_places, show_me
from tests.factories import make_chapter, make_class, make_exercise, make_variant

pytestmark = pytest.mark.django_db


def menu_of(workout_class, tempo=Tempo.WORKOUT, language="en", **options):
    loaded = WorkoutClass.objects.for_cards().get(pk=workout_class.pk)
    shown = next(
        (v for v in loaded.ready_variants if (v.tempo, v.language) == (tempo, language)), None
    )
    return show_me(loaded, shown, outlines=outlines_of(loaded), **options)


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


def test_links_pass_on_what_the_address_avoids():
    menu = menu_of(make_class(slug="slow"), avoided=Avoided(("rolling",), is_from_address=True))

    assert menu.tempos[0].url == "/classes/slow/?avoid=rolling"
    assert menu.tempos[1].url == "/classes/?show=observe-and-learn&avoid=rolling"


# --- Keeping the place --------------------------------------------------------------------------

SAW, TEASER, ROLL_UP = 1, 2, 3


def test_exercise_leads_to_the_same_exercise():
    here = [Span(0, 60, SAW), Span(60, 90, TEASER)]
    there = [Span(10, 40, TEASER), Span(200, 300, SAW)]

    assert same_places(here, there) == [Place(0, 60, 200), Place(60, 90, 10)]


def test_second_time_leads_to_the_second_or_to_the_last_there_is():
    here = [Span(0, 10, SAW), Span(20, 30, SAW), Span(40, 50, SAW)]
    there = [Span(5, 15, SAW), Span(100, 110, SAW)]

    assert [place.there for place in same_places(here, there)] == [5, 100, 100]


def test_titles_and_exercises_of_one_film_only_lead_nowhere():
    here = [Span(0, 10, None), Span(10, 20, SAW), Span(20, 30, ROLL_UP)]

    assert same_places(here, [Span(0, 10, None), Span(10, 20, TEASER)]) == []


@pytest.fixture
def two_films():
    """The Saw is at 1:00 to 2:00 in the workout and at 5:00 where one learns."""
    saw = make_exercise()
    workout_class = make_class(slug="slow")
    make_chapter(workout_class.variants.get(), 60, 120, exercise=saw)
    observe = make_variant(workout_class, tempo=Tempo.OBSERVE)
    make_chapter(observe, 300, 420, exercise=saw)
    make_chapter(observe, 1300, 1400, exercise=saw)  # past the end of the film
    return workout_class


def test_entry_tells_a_script_where_each_exercise_is_in_its_film(two_films):
    menu = menu_of(two_films)

    assert [entry.places for entry in menu.tempos] == ["", "[[60,120,300]]"]
    assert json.loads(menu_of(two_films, Tempo.OBSERVE).tempos[0].places) == [[300, 420, 60]]


@pytest.mark.parametrize(
    ("second", "moment"),
    [(60, "?t=300#t=300"), (119, "?t=300#t=300"), (59, ""), (120, ""), (None, "")],
)
def test_entry_keeps_the_second_of_the_address_where_both_films_have_it(two_films, second, moment):
    menu = menu_of(two_films, second=second)

    assert [entry.url for entry in menu.tempos] == [
        "/classes/slow/",
        f"/classes/slow/observe-and-learn/en/{moment}",
    ]


def test_page_keeps_the_place_without_a_script(client, two_films):
    page = client.get("/classes/slow/?t=75&avoid=none").text

    assert 'href="/classes/slow/observe-and-learn/en/?t=300&amp;avoid=none#t=300"' in page
    assert 'data-places="[[60,120,300]]"' in page


def test_chapters_that_the_film_does_not_reach_have_no_place():
    saw = make_exercise()
    workout_class = make_class(variant=False)
    film = make_variant(workout_class, duration=timedelta(seconds=90))
    make_chapter(film, 90, 100, exercise=saw)

    assert outlines_of(WorkoutClass.objects.for_cards().get()) == {}
