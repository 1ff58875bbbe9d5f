"""What a mail says, and what its headers promise."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from django.utils import translation

from comments.mail import messages, notices
from comments.mail.unsubscribing import ticket_of
from comments.mail.wishes import Kind
from comments.models import ClassRequest, Notice, Vote
from tests.factories import make_class, make_comment

from .people import make_notice, make_reader, make_taught_class, say

pytestmark = pytest.mark.django_db

HOSTILE = [
    "Ana\r\nBcc: everybody@example.com",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</blockquote><a href='javascript:alert(1)'>here</a>",
    "{{ member.email }}{% load i18n %}",
    "\u202eevil\u202c",
    "a\u2028b\x85c",
]


def write(notice: Notice) -> EmailMessage:
    """As it goes over the line, and comes in at the other end."""
    return message_from_bytes(messages.write(notice).message().as_bytes(), policy=policy.default)


def text_of(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content()


def html_of(message: EmailMessage) -> str:
    return message.get_body(("html",)).get_content()


class Elements(HTMLParser):
    """The names and attributes of all elements in order, but for lines and paragraphs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        names = tuple(name for name, _value in attrs)
        if (tag, names) not in (("p", ("dir",)), ("br", ())):
            self.found.append((tag, names))


def make_answer(**attrs) -> Notice:
    thread = make_comment(make_class(title="Morning mat"), author=make_reader(), body="My hip?")
    say(thread.workout_class, parent=thread, **attrs)
    return Notice.objects.get(kind=Kind.ANSWER)


def make_request_notice(voter=None) -> Notice:
    asking = make_comment(
        make_class(title="Morning mat"),
        author=make_reader(display_name="Marta"),
        body="A longer one?",
    )
    request = ClassRequest.objects.create(
        comment=asking, title="Standing, no Wall", fulfilled_by=make_class(title="On your feet")
    )
    if voter:
        Vote.objects.create(request=request, member=voter)
    notices.tell_request(request)
    return Notice.objects.get(recipient=voter or asking.author)


def test_write_tells_a_teacher_who_said_what_where():
    notice = make_notice(
        author=make_reader(display_name="Marta"),
        body="Is this safe?\n\nI have a bad back.",
        workout_class={"title": "Morning mat"},
    )

    message = write(notice)

    assert message["Subject"] == "Marta wrote under “Morning mat”"
    assert "> Is this safe?\n>\n> I have a bad back." in text_of(message)
    assert '<p dir="auto">I have a bad back.</p>' in html_of(message)
    for said in (text_of(message), html_of(message)):
        assert f"http://127.0.0.1:8000/comments/{notice.comment_id}/" in said
        assert "because you teach this class" in said


def test_write_reminds_a_member_of_what_they_had_asked():
    notice = make_answer(author=make_reader(display_name="Ana"), body="Go slowly.")

    message = write(notice)

    assert message["Subject"] == "Ana answered you under “Morning mat”"
    assert text_of(message).index("> Go slowly.") < text_of(message).index("> My hip?")
    assert "My hip?" in html_of(message)


def test_write_reminds_nobody_of_what_another_said():
    thread = make_comment(make_class(), author=make_reader(), body="My hip?")
    other = make_comment(thread.workout_class, author=make_reader(), body="Mine too", parent=thread)
    say(thread.workout_class, parent=other)

    said = {
        notice.recipient_id: text_of(write(notice))
        for notice in Notice.objects.filter(kind=Kind.ANSWER)
    }

    assert "> My hip?" in said[thread.author_id]
    assert "Mine too" not in said[thread.author_id]
    assert "> Mine too" in said[other.author_id]


def test_write_tells_who_asked_where_the_class_is():
    notice = make_request_notice()

    message = write(notice)

    assert message["Subject"] == "The class you wished for is there: On your feet"
    found = notice.comment.request.fulfilled_by
    for said in (text_of(message), html_of(message)):
        assert "You asked for a class: “Standing, no Wall”" in said
        assert f"http://127.0.0.1:8000{found.get_absolute_url()}" in said


def test_write_tells_who_wanted_it_too_whose_words_they_are():
    message = write(make_request_notice(voter=make_reader()))

    assert "You said “me too”" in text_of(message)
    assert "Marta had written under “Morning mat”:\n\n> A longer one?" in text_of(message)


@pytest.mark.parametrize("make", [make_notice, make_answer, make_request_notice])
def test_write_is_in_the_language_of_the_reader(make):
    notice = make()
    notice.recipient.language = "es-MX"

    with translation.override("en"):
        html = html_of(write(notice))

    assert '<html lang="es"' in html


@pytest.mark.parametrize("make", [make_notice, make_answer, make_request_notice])
def test_write_says_how_to_stop_such_mail(make):
    notice = make()

    message = write(notice)

    address = ticket_of(notice).address
    assert address.startswith("http://127.0.0.1:8000/mail/")
    assert message["List-Unsubscribe"].strip() == f"<{address}>"  # too long for the first line
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] is None
    assert address in text_of(message)
    assert f'href="{address}"' in html_of(message)


def test_write_keeps_the_mails_about_one_thread_together():
    ana = make_reader()
    workout_class = make_taught_class(ana)
    thread = say(workout_class, author=make_reader())
    say(workout_class, author=make_reader(), parent=thread)

    first, second = (write(notice) for notice in Notice.objects.filter(recipient=ana))

    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]


def test_write_shows_nobody_the_address_of_another():
    notice = make_answer(author=make_reader(email="ana@private.example"))

    whole = messages.write(notice).message().as_string()

    assert "private.example" not in whole
    assert write(notice)["To"] == notice.recipient.email


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("make", [make_notice, make_answer])
def test_write_lets_nobody_write_headers_or_elements(make, words):
    plain = make(author=make_reader(display_name="Ana"), body="Hello")
    before = write(plain)
    plain.comment.author.display_name = words
    plain.comment.workout_class.title = words
    plain.comment.body = words

    message = write(plain)

    assert message.keys() == before.keys()
    assert "\u202e" not in message["Subject"]
    assert Elements(html_of(message)).found == Elements(html_of(before)).found
    assert plain.recipient.email not in html_of(message)


def test_write_quotes_every_line():
    """So that nobody's words pose as the studio's."""
    notice = make_notice(body="Hello\n\n—\nMatwork\nhttp://evil.example/")

    text = text_of(write(notice))

    assert "> http://evil.example/" in text
    assert "\nhttp://evil.example/" not in text


def test_write_makes_our_own_addresses_whole():
    """A path leads nowhere from a mail program."""
    other = make_class(title="On your feet", slug="on-your-feet")
    notice = make_answer(body=f"Try {other.get_absolute_url()} or and/or /etc/passwd.")

    message = write(notice)

    address = "http://127.0.0.1:8000/classes/on-your-feet/"
    assert f"> Try {address} or and/or /etc/passwd." in text_of(message)
    assert f'href="{address}" rel="nofollow ugc">On your feet</a>' in html_of(message)
    assert 'href="/' not in html_of(message)
