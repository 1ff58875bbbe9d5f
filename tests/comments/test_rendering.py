"""What of a conversation is kept, for how long, and that nobody gets another's."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from classes.models import WorkoutClass
from comments import rendering
from comments.models import ClassRequest, Comment, Conversation, Vote
from comments.moments import ago, ago_until
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def show(rf, workout_class, reader=None, query: str = "") -> str:
    request = rf.get(f"{workout_class.get_absolute_url()}{query}")
    request.user = reader or AnonymousUser()
    template = engines["django"].from_string("{% load comments %}{% thread workout_class %}")
    return template.render(
        {"workout_class": WorkoutClass.objects.get(pk=workout_class.pk)}, request
    )


def buttons(html: str, comment: Comment) -> list[str]:
    found = re.search(rf'id="comment-{comment.pk}">.*?</article>', html, re.S)
    return re.findall(r"/(edit|remove|pin|unpin|mute)/", found[0])


# --- As long as it is true ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda comment: make_comment(comment.workout_class, body="More"),
        lambda comment: make_comment(comment.workout_class, parent=comment, body="Answer"),
        lambda comment: Comment.objects.update(body="Other"),
        lambda comment: Comment.objects.update(state=Comment.State.REMOVED),
        lambda comment: Comment.objects.update(edited_at=NOON),
        lambda comment: Comment.objects.update(is_pinned=True),
        lambda comment: type(comment.author).objects.update(display_name="Other"),
        lambda comment: type(comment.author).objects.update(is_staff=True),
        lambda comment: comment.workout_class.instructors.add(
            make_instructor(member=comment.author)
        ),
        lambda comment: ClassRequest.objects.create(comment=comment, title="Standing"),
        lambda comment: comment.delete(),
        lambda comment: comment.author.delete(),
    ],
)
def test_page_follows_every_change(rf, change):
    comment = make_comment(make_class(), author=make_member(display_name="Ines"))
    before = show(rf, comment.workout_class)
    assert show(rf, comment.workout_class) == before

    change(comment)

    assert show(rf, comment.workout_class) != before


def test_votes_are_counted_where_the_request_stands(rf):
    comment = make_comment(make_class())
    request = ClassRequest.objects.create(comment=comment, title="Standing")
    assert "1 member wants this" in show(rf, comment.workout_class)

    Vote.objects.create(request=request, member=make_member())

    assert "2 members want this" in show(rf, comment.workout_class)


def test_right_after_a_comment_the_others_are_taken_over(rf, monkeypatch):
    workout_class = make_class()
    for number in range(8):
        make_comment(workout_class, written_at=timezone.now() - timedelta(days=number + 1))
    show(rf, workout_class)
    make_comment(workout_class, body="New")
    made = []
    single = rendering._Page.single
    monkeypatch.setattr(
        rendering._Page, "single", lambda *args: made.append(args[1]) or single(*args)
    )

    html = show(rf, workout_class)

    assert [entry.comment.body for entry in made] == ["New"]
    assert html.count("<article") == 9


def test_link_into_the_catalogue_is_renewed_with_it(rf):
    there = make_class(slug="gentle", title="Gentle")
    comment = make_comment(make_class(), body="Try /classes/gentle/")
    assert ">Gentle</a>" in show(rf, comment.workout_class)

    WorkoutClass.objects.filter(pk=there.pk).update(title="Very gentle")

    assert ">Very gentle</a>" in show(rf, comment.workout_class)


def test_time_leads_into_the_film_it_was_written_under(rf):
    workout_class = make_class(slug="mat")
    variant = workout_class.variants.get()
    make_comment(workout_class, body="At 12:34 it pulls, at 59:59 no more", variant=variant)
    make_comment(workout_class, body="At 11:11, of no film")

    html = show(rf, workout_class)

    assert '<a href="/classes/mat/?t=754#t=754" rel="nofollow">12:34</a>' in html
    assert "t=3599" not in html  # the film is over by then
    assert "t=671" not in html


def test_conversation_that_nobody_watches_is_not_kept(rf):
    comment = make_comment(make_class())
    Conversation.objects.all().delete()
    show(rf, comment.workout_class)

    Comment.objects.update(body="Other")
    Conversation.objects.all().delete()

    assert "Other" in show(rf, comment.workout_class)


# --- Dates --------------------------------------------------------------------------------------


@given(
    age=st.one_of(st.integers(-90, 10_000), st.integers(0, 3 * 365 * 86_400)),
    later=st.integers(0, 400 * 86_400),
)
def test_a_relative_date_stays_true_until_it_says(age, later):
    moment = NOON - timedelta(seconds=age)
    until = ago_until(moment, NOON)
    assert until > NOON
    with time_machine.travel(NOON, tick=False):
        said = ago(moment)
    inside = min(NOON + timedelta(seconds=later), until - timedelta(seconds=1))
    with time_machine.travel(max(inside, NOON), tick=False):
        assert ago(moment) == said


def test_kept_page_tells_the_time_as_it_passes(rf):
    workout_class = make_class()
    with time_machine.travel(NOON, tick=False):
        make_comment(workout_class, written_at=NOON - timedelta(days=2))
        assert "2 days ago" in show(rf, workout_class)
    with time_machine.travel(NOON + timedelta(hours=23), tick=False):
        assert "2 days ago" in show(rf, workout_class)
    with time_machine.travel(NOON + timedelta(days=1, seconds=1), tick=False):
        assert "3 days ago" in show(rf, workout_class)


def test_each_language_and_zone_has_its_own(rf):
    comment = make_comment(make_class(), written_at=datetime(2025, 10, 2, 22, 30, tzinfo=UTC))
    english = show(rf, comment.workout_class)

    with timezone.override("Europe/Madrid"):
        assert "12:30 a.m. CEST" in show(rf, comment.workout_class)
    with translation.override("es"):
        assert "Responder" in show(rf, comment.workout_class)

    assert show(rf, comment.workout_class) == english


# --- Nobody gets another's ----------------------------------------------------------------------


def test_buttons_are_their_readers_own_whoever_came_before(rf):
    teacher = make_member()
    workout_class = make_class(instructors=[make_instructor(member=teacher)])
    writer, other = make_member(), make_member()
    curator = make_member(is_staff=True, is_superuser=True)
    comment = make_comment(workout_class, author=writer)
    expected = [
        (writer, ["edit", "remove", "mute"]),
        (other, []),
        (None, []),
        (teacher, ["pin"]),
        (curator, ["remove", "pin"]),
        (other, []),
    ]

    for reader, own in expected:
        assert buttons(show(rf, workout_class, reader), comment) == own


def test_only_its_writer_reads_what_is_held_whoever_came_before(rf):
    workout_class = make_class()
    writer = make_member()
    make_comment(workout_class, author=writer, body="secret words", state=Comment.State.HELD)
    make_comment(workout_class)

    read = ["secret words" in show(rf, workout_class, who) for who in (writer, None, make_member())]

    assert read == [True, False, False]
    assert "secret words" in show(rf, workout_class, writer)


def test_held_with_replies_has_its_anchor_above_only(rf):
    workout_class = make_class()
    writer = make_member()
    held = make_comment(workout_class, author=writer, body="secret", state=Comment.State.HELD)
    make_comment(workout_class, parent=held)
    anchor = f'id="comment-{held.pk}"'

    for reader in (writer, None, make_member()):
        html = show(rf, workout_class, reader)
        assert html.count(anchor) == 1
        assert (html.index(anchor) < html.index('class="threads"')) == (reader == writer)


def test_no_token_of_a_form_is_kept(rf):
    workout_class = make_class()
    make_comment(workout_class)
    tokens = [
        re.findall(r'name="(?:csrfmiddlewaretoken|submission)" value="([^"]+)"', html)
        for html in (show(rf, workout_class, make_member()) for _ in range(2))
    ]

    assert len(tokens[0]) == 2
    assert not set(tokens[0]) & set(tokens[1])
    assert "csrfmiddlewaretoken" not in show(rf, workout_class)


# --- What stands there --------------------------------------------------------------------------


def test_closed_conversation_takes_words_of_who_leads_it_only(rf):
    teacher = make_member()
    workout_class = make_class(instructors=[make_instructor(member=teacher)])
    make_comment(workout_class)
    Conversation.objects.update(closed_at=timezone.now())

    member, leads = show(rf, workout_class, make_member()), show(rf, workout_class, teacher)

    assert "This conversation is closed" in member
    assert "<form" not in member
    assert "reopen" not in member
    assert "<form" in leads
    assert "/reopen-comments/" in leads


def test_pinned_thread_stands_first_and_says_so(rf):
    workout_class = make_class()
    pinned = make_comment(workout_class, body="Read this", written_at=NOON)
    make_comment(workout_class, body="Newer")
    Comment.objects.filter(pk=pinned.pk).update(is_pinned=True)

    html = show(rf, workout_class)

    assert html.index("Pinned") < html.index("Read this") < html.index("Newer")
    assert html.count('<li class="thread">') == 1


def test_everybody_may_report_and_answer_what_is_published(rf):
    comment = make_comment(make_class())

    html = show(rf, comment.workout_class)

    assert f'href="/comments/{comment.pk}/report/" rel="nofollow"' in html
    assert f'href="?reply={comment.pk}#reply"' in html
