"""What machines read of a conversation."""

import json
from datetime import timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from comments.models import Comment
from comments.structured_data import LONGEST, MOST, comment_objects, newest_of
from tests.factories import make_class, make_comment, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://studio.example"


def test_comment_says_who_wrote_it_and_when():
    written_at = timezone.now() - timedelta(days=1)
    author = make_member(display_name="Ana")
    comment = make_comment(make_class(), author=author, body="Good.", written_at=written_at)

    assert comment_objects([comment]) == [
        {
            "@type": "Comment",
            "url": f"https://studio.example/comments/{comment.pk}/",
            "author": {"@type": "Person", "name": "Ana"},
            "text": "Good.",
            "dateCreated": written_at.isoformat(),
        }
    ]


def test_answers_stand_within_their_thread():
    workout_class = make_class()
    thread = make_comment(workout_class, body="Why?", author_name="A")
    make_comment(workout_class, body="So.", author_name="B", parent=thread)

    [data] = comment_objects(newest_of(workout_class))

    assert data["text"] == "Why?"
    assert [answer["text"] for answer in data["comment"]] == ["So."]


def test_only_what_is_published_is_told():
    workout_class = make_class()
    removed = make_comment(workout_class, state=Comment.State.REMOVED)
    make_comment(workout_class, parent=removed)
    make_comment(workout_class, state=Comment.State.HELD)

    assert comment_objects(workout_class.comments.all()) == []
    assert newest_of(workout_class) == []


def test_no_more_than_twenty_are_told_and_of_long_ones_the_beginning():
    workout_class = make_class()
    for _ in range(MOST + 1):
        make_comment(workout_class, author_name="A", body="x" * 5000)

    told = comment_objects(workout_class.comments.select_related("author"))

    assert len(told) == MOST
    assert {len(data["text"]) for data in told} == {LONGEST}


def test_of_a_studio_that_keeps_comments_apart_nothing_is_told(settings):
    settings.COMMENTS_NOINDEX = True

    assert comment_objects([make_comment(make_class())]) == []


@pytest.mark.parametrize("count", [1, 8])
def test_class_is_told_with_its_comments_in_two_queries(count, django_assert_num_queries):
    pk = make_class(comment_count=count).pk
    workout_class = type(make_class()).objects.for_page().get(pk=pk)
    for _ in range(count):
        make_comment(workout_class, body="</script><b>&")
    context = {"workout_class": workout_class, "variant": workout_class.first_variant}
    template = Template("{% load discussion %}{% class_as_json workout_class variant %}")

    with django_assert_num_queries(2):
        html = template.render(Context(context))

    assert "<" not in html
    data = json.loads(html)
    assert (data["@type"], data["commentCount"]) == ("VideoObject", count)
    assert [comment["text"] for comment in data["comment"]] == ["</script><b>&"] * count
