"""The desk: what waits there, for whom, answering in place, and that no word is lost."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from classes.models import Instructor, WorkoutClass
from comments.desk import counting, marking, rounds, waiting
from comments.models import ClassRequest, Comment, Decision
from comments.upkeep import keep_up
from tests.factories import (
    make_chapter,
    make_class,
    make_comment,
    make_exercise,
    make_instructor,
    make_member,
)

pytestmark = pytest.mark.django_db

DESK = "/desk/"


def verified(member):
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


@pytest.fixture
def teacher():
    return verified(make_member(display_name="Ruth"))


@pytest.fixture
def curator():
    member = verified(make_member(display_name="Carla", is_staff=True))
    member.user_permissions.add(Permission.objects.get(codename="change_comment"))
    return member


@pytest.fixture
def workout_class(teacher):
    return make_class(title="Gentle Mat", instructors=[make_instructor(member=teacher)])


@pytest.fixture
def at_desk(client, teacher):
    client.force_login(teacher)
    return client


def asked(workout_class, body="How often?", *, hours_ago=1.0, **attrs) -> Comment:
    """A comment that stands, with what is kept beside it."""
    comment = make_comment(
        workout_class,
        body=body,
        written_at=timezone.now() - timedelta(hours=hours_ago),
        **attrs,
    )
    keep_up([workout_class.pk], [comment.thread_id or comment.pk])
    return comment


def waits(thread) -> bool:
    return Comment.objects.filter(pk=thread.pk, waiting_since__isnull=False).exists()


def page_of(response) -> str:
    return unescape(response.content.decode())


def order_of(response) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="thread-(\d+)"', page_of(response))]


def thread_url(thread) -> str:
    return reverse("comments:desk_answer", args=[thread.pk])


# --- Who has a desk -----------------------------------------------------------------------------


def test_desk_asks_visitors_to_sign_in(client):
    response = client.get(DESK)

    assert response["Location"] == "/accounts/login/?next=/desk/"


def test_desk_tells_members_whom_it_is_for(client):
    client.force_login(make_member())

    response = client.get(DESK)

    assert response.status_code == 403
    assert "The desk is for those who teach" in page_of(response)


def test_desk_without_anything_to_do_says_so(at_desk, workout_class):
    assert "Nothing waits for you" in page_of(at_desk.get(DESK))


def test_desk_shows_own_classes_only(at_desk, workout_class):
    mine = asked(workout_class)
    asked(make_class(instructors=[make_instructor(member=make_member())]))

    assert order_of(at_desk.get(DESK)) == [mine.pk]


def test_desk_of_a_curator_who_teaches_nothing_shows_all(client, curator, workout_class):
    thread = asked(workout_class)
    client.force_login(curator)

    assert order_of(client.get(DESK)) == [thread.pk]


# --- What stands there --------------------------------------------------------------------------


def test_longest_waiting_stands_first(at_desk, workout_class):
    threads = [asked(workout_class, hours_ago=hours) for hours in (1, 5, 3)]

    assert order_of(at_desk.get(DESK)) == [threads[1].pk, threads[2].pk, threads[0].pk]


def test_pages_follow_one_another_whatever_was_answered_between(at_desk, workout_class, teacher):
    threads = [asked(workout_class, hours_ago=100 - number) for number in range(45)]
    first = at_desk.get(DESK)
    assert order_of(first) == [thread.pk for thread in threads[:20]]
    more = re.search(r'href="(/desk/\?after=[^"]+)">More', page_of(first))[1]

    make_comment(workout_class, parent=threads[0], author=teacher)
    keep_up([workout_class.pk], [threads[0].pk])

    assert order_of(at_desk.get(more)) == [thread.pk for thread in threads[20:40]]


@pytest.mark.parametrize("after", ["x", "1", "9" * 40 + "-1", "-", "²-1"])
def test_a_place_that_means_nothing_is_the_beginning(at_desk, workout_class, after):
    thread = asked(workout_class)

    response = at_desk.get(DESK, {"after": after})

    assert order_of(response) == [thread.pk]
    assert "no such part of the desk" in page_of(response)


def test_classes_are_chosen_with_how_much_waits_there(at_desk, workout_class, teacher):
    other = make_class(title="Wall", instructors=[teacher.instructor])
    asked(workout_class)
    wanted = [asked(other, hours_ago=2), asked(other, hours_ago=1)]

    response = at_desk.get(DESK, {"class": other.slug})

    assert order_of(response) == [thread.pk for thread in wanted]
    assert "Gentle Mat (1)" in page_of(response)
    assert "Wall (2)" in page_of(response)


def test_what_was_answered_is_folded_and_what_is_new_stands_out(at_desk, workout_class, teacher):
    thread = asked(workout_class, "How often?", hours_ago=9)
    asked(workout_class, "Twice", parent=thread, author=teacher, hours_ago=8)
    asked(workout_class, "Even when it hurts?", parent=thread, hours_ago=7)

    page = page_of(at_desk.get(DESK))

    folded = re.search(r"<details.*?</details>", page[page.index("thread-") :], re.S)[0]
    assert "2 comments before" in folded
    assert "How often?" in folded
    assert "Twice" in folded
    assert "Even when it hurts?" not in folded
    assert "Even when it hurts?" in page


def test_the_moment_leads_to_the_film_it_was_asked_under(at_desk, workout_class):
    variant = workout_class.variants.get()
    make_chapter(variant, 700, 800, exercise=make_exercise(name="Roll Up"))
    asked(workout_class, "What happens at 12:34?", variant=variant)

    page = page_of(at_desk.get(DESK))

    assert f'href="{variant.get_absolute_url()}?t=754#t=754">12:34 · Roll Up<' in page


def test_desk_tells_what_the_member_asked_before(at_desk, workout_class, teacher):
    asker = make_member(display_name="Ines")
    elsewhere = make_class(title="Wall", instructors=[teacher.instructor])
    answered = asked(elsewhere, "Can I do this daily?", author=asker, hours_ago=50)
    asked(elsewhere, "Yes", parent=answered, author=teacher, hours_ago=49)
    unseen = make_class(title="Draft", state="draft")
    asked(unseen, "What is this?", author=asker, hours_ago=40)
    asked(elsewhere, "Held words", author=asker, hours_ago=39, state=Comment.State.HELD)
    asked(workout_class, "And with a bad knee?", author=asker)

    page = page_of(at_desk.get(DESK, {"class": workout_class.slug}))

    before = page[page.index("What Ines asked before") :]
    before = before[: before.index("</details>")]
    assert "Can I do this daily?" in before
    assert "answered" in before
    assert "Wall" in before
    assert "What is this?" not in before
    assert "Held words" not in before
    assert "bad knee" not in before


def test_what_is_held_says_why(at_desk, workout_class):
    asked(workout_class, state=Comment.State.HELD, held_for=["links"])

    page = page_of(at_desk.get(DESK))

    assert "It links to another site." in page
    assert "Publish without an answer" in page


def test_every_link_about_what_is_held_leads_somewhere(at_desk, workout_class):
    thread = asked(workout_class, state=Comment.State.HELD)

    for url in (DESK, thread_url(thread), reverse("comments:desk_keep", args=[thread.pk])):
        page = page_of(at_desk.get(url))
        assert thread.get_absolute_url() + '"' not in page
        assert f'href="{workout_class.get_absolute_url()}"' in page


def test_what_was_taken_away_is_neither_kept_nor_told_again(at_desk, workout_class):
    thread = asked(workout_class, body="Taken back")
    asked(workout_class, parent=thread, body="And I?", author=make_member(), hours_ago=0.5)
    Comment.objects.filter(pk=thread.pk).update(state=Comment.State.REMOVED)
    keep_up([workout_class.pk], [thread.pk])

    settled = at_desk.post(thread_url(thread), {"act": "settle"}, follow=True)

    assert 'act" value="unsettle' in page_of(settled)
    assert "Taken back" not in page_of(settled)
    alone = page_of(at_desk.get(thread_url(thread)))
    assert "Taken back" not in alone
    assert f'keep-{thread.pk}"' not in alone


def test_words_are_escaped(at_desk, workout_class):
    asked(workout_class, "<script>x</script>", author=make_member(display_name="<b>Ines"))

    raw = at_desk.get(DESK).content.decode()

    assert "<script>x" not in raw
    assert "<b>Ines" not in raw


def test_a_long_thread_shows_its_end(at_desk, workout_class):
    thread = asked(workout_class, "The first", hours_ago=99)
    for number in range(40):
        make_comment(workout_class, parent=thread, body=f"Reply {number}.")
    keep_up([workout_class.pk], [thread.pk])

    page = page_of(at_desk.get(DESK))

    assert "The first" in page
    assert "Reply 39." in page
    assert "Reply 9." not in page


@pytest.mark.parametrize("count", [1, 8])
def test_desk_query_count_is_constant(
    at_desk, workout_class, teacher, count, django_assert_num_queries
):
    variant = workout_class.variants.get()
    make_chapter(variant, 0, 600)
    for number in range(count):
        other = make_class(instructors=[teacher.instructor])
        asker = make_member()
        earlier = asked(other, author=asker, hours_ago=200)
        asked(other, parent=earlier, author=teacher, hours_ago=199)
        thread = asked(workout_class, "At 2:10?", author=asker, variant=variant, hours_ago=50)
        asked(workout_class, parent=thread, hours_ago=number)
        ClassRequest.objects.create(comment=thread, title="More")

    # Session, member; classes, threads, who teaches them, their films, replies, chapters, what was
    # asked before, whether it was answered; count in the header.
    with django_assert_num_queries(11):
        response = at_desk.get(DESK)

    assert len(order_of(response)) == count


# --- Answering ----------------------------------------------------------------------------------


def test_an_answer_is_posted_and_leads_to_the_next_thread(at_desk, workout_class, teacher):
    thread = asked(workout_class, hours_ago=2)
    following = asked(workout_class, hours_ago=1)

    response = at_desk.post(
        thread_url(thread),
        {"body": "Twice a week", "parent": thread.pk, "next": following.pk, "submission": "1"},
    )

    answer = Comment.objects.get(body="Twice a week")
    assert (answer.parent, answer.thread, answer.author) == (thread, thread, teacher)
    assert response["Location"] == f"/desk/?answered={thread.pk}#thread-{following.pk}"
    assert not waits(thread)


def test_an_answer_comes_back_to_where_the_desk_was(at_desk, workout_class):
    thread = asked(workout_class)

    response = at_desk.post(
        thread_url(thread), {"body": "Yes", "class": workout_class.slug, "after": "5-7"}
    )

    assert response["Location"].startswith(f"/desk/?class={workout_class.slug}&after=5-7&")


def test_an_answer_is_given_to_the_chosen_one(at_desk, workout_class):
    thread = asked(workout_class, "First", hours_ago=3)
    second = asked(workout_class, "Second", parent=thread, hours_ago=2)
    third = asked(workout_class, "Third", parent=thread, hours_ago=1)
    page = page_of(at_desk.get(DESK))
    assert f'<option value="{third.pk}" selected>' in page

    at_desk.post(thread_url(thread), {"body": "To the second", "parent": second.pk})

    assert Comment.objects.get(body="To the second").parent == second


def test_an_answer_speaks_of_the_film_it_was_asked_under(at_desk, workout_class):
    variant = workout_class.variants.get()
    thread = asked(workout_class, variant=variant)

    at_desk.post(thread_url(thread), {"body": "Look at 1:10", "parent": thread.pk})

    assert Comment.objects.get(body="Look at 1:10").time_codes.get().second == 70


def test_answering_publishes_what_is_held(at_desk, workout_class, teacher):
    thread = asked(workout_class, state=Comment.State.HELD, held_for=["first"])

    read = {f"edition-{thread.pk}": thread.edition}
    at_desk.post(thread_url(thread), {"body": "Welcome", "parent": thread.pk, **read})

    thread.refresh_from_db()
    assert thread.is_published
    assert Decision.objects.get(comment=thread, act="approved").by == teacher
    assert not waits(thread)


def test_answering_publishes_nothing_that_was_held_since_it_was_read(at_desk, workout_class):
    thread = asked(workout_class)
    Comment.objects.filter(pk=thread.pk).update(state=Comment.State.HELD, edition=1)

    response = at_desk.post(thread_url(thread), {"body": "Welcome", "parent": thread.pk})

    assert "changed meanwhile" in page_of(response)
    assert "Welcome</textarea>" in page_of(response)
    assert f'name="edition-{thread.pk}" value="1"' in page_of(response)
    assert not Comment.objects.published().exists()


def test_an_answer_sent_twice_is_one(at_desk, workout_class):
    thread = asked(workout_class)
    form = {"body": "Twice", "parent": thread.pk, "submission": "5f0c1f6e"}

    first = at_desk.post(thread_url(thread), form)
    second = at_desk.post(thread_url(thread), form)

    assert (first.status_code, second.status_code) == (302, 302)
    assert Comment.objects.filter(body="Twice").count() == 1


def test_a_curators_answer_is_the_studios(client, curator, workout_class):
    thread = asked(workout_class)
    client.force_login(curator)

    client.post(thread_url(thread), {"body": "It is on Friday", "parent": thread.pk})

    assert not waits(thread)


@pytest.mark.parametrize("body", ["", "x" * 5001])
def test_what_cannot_be_posted_comes_back(at_desk, workout_class, body):
    thread = asked(workout_class)

    response = at_desk.post(thread_url(thread), {"body": body, "parent": thread.pk})

    assert response.status_code == 200
    assert "errorlist" in page_of(response)
    assert f">\n{body}</textarea>" in page_of(response)
    assert waits(thread)


def test_a_refusal_keeps_the_words(at_desk, workout_class, teacher):
    thread = asked(workout_class)
    EmailAddress.objects.filter(user=teacher).delete()

    response = at_desk.post(thread_url(thread), {"body": "My long answer", "parent": thread.pk})

    assert response.status_code == 403
    assert "Confirm your e-mail address first" in page_of(response)
    assert "My long answer</textarea>" in page_of(response)
    assert "My long answer</textarea>" in page_of(at_desk.get(thread_url(thread)))


def test_words_typed_while_the_session_ends_wait_for_their_writer(
    client, teacher, workout_class, settings
):
    # Signing in looks at the one address more than once, in allauth.
    settings.ZEAL_ALLOWLIST = [*settings.ZEAL_ALLOWLIST, {"model": "account.EmailAddress"}]
    thread = asked(workout_class)

    response = client.post(thread_url(thread), {"body": "My long answer", "parent": thread.pk})
    assert "My long answer" in page_of(response)
    client.post("/accounts/login/", {"login": teacher.email, "password": "a quiet morning"})

    assert "My long answer</textarea>" in page_of(client.get(thread_url(thread)))
    assert waits(thread)


def test_words_come_back_where_the_comment_was_taken_away(at_desk, workout_class):
    thread = asked(workout_class)
    reply = asked(workout_class, parent=thread)
    Comment.objects.filter(pk=reply.pk).update(state=Comment.State.REMOVED)

    response = at_desk.post(thread_url(thread), {"body": "My answer", "parent": reply.pk})

    assert "taken away meanwhile" in page_of(response)
    assert "My answer</textarea>" in page_of(response)


def test_words_come_back_where_the_thread_was_deleted(at_desk, workout_class):
    thread = asked(workout_class)
    url = thread_url(thread)
    thread.delete()

    response = at_desk.post(url, {"body": "My answer"})

    assert response.status_code == 404
    assert "My answer" in page_of(response)


@pytest.mark.parametrize("act", ["", "settle", "unsettle", "approve-{pk}-0", "keep-{pk}"])
def test_nobody_else_does_anything_at_the_desk(client, workout_class, act):
    thread = asked(workout_class, state=Comment.State.HELD)
    other = verified(make_member())
    make_class(instructors=[make_instructor(member=other)])
    client.force_login(other)

    response = client.post(thread_url(thread), {"body": "Words", "act": act.format(pk=thread.pk)})

    assert response.status_code == 403
    assert "Words" in page_of(response)
    thread.refresh_from_db()
    assert thread.state == Comment.State.HELD
    assert waits(thread)
    assert client.get(thread_url(thread)).status_code == 403
    assert client.get(reverse("comments:desk_keep", args=[thread.pk])).status_code == 403


def test_a_comment_of_another_thread_is_not_answered_here(at_desk, workout_class):
    thread, other = asked(workout_class), asked(workout_class)

    response = at_desk.post(thread_url(thread), {"body": "Yes", "parent": other.pk})

    assert response.status_code == 404
    assert not Comment.objects.filter(body="Yes").exists()


def test_a_replys_number_leads_to_its_thread(at_desk, workout_class):
    thread = asked(workout_class)
    reply = asked(workout_class, parent=thread)

    assert at_desk.get(thread_url(reply))["Location"] == thread_url(thread)


# --- The other buttons --------------------------------------------------------------------------


def test_no_answer_needed_can_be_taken_back(at_desk, workout_class):
    thread = asked(workout_class)
    page = at_desk.get(DESK)
    seen = re.search(r'name="seen" value="(\d+)"', page_of(page))[1]

    response = at_desk.post(thread_url(thread), {"act": "settle", "seen": seen}, follow=True)
    assert order_of(response) == []
    assert "Take it back" in page_of(response)
    assert not waits(thread)

    response = at_desk.post(thread_url(thread), {"act": "unsettle"}, follow=True)
    assert order_of(response) == [thread.pk]


def test_no_answer_needed_is_said_of_what_was_seen_only(at_desk, workout_class):
    thread = asked(workout_class, hours_ago=2)
    late = asked(workout_class, "Unseen", parent=thread, hours_ago=1)

    at_desk.post(thread_url(thread), {"act": "settle", "seen": thread.pk})

    thread.refresh_from_db()
    assert thread.waiting_since == late.written_at


def test_an_older_page_does_not_move_the_mark_back(at_desk, workout_class):
    thread = asked(workout_class, hours_ago=2)
    late = asked(workout_class, "Thank you", parent=thread, hours_ago=1)
    at_desk.post(thread_url(thread), {"act": "settle", "seen": late.pk})

    at_desk.post(thread_url(thread), {"act": "settle", "seen": thread.pk})

    thread.refresh_from_db()
    assert thread.waiting_since is None


def test_no_answer_needed_does_not_drop_an_answer_that_was_begun(at_desk, workout_class):
    thread = asked(workout_class)

    response = at_desk.post(thread_url(thread), {"act": "settle", "body": "Well, "})

    assert waits(thread)
    assert "You have begun an answer" in page_of(response)
    assert "Well, </textarea>" in page_of(response)


def test_held_words_are_published_without_an_answer(at_desk, workout_class, teacher):
    thread = asked(workout_class, state=Comment.State.HELD)

    response = at_desk.post(thread_url(thread), {"act": f"approve-{thread.pk}-0"})

    thread.refresh_from_db()
    assert thread.is_published
    assert response["Location"] == f"/desk/#thread-{thread.pk}"
    assert waits(thread)


def test_held_words_that_were_changed_meanwhile_are_not(at_desk, workout_class):
    thread = asked(workout_class, state=Comment.State.HELD)
    Comment.objects.filter(pk=thread.pk).update(body="Other words", edition=1)

    response = at_desk.post(thread_url(thread), {"act": f"approve-{thread.pk}-0"}, follow=True)

    thread.refresh_from_db()
    assert not thread.is_published
    assert "changed meanwhile" in page_of(response)


def test_an_answer_that_was_begun_survives_the_other_buttons(at_desk, workout_class):
    thread = asked(workout_class, state=Comment.State.HELD)

    response = at_desk.post(
        thread_url(thread), {"act": f"approve-{thread.pk}-0", "body": "Well"}, follow=True
    )

    assert "Well</textarea>" in page_of(response)


def test_a_request_is_kept_under_a_few_words(at_desk, workout_class, teacher):
    thread = asked(workout_class, "Could there be one without the wall, please?")

    response = at_desk.post(thread_url(thread), {"act": f"keep-{thread.pk}", "body": "I will"})
    keep = response["Location"]
    assert 'value="Could there be one without the wall, please?"' in page_of(at_desk.get(keep))
    response = at_desk.post(keep, {"title": "Standing, no wall"}, follow=True)

    kept = ClassRequest.objects.get(comment=thread)
    assert (kept.title, kept.kept_by) == ("Standing, no wall", teacher)
    assert "Standing, no wall" in page_of(response)
    assert "I will</textarea>" in page_of(at_desk.get(thread_url(thread)))


@pytest.mark.parametrize("act", ["approve-99-0", "keep-99", "approve-x", "dance"])
def test_an_act_that_means_nothing_does_nothing(at_desk, workout_class, act):
    thread = asked(workout_class, state=Comment.State.HELD)

    response = at_desk.post(thread_url(thread), {"act": act})

    assert response.status_code in (200, 404)
    assert waits(thread)
    assert Comment.objects.count() == 1


def test_a_class_chosen_by_the_picker_comes_back_into_the_answer(at_desk, workout_class):
    thread = asked(workout_class)
    form = {"body": "Try this", "pick": thread_url(thread), "parent": thread.pk}

    choice = at_desk.post(reverse("comments:begin_pick"), form)
    response = at_desk.post(
        choice["Location"], {"address": workout_class.get_absolute_url()}, follow=True
    )

    assert f"Try this\n\n{workout_class.get_absolute_url()}\n</textarea>" in page_of(response)


# --- The header ---------------------------------------------------------------------------------


def test_header_counts_for_who_teaches(at_desk, workout_class):
    asked(workout_class)
    asked(workout_class)

    page = re.sub(r"<[^>]+>", "", page_of(at_desk.get("/accounts/profile/")))

    assert re.search(r"Desk\s+2\s+threads wait for you", page)


def test_header_says_nothing_to_others(client, workout_class):
    asked(workout_class)
    client.force_login(make_member())

    assert "/desk/" not in page_of(client.get("/classes/"))


def test_count_stops_at_a_hundred(workout_class, teacher):
    Comment.objects.bulk_create(
        Comment(workout_class=workout_class, body="?", waiting_since=timezone.now())
        for _ in range(103)
    )

    assert counting.count_for(teacher) == counting.MOST


def test_count_costs_members_no_query_and_instructors_one(
    rf, workout_class, teacher, django_assert_num_queries
):
    from classes.signed_in import MemberBackend

    nobody = MemberBackend().get_user(make_member().pk)
    someone = MemberBackend().get_user(teacher.pk)

    with django_assert_num_queries(0):
        assert counting.count_for(nobody) == 0
    with django_assert_num_queries(1):
        assert counting.count_for(someone) == 0


def test_an_account_that_was_closed_is_not_signed_in(client, teacher):
    client.force_login(teacher)
    type(teacher).objects.update(is_active=False)

    assert client.get(DESK)["Location"].startswith("/accounts/login/")


# --- Who teaches --------------------------------------------------------------------------------


@pytest.fixture
def nobodys():
    """A question under a class whose instructor has no account."""
    instructor = make_instructor()
    return instructor, asked(make_class(instructors=[instructor]))


def test_threads_begin_to_wait_with_the_instructors_account(nobodys):
    instructor, thread = nobodys
    assert not waits(thread)

    instructor.member = make_member()
    instructor.save()
    assert waits(thread)

    instructor.member = None
    instructor.save(update_fields=["member"])
    assert not waits(thread)


def test_threads_follow_who_teaches_the_class(workout_class, teacher):
    thread = asked(workout_class)

    workout_class.instructors.clear()
    assert not waits(thread)
    workout_class.instructors.add(teacher.instructor)
    assert waits(thread)
    workout_class.instructors.set([])
    assert not waits(thread)


def test_threads_stop_waiting_with_an_instructor_who_is_deleted(workout_class, teacher):
    thread = asked(workout_class)

    teacher.instructor.delete()

    assert not waits(thread)


def test_rounds_find_what_passed_by(workout_class, teacher):
    thread = asked(workout_class)
    Instructor.objects.update(member=None)  # told to nobody
    assert waits(thread)

    rounds.go_on()

    assert not waits(thread)


def test_rounds_take_a_few_at_a_time_and_begin_anew(workout_class):
    threads = [make_comment(workout_class, written_at=timezone.now()) for _ in range(5)]

    after, mended = waiting.mend(limit=2)
    assert (after, mended) == (threads[1].pk, 2)
    after, mended = waiting.mend(after=after, limit=3)
    assert (after, mended) == (threads[4].pk, 3)
    assert waiting.mend(after=after, limit=3) == (0, 0)


def test_rounds_that_find_nothing_write_nothing(workout_class, django_assert_num_queries):
    asked(workout_class)

    with django_assert_num_queries(3):  # savepoint, look, release
        assert waiting.mend(limit=10) == (0, 0)


def test_settling_an_undated_thread_changes_nothing(workout_class, teacher):
    thread = make_comment(workout_class, written_at=None)

    marking.settle(thread, teacher)

    thread.refresh_from_db()
    assert thread.no_answer_needed_at is None


def test_migration_says_which_threads_wait(workout_class, teacher):
    from importlib import import_module

    from django.apps import apps

    open_one = make_comment(workout_class, written_at=datetime(2019, 5, 1, tzinfo=UTC))
    closed = make_comment(workout_class, written_at=datetime(2019, 5, 1, tzinfo=UTC))
    make_comment(workout_class, parent=closed, author=teacher)
    WorkoutClass.objects.update(comment_count=3)

    import_module("comments.migrations.0005_threads_wait").say_which_threads_wait(apps, None)

    assert waits(open_one)
    assert not waits(closed)
