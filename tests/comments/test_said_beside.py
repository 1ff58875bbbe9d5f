"""The timeline says of which chapters comments speak, and leads to them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import moderation, time_codes
from comments.models import Comment
from tests.factories import make_chapter, make_class, make_comment, make_member

pytestmark = pytest.mark.django_db


def spoken_of(workout_class, body: str = "At 1:30") -> Comment:
    comment = make_comment(workout_class, variant=workout_class.variants.get(), body=body)
    time_codes.keep(comment)
    return comment


@pytest.fixture
def workout_class():
    workout_class = make_class()
    variant = workout_class.variants.get()
    make_chapter(variant, 0, 60, title="Roll")
    make_chapter(variant, 60, 120, title="Saw")
    return workout_class


def chapters_on(client, workout_class) -> list[str]:
    page = client.get(workout_class.get_absolute_url()).content.decode()
    timeline = page[page.index('id="timeline"') :].partition("</ol>")[0]
    return timeline.split("<li ")[1:]


def test_chapter_leads_to_the_first_comment_that_speaks_of_it(client, workout_class):
    spoken_of(workout_class)
    earliest = spoken_of(workout_class, "1:10 and 1:30 again")

    roll, saw = chapters_on(client, workout_class)

    assert "comment" not in roll
    assert "2 comments</a>" in saw
    assert f'href="/comments/{earliest.pk}/"' in saw


def test_chapter_follows_what_is_decided_about_a_comment(client, workout_class):
    comment = spoken_of(workout_class)
    assert "1 comment<" in chapters_on(client, workout_class)[1]

    moderation.remove(comment, make_member(is_staff=True), "Not here")

    assert "1 comment<" not in chapters_on(client, workout_class)[1]


def test_chapters_cost_no_query_while_nothing_is_said(
    client, workout_class, django_assert_num_queries
):
    spoken_of(workout_class)
    chapters_on(client, workout_class)

    with django_assert_num_queries(1):  # whether what is kept still stands
        chapters_on(client, workout_class)


def test_right_after_a_comment_one_question_reads_all_that_moved_beside_the_threads(
    client, workout_class
):
    """Who waits for the studio, and which moments are spoken of."""
    client.force_login(make_member())
    address = workout_class.get_absolute_url()
    spoken_of(workout_class)
    client.get(address)
    with CaptureQueriesContext(connection) as kept:
        client.get(address)
    spoken_of(workout_class)

    with CaptureQueriesContext(connection) as moved:
        chapters = client.get(address)

    assert "2 comments</a>" in chapters.content.decode()
    asked = {query["sql"] for query in moved} - {query["sql"] for query in kept}
    assert sum("comments_timecode" in sql for sql in asked) == 1
    assert sum('"state"' in sql and "held" in sql for sql in asked) == 1
    assert sum("comments_timecode" in sql and "held" in sql for sql in asked) == 1
