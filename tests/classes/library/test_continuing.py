"""What a member goes on with, in the library and on the first page."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classes.body.avoiding import keep
from classes.library.continuing import Begun, to_continue
from classes.library.saving import save_class
from tests.factories import (
    make_checked_class,
    make_class,
    make_instructor,
    make_member,
    make_movement,
    make_variant,
    make_video,
    make_viewing,
)


@pytest.fixture
def member(client):
    member = make_member()
    client.force_login(member)
    return member


def begin(member, title: str = "Undo the Desk", **attrs):
    workout_class = make_class(title=title)
    return make_viewing(member, workout_class.variants.get(), **attrs)


def titles(begun) -> list[str]:
    return [each.title for each in begun]


@pytest.mark.django_db
def test_last_seen_stands_first_and_there_are_at_most_twelve():
    member, now = make_member(), timezone.now()
    for hours in range(14):
        begin(member, f"{hours} h ago", seen_at=now - timedelta(hours=hours))

    assert titles(to_continue(member)) == [f"{hours} h ago" for hours in range(12)]


@pytest.mark.django_db
def test_each_film_of_a_class_is_gone_on_with_apart():
    member, workout_class = make_member(), make_class()
    other = make_variant(workout_class, language="es")
    make_viewing(member, workout_class.variants.first(), second=10)
    make_viewing(member, other, second=20)

    begun = [(each.variant_id, each.second) for each in to_continue(member)]
    assert begun == [(other.pk, 20), (workout_class.variants.first().pk, 10)]


@pytest.mark.django_db
def test_what_is_done_is_gone():
    member = make_member()
    begin(member, continues=False, done_at=timezone.now())

    assert to_continue(member) == []


@pytest.mark.django_db
def test_film_that_was_replaced_has_no_seconds_to_go_on_from():
    member = make_member()
    viewing = begin(member)
    viewing.variant.video = make_video(viewing.variant)
    viewing.variant.save()

    assert to_continue(member) == []


@pytest.mark.django_db
def test_class_without_a_film_now_is_not_gone_on_with():
    member = make_member()
    viewing = begin(member)
    viewing.variant.video = None
    viewing.variant.save()

    assert to_continue(member) == []


@pytest.mark.django_db
def test_twelve_are_found_behind_those_that_nobody_may_open():
    member, now = make_member(), timezone.now()
    for hours in range(24):
        viewing = begin(member, seen_at=now - timedelta(hours=hours))
        if hours % 2:
            viewing.workout_class.state = "draft"
            viewing.workout_class.save()

    assert len(to_continue(member)) == 12


@pytest.mark.django_db
def test_teacher_goes_on_with_their_own_draft():
    teacher = make_member()
    workout_class = make_class(state="draft", instructors=[make_instructor(member=teacher)])
    make_viewing(teacher, workout_class.variants.get())

    assert len(to_continue(teacher)) == 1


@pytest.mark.django_db
def test_curators_go_on_with_drafts_too():
    curator = make_member(is_staff=True, is_superuser=True)
    make_viewing(curator, make_class(state="draft").variants.get())

    [begun] = to_continue(curator)
    assert isinstance(begun.length, timedelta)


@pytest.mark.django_db
def test_class_waits_for_its_day_to_be_gone_on_with(time_machine):
    member, now = make_member(), timezone.now()
    tomorrow = make_class(published_at=now + timedelta(days=1))
    make_viewing(member, tomorrow.variants.get(), second=10)
    assert to_continue(member) == []

    time_machine.move_to(now + timedelta(days=2))
    [begun] = to_continue(member)
    assert (begun.second, begun.length) == (10, tomorrow.variants.get().video.duration)


@pytest.mark.parametrize(
    ("second", "length", "reached"),
    [(750, 1200, 750), (5000, 1200, 1200), (0, 1200, 0), (40, None, 40)],
)
def test_nobody_is_past_the_end(second, length, reached):
    length = length and timedelta(seconds=length)
    begun = Begun(1, 1, "Undo the Desk", "undo-the-desk", second, length)

    assert begun.reached == timedelta(seconds=reached)


# --- The first page -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_home_begins_with_what_a_member_goes_on_with(client, member):
    for number in range(5):
        begin(member, f"Begun {number}", second=90)
    make_class(title="Newest", published_at=timezone.now())

    response = client.get("/")

    assert ">Go on where you stopped</h2>" in response.text
    assert response.text.count("1:30 of 20:00") == 4
    assert 'href="/my/">Your library</a>' in response.text
    assert response.text.count("<h1") == 1
    # The newest class has no place of its own then, and is the first of the new ones.
    assert ">Newest</a>" in response.context["new_cards"][0].card.html
    assert len(response.context["new_cards"]) == 4


@pytest.mark.django_db
def test_home_lets_a_member_save_what_they_began_and_says_what_they_did(client, member):
    begun = begin(member, "Undo the Desk", done_at=timezone.now(), times_done=1)
    save_class(member, begun.workout_class_id)

    text = client.get("/").text

    shelf = text[text.index('id="go-on"') : text.index('id="focus"')]
    assert 'aria-pressed="true" data-save' in shelf
    assert 'class="card-done"' in shelf
    assert text.count('id="save-class"') == 1


@pytest.mark.django_db
def test_home_of_a_member_who_began_nothing_is_that_of_visitors(client, member):
    begin(make_member(), "Another's")
    make_class(title="Newest", published_at=timezone.now())

    response = client.get("/")

    assert not response.context["goes_on"]
    assert "Go on where you stopped" not in response.text
    assert ">Newest</a>" in response.context["newest"].card.html


@pytest.mark.django_db
def test_home_of_a_visitor_asks_for_nobodys_own(client):
    begin(make_member())

    response = client.get("/")

    assert "Go on where you stopped" not in response.text
    assert "library.css" not in response.text
    assert "sessionid" not in response.cookies


@pytest.mark.django_db
def test_home_leaves_what_left_the_catalogue_to_the_library(client, member):
    viewing = begin(member)
    viewing.workout_class.state = "retired"
    viewing.workout_class.save()

    assert not client.get("/").context["goes_on"]
    assert "Undo the Desk" in client.get("/my/").text


@pytest.mark.django_db
def test_home_marks_what_the_member_avoids_and_began_all_the_same(client, member):
    movement = make_movement(name="Twisting")
    workout_class = make_checked_class(title="Undo the Desk", movements=[movement])
    make_viewing(member, workout_class.variants.get(), second=60)
    keep(member, [movement.slug])

    text = " ".join(client.get("/").text.split())

    assert ">Undo the Desk</a>" in text
    assert "Contains what you avoid: Twisting" in text


@pytest.mark.django_db
def test_home_asks_as_much_for_eight_as_for_one(client, member):
    def queries() -> int:
        client.get("/")
        caches["fragments"].clear()
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        return len(queries)

    begin(member)
    few = queries()
    for _ in range(7):
        begin(member)

    assert queries() == few
