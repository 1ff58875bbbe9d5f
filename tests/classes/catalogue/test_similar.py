"""Classes like another: what is kept of a class is for everybody, what is left out for one."""

import pytest

from classes.catalogue import keeping
from classes.catalogue.snapshot import Snapshot
from tests.factories import make_checked_class, make_focus_tag, make_movement

pytestmark = pytest.mark.django_db


@pytest.fixture
def hips():
    return make_focus_tag(name="Hips", slug="hips")


def shown(catalogue, workout_class, *avoids: str) -> set[int]:
    return {each.hit.class_id for each in catalogue.similar(workout_class.pk, 4, avoids)}


@pytest.mark.parametrize("first", [(), ("twisting",)])
def test_what_one_reader_avoids_is_no_part_of_what_is_kept_for_others(hips, first):
    twisting = make_movement(name="Twisting", slug="twisting")
    asked, still = make_checked_class(focus_tags=[hips]), make_checked_class(focus_tags=[hips])
    twists = make_checked_class(focus_tags=[hips], movements=[twisting])
    catalogue = keeping.current()
    assert isinstance(catalogue, Snapshot)

    shown(catalogue, asked, *first)

    assert shown(catalogue, asked) == {still.pk, twists.pk}
    assert shown(catalogue, asked, "twisting") == {still.pk}
    assert shown(catalogue, asked) == {still.pk, twists.pk}


def test_what_is_kept_ends_with_what_is_known_of_the_classes(hips):
    asked, other = make_checked_class(focus_tags=[hips]), make_checked_class()
    assert shown(keeping.current(), asked) == set()

    other.focus_tags.add(hips)

    assert shown(keeping.current(), asked) == {other.pk}


def test_only_so_many_are_kept(hips):
    make_checked_class(focus_tags=[hips])
    classes = [make_checked_class(focus_tags=[hips]) for _ in range(3)]
    catalogue = keeping.current()
    catalogue.likenesses.most = 2

    for workout_class in classes * 2:
        assert len(shown(catalogue, workout_class)) == 3

    assert len(catalogue.likenesses._kept) == 2
