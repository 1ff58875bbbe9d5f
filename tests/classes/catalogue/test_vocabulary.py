"""What there is to choose from."""

import pytest
from django.utils import translation

from classes.catalogue import Facet, read_vocabulary
from classes.catalogue.vocabulary import Option
from tests.factories import (
    make_apparatus,
    make_class,
    make_focus_tag,
    make_instructor,
    make_prop,
    make_variant,
)


def values(facet: Facet) -> list[str]:
    return [option.value for option in read_vocabulary().options[facet]]


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
        assert read_vocabulary().options[Facet.PROP] == (Option("wall", "Pared"),)


@pytest.mark.django_db
def test_languages_are_those_in_which_a_listed_class_has_a_film():
    workout_class = make_class()
    make_variant(workout_class, language="pt-BR")
    make_variant(workout_class, language="fr", ready=False)
    make_variant(make_class(state="draft"), language="ar")

    assert read_vocabulary().options[Facet.LANGUAGE] == (
        Option("en", "English", language="en"),
        Option("pt-BR", "Português Brasileiro", language="pt-BR"),
    )


@pytest.mark.django_db
def test_former_slugs_of_focus_and_instructor_are_known():
    tag = make_focus_tag(slug="back")
    instructor = make_instructor(slug="ana")
    tag.move_to("spine-safe")
    instructor.move_to("ana-l")
    vocabulary = read_vocabulary()

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
        read_vocabulary()
