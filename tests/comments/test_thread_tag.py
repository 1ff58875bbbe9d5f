"""The conversation as the class page shows it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.utils import timezone, translation

from classes.models import WorkoutClass
from comments.models import Comment
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

HELD, REMOVED = Comment.State.HELD, Comment.State.REMOVED


def show(rf, workout_class, reader=None, query: str = "") -> str:
    """The tag on a page of its own."""
    request = rf.get(f"{workout_class.get_absolute_url()}{query}")
    request.user = reader or AnonymousUser()
    template = engines["django"].from_string("{% load comments %}{% thread workout_class %}")
    return template.render({"workout_class": workout_class}, request)


def article(html: str, comment: Comment) -> str:
    """The part of the page that is this comment."""
    return re.search(
        rf'<article class="[^"]*" id="comment-{comment.pk}">.*?</article>', html, re.S
    )[0]


def test_thread_invites_when_nothing_was_said(rf):
    assert "Nobody has said anything yet" in show(rf, make_class())


def test_thread_shows_name_badges_words_and_dates(rf):
    teacher = make_instructor(member=make_member(display_name="Ana", is_staff=True))
    workout_class = make_class(instructors=[teacher])
    moment = datetime(2025, 10, 2, 8, 14, tzinfo=UTC)
    comment = make_comment(workout_class, author=teacher.member, body="A\nB", written_at=moment)

    with time_machine.travel(moment + timedelta(days=366), tick=False):
        shown = article(show(rf, workout_class), comment)

    assert ">Ana</h3>" in shown
    assert ">Author</span>" in shown
    assert ">Studio</span>" in shown
    assert "A<br>B" in shown
    assert 'datetime="2025-10-02T08:14:00Z"' in shown
    assert ">1 year ago</time>" in shown


def test_thread_tells_the_exact_moment_by_the_readers_clock(rf):
    workout_class = make_class()
    make_comment(workout_class, written_at=datetime(2025, 10, 2, 22, 30, tzinfo=UTC))

    with timezone.override("Europe/Madrid"):
        english = show(rf, workout_class)
        with translation.override("es"):
            spanish = show(rf, workout_class)

    assert 'datetime="2025-10-02T22:30:00Z" title="Oct. 3, 2025, 12:30 a.m. CEST"' in english
    assert (
        'datetime="2025-10-02T22:30:00Z" title="3 de octubre de 2025 a las 00:30 CEST"' in spanish
    )


def test_thread_prints_no_date_for_what_has_none(rf):
    workout_class = make_class()
    comment = make_comment(workout_class, author_name="Old friend", author=None, written_at=None)

    shown = article(show(rf, workout_class), comment)

    assert "Old friend" in shown
    assert "<time" not in shown


def test_thread_says_whom_a_reply_to_a_reply_answers(rf):
    workout_class = make_class()
    reply = make_comment(
        workout_class, parent=make_comment(workout_class), author=make_member(display_name="<Ana>")
    )
    answer = make_comment(workout_class, parent=reply)

    html = show(rf, workout_class)

    assert "to @&lt;Ana&gt;" in article(html, answer)
    assert "to @" not in article(html, reply)


def test_thread_hides_all_that_was_removed_but_its_place(rf):
    workout_class = make_class()
    gone = make_comment(
        workout_class,
        body="secret",
        author=make_member(display_name="Bernd", is_staff=True),
        state=REMOVED,
    )
    reply = make_comment(workout_class, parent=gone, state=REMOVED, body="also secret")
    make_comment(workout_class, parent=reply)

    html = show(rf, workout_class)

    assert html.count("This comment was removed.") == 2
    assert "to a comment that was removed" in html
    for private in ("secret", "Bernd", "Studio"):
        assert private not in html


def test_thread_shows_a_held_comment_to_its_writer_only(rf):
    workout_class = make_class()
    writer = make_member()
    held = make_comment(workout_class, author=writer, body="hold on", state=HELD)

    shown = article(show(rf, workout_class, writer), held)

    assert "Only you can see this comment" in shown
    assert "hold on" in shown
    assert "data-comment-reply" not in shown
    assert '<ol class="threads"' not in show(rf, workout_class, writer)
    assert "hold on" not in show(rf, workout_class)


@pytest.mark.parametrize("reader", ["visitor", "member", "writer"])
def test_every_id_on_the_page_is_one(rf, reader):
    workout_class = make_class()
    writer = make_member()
    held = make_comment(workout_class, author=writer, state=HELD)
    top = make_comment(workout_class, parent=held)
    make_comment(workout_class, parent=top, author=writer)
    who = {"visitor": None, "member": make_member(), "writer": writer}[reader]

    html = show(rf, workout_class, who, f"?reply={top.pk}")

    ids = re.findall(r' id="([^"]+)"', html)
    assert "reply" in ids
    assert f"comment-{held.pk}" in ids
    assert len(ids) == len(set(ids))


def test_thread_numbers_go_on_from_page_to_page(rf):
    workout_class = make_class()
    now = timezone.now()
    for number in range(21):
        make_comment(workout_class, written_at=now - timedelta(days=number))

    first, second = show(rf, workout_class), show(rf, workout_class, query="?comments=2")

    assert 'start="1"' in first
    assert 'href="?comments=2#comments"' in first
    assert 'start="21"' in second
    assert second.count('<li class="thread">') == 1


def test_thread_says_that_a_page_means_nothing(rf):
    workout_class = make_class()

    assert "There is no such page" in show(rf, workout_class, query="?comments=2")
    assert "There is no such page" not in show(rf, workout_class, query="?comments=1")


def test_a_visitor_gets_a_way_in_and_no_form(rf):
    workout_class = make_class(slug="gentle")
    comment = make_comment(workout_class, author=make_member(display_name="Ines"))

    html = show(rf, workout_class)
    answering = show(rf, workout_class, query=f"?reply={comment.pk}")

    assert "<form" not in html
    assert "csrf" not in html
    assert "?next=%2Fclasses%2Fgentle%2F%23reply" in html
    assert f"?next=%2Fclasses%2Fgentle%2F%3Freply%3D{comment.pk}%23reply" in answering
    assert "to answer Ines" in article(answering, comment)


def test_a_member_gets_one_form_where_it_was_asked_for(rf):
    workout_class = make_class()
    comment = make_comment(workout_class)
    member = make_member()

    plain = show(rf, workout_class, member)
    answering = show(rf, workout_class, member, f"?reply={comment.pk}")

    assert plain.count("<form") == answering.count("<form") == 1
    assert 'name="parent" value=""' in plain
    assert f'name="parent" value="{comment.pk}"' in article(answering, comment)


def test_a_reply_is_drawn_on_the_page_where_its_comment_stands(rf):
    workout_class = make_class()
    now = timezone.now()
    tops = [make_comment(workout_class, written_at=now - timedelta(days=n)) for n in range(21)]
    reply = make_comment(workout_class, parent=tops[20])

    html = show(rf, workout_class, make_member(), f"?reply={reply.pk}")

    assert 'start="21"' in html
    assert "<form" in article(html, reply)


@pytest.mark.parametrize("reply", ["x", "0", "-1", "9" * 30, "１", "%00"])
def test_a_reply_to_nothing_says_so(rf, reply):
    html = show(rf, make_class(), make_member(), f"?reply={reply}")

    assert "is not there any more" in html
    assert html.count("<form") == 1


def test_a_reply_to_what_is_held_or_removed_says_so(rf):
    workout_class = make_class()
    gone = make_comment(workout_class, state=REMOVED)
    make_comment(workout_class, parent=gone)

    html = show(rf, workout_class, make_member(), f"?reply={gone.pk}")

    assert "is not there any more" in html


def test_a_writer_may_edit_for_a_while_and_remove_for_ever(rf):
    workout_class = make_class()
    writer = make_member()
    new = make_comment(workout_class, author=writer)
    old = make_comment(workout_class, author=writer, written_at=timezone.now() - timedelta(days=1))
    others = make_comment(workout_class)

    html = show(rf, workout_class, writer)

    offered = [re.findall(r"/(edit|remove)/", article(html, c)) for c in (new, old, others)]
    assert offered == [["edit", "remove"], ["remove"], []]


def test_our_own_addresses_are_shown_by_their_meaning(rf):
    make_class(slug="gentle", title="Gentle & Slow")
    workout_class = make_class()
    make_comment(workout_class, body="Try /classes/gentle/")

    expected = '<a href="/classes/gentle/" rel="nofollow ugc">Gentle &amp; Slow</a>'
    assert expected in show(rf, workout_class)


@pytest.mark.parametrize("count", [1, 8])
def test_thread_query_count_is_constant(rf, count, django_assert_num_queries):
    workout_class = make_class(instructors=[make_instructor(member=make_member())])
    for _ in range(count):
        top = make_comment(workout_class)
        for _ in range(count):
            make_comment(workout_class, parent=make_comment(workout_class, parent=top))
    member = make_member()
    workout_class = WorkoutClass.objects.prefetch_related("instructors").get()

    with django_assert_num_queries(2):  # state, comments with writers
        show(rf, workout_class)
    with django_assert_num_queries(1):  # state
        show(rf, workout_class)
    with django_assert_num_queries(3):  # and what of theirs is held, and whether they teach
        show(rf, workout_class, member)
