"""The feed of what is said under a class."""

import xml.etree.ElementTree as ElementTree
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment, Conversation
from tests.factories import make_class, make_comment, make_member

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/classes/mat/comments/feed/"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://studio.example"
    settings.ALLOWED_HOSTS = ["*"]


@pytest.fixture
def mat():
    return make_class(slug="mat", title="Mat")


def entries(client) -> list[ElementTree.Element]:
    response = client.get(FEED, headers={"Host": "elsewhere.example"})

    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert b"elsewhere.example" not in response.content
    return ElementTree.fromstring(response.content).findall(f"{ATOM}entry")  # noqa: S314 - ours


def texts(client, name: str) -> list[str | None]:
    return [entry.findtext(f"{ATOM}{name}") for entry in entries(client)]


def test_feed_has_what_everybody_may_read_newest_first(client, mat):
    now = timezone.now()
    first = make_comment(mat, body="First", written_at=now - timedelta(days=2))
    make_comment(mat, body="Answer", parent=first, written_at=now - timedelta(days=1))
    make_comment(mat, body="Held", state=Comment.State.HELD)
    make_comment(mat, body="Removed", state=Comment.State.REMOVED)
    make_comment(mat, body="Undated", written_at=None)
    make_comment(make_class(), body="Elsewhere")

    assert texts(client, "summary") == ['<p dir="auto">Answer</p>', '<p dir="auto">First</p>']


def test_feed_ends_with_the_thirtieth(client, mat):
    for number in range(31):
        make_comment(mat, author_name="A", body=f"Comment {number}")

    assert len(entries(client)) == 30


def test_entry_says_who_wrote_it_when_and_to_whom(client, mat):
    written_at = timezone.now() - timedelta(days=2)
    ana, bo = make_member(display_name="Ana"), make_member(display_name="Bo & Co")
    question = make_comment(mat, author=ana, written_at=written_at)
    answer = make_comment(
        mat, author=bo, parent=question, edited_at=timezone.now() + timedelta(minutes=1)
    )

    newest, oldest = entries(client)

    assert newest.findtext(f"{ATOM}title") == "Bo & Co to @Ana"
    assert oldest.findtext(f"{ATOM}title") == "Ana"
    assert newest.findtext(f"{ATOM}author/{ATOM}name") == "Bo & Co"
    link = newest.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"https://studio.example/comments/{answer.pk}/"
    assert oldest.findtext(f"{ATOM}id") == (
        f"tag:studio.example,{written_at:%Y-%m-%d}:comment/{question.pk}"
    )
    assert (newest.findtext(f"{ATOM}updated") or "") > (newest.findtext(f"{ATOM}published") or "")


def test_name_of_whom_was_removed_is_not_told(client, mat):
    question = make_comment(mat, author_name="Ana", state=Comment.State.REMOVED)
    make_comment(mat, author_name="Bo", parent=question)

    assert texts(client, "title") == ["Bo"]


def test_links_lead_to_this_site_from_wherever_they_are_read(client, mat):
    make_class(slug="other", title="Other class")
    make_comment(mat, body='Try /classes/other/ and href="/x"')

    [html] = texts(client, "summary")

    assert 'href="https://studio.example/classes/other/"' in (html or "")
    assert "href=&quot;/x&quot;" in (html or "")


def test_what_no_xml_may_hold_does_not_take_the_feed_away(client, mat):
    make_comment(mat, author_name="A\x0b", body="one\x0btwo <script>\uffff")

    assert texts(client, "summary") == ['<p dir="auto">one two &lt;script&gt; </p>']


def test_unchanged_feed_is_not_sent_again(client, mat, django_assert_num_queries):
    make_comment(mat)
    Conversation.objects.update_or_create(pk=mat.pk)
    etag = client.get(FEED)["ETag"]

    with django_assert_num_queries(1):
        again = client.get(FEED, headers={"If-None-Match": etag})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)


def test_feed_is_sent_again_once_the_conversation_changed(client, mat):
    Conversation.objects.update_or_create(pk=mat.pk)
    etag = client.get(FEED)["ETag"]

    Conversation.objects.filter(pk=mat.pk).update(revision=1_000)

    assert client.get(FEED, headers={"If-None-Match": etag}).status_code == 200


def test_feed_promises_no_date_of_its_last_change(client, mat):
    make_comment(mat)

    assert not client.get(FEED).has_header("Last-Modified")


@pytest.mark.parametrize("count", [1, 8])
def test_feed_costs_two_queries(client, mat, django_assert_num_queries, count):
    for _ in range(count):
        make_comment(mat)

    with django_assert_num_queries(2):  # the class with its conversation, comments with writers
        client.get(FEED)


def test_feed_may_be_kept_in_front(client, mat):
    assert client.get(FEED)["Cache-Control"] == "public, s-maxage=60"


def test_staff_get_no_feed_of_a_draft(client):
    make_class(slug="mat", state="draft")
    client.force_login(make_member(is_staff=True, is_superuser=True))

    assert client.get(FEED).status_code == 404


def test_feed_follows_its_class(client, mat):
    mat.move_to("kind-mat")

    response = client.get(FEED)

    assert (response.status_code, response.url) == (301, "/classes/kind-mat/comments/feed/")
