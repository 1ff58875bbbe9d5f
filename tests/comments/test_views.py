"""Saying something: it works, who may not, what is refused, and that no word is lost."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from classes.models import State, Tempo
from comments import writing
from comments.models import Comment
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


def test_edit_is_for_its_writer_alone(client):
    comment = make_comment(make_class(), body="Lovely")
    url = reverse("comments:edit", args=[comment.pk])
    for other in (make_member(), make_member(is_staff=True, is_superuser=True)):
        client.force_login(other)

        assert client.get(url).status_code == 403
        assert client.post(url, {"body": "Awful"}).status_code == 403

    comment.refresh_from_db()
    assert comment.body == "Lovely"


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
