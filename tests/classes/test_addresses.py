"""Addresses that last: a page moves, and its former slug is nobody else's."""

import pytest

from classes.models import FocusTag, FormerSlug, Instructor, WorkoutClass
from tests.factories import make_class, make_focus_tag, make_instructor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [make_class, make_focus_tag, make_instructor])
def test_moved_page_is_found_under_its_former_slug(make):
    page = make(slug="old")

    page.move_to("new")

    assert type(page).moved_from("old") == page
    page.refresh_from_db()
    assert page.slug == "new"


def test_page_that_moves_back_needs_no_redirect_to_itself():
    page = make_class(slug="old")
    page.move_to("new")

    page.move_to("old")

    assert WorkoutClass.moved_from("old") is None
    assert WorkoutClass.moved_from("new") == page


def test_moving_to_where_one_is_leaves_no_trace():
    make_class(slug="here").move_to("here")

    assert not FormerSlug.objects.exists()


def test_former_slug_is_free_only_for_its_own_page():
    page = make_class(slug="old")
    page.move_to("new")

    assert not WorkoutClass.is_slug_free("old")
    assert not WorkoutClass.is_slug_free("new")
    assert WorkoutClass.is_slug_free("old", besides=page.pk)


def test_kinds_of_pages_do_not_share_their_slugs():
    make_class(slug="calm").move_to("calmer")

    assert FocusTag.is_slug_free("calm")
    assert Instructor.is_slug_free("calm")


def test_slug_of_a_deleted_page_leads_nowhere():
    page = make_class(slug="old")
    page.move_to("new")
    page.delete()

    assert WorkoutClass.moved_from("old") is None
