"""What of the catalogue needs attention, on the first page of the administration."""

import pytest
from django.urls import reverse

from classes.models import State, Video
from tests.factories import (
    make_checked_class,
    make_class,
    make_focus_tag,
    make_instructor,
    make_member,
    make_movement,
    make_variant,
    make_video,
)

INDEX = reverse("admin:index")


def waiting(desk) -> list[tuple[int, str]]:
    return [(item.count, item.title) for item in desk.get(INDEX).context["waiting"]]


def make_failed(**attrs):
    row = make_class(**attrs)
    variant = make_variant(row, language="es", ready=False)
    make_video(variant, state=Video.State.FAILED, duration=None)
    return row


def test_calm_studio_has_nothing_waiting(desk):
    make_checked_class(focus_tags=[make_focus_tag(forbids=[make_movement()])])

    page = desk.get(INDEX)

    assert "Nothing waits for you." in page.content.decode()


def test_everything_that_waits_is_counted_named_and_linked(desk):
    twisting = make_movement()
    tag = make_focus_tag(forbids=[twisting])
    make_failed(title="Broken film")
    make_class(title="No film", variant=False)
    make_class(title="Twisted", focus_tags=[tag], movements=[twisting])
    make_class(title="Promised", focus_tags=[tag])
    make_class(title="Withdrawn", focus_tags=[tag], check_withdrawn="A new film")

    page = desk.get(INDEX)

    assert waiting(desk) == [
        (1, "class has a film that failed"),
        (1, "class is public without a film"),
        (1, "class contradicts its own tags"),
        (1, "class promises what nobody has checked"),
        (1, "class had its body check taken back"),
    ]
    for title in ("Broken film", "No film", "Twisted", "Promised", "Withdrawn"):
        assert title in page.content.decode()


def test_each_link_leads_to_exactly_what_was_counted(desk):
    twisting = make_movement()
    tag = make_focus_tag(forbids=[twisting])
    for _ in range(2):
        make_failed()
        make_class(variant=False)
        make_class(focus_tags=[tag], movements=[twisting])
        make_class(check_withdrawn="A new film")

    items = desk.get(INDEX).context["waiting"]

    assert len(items) == 4
    for item in items:
        listed = desk.get(item.link).context["cl"].result_count
        assert listed == item.count, item.title


def test_draft_without_a_film_waits_for_nobody(desk):
    make_class(variant=False, state=State.DRAFT, published_at=None)

    assert waiting(desk) == []


def test_staff_without_the_right_see_no_class(client, db):
    make_class(variant=False)
    client.force_login(make_member(is_staff=True))

    assert waiting(client) == []


@pytest.mark.parametrize("count", [1, 8])
def test_start_page_query_count_is_constant(desk, django_assert_num_queries, count):
    twisting = make_movement()
    tag = make_focus_tag(forbids=[twisting])
    for _ in range(count):
        make_failed()
        make_class(variant=False)
        make_class(focus_tags=[tag], movements=[twisting])
        make_class(focus_tags=[tag], instructors=[make_instructor()])
        make_class(check_withdrawn="A new film")

    # Letters and data that members did not get: two each. Rules that failed: one.
    with django_assert_num_queries(32):
        desk.get(INDEX)
