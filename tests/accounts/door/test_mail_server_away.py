"""Without a mail server nothing breaks: what was done stands, and another mail can be asked for."""

import logging
from smtplib import SMTPRecipientsRefused

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import caches
from django.urls import reverse

from accounts.models import Letter, Member
from tests.factories import make_member

pytestmark = pytest.mark.django_db

ADDRESS, PASSWORD = "marta@example.com", "a quiet morning"
FIELDS = {
    "email": ADDRESS,
    "login": ADDRESS,
    "password": PASSWORD,
    "display_name": "Marta",
    "password1": "a hundred quiet breaths",
}
SAID = "The mail could not be sent."


@pytest.fixture(
    params=[ConnectionRefusedError(111, "refused"), SMTPRecipientsRefused({ADDRESS: (550, b"no")})],
    ids=["away", "refuses"],
)
def server(request, monkeypatch):
    """A context in which the mail server takes nothing."""

    def send(*args, **kwargs):
        raise request.param

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", send)
        yield patched


def somebody(*, verified: bool = True) -> Member:
    member = make_member(email=ADDRESS)
    EmailAddress.objects.create(user=member, email=ADDRESS, primary=True, verified=verified)
    return member


@pytest.mark.parametrize("has_account", [False, True])
@pytest.mark.parametrize(
    ("door", "leads_to"),
    [
        ("account_signup", "account_email_verification_sent"),
        ("account_signup_by_passkey", "account_email_verification_sent"),
        ("account_reset_password", "account_confirm_password_reset_code"),
    ],
)
def test_whoever_waits_for_a_mail_is_told(client, server, door, leads_to, has_account):
    if has_account:
        somebody()

    response = client.post(reverse(door), FIELDS, follow=True)

    assert response.redirect_chain[-1] == (reverse(leads_to), 302)
    assert response.content.decode().count(SAID) == 1


def test_who_signs_in_to_confirm_their_address_is_told(client, server):
    somebody(verified=False)

    response = client.post(reverse("account_login"), FIELDS, follow=True)

    assert SAID in response.content.decode()


def test_another_code_comes_once_the_server_is_back(client, server):
    client.post(reverse("account_signup"), FIELDS, follow=True)
    server.undo()
    caches["default"].clear()  # the ten seconds between two mails

    again = {"action": "resend"}
    page = client.post(reverse("account_email_verification_sent"), again, follow=True)

    assert SAID not in page.content.decode()
    assert [message.to for message in mail.outbox] == [[ADDRESS]]
    assert Member.objects.get().email == ADDRESS


def test_what_was_done_stands_without_the_mail_about_it(client, server):
    member = somebody()
    client.post(reverse("account_login"), FIELDS)
    new = {"oldpassword": PASSWORD, "password1": "another quiet morning"}

    page = client.post(reverse("account_change_password"), new, follow=True).content.decode()

    member.refresh_from_db()
    assert member.check_password("another quiet morning")
    assert SAID not in page
    assert member.letters.get().state == Letter.State.DUE


def test_the_log_does_not_name_the_address(client, server, caplog):
    with caplog.at_level(logging.INFO):
        client.post(reverse("account_reset_password"), FIELDS)

    assert "could not be sent" in caplog.text
    assert ADDRESS not in caplog.text
