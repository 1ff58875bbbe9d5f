"""Stopping mail from the mail itself, at a thread, and among one's choices."""

import pytest
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse

from classes.models import State as ClassState
from comments.mail import unsubscribing
from comments.mail.unsubscribing import Ticket, ticket_of
from comments.mail.wishes import Kind
from comments.models import Comment, Mute, Notice, Unsubscription
from tests.factories import make_class, make_comment, make_instructor, make_member

from .people import make_notice, make_reader

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def notice() -> Notice:
    return make_notice(workout_class={"title": "Morning mat"})


@pytest.fixture
def address(notice) -> str:
    return reverse("comments:mail", args=[ticket_of(notice).token])


@pytest.fixture
def stranger() -> Client:
    """Signed out, without a cookie, and without a CSRF token, as a mail program is."""
    return Client(enforce_csrf_checks=True)


def stopped() -> list[tuple[int, str]]:
    return list(Unsubscription.objects.values_list("member", "kind"))


def test_mail_one_click_unsubscribes_signed_out(stranger, notice, address):
    response = stranger.post(address, ONE_CLICK)

    assert response.status_code == 200
    assert stopped() == [(notice.recipient_id, Kind.COMMENT)]


def test_mail_one_click_comes_as_a_plain_form_too(stranger, notice, address):
    """RFC 8058 has both."""
    body = "List-Unsubscribe=One-Click"

    stranger.post(address, body, content_type="application/x-www-form-urlencoded")

    assert stopped() == [(notice.recipient_id, Kind.COMMENT)]


def test_mail_one_click_is_idempotent(stranger, address):
    for _ in range(3):
        assert stranger.post(address, ONE_CLICK).status_code == 200

    assert Unsubscription.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "head"])
def test_mail_changes_nothing_when_it_is_only_looked_at(stranger, address, method):
    """Mail programs and their guards open every link."""
    response = getattr(stranger, method)(address)

    assert response.status_code == 200
    assert response.cookies == {}
    assert stopped() == []
    assert not Mute.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete"])
def test_mail_answers_to_no_other_method(stranger, address, method):
    assert getattr(stranger, method)(address).status_code == 405


def test_mail_is_kept_out_of_search_engines_and_referrers(stranger, address):
    response = stranger.get(address)

    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "private" in response["Cache-Control"] or "no-store" in response["Cache-Control"]


def test_mail_buttons_stop_it_and_take_that_back(stranger, notice, address):
    for wish, expected in [
        ("unsubscribe", [(notice.recipient_id, Kind.COMMENT)]),
        ("unsubscribe", [(notice.recipient_id, Kind.COMMENT)]),
        ("subscribe", []),
        ("subscribe", []),
        ("nonsense", []),
    ]:
        response = stranger.post(address, {"do": wish})

        assert response["Location"] == address
        assert stopped() == expected


def test_mail_buttons_mute_the_thread_and_take_that_back(stranger, notice, address):
    for wish, expected in [("mute", 1), ("mute", 1), ("unmute", 0), ("unmute", 0)]:
        stranger.post(address, {"do": wish})

        assert notice.recipient.mutes.count() == expected


def test_mail_page_says_how_things_are(stranger, address):
    before = stranger.get(address).content.decode()
    stranger.post(address, {"do": "unsubscribe"})
    stranger.post(address, {"do": "mute"})
    after = stranger.get(address).content.decode()

    assert "You get mail of this kind." in before
    assert "Morning mat" in before
    assert "You get no more mail of this kind." in after
    assert "You get no more mail about this thread." in after


def test_mail_page_names_no_reader(stranger, notice, address):
    """A mail is passed on, with its links."""
    page = stranger.get(address).content.decode()

    assert notice.recipient.email not in page
    assert notice.recipient.display_name not in page


def test_mail_link_is_about_its_reader_whoever_is_signed_in(client, notice, address):
    client.force_login(make_member())

    client.post(address, ONE_CLICK)

    assert stopped() == [(notice.recipient_id, Kind.COMMENT)]


def test_mail_link_outlives_its_thread(stranger, notice, address):
    Comment.objects.all().delete()

    assert stranger.get(address).status_code == 200
    assert stranger.post(address, {"do": "mute"}).status_code == 302
    stranger.post(address, ONE_CLICK)

    assert stopped() == [(notice.recipient_id, Kind.COMMENT)]


def test_mail_link_outlives_its_account(stranger, notice, address):
    notice.recipient.delete()

    response = stranger.post(address, ONE_CLICK)

    assert response.status_code == 200
    assert "is gone" in response.content.decode()


def test_mail_link_outlives_a_change_of_key(stranger, address, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key for this test"

    assert stranger.get(address).status_code == 200


def forged(token: str) -> list[str]:
    text, _, signature = token.rpartition(":")
    return [
        text,
        f"{text}:",
        f"{text}x:{signature}",
        Signer(salt="another salt").sign(text),
        Signer(salt="comments.mail").sign("1-nonsense-1"),
        Signer(salt="comments.mail").sign("one-answer-two"),
        Signer(salt="comments.mail").sign("1-answer"),
        "x" * 5000,
    ]


def test_mail_knows_only_its_own_links(stranger, notice):
    for token in forged(ticket_of(notice).token):
        for answer in (
            stranger.get(reverse("comments:mail", args=[token])),
            stranger.post(reverse("comments:mail", args=[token]), ONE_CLICK),
        ):
            assert answer.status_code == 404

    assert stopped() == []


def test_read_gives_back_what_was_signed():
    ticket = Ticket(member_id=7, kind=Kind.ANSWER, thread_id=12)

    assert unsubscribing.read(ticket.token) == ticket


# --- At a thread ------------------------------------------------------------------------------


def test_mute_asks_first_and_then_does(client):
    reply = make_comment(make_class(), parent=(thread := make_comment(make_class())))
    member = make_reader()
    client.force_login(member)
    page = reverse("comments:mute", args=[reply.pk])

    assert "No more mail about this thread" in client.get(page).content.decode()
    assert not Mute.objects.exists()

    for _ in range(2):
        response = client.post(page, follow=True)
    assert "You get no mail about this thread." in response.content.decode()
    assert list(Mute.objects.values_list("member", "thread")) == [(member.pk, thread.pk)]

    client.post(page, {"do": "unmute"})
    assert not Mute.objects.exists()


def test_mute_is_for_members(client):
    page = reverse("comments:mute", args=[make_comment(make_class()).pk])

    response = client.post(page)

    assert response["Location"].startswith(reverse("account_login"))


def test_mute_needs_a_csrf_token():
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_member())

    response = client.post(reverse("comments:mute", args=[make_comment(make_class()).pk]))

    assert response.status_code == 403


def hidden_comments() -> list[Comment]:
    return [
        make_comment(make_class(), state=Comment.State.HELD),
        make_comment(make_class(), state=Comment.State.REMOVED),
        make_comment(make_class(state=ClassState.DRAFT, published_at=None)),
    ]


def test_mute_finds_nothing_that_may_not_be_seen(client):
    client.force_login(make_member())

    for comment in hidden_comments():
        assert client.get(reverse("comments:mute", args=[comment.pk])).status_code == 404


def test_who_began_a_thread_is_not_named_once_it_is_away(client):
    ines = make_member(display_name="Ines Removed")
    thread = make_comment(make_class(), author=ines)
    reply = make_comment(thread.workout_class, parent=thread)
    reader = make_reader()
    Mute.objects.create(member=reader, thread=thread)
    client.force_login(reader)
    pages = (reverse("comments:mute", args=[reply.pk]), reverse("comments:my_mail"))
    assert all("Ines Removed" in client.get(page).content.decode() for page in pages)

    Comment.objects.filter(pk=thread.pk).update(state=Comment.State.REMOVED)

    for page in pages:
        html = client.get(page).content.decode()
        assert "Ines Removed" not in html
        assert thread.workout_class.title in html


# --- Among one's choices ----------------------------------------------------------------------


def test_my_mail_is_for_members(client):
    response = client.get(reverse("comments:my_mail"))

    assert response["Location"].startswith(reverse("account_login"))


def test_my_mail_stops_what_is_not_ticked(client):
    member = make_reader()
    client.force_login(member)
    page = reverse("comments:my_mail")

    client.post(page, {"kind": ["request"]})
    assert stopped() == [(member.pk, Kind.ANSWER)]

    client.post(page, {"kind": ["request", "answer", "nonsense"]})
    assert stopped() == []


@pytest.mark.parametrize("teaches", [False, True])
def test_my_mail_offers_only_what_may_be_sent(client, teaches):
    member = make_reader()
    if teaches:
        make_instructor(member=member)
    client.force_login(member)

    page = client.get(reverse("comments:my_mail")).content.decode()

    assert ("New comment on a class that you teach" in page) == teaches


@pytest.mark.parametrize("count", [1, 8])
def test_my_mail_costs_the_same_for_one_mute_and_for_eight(
    client, django_assert_num_queries, count
):
    member = make_reader()
    for _ in range(count):
        Mute.objects.create(member=member, thread=make_comment(make_class()))
    client.force_login(member)
    client.get(reverse("comments:my_mail"))

    with django_assert_num_queries(5):
        page = client.get(reverse("comments:my_mail")).content.decode()

    assert page.count('name="unmute"') == count


@pytest.mark.parametrize("sent", ["", "x", "９", "9" * 30, "-1"])
def test_my_mail_unmutes_one_thread_and_survives_nonsense(client, sent):
    member = make_reader()
    mutes = [
        Mute.objects.create(member=member, thread=make_comment(make_class())) for _ in range(2)
    ]
    client.force_login(member)

    assert client.post(reverse("comments:my_mail"), {"unmute": sent}).status_code == 302
    assert Mute.objects.count() == 2
    client.post(reverse("comments:my_mail"), {"unmute": mutes[0].thread_id})

    assert list(Mute.objects.all()) == [mutes[1]]


def test_my_mail_unmutes_for_nobody_else(client):
    mute = Mute.objects.create(member=make_member(), thread=make_comment(make_class()))
    client.force_login(make_member())

    client.post(reverse("comments:my_mail"), {"unmute": mute.thread_id})

    assert Mute.objects.exists()
