"""Whoever's way to sign in was changed hears of it, though the mail server is away just then."""

import pytest
import time_machine
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.mailing import sending, tasks
from accounts.mailing.writing import outbox
from accounts.models import Letter, Member
from tests.accounts.mailing.servers import serve_the_site
from tests.factories import make_member

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet morning"
NEW = "a hundred quiet breaths"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def browser() -> Client:
    return Client(headers={"user-agent": FIREFOX})


@pytest.fixture
def member(browser) -> Member:
    """Signed in, and confirmed a moment ago."""
    member = make_member(email="marta@example.com")
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    browser.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return member


def change_password(browser: Client) -> None:
    fields = {"oldpassword": PASSWORD, "password1": NEW}
    browser.post(reverse("account_change_password"), fields)


def set_up_app(browser: Client, member: Member) -> None:
    page = browser.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    browser.post(
        reverse("mfa_activate_totp"),
        {"code": format_hotp_value(hotp_value(secret, next(counters())))},
    )


def remove_app(browser: Client, member: Member) -> None:
    TOTP.activate(member, generate_totp_secret())
    browser.post(reverse("mfa_deactivate_totp"))


def make_recovery_codes(browser: Client, member: Member) -> None:
    TOTP.activate(member, generate_totp_secret())
    RecoveryCodes.activate(member)
    browser.post(reverse("mfa_generate_recovery_codes"))


def tell(about: str, member: Member, **attrs) -> None:
    """As allauth tells it, within a request."""
    request = RequestFactory(headers={"user-agent": FIREFOX}).post("/")
    with context.request_context(request):
        get_adapter(request).send_notification_mail(about, member, **attrs)


@pytest.mark.parametrize("server_is_away", [False, True])
def test_a_changed_password_is_told_once_and_as_soon_as_may_be(
    browser, member, settings, django_capture_on_commit_callbacks, server_is_away
):
    with serve_the_site(settings) as post_office:
        if server_is_away:
            post_office.at["greeting"] = "421 Not now"
        with django_capture_on_commit_callbacks(execute=True):
            change_password(browser)
            assert not DBTaskResult.objects.exists()
        letter = member.letters.get()
        assert DBTaskResult.objects.get().args_kwargs["args"] == [letter.pk]
        outbox.send(letter.pk)
        post_office.at.clear()

        with time_machine.travel(timezone.now() + sending.PAUSES[0]):
            assert tasks.enqueue_due_letters() == 0  # it is on the list
            for _ in range(2):
                outbox.send(letter.pk)

    (message,) = post_office.messages
    assert message["To"] == "marta@example.com"
    assert message["Subject"].startswith("Your password at ")
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (Letter.State.SENT, 1 + server_is_away)


@pytest.mark.parametrize(
    ("change", "about"),
    [
        (set_up_app, ["totp_activated"]),
        (remove_app, ["totp_deactivated"]),
        (make_recovery_codes, ["recovery_codes_generated"]),
    ],
)
def test_a_changed_factor_is_told(
    browser, member, django_capture_on_commit_callbacks, change, about
):
    with django_capture_on_commit_callbacks(execute=True):
        change(browser, member)

    told = member.letters.filter(kind=Letter.Kind.SIGN_IN_CHANGED)
    assert [letter.data["about"] for letter in told] == about


def test_a_letter_says_what_it_was_and_where_it_came_from(member):
    member.language = "es"

    tell("mfa/email/webauthn_added", member)

    letter = member.letters.get()
    assert (letter.kind, letter.address) == (Letter.Kind.SIGN_IN_CHANGED, "")
    at = letter.data.pop("at")
    assert letter.data == {"about": "webauthn_added", "device": "Firefox, Linux", "ip": "127.0.0.1"}
    assert at <= timezone.now().isoformat()


def test_a_former_address_is_told_of_the_move(member):
    moved = {"from_email": "old@example.com", "to_email": member.email}

    tell("account/email/email_changed", member, context=moved, email="old@example.com")

    letter = member.letters.get()
    assert letter.address == "old@example.com"
    assert letter.data.items() >= moved.items()


def test_what_we_have_no_words_for_goes_out_in_those_of_allauth(member, mailoutbox):
    gone = {"deleted_email": "old@example.com"}

    tell("account/email/email_deleted", member, context=gone)

    assert [mail.to for mail in mailoutbox] == [["marta@example.com"]]
    assert "old@example.com" in mailoutbox[0].body
    assert not member.letters.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_was_rolled_back_is_told_to_nobody():
    member = make_member()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell("account/email/password_changed", member)
        raise ZeroDivisionError

    assert not Letter.objects.exists()
    assert not DBTaskResult.objects.exists()
