"""What a visitor probably meant."""

import pytest

from classes.models import State
from classes.search import catch_up, find, suggestion
from tests.classes.search.films import say
from tests.factories import make_class, make_focus_tag, make_instructor, make_movement

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hundrde", "hundred"),
        ("hunderd", "hundred"),
        ("undred", "hundred"),
        ("bundred", "hundred"),
        ("HUNDRDE", "hundred"),
        ("hundrde breth", "hundred breath"),
        ("the hundrde", "the hundred"),
        ("regoin", "región"),
        ("rosalai", "rosalía"),
    ],
)
def test_suggestion_is_the_nearest_that_finds_something(typed: str, meant: str):
    make_class(
        title="The Hundred",
        description="for the breath and the región lumbar",
        instructors=[make_instructor(name="Rosalía")],
    )
    catch_up()

    assert find(typed).class_ids == []
    assert suggestion(typed) == meant
    assert len(find(meant).class_ids) == 1


@pytest.mark.parametrize(
    "q",
    ["hundred", "hundreds", "hundred breath", "zzzzzzzz", "hundrde zzzzzzzz", "", '"', "h", "\0"],
)
def test_suggestion_is_nothing_where_no_other_spelling_helps(q: str):
    make_class(title="Hundred")
    make_class(title="Breath")
    catch_up()

    assert suggestion(q) == ""


def test_suggestion_keeps_no_word_that_finds_nothing_with_the_others():
    make_class(title="Hundred hips")
    make_class(title="Hundreds")
    make_class(title="Breath")
    catch_up()

    assert suggestion("hundrde breath") == ""


def test_suggestion_tells_no_word_of_a_class_that_is_not_listed():
    say(make_class(state=State.DRAFT, published_at=None).variants.get(), (1, "secret"))
    catch_up()

    assert suggestion("secrte") == ""


def test_suggestion_tells_no_tag_that_nobody_vouches_for():
    tag = make_focus_tag(name="Kneefriendly", forbids=[make_movement()])
    make_class(focus_tags=[tag])
    catch_up()

    assert suggestion("kneefreindly") == ""


def test_suggestion_is_two_queries(django_assert_num_queries):
    make_class(title="Hundred breath hips")
    catch_up()

    with django_assert_num_queries(2):
        assert suggestion("hundrde breht hisp")


@pytest.mark.parametrize("q", ["'", "%", "x" * 10_000, "a b c d e f g h i j k l m n", "\ud800"])
def test_suggestion_answers_whatever_is_asked(q: str):
    make_class(title="Hundred")
    catch_up()

    assert suggestion(q) == ""
