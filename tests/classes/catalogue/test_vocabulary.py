"""What there is to choose from."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from classes.catalogue import AvoidSetOption, Facet, Option, VocabularyRows
from tests.factories import (
    make_apparatus,
    make_avoid_set,
    make_class,
    make_focus_tag,
    make_instructor,
    make_movement,
    make_prop,
    make_variant,
)


def values(facet: Facet) -> list[str]:
    return [option.value for option in VocabularyRows.read().in_language().options[facet]]


@pytest.mark.django_db
def test_terms_stand_in_the_studios_order():
    make_focus_tag(slug="b", name="B", position=2)
    make_focus_tag(slug="c", name="C", position=1)
    make_focus_tag(slug="a", name="A", position=2)

    assert values(Facet.FOCUS) == ["c", "a", "b"]


@pytest.mark.django_db
def test_labels_are_in_the_readers_language():
    make_prop(slug="wall", name="Wall", names={"es": "Pared"})

    with translation.override("es"):
        assert VocabularyRows.read().in_language().options[Facet.PROP] == (Option("wall", "Pared"),)


@pytest.mark.django_db
def test_languages_are_those_in_which_a_listed_class_has_a_film():
    workout_class = make_class()
    make_variant(workout_class, language="pt-BR")
    make_variant(workout_class, language="fr", ready=False)
    make_variant(make_class(state="draft"), language="ar")

    assert VocabularyRows.read().in_language().options[Facet.LANGUAGE] == (
        Option("en", "English", language="en"),
        Option("pt-BR", "Português Brasileiro", language="pt-BR"),
    )


@pytest.mark.django_db
def test_former_slugs_of_focus_and_instructor_are_known():
    tag = make_focus_tag(slug="back")
    instructor = make_instructor(slug="ana")
    tag.move_to("spine-safe")
    instructor.move_to("ana-l")
    vocabulary = VocabularyRows.read().in_language()

    assert vocabulary.find(Facet.FOCUS, "back").value == "spine-safe"
    assert vocabulary.find(Facet.INSTRUCTOR, "ana").value == "ana-l"
    assert vocabulary.find(Facet.PROP, "back") is None


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 8])
def test_one_query_whatever_there_is(django_assert_num_queries, size):
    for _ in range(size):
        make_class(
            focus_tags=[make_focus_tag()],
            apparatus=[make_apparatus()],
            props=[make_prop()],
            instructors=[make_instructor()],
        )

    with django_assert_num_queries(1):
        VocabularyRows.read().in_language()


@pytest.mark.django_db
def test_movements_and_starter_sets_stand_in_the_studios_order():
    rolling = make_movement(slug="rolling", name="Rolling", names={"es": "Rodar"}, position=2)
    twisting = make_movement(slug="twisting", name="Twisting", position=1)
    make_avoid_set(slug="back", name="Back", position=2, movements=[rolling, twisting])
    make_avoid_set(slug="neck", name="Neck", names={"es": "Cuello"}, movements=[rolling])
    make_avoid_set(slug="nothing", name="Nothing")

    with translation.override("es"):
        vocabulary = VocabularyRows.read().in_language()

    assert vocabulary.movements == (Option("twisting", "Twisting"), Option("rolling", "Rodar"))
    assert vocabulary.avoid_sets == (
        AvoidSetOption("neck", "Cuello", ("rolling",)),
        AvoidSetOption("back", "Back", ("twisting", "rolling")),
    )
    assert vocabulary.find_movement("rolling") == Option("rolling", "Rodar")
    assert vocabulary.find_movement("back") is None


@pytest.mark.django_db
def test_rows_that_are_kept_give_every_language_without_a_query(django_assert_num_queries):
    make_prop(slug="wall", name="Wall", names={"es": "Pared"})
    make_class()
    rows = VocabularyRows.read()

    with django_assert_num_queries(0):
        with translation.override("es"):
            assert rows.in_language().options[Facet.PROP][0].label == "Pared"
        later = rows.in_language(["es", "en"])

    assert later.options[Facet.PROP][0].label == "Wall"
    assert [option.value for option in later.options[Facet.LANGUAGE]] == ["en", "es"]


@pytest.mark.django_db
def test_languages_come_with_the_hour_at_which_a_class_is_listed(time_machine):
    now = timezone.now()
    later = make_class(variant=False, published_at=now + timedelta(hours=1))
    make_variant(later, language="fr")

    before = values(Facet.LANGUAGE)
    time_machine.move_to(now + timedelta(hours=2))

    assert (before, values(Facet.LANGUAGE)) == ([], ["fr"])
