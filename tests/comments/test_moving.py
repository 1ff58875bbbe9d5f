"""What stands beside the threads of a page and moves with them."""

import pytest

from comments import time_codes
from comments.models import Comment
from comments.moving import moving
from tests.factories import make_class, make_comment, make_member, make_variant

pytestmark = pytest.mark.django_db

HELD = Comment.State.HELD


@pytest.fixture
def workout_class():
    return make_class()


def speaks(workout_class, body: str, variant=None, **attrs) -> Comment:
    variant = variant or workout_class.variants.get()
    comment = make_comment(workout_class, variant=variant, body=body, **attrs)
    time_codes.keep(comment)
    return comment


def test_one_question_tells_whose_words_wait_and_of_which_moments_people_speak(
    workout_class, django_assert_num_queries
):
    variant = workout_class.variants.get()
    later = speaks(workout_class, "At 2:00")
    both = speaks(workout_class, "At 2:00 and 0:00")
    held = speaks(workout_class, "At 1:00", state=HELD)

    with django_assert_num_queries(1):
        found = moving(workout_class.pk, variant.pk)

    assert found.held_of == {held.author_id}
    assert found.spoken_of == {0: [both.pk], 120: [later.pk, both.pk]}


def test_it_tells_nothing_of_another_class_or_film_nor_of_who_has_no_name(workout_class):
    film, other = workout_class.variants.get(), make_variant(workout_class, language="es")
    speaks(workout_class, "At 1:00", other)
    speaks(make_class(), "At 1:00", state=HELD)
    make_comment(workout_class, author=None, author_name="Ana", state=HELD)

    found = moving(workout_class.pk, film.pk)

    assert found == (frozenset(), {})


def test_without_a_film_nothing_is_spoken_of(workout_class):
    held = speaks(workout_class, "At 1:00", state=HELD)
    speaks(workout_class, "At 1:00")

    assert moving(workout_class.pk, None) == ({held.author_id}, {})


def test_it_is_asked_again_only_once_something_was_said(workout_class, django_assert_num_queries):
    variant = workout_class.variants.get()
    before = moving(workout_class.pk, variant.pk, ("a state", 1))

    speaks(workout_class, "At 1:00")
    with django_assert_num_queries(0):
        assert moving(workout_class.pk, variant.pk, ("a state", 1)) == before
    with django_assert_num_queries(1):
        after = moving(workout_class.pk, variant.pk, ("a state", 2))

    assert (list(before.spoken_of), list(after.spoken_of)) == ([], [60])


def test_films_of_a_class_are_kept_apart(workout_class):
    film, other = workout_class.variants.get(), make_variant(workout_class, language="es")
    speaks(workout_class, "At 1:00", film)

    assert list(moving(workout_class.pk, film.pk, "a state").spoken_of) == [60]
    assert list(moving(workout_class.pk, other.pk, "a state").spoken_of) == []


def test_what_no_state_names_is_asked_each_time(workout_class, django_assert_num_queries):
    member = make_member()
    moving(workout_class.pk, None)
    make_comment(workout_class, author=member, state=HELD)

    with django_assert_num_queries(1):
        assert moving(workout_class.pk, None).held_of == {member.pk}
