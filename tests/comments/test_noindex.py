"""Comments that a studio keeps from search engines: `COMMENTS_NOINDEX`."""

import pytest

from comments.models import Comment
from comments.upkeep import keep_counts
from tests.factories import make_class, make_comment, make_member

pytestmark = pytest.mark.django_db

WORDS = "My back hurts in the morning"


@pytest.fixture(autouse=True)
def apart(settings):
    settings.COMMENTS_NOINDEX = True
    settings.SITE_URL = "https://studio.example"


def make_conversation() -> Comment:
    comment = make_comment(make_class(slug="mat"), body=WORDS)
    keep_counts([comment.workout_class_id])
    return comment


def test_visitors_find_a_link_in_place_of_the_words(client):
    make_conversation()

    page = client.get("/classes/mat/").content.decode()

    assert WORDS not in page
    assert '<a href="/classes/mat/conversation/" rel="nofollow">Read 1 comment</a>' in page


def test_page_of_the_words_is_not_to_be_kept_or_followed(client):
    make_conversation()

    response = client.get("/classes/mat/conversation/")

    page = response.content.decode()
    assert WORDS in page
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_page_of_the_words_costs_the_same_however_many(client, django_assert_max_num_queries):
    comment = make_conversation()
    for _ in range(8):
        make_comment(comment.workout_class)

    with django_assert_max_num_queries(12):  # the class as its page has it, threads, comments
        client.get("/classes/mat/conversation/")


def test_members_read_in_place(client):
    make_conversation()
    client.force_login(make_member())

    assert WORDS in client.get("/classes/mat/").content.decode()
    assert client.get("/classes/mat/conversation/").url == "/classes/mat/#comments"
    later = client.get("/classes/mat/conversation/?comments=2&reply=7")
    assert later.url == "/classes/mat/?comments=2&reply=7"


def test_permalink_leads_each_to_where_they_read(client):
    comment = make_conversation()

    assert client.get(f"/comments/{comment.pk}/").url == (
        f"/classes/mat/conversation/#comment-{comment.pk}"
    )
    client.force_login(make_member())
    assert client.get(f"/comments/{comment.pk}/").url == f"/classes/mat/#comment-{comment.pk}"


def test_feed_is_not_to_be_kept(client):
    make_conversation()

    assert client.get("/classes/mat/comments/feed/")["X-Robots-Tag"] == "noindex"


def test_without_the_switch_everybody_reads_in_place(client, settings):
    settings.COMMENTS_NOINDEX = False
    comment = make_conversation()

    assert WORDS in client.get("/classes/mat/").content.decode()
    assert client.get("/classes/mat/conversation/").url == "/classes/mat/#comments"
    assert client.get(f"/comments/{comment.pk}/").url == f"/classes/mat/#comment-{comment.pk}"
    assert not client.get("/classes/mat/comments/feed/").has_header("X-Robots-Tag")


def test_former_address_of_the_class_leads_to_the_words(client):
    make_conversation().workout_class.move_to("kind-mat")

    response = client.get("/classes/mat/conversation/?comments=2")

    assert (response.status_code, response.url) == (
        301,
        "/classes/kind-mat/conversation/?comments=2",
    )


@pytest.mark.parametrize("slug", ["draft", "nothing"])
def test_conversation_of_a_draft_is_not_found(client, slug):
    make_class(slug="draft", state="draft")

    assert client.get(f"/classes/{slug}/conversation/").status_code == 404
