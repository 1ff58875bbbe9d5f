"""Display names: their form, and whose nobody may take."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.names import clean_display_name, fold, is_reserved
from tests.factories import make_instructor, make_member

INVISIBLE = [
    "\u200b",
    "\u200d",
    "\u00ad",
    "\ufeff",
    "\u2060",
    "\u3164",
    "\ufe0f",
    "\u034f",
    "\u00a0",
]


@given(st.text())
def test_folding_twice_changes_nothing(name):
    assert fold(fold(name)) == fold(name)


@given(st.text(max_size=20), st.sampled_from(INVISIBLE), st.integers(min_value=0, max_value=20))
def test_an_invisible_character_makes_no_other_name(name, invisible, place):
    assert fold(name[:place] + invisible + name[place:]) == fold(name)


@given(st.text(max_size=20))
def test_neither_case_nor_composition_makes_another_name(name):
    assert fold(name.casefold()) == fold(name)
    assert fold(unicodedata.normalize("NFD", name)) == fold(name)


@pytest.mark.parametrize(
    "other", ["ANA LINDQVIST", "analindqvist", "Ana  Lind\u200bqvist", "Ａｎａ Lindqvist"]
)
def test_names_that_look_alike_fold_alike(other):
    assert fold(other) == fold("Ana Lindqvist")


def test_different_names_stay_different():
    assert fold("Ana Lindqvist") != fold("Ana Lindquist")


@pytest.mark.django_db
@given(st.text())
def test_a_name_is_cleaned_or_refused_in_words(name):
    try:
        cleaned = clean_display_name(name)
    except ValidationError as error:
        assert error.messages[0]
    else:
        assert cleaned == cleaned.strip()
        assert 2 <= len(cleaned) <= 40
        assert not any(unicodedata.category(character) == "Cc" for character in cleaned)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "",
        "A",
        "  A  ",
        "\u200b\u200b\u200b",  # three characters, and nothing to read
        "x" * 41,
        "two\nlines",
        "a\x00b",
        "a\x7fb",
        "gnp.\u202eexe",  # would turn around what stands after it
        "para\u2029graph",
    ],
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValidationError):
        clean_display_name(name)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["Jo", "  Jo  ", "Zoë 🌿", "سارة", "李 明", "x" * 40, "O’Brien-Núñez"]
)
def test_names_of_all_scripts_are_taken(name):
    assert clean_display_name(name) == name.strip()


@pytest.mark.django_db
def test_nobody_takes_an_instructors_name():
    make_instructor(name="Ana Lindqvist")

    with pytest.raises(ValidationError) as refused:
        clean_display_name("ana lindqvist", make_member().pk)

    assert refused.value.code == "reserved"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Still Water", "STILLWATER", "still\u00a0water"])
def test_nobody_takes_the_studios_name(settings, name):
    settings.STUDIO_NAME = "Still Water"

    assert is_reserved(name, make_member(is_staff=True).pk)


@pytest.mark.django_db
def test_who_teaches_may_use_their_own_name_and_no_other():
    ana = make_member()
    make_instructor(name="Ana Lindqvist", member=ana)
    make_instructor(name="Ruth Okafor")

    assert clean_display_name("Ana Lindqvist", ana.pk) == "Ana Lindqvist"
    assert is_reserved("Ruth Okafor", ana.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 8])
def test_asking_for_a_name_costs_one_query(count, django_assert_num_queries):
    for _number in range(count):
        make_instructor()

    with django_assert_num_queries(1):
        is_reserved("Marta Duarte")
