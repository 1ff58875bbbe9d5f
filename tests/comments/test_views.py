"""Saying something: it works, who may not, what is refused, and that no word is lost."""

import re
import sqlite3
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from classes.models import State, Tempo
from comments import moderation, rates, writing
from comments.models import Comment, Stop
from tests.factories import (
    make_class,
    make_comment,
    make_instructor,
    make_member,
    make_variant,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    member = make_member()
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


@pytest.fixture
def signed_in(client, writer):
    client.force_login(writer)
    return client


def post_url(workout_class) -> str:
    return reverse("comments:post", args=[workout_class.slug])


def page_of(response) -> str:
    return response.content.decode()


def typed_in(response) -> str:
    """What stands in the page's text box."""
    return unescape(re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page_of(response), re.S)[1])


def hidden(response, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page_of(response))[1]


# --- Posting ------------------------------------------------------------------------------------


def test_post_publishes_and_leads_to_the_comment(signed_in, writer):
    workout_class = make_class()

    response = signed_in.post(post_url(workout_class), {"body": "  Lovely\r\nclass  "})

    comment = workout_class.comments.get()
    assert (comment.body, comment.author) == ("Lovely\nclass", writer)
    assert response.status_code == 302
    assert response["Location"] == f"{workout_class.get_absolute_url()}#comment-{comment.pk}"


def test_post_of_a_reply_leads_to_the_page_of_its_thread(signed_in):
    workout_class = make_class()
    now = timezone.now()
    tops = [make_comment(workout_class, written_at=now - timedelta(days=n)) for n in range(21)]

    response = signed_in.post(
        post_url(workout_class), {"body": "I think so too", "parent": tops[20].pk}
    )

    reply = Comment.objects.get(body="I think so too")
    assert (reply.parent, reply.thread) == (tops[20], tops[20])
    assert response["Location"].endswith(f"?comments=2#comment-{reply.pk}")


def test_post_comes_back_to_the_variant_it_was_written_under(signed_in):
    workout_class = make_class()
    make_variant(workout_class, tempo=Tempo.OBSERVE, language="es")
    variant = reverse("classes:variant", args=[workout_class.slug, "observe-and-learn", "es"])

    response = signed_in.post(post_url(workout_class), {"body": "Hola", "from": variant})

    assert response["Location"].startswith(f"{variant}#comment-")


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example/", "/classes/another/workout-tempo/en/", "x"]
)
def test_post_comes_back_to_no_other_place(signed_in, path):
    workout_class = make_class()

    response = signed_in.post(post_url(workout_class), {"body": "Hello", "from": path})

    assert response["Location"].startswith(f"{workout_class.get_absolute_url()}#comment-")


def test_post_sent_twice_is_one_comment(signed_in):
    workout_class = make_class()
    form = {"body": "Lovely", "submission": "5f0c1f6e-93a3-4b7e-9a3b-0d1e7f7f0b10"}

    first = signed_in.post(post_url(workout_class), form)
    second = signed_in.post(post_url(workout_class), form)

    assert workout_class.comments.count() == 1
    assert first["Location"] == second["Location"]


def test_post_draws_its_form_with_what_is_answered(signed_in):
    workout_class = make_class()
    comment = make_comment(workout_class, body="How often a week?")

    response = signed_in.get(post_url(workout_class), {"reply": comment.pk})

    assert "How often a week?" in page_of(response)
    assert hidden(response, "parent") == str(comment.pk)


@pytest.mark.parametrize("reply", ["x", "0", "9" * 30, "\x00", "-1"])
def test_post_with_nonsense_to_answer_draws_the_form(signed_in, reply):
    response = signed_in.get(post_url(make_class()), {"reply": reply})

    assert response.status_code == 200
    assert hidden(response, "parent") == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "Write something first"),
        (" \r\n\t", "Write something first"),
        ("\u200b", "Write something first"),
        ("\x00", "Write something first"),
        ("a\x00b", "NUL"),
        ("x" * 5001, "This is 1 too long"),
        ("🙏" * 2501, "This is 2 too long"),
    ],
)
def test_post_refuses_a_text_in_words_and_keeps_it(signed_in, body, words):
    workout_class = make_class()

    response = signed_in.post(post_url(workout_class), {"body": body, "submission": "a"})

    assert response.status_code == 200
    assert words in page_of(response)
    assert 'aria-invalid="true"' in page_of(response)
    assert typed_in(response) == body
    assert hidden(response, "submission") == "a"
    assert not workout_class.comments.exists()


@pytest.mark.parametrize("body", ["x" * 5000, "🙏" * 2500, "a\r\n" * 2499 + "bc"])
def test_post_takes_all_that_the_browser_lets_by(signed_in, body):
    workout_class = make_class()

    signed_in.post(post_url(workout_class), {"body": body})

    assert workout_class.comments.count() == 1


@pytest.mark.parametrize("state", [Comment.State.HELD, Comment.State.REMOVED])
def test_post_of_an_answer_to_what_is_gone_offers_to_post_it_by_itself(signed_in, state):
    workout_class = make_class()
    gone = make_comment(workout_class, state=state)

    response = signed_in.post(post_url(workout_class), {"body": "Me too", "parent": gone.pk})

    assert "was taken away meanwhile" in page_of(response)
    assert typed_in(response) == "Me too"
    assert hidden(response, "parent") == ""
    assert not Comment.objects.filter(body="Me too").exists()


def test_post_answers_only_comments_of_the_same_class(signed_in):
    elsewhere = make_comment(make_class())
    workout_class = make_class()

    signed_in.post(post_url(workout_class), {"body": "Me too", "parent": elsewhere.pk})

    assert not Comment.objects.filter(body="Me too").exists()


def test_post_without_a_confirmed_address_keeps_the_text(client):
    workout_class = make_class()
    client.force_login(make_member())

    response = client.post(post_url(workout_class), {"body": "Lovely"})

    assert response.status_code == 403
    assert "Confirm your e-mail address" in page_of(response)
    assert typed_in(response) == "Lovely"


def test_post_too_often_keeps_the_text(signed_in, writer):
    workout_class = make_class()
    for _ in range(writing.LIMIT):
        make_comment(workout_class, author=writer)

    response = signed_in.post(post_url(workout_class), {"body": "One more"})

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert typed_in(response) == "One more"


@pytest.mark.parametrize(
    "attrs", [{"state": State.DRAFT}, {"published_at": timezone.now() + timedelta(days=1)}]
)
def test_post_under_what_one_may_not_see_keeps_the_text(signed_in, attrs):
    workout_class = make_class(**attrs)

    response = signed_in.post(post_url(workout_class), {"body": "Lovely"})

    assert response.status_code == 404
    assert typed_in(response) == "Lovely"
    assert workout_class.title not in page_of(response)
    assert signed_in.get(post_url(workout_class)).status_code == 404
    assert not Comment.objects.exists()


def test_post_under_a_draft_by_who_teaches_it(signed_in, writer):
    workout_class = make_class(state=State.DRAFT, instructors=[make_instructor(member=writer)])

    signed_in.post(post_url(workout_class), {"body": "Shall we?"})

    assert workout_class.comments.count() == 1


def test_post_follows_a_class_that_moved_meanwhile(signed_in):
    workout_class = make_class(slug="gentle")
    url = post_url(workout_class)
    workout_class.move_to("gentle-mat")

    response = signed_in.post(url, {"body": "Lovely"})

    assert response["Location"].startswith("/classes/gentle-mat/#comment-")


# --- Held, stopped, closed ----------------------------------------------------------------------


def test_post_that_is_held_says_so_and_leads_to_it(signed_in, settings):
    settings.HOLD_FIRST_COMMENTS = True
    workout_class = make_class()

    response = signed_in.post(post_url(workout_class), {"body": "Hello"}, follow=True)

    comment = workout_class.comments.get()
    assert comment.state == Comment.State.HELD
    assert response.redirect_chain[0][0].endswith(f"#comment-{comment.pk}")
    assert "The studio looks at your comment first" in page_of(response)
    assert "Your comment is posted" not in page_of(response)


def test_post_that_is_published_says_so(signed_in):
    response = signed_in.post(post_url(make_class()), {"body": "Hello"}, follow=True)

    assert "Your comment is posted" in page_of(response)


def test_post_by_who_was_stopped_meanwhile_keeps_the_text(signed_in, writer):
    workout_class = make_class()
    Stop.objects.create(member=writer, reason="Unkind words")

    response = signed_in.post(post_url(workout_class), {"body": "Lovely"})

    assert response.status_code == 403
    assert "Unkind words" in page_of(response)
    assert typed_in(response) == "Lovely"
    assert signed_in.get(post_url(workout_class)).status_code == 403


def test_post_under_what_was_closed_meanwhile_keeps_the_text_until_it_is_open(signed_in, writer):
    workout_class = make_class()
    moderation.close(workout_class, by=make_member(is_staff=True))

    response = signed_in.post(post_url(workout_class), {"body": "Lovely"})

    assert response.status_code == 403
    assert "conversation is closed" in page_of(response)
    assert typed_in(response) == "Lovely"
    assert not Comment.objects.exists()
    moderation.reopen(workout_class)
    assert typed_in(signed_in.get(post_url(workout_class))) == "Lovely"


def test_post_refused_for_a_moment_is_there_when_one_comes_back(signed_in, writer):
    workout_class = make_class()
    for _ in range(writing.LIMIT):
        make_comment(workout_class, author=writer)
    refused = signed_in.post(post_url(workout_class), {"body": "One more", "submission": "a"})
    assert refused.status_code == 429

    back = signed_in.get(post_url(workout_class))

    assert typed_in(back) == "One more"
    assert hidden(back, "submission") == "a"


def test_post_counts_where_it_comes_from(signed_in):
    workout_class = make_class()
    here, there = "192.0.2.1", "192.0.2.2"
    for number in range(rates.OF_ADDRESS.refused):
        rates.count(-number, rates.address_of(RequestFactory().post("/", REMOTE_ADDR=here)))

    refused = signed_in.post(post_url(workout_class), {"body": "Lovely"}, REMOTE_ADDR=here)
    taken = signed_in.post(post_url(workout_class), {"body": "Lovely"}, REMOTE_ADDR=there)

    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= rates.WINDOW
    assert typed_in(refused) == "Lovely"
    assert taken.status_code == 302


def test_post_by_who_teaches_the_class_answers_what_is_held(signed_in, writer):
    workout_class = make_class(instructors=[make_instructor(member=writer)])
    question = make_comment(workout_class, state=Comment.State.HELD)

    answer = {"body": "Twice a week", "parent": question.pk, "parent_seen": question.edition}
    signed_in.post(post_url(workout_class), answer)

    question.refresh_from_db()
    assert question.is_published
    assert Comment.objects.get(body="Twice a week").parent == question


def test_post_of_an_answer_to_what_changed_while_it_was_read_shows_it_anew(signed_in, writer):
    workout_class = make_class(instructors=[make_instructor(member=writer)])
    question = make_comment(workout_class, state=Comment.State.HELD, body="How often?")
    drawn = signed_in.get(post_url(workout_class), {"reply": question.pk})
    Comment.objects.filter(pk=question.pk).update(body="How often a day?", edition=1)
    answer = {"body": "Twice a week", "parent": question.pk}

    refused = signed_in.post(
        post_url(workout_class), {**answer, "parent_seen": hidden(drawn, "parent_seen")}
    )

    assert refused.status_code == 403
    assert "How often a day?" in page_of(refused)
    assert typed_in(refused) == "Twice a week"
    signed_in.post(
        post_url(workout_class), {**answer, "parent_seen": hidden(refused, "parent_seen")}
    )
    question.refresh_from_db()
    assert question.is_published


def test_post_remembers_the_film_it_was_written_under(signed_in):
    workout_class = make_class()
    variant = workout_class.variants.get()

    signed_in.post(post_url(workout_class), {"body": "At 2:05", "variant": variant.pk})

    comment = workout_class.comments.get()
    assert comment.variant == variant
    assert comment.time_codes.get().second == 125


@pytest.mark.parametrize("film", ["x", "0", "9" * 30, "\x00", "-1", "another's"])
def test_post_with_a_film_that_is_not_there_is_posted_without(signed_in, film):
    workout_class = make_class()
    if film == "another's":
        film = make_class().variants.get().pk

    response = signed_in.post(post_url(workout_class), {"body": "At 2:05", "variant": film})

    assert response.status_code == 302
    assert workout_class.comments.get().variant is None


# --- What fails beneath -------------------------------------------------------------------------


def test_pages_that_hold_a_form_may_be_gone_back_to(signed_in, writer):
    """With `no-store` browsers forget what was typed when somebody goes back."""
    comment = make_comment(make_class(), author=writer)

    for url in (
        comment.workout_class.get_absolute_url(),
        post_url(comment.workout_class),
        reverse("comments:edit", args=[comment.pk]),
    ):
        assert "no-store" not in signed_in.get(url)["Cache-Control"]


def test_post_with_an_expired_form_after_being_signed_out_loses_nothing(writer, may_sign_in):
    """Both at once, as after a night with the page open."""
    client = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "same-origin"})
    workout_class = make_class()
    url = post_url(workout_class)
    typed = {"body": "Typed for long", "submission": "a"}

    expired = client.post(url, typed)
    assert (expired.status_code, typed_in(expired)) == (403, "Typed for long")
    signed_out = client.post(url, {**typed, "csrfmiddlewaretoken": token_in(expired)})
    assert (signed_out.status_code, typed_in(signed_out)) == (403, "Typed for long")
    door = client.get(reverse("account_login"))
    client.post(
        reverse("account_login"),
        {
            "login": writer.email,
            "password": "a quiet morning",
            "csrfmiddlewaretoken": token_in(door),
        },
    )
    back = client.get(url)
    assert typed_in(back) == "Typed for long"
    client.post(
        url, {"body": "Typed for long", "csrfmiddlewaretoken": token_in(back), "submission": "a"}
    )

    assert workout_class.comments.get().author == writer


def token_in(response) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', page_of(response))[1]


@pytest.mark.parametrize(
    "where",
    [
        "django.contrib.sessions.backends.db.SessionStore.load",
        "comments.writing.lock",
        "comments.unsent.forget",
    ],
)
def test_post_while_the_database_is_away_hands_the_words_back(
    signed_in, writer, monkeypatch, where
):
    workout_class = make_class()
    signed_in.raise_request_exception = False
    headers = {"sec-fetch-site": "same-origin"}
    typed = {"body": "Typed for long", "submission": "a"}
    cause = sqlite3.OperationalError("unable to open database file")
    cause.sqlite_errorcode = 14

    def away(*args, **kwargs):
        raise OperationalError("away") from cause

    with monkeypatch.context() as broken:
        broken.setattr(where, away)
        refused = signed_in.post(post_url(workout_class), typed, headers=headers)
    assert refused.status_code == 503
    assert typed_in(refused) == "Typed for long"
    assert hidden(refused, "submission") == "a"
    signed_in.post(post_url(workout_class), typed, headers=headers)

    assert workout_class.comments.get().body == "Typed for long"


# --- Signed out while typing --------------------------------------------------------------------


@pytest.fixture
def may_sign_in(settings):
    """Allauth asks twice for the one address that signs in."""
    settings.ZEAL_ALLOWLIST = [*settings.ZEAL_ALLOWLIST, {"model": "account.EmailAddress"}]


def test_post_signed_out_keeps_the_text_until_signed_in(client, writer, may_sign_in):
    workout_class = make_class()
    top = make_comment(workout_class, body="How often a week?")
    url = post_url(workout_class)

    refused = client.post(url, {"body": "Twice <3", "parent": top.pk, "submission": "a"})
    assert refused.status_code == 403
    assert typed_in(refused) == "Twice <3"
    assert f"{reverse('account_login')}?next={url.replace('/', '%2F')}" in page_of(refused)
    assert not Comment.objects.filter(body="Twice <3").exists()

    signing_in = {"login": writer.email, "password": "a quiet morning", "next": url}
    assert client.post(reverse("account_login"), signing_in)["Location"] == url
    back = client.get(url)
    assert typed_in(back) == "Twice <3"
    assert hidden(back, "parent") == str(top.pk)

    client.post(url, {"body": "Twice <3", "parent": top.pk, "submission": "a"})
    assert Comment.objects.get(body="Twice <3").author == writer
    assert typed_in(client.get(url)) == ""


def test_edit_signed_out_keeps_the_text_until_signed_in(client, writer, may_sign_in):
    comment = make_comment(make_class(), author=writer, body="Lovly")
    url = reverse("comments:edit", args=[comment.pk])

    refused = client.post(url, {"body": "Lovely"})
    client.post(reverse("account_login"), {"login": writer.email, "password": "a quiet morning"})

    assert typed_in(refused) == "Lovely"
    assert typed_in(client.get(url)) == "Lovely"


@pytest.mark.parametrize(("minutes", "kept"), [(59, "Twice"), (61, "")])
def test_what_is_kept_is_kept_for_an_hour(client, writer, minutes, kept):
    url = post_url(make_class())
    client.post(url, {"body": "Twice"})
    client.force_login(writer)

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        assert typed_in(client.get(url)) == kept


def test_what_is_kept_does_not_grow_without_end(client):
    for _ in range(6):
        response = client.post(post_url(make_class()), {"body": "x" * 50_000, "parent": "9" * 9999})
        assert typed_in(response) == "x" * 50_000

    assert len(str(dict(client.session))) < 65_000


def test_signed_out_reading_of_a_form_leads_to_the_door(client):
    comment = make_comment(make_class())

    for url in (
        post_url(comment.workout_class),
        reverse("comments:edit", args=[comment.pk]),
        reverse("comments:remove", args=[comment.pk]),
    ):
        response = client.get(url)
        assert response["Location"] == f"{reverse('account_login')}?next={url}"


# --- Editing ------------------------------------------------------------------------------------


def test_edit_changes_the_words(signed_in, writer):
    comment = make_comment(make_class(), author=writer, body="Lovly")
    url = reverse("comments:edit", args=[comment.pk])

    assert typed_in(signed_in.get(url)) == "Lovly"
    response = signed_in.post(url, {"body": "Lovely"})

    comment.refresh_from_db()
    assert comment.body == "Lovely"
    assert response["Location"].endswith(f"#comment-{comment.pk}")


def test_edit_refuses_nothing_at_all(signed_in, writer):
    comment = make_comment(make_class(), author=writer, body="Lovely")

    response = signed_in.post(reverse("comments:edit", args=[comment.pk]), {"body": " "})

    comment.refresh_from_db()
    assert "Write something first" in page_of(response)
    assert comment.body == "Lovely"


def test_edit_too_late_keeps_the_text(signed_in, writer):
    hour_ago = timezone.now() - timedelta(hours=1)
    comment = make_comment(make_class(), author=writer, body="Lovly", written_at=hour_ago)

    response = signed_in.post(reverse("comments:edit", args=[comment.pk]), {"body": "Lovely"})

    comment.refresh_from_db()
    assert response.status_code == 403
    assert "15 minutes" in page_of(response)
    assert typed_in(response) == "Lovely"
    assert comment.body == "Lovly"


def test_edit_of_what_was_removed_meanwhile_keeps_the_text(signed_in, writer):
    comment = make_comment(make_class(), author=writer, state=Comment.State.REMOVED)

    response = signed_in.post(reverse("comments:edit", args=[comment.pk]), {"body": "Lovely"})

    assert response.status_code == 403
    assert typed_in(response) == "Lovely"


def test_edit_of_what_is_gone_for_good_keeps_the_text(signed_in, writer):
    comment = make_comment(make_class(), author=writer)
    url = reverse("comments:edit", args=[comment.pk])
    comment.delete()

    response = signed_in.post(url, {"body": "What I meant"})

    assert response.status_code == 404
    assert typed_in(response) == "What I meant"
    assert signed_in.get(url).status_code == 404


def test_edit_by_who_signed_in_as_somebody_else_keeps_the_text(signed_in):
    comment = make_comment(make_class(), body="Theirs")

    response = signed_in.post(reverse("comments:edit", args=[comment.pk]), {"body": "What I meant"})

    assert response.status_code == 403
    assert typed_in(response) == "What I meant"
    assert "Theirs" not in page_of(response)


def test_edit_is_for_its_writer_alone(client):
    comment = make_comment(make_class(), body="Lovely")
    url = reverse("comments:edit", args=[comment.pk])
    for other in (make_member(), make_member(is_staff=True, is_superuser=True)):
        client.force_login(other)

        assert client.get(url).status_code == 403
        assert client.post(url, {"body": "Awful"}).status_code == 403

    comment.refresh_from_db()
    assert comment.body == "Lovely"


def test_edit_of_words_that_changed_meanwhile_shows_both_and_sends_mine_over_it(signed_in, writer):
    comment = make_comment(make_class(), author=writer, body="Lovly")
    url = reverse("comments:edit", args=[comment.pk])
    drawn = {"edition": hidden(signed_in.get(url), "edition")}
    signed_in.post(url, {"body": "Lovely, <b>truly</b>", **drawn})

    refused = signed_in.post(url, {"body": "Loving", **drawn})

    assert refused.status_code == 409
    assert "Lovely, &lt;b&gt;truly&lt;/b&gt;" in page_of(refused)
    assert typed_in(refused) == "Loving"
    comment.refresh_from_db()
    assert comment.body == "Lovely, <b>truly</b>"

    signed_in.post(url, {"body": "Loving", "edition": hidden(refused, "edition")})
    comment.refresh_from_db()
    assert (comment.body, comment.edition) == ("Loving", 2)


@pytest.mark.parametrize("edition", ["", "x", "-1", "9" * 40])
def test_edit_with_nonsense_for_an_edition_overwrites_nothing_unseen(signed_in, writer, edition):
    comment = make_comment(make_class(), author=writer, body="Lovly")

    response = signed_in.post(
        reverse("comments:edit", args=[comment.pk]), {"body": "Lovely", "edition": edition}
    )

    assert response.status_code == 302


def test_edit_that_adds_a_link_says_that_it_waits(signed_in, writer):
    comment = make_comment(make_class(), author=writer, body="Lovely")

    response = signed_in.post(
        reverse("comments:edit", args=[comment.pk]),
        {"body": "Lovely https://elsewhere.example/", "edition": "0"},
        follow=True,
    )

    assert "The studio looks at your comment first" in page_of(response)


def test_edit_too_often_keeps_the_text_and_keeps_nobody_from_posting(signed_in, writer):
    workout_class = make_class()
    comment = make_comment(workout_class, author=writer, body="0")
    url = reverse("comments:edit", args=[comment.pk])
    for number in range(1, rates.OF_MEMBER.refused + 1):
        assert signed_in.post(url, {"body": str(number)}).status_code == 302

    refused = signed_in.post(url, {"body": "One more"})

    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= rates.WINDOW
    assert typed_in(refused) == "One more"
    signed_in.post(post_url(workout_class), {"body": "Something else"})
    assert Comment.objects.get(body="Something else").is_published


def test_edit_by_who_was_stopped_keeps_the_text(signed_in, writer):
    comment = make_comment(make_class(), author=writer, body="Lovly")
    Stop.objects.create(member=writer, reason="Unkind words")

    response = signed_in.post(reverse("comments:edit", args=[comment.pk]), {"body": "Lovely"})

    assert response.status_code == 403
    assert "Unkind words" in page_of(response)
    assert typed_in(response) == "Lovely"


# --- Removing -----------------------------------------------------------------------------------


def test_remove_asks_first(signed_in, writer):
    comment = make_comment(make_class(), author=writer, body="Lovely")

    response = signed_in.get(reverse("comments:remove", args=[comment.pk]))

    comment.refresh_from_db()
    assert "Lovely" in page_of(response)
    assert comment.is_published


def test_remove_takes_a_comment_off_the_page_at_any_time(signed_in, writer):
    workout_class = make_class()
    comment = make_comment(workout_class, author=writer, written_at=None)
    url = reverse("comments:remove", args=[comment.pk])

    response = signed_in.post(url)

    comment.refresh_from_db()
    assert comment.is_removed
    assert comment.removed_by == writer
    assert response["Location"] == f"{workout_class.get_absolute_url()}#comments"
    assert signed_in.post(url).status_code == 302  # once more does no harm


def test_remove_leads_to_the_placeholder_where_there_is_one(signed_in, writer):
    workout_class = make_class()
    comment = make_comment(workout_class, author=writer)
    make_comment(workout_class, parent=comment)

    response = signed_in.post(reverse("comments:remove", args=[comment.pk]))

    assert response["Location"].endswith(f"#comment-{comment.pk}")


def test_remove_by_its_writer_works_when_the_class_is_gone(signed_in, writer):
    comment = make_comment(make_class(state=State.DRAFT), author=writer)

    response = signed_in.post(reverse("comments:remove", args=[comment.pk]))

    comment.refresh_from_db()
    assert comment.is_removed
    assert response["Location"] == reverse("home")


def test_remove_is_for_its_writer_and_for_curators(client):
    comment = make_comment(make_class())
    url = reverse("comments:remove", args=[comment.pk])
    curator = make_member(is_staff=True)
    curator.user_permissions.add(Permission.objects.get(codename="change_comment"))

    for other in (make_member(), make_member(is_staff=True)):
        client.force_login(other)
        assert client.get(url).status_code == 403
        assert client.post(url).status_code == 403
    client.force_login(curator)
    client.post(url)

    comment.refresh_from_db()
    assert comment.removed_by == curator
    assert comment.removed_at is not None


# --- Permalinks ---------------------------------------------------------------------------------


def permalink(client, comment):
    return client.get(reverse("comments:permalink", args=[comment.pk]))


def test_permalink_leads_to_page_and_anchor(client):
    workout_class = make_class()
    now = timezone.now()
    for number in range(20):
        make_comment(workout_class, written_at=now - timedelta(days=number))
    last = make_comment(workout_class, written_at=None)

    response = permalink(client, last)

    assert response.status_code == 302
    expected = f"{workout_class.get_absolute_url()}?comments=2#comment-{last.pk}"
    assert response["Location"] == expected


@pytest.mark.parametrize("state", [Comment.State.HELD, Comment.State.REMOVED])
def test_permalink_of_what_is_not_published_is_lost_unless_it_has_replies(client, state):
    workout_class = make_class()
    comment = make_comment(workout_class, state=state)
    reply = make_comment(workout_class, parent=make_comment(workout_class), state=state)

    assert permalink(client, comment).status_code == 404
    assert permalink(client, reply).status_code == 404

    for answered in (comment, reply):
        make_comment(workout_class, parent=answered)
        assert permalink(client, answered)["Location"].endswith(f"#comment-{answered.pk}")


def test_permalink_of_a_held_comment_is_for_its_writer(signed_in, writer):
    workout_class = make_class()
    own = make_comment(workout_class, author=writer, state=Comment.State.HELD)
    others = make_comment(workout_class, state=Comment.State.HELD)

    assert permalink(signed_in, own).status_code == 302
    assert permalink(signed_in, others).status_code == 404


def test_permalink_under_a_draft_is_lost(client):
    assert permalink(client, make_comment(make_class(state=State.DRAFT))).status_code == 404


@pytest.mark.parametrize("pk", ["0", "9" * 30, "9" * 5000, "x", "-1"])
def test_permalink_of_nothing_is_lost(client, pk):
    assert client.get(f"/comments/{pk}/").status_code == 404


@pytest.mark.parametrize("name", ["permalink", "post", "edit", "remove"])
def test_other_methods_are_refused(signed_in, writer, name):
    comment = make_comment(make_class(), author=writer)
    argument = comment.workout_class.slug if name == "post" else comment.pk

    assert signed_in.delete(reverse(f"comments:{name}", args=[argument])).status_code == 405
