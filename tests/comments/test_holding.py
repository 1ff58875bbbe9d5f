"""Which comments wait for the studio, and which never do."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from comments import holding, moderation, writing
from comments.models import Comment, Decision
from tests.comments.test_writing import count_of, make_writer, post
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

HELD, PUBLISHED = Comment.State.HELD, Comment.State.PUBLISHED


@pytest.fixture
def first_are_held(settings):
    settings.HOLD_FIRST_COMMENTS = True


def known_writer():
    """Somebody whose words stood on the site before."""
    writer = make_writer()
    make_comment(make_class(), author=writer, written_at=timezone.now() - timedelta(days=30))
    return writer


# --- The first comment --------------------------------------------------------------------------


def test_the_first_comment_of_a_new_member_is_held(first_are_held):
    workout_class = make_class()

    comment = post(make_writer(), workout_class)

    assert (comment.state, comment.held_for) == (HELD, ["first"])
    assert count_of(workout_class) == 0
    decision = comment.decisions.get()
    assert (decision.act, decision.by, decision.rules) == (Decision.Act.HELD, None, ["first"])


def test_everything_is_held_until_something_was_approved(first_are_held):
    writer, workout_class = make_writer(), make_class()
    first = post(writer, workout_class, "One")
    assert post(writer, workout_class, "Two").state == HELD

    moderation.approve(first, by=make_member(is_staff=True))

    assert post(writer, workout_class, "Three").state == PUBLISHED


def test_what_was_held_and_taken_back_makes_nobody_known(first_are_held):
    writer, workout_class = make_writer(), make_class()
    moderation.remove(post(writer, workout_class, "One"), by=writer)

    assert post(writer, workout_class, "Two").state == HELD


def test_what_was_approved_counts_after_its_writer_took_it_back(first_are_held):
    writer, workout_class = make_writer(), make_class()
    comment = post(writer, workout_class, "One")
    moderation.approve(comment, by=make_member(is_staff=True))
    moderation.remove(comment, by=writer)

    assert post(writer, workout_class, "Two").state == PUBLISHED


def test_what_stood_there_without_being_held_counts_after_it_was_taken_back(first_are_held):
    writer, workout_class = known_writer(), make_class()
    moderation.remove(writer.comments.get(), by=writer)

    assert post(writer, workout_class).state == PUBLISHED


def test_what_the_studio_removed_makes_nobody_known(first_are_held):
    writer, workout_class = make_writer(), make_class()
    awful = make_comment(workout_class, author=writer, body="Awful")
    moderation.remove(awful, by=make_member(is_staff=True), reason="Unkind")

    assert post(writer, workout_class, "Two").state == HELD


def test_first_comments_are_held_only_where_the_studio_wants_it():
    assert post(make_writer(), make_class()).state == PUBLISHED


# --- Links --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "See https://elsewhere.example/pills",
        "HTTP://ELSEWHERE.EXAMPLE",
        "(http://elsewhere.example)",
        "Go to www.elsewhere.example now",
        "https://studio.example.elsewhere.example/",
        "https://studio.example@elsewhere.example/",
        "https://[elsewhere/",
    ],
)
def test_a_link_to_another_site_is_held(settings, body):
    settings.SITE_URL = "https://studio.example"

    assert post(known_writer(), make_class(), body).held_for == ["links"]


@pytest.mark.parametrize(
    "body",
    [
        "See https://studio.example/classes/?focus=spine-safe",
        "See HTTPS://Studio.Example/",
        "See /classes/gentle-mat/ and/or /about/",
        "www is no address, nor is example.org, nor a@www.example.org",
        "At 12:34, half of 1/2",
    ],
)
def test_a_link_to_this_site_never_holds(settings, body):
    settings.SITE_URL = "https://studio.example"

    assert post(known_writer(), make_class(), body).state == PUBLISHED


def test_this_site_is_known_when_it_is_spoken_of_with_www(settings):
    settings.SITE_URL = "https://www.studio.example"

    assert post(known_writer(), make_class(), "On www.studio.example/a").state == PUBLISHED


# --- Repetitions --------------------------------------------------------------------------------


@pytest.mark.parametrize("again", ["Buy my mats", "  buy MY\n\nmats ", "BUY my\u00a0mats"])
def test_the_same_words_on_another_class_are_held(again):
    writer = known_writer()
    post(writer, make_class(), "Buy my mats")

    assert post(writer, make_class(), again.strip()).held_for == ["repeats"]


def test_the_same_words_are_held_though_the_first_were_removed():
    writer, workout_class = known_writer(), make_class()
    moderation.remove(
        post(writer, workout_class, "Buy my mats"), by=make_member(is_staff=True), reason="Spam"
    )

    assert post(writer, workout_class, "Buy my mats").held_for == ["repeats"]


def test_the_same_words_of_another_member_or_another_day_are_not_held():
    writer = known_writer()
    post(writer, make_class(), "Thank you")

    assert post(known_writer(), make_class(), "Thank you").state == PUBLISHED
    with time_machine.travel(timezone.now() + holding.REPEATED_WITHIN + timedelta(minutes=1)):
        assert post(writer, make_class(), "Thank you").state == PUBLISHED


# --- Who is never held --------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["staff", "teaches this", "teaches another"])
def test_the_studio_is_never_held(first_are_held, role):
    writer = make_writer(is_staff=role == "staff")
    instructors = [make_instructor(member=writer)] if role != "staff" else []
    workout_class = make_class(instructors=instructors if role == "teaches this" else [])

    for _ in range(2):
        comment = post(writer, make_class(), "See https://elsewhere.example/")
        assert comment.state == PUBLISHED
    assert post(writer, workout_class, "Hello").state == PUBLISHED
    assert not Decision.objects.exists()


# --- Edits --------------------------------------------------------------------------------------


def test_a_link_added_to_what_stands_there_holds_it():
    writer, workout_class = known_writer(), make_class()
    comment = post(writer, workout_class)

    now = writing.edit(writer, comment, "Lovely https://elsewhere.example/")

    assert (now.state, now.held_for) == (HELD, ["links"])
    assert count_of(workout_class) == 0
    assert comment.decisions.get().rules == ["links"]


def test_a_link_that_was_approved_does_not_hold_the_next_edit():
    writer = known_writer()
    comment = post(writer, make_class(), "Lovly https://elsewhere.example/")
    moderation.approve(comment, by=make_member(is_staff=True))

    now = writing.edit(writer, comment, "Lovely https://elsewhere.example/")

    assert now.is_published
    assert writing.edit(writer, now, "And https://other.example/").state == HELD


def test_an_edit_into_words_said_before_is_held():
    writer, workout_class = known_writer(), make_class()
    post(writer, make_class(), "Buy my mats")
    comment = post(writer, workout_class, "Lovely")

    assert writing.edit(writer, comment, "Buy MY mats").held_for == ["repeats"]


def test_an_edit_of_case_alone_repeats_nothing():
    writer = known_writer()
    comment = post(writer, make_class(), "lovely")

    assert writing.edit(writer, comment, "Lovely").is_published


def test_what_is_held_stays_so_when_it_is_edited_and_gathers_reasons(first_are_held):
    writer = make_writer()
    comment = post(writer, make_class())

    assert writing.edit(writer, comment, "Harmless").held_for == ["first"]
    now = writing.edit(writer, comment, "See https://elsewhere.example/")

    assert (now.state, now.held_for) == (HELD, ["first", "links"])
    assert [decision.rules for decision in comment.decisions.all()] == [["first"], ["links"]]


def test_an_edit_that_holds_a_pinned_comment_unpins_it():
    writer = known_writer()
    comment = post(writer, make_class())
    moderation.pin(comment)

    now = writing.edit(writer, comment, "Lovely https://elsewhere.example/")

    assert (now.state, now.is_pinned) == (HELD, False)


# --- Reasons ------------------------------------------------------------------------------------


def test_every_rule_has_a_name_of_its_own_and_a_reason():
    names = [rule.name for rule in holding.RULES]

    assert len(set(names)) == len(names)
    assert all(holding.reason_of(name) != name for name in [*names, "reports"])
    assert holding.reason_of("of the past") == "of the past"


def test_every_rule_that_holds_is_named(first_are_held):
    writer = make_writer()
    post(writer, make_class(), "https://elsewhere.example/")

    assert post(writer, make_class(), "https://elsewhere.example/").held_for == [
        "first",
        "links",
        "repeats",
    ]
