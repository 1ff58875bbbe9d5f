"""Words to the moments of films."""

import pytest
from django.utils.translation import override

from classes.models import Variant
from classes.search import catch_up, moments
from tests.classes.search.films import say
from tests.factories import make_chapter, make_class, make_exercise, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant() -> Variant:
    return make_class().variants.get()


def told(q: str, *variants: Variant) -> list[tuple[int, str]]:
    """Second and text of each moment, class by class."""
    found = moments(q, [variant.workout_class_id for variant in variants])
    return [(each.second, each.text) for of_class in found.values() for each in of_class]


def test_moments_are_chapters_and_cues_with_all_that_a_link_needs(variant: Variant):
    make_chapter(variant, 60, 90, title="Swan dive", note="with care")
    say(variant, (12.9, "like a swan"), language="en-GB")
    catch_up()

    cue, chapter = moments("swan", [variant.workout_class_id])[variant.workout_class_id]

    assert (chapter.kind, chapter.second, chapter.text) == ("chapter", 60, "Swan dive · with care")
    assert (cue.kind, cue.second, cue.text) == ("cue", 12, "like a swan")
    assert (cue.variant_id, cue.tempo, cue.language) == (variant.pk, variant.tempo, "en")
    assert (cue.text_language, chapter.text_language) == ("en-GB", "en")


def test_moments_are_of_the_classes_asked_for(variant: Variant):
    other = make_class().variants.get()
    for each in (variant, other):
        make_chapter(each, 0, 60, title="Swan")
    catch_up()

    assert set(moments("swan", [variant.workout_class_id])) == {variant.workout_class_id}
    assert moments("swan", []) == {}
    assert moments("duck", [variant.workout_class_id]) == {}
    assert moments("*", [variant.workout_class_id]) == {}


@pytest.mark.parametrize("q", ["el cisne", "CISNE", "swans", "bird", "diving"])
def test_moments_are_found_by_every_name_and_told_in_the_readers_language(variant: Variant, q: str):
    exercise = make_exercise(
        name="Swan dive", names={"es": "El cisne"}, aliases=["Bird", "divings"]
    )
    make_chapter(variant, 0, 60, exercise=exercise)
    catch_up()

    assert told(q, variant) == [(0, "Swan dive")]
    with override("es"):
        [moment] = moments(q, [variant.workout_class_id])[variant.workout_class_id]
    assert (moment.text, moment.text_language) == ("El cisne", "es")


def test_moments_have_most_of_the_words(variant: Variant):
    say(variant, (1, "the first"), (5, "the swan"), (9, "a swan"))
    catch_up()

    assert told("the swan", variant) == [(5, "the swan")]


def test_moments_are_three_of_a_class_chapters_before_cues(variant: Variant):
    say(variant, *[(second, "swan") for second in range(5)])
    make_chapter(variant, 600, 610, title="Swan")
    catch_up()

    assert told("swan", variant) == [(0, "swan"), (1, "swan"), (600, "Swan")]


def test_moments_match_the_beginnings_of_words_and_no_others(variant: Variant):
    say(variant, (1, "breathe"), (2, "rebreathe"))
    catch_up()

    assert told("brea", variant) == [(1, "breathe")]


def test_moments_lie_within_films_that_can_be_watched(variant: Variant):
    say(variant, (20 * 60 - 1, "swan"), (20 * 60, "swan after the end"))
    make_chapter(variant, 20 * 60 + 5, 20 * 60 + 9, title="Swan after the end")
    waiting = make_variant(variant.workout_class, ready=False, language="es")
    say(waiting, (1, "swan"))
    catch_up()

    assert told("swan", variant) == [(20 * 60 - 1, "swan")]


def test_moments_of_a_film_are_gone_as_soon_as_it_is(variant: Variant):
    say(variant, (1, "swan"))
    catch_up()

    Variant.objects.update(video=None)

    assert told("swan", variant) == []


@pytest.mark.parametrize("count", [1, 8])
def test_moments_are_one_query(count: int, django_assert_num_queries):
    variants = [make_class().variants.get() for _ in range(count)]
    for variant in variants:
        make_chapter(variant, 0, 60, title="Swan")
    catch_up()

    with django_assert_num_queries(1):
        assert len(told("swan", *variants)) == count


@pytest.mark.parametrize("q", ["%", "_", "\0", "' OR 1", '"', "x" * 10_000, "\ud800", "🧘"])
def test_moments_answer_whatever_is_asked(variant: Variant, q: str):
    say(variant, (1, "swan_dive %"))
    catch_up()

    assert told(q, variant) == []
