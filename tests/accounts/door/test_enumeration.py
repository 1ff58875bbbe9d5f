"""Nobody learns at the door whether an address has an account: not by words, mail or work done."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import hashers
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Member
from tests.factories import make_member

pytestmark = pytest.mark.django_db

ADDRESS = "marta@example.com"


def nobody() -> None:
    pass


def somebody(*, verified: bool = True, **attrs) -> Member:
    member = make_member(email=ADDRESS, **attrs)
    EmailAddress.objects.create(user=member, email=ADDRESS, primary=True, verified=verified)
    return member


def unverified() -> None:
    somebody(verified=False)


def inactive() -> None:
    somebody(is_active=False)


def with_a_passkey_only() -> None:
    member = somebody()
    member.set_unusable_password()
    member.save()
    Authenticator.objects.create(
        user=member, type=Authenticator.Type.WEBAUTHN, data={"name": "my telephone"}
    )


def staff() -> None:
    somebody(is_staff=True, is_superuser=True)


ACCOUNTS = [somebody, unverified, inactive, with_a_passkey_only, staff]


@dataclass(frozen=True)
class Seen:
    """All that a stranger can tell of an answer."""

    statuses: tuple[int, ...]
    addresses: tuple[str, ...]
    text: str
    hashes: int
    mails: int
    cookies: frozenset[str]


def sign_up(client: Client):
    return client.post(
        reverse("account_signup"),
        {"email": ADDRESS, "display_name": "Marta", "password1": "a hundred quiet breaths"},
        follow=True,
    )


def sign_up_by_passkey(client: Client):
    fields = {"email": ADDRESS, "display_name": "Marta"}
    return client.post(reverse("account_signup_by_passkey"), fields, follow=True)


def ask_for_another_code(client: Client):
    sign_up(client)
    caches["default"].clear()  # the ten seconds between two mails
    fields = {"action": "resend"}
    return client.post(reverse("account_email_verification_sent"), fields, follow=True)


def guess_the_code_of_a_sign_up(client: Client):
    sign_up(client)
    fields = {"code": "WRON-GONE"}
    return client.post(reverse("account_email_verification_sent"), fields, follow=True)


def sign_in(client: Client):
    fields = {"login": ADDRESS, "password": "wrong"}
    return client.post(reverse("account_login"), fields, follow=True)


def sign_in_to_the_admin(client: Client):
    fields = {"login": ADDRESS, "password": "wrong", "next": "/admin/"}
    return client.post(reverse("account_login"), fields, follow=True)


def sign_in_too_often(client: Client):
    for _guess in range(5):
        sign_in(client)
    return sign_in(client)


def forget_the_password(client: Client):
    return client.post(reverse("account_reset_password"), {"email": ADDRESS}, follow=True)


def guess_the_code_of_a_reset(client: Client):
    forget_the_password(client)
    fields = {"code": "WRON-GONE"}
    return client.post(reverse("account_confirm_password_reset_code"), fields, follow=True)


def guess_the_code_of_a_reset_too_often(client: Client):
    for _guess in range(3):
        response = guess_the_code_of_a_reset(client)
    return response


# With the number of queries by which an account may differ at most. A code is written for a new
# one only, and read again; what passes between is a hundredth of a password's hash, or of a mail.
WAYS = [
    (sign_up, 5),
    (sign_up_by_passkey, 5),
    (ask_for_another_code, 10),
    (guess_the_code_of_a_sign_up, 7),
    (sign_in, 1),
    (sign_in_to_the_admin, 1),
    (sign_in_too_often, 5),
    (forget_the_password, 1),
    (guess_the_code_of_a_reset, 1),
    (guess_the_code_of_a_reset_too_often, 3),
]


@pytest.fixture
def hashed(monkeypatch) -> list[str]:
    """Every password that was hashed."""
    passwords = []

    class Counting(MD5PasswordHasher):
        def encode(self, password, salt):
            passwords.append(password)
            return super().encode(password, salt)

    monkeypatch.setattr(hashers, "get_hasher", lambda *_args: Counting())
    return passwords


def look(way: Callable, account: Callable, hashed: list[str]) -> tuple[Seen, int]:
    """What is seen by a stranger who goes this way, and how many queries it took."""
    EmailAddress.objects.all().delete()
    Member.objects.all().delete()
    caches["default"].clear()
    account()
    hashed.clear()
    mail.outbox.clear()
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        response = way(client)
    page = re.sub(r'value="[^"]*"', "", response.content.decode())
    seen = Seen(
        statuses=(*(status for _, status in response.redirect_chain), response.status_code),
        addresses=tuple(address for address, _ in response.redirect_chain),
        text=page,
        hashes=len(hashed),
        mails=len(mail.outbox),
        cookies=frozenset(client.cookies),
    )
    return seen, len(queries)


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize(("way", "leeway"), WAYS)
def test_an_address_with_an_account_looks_like_one_without(way, leeway, account, hashed):
    stranger, queries_without = look(way, nobody, hashed)
    known, queries_with = look(way, account, hashed)

    assert known == stranger
    assert abs(queries_with - queries_without) <= leeway


@pytest.mark.parametrize(
    ("way", "hashes", "mails"),
    [(sign_up, 1, 1), (sign_up_by_passkey, 0, 1), (sign_in, 1, 0), (forget_the_password, 0, 1)],
)
def test_what_is_compared_was_counted(way, hashes, mails, hashed):
    seen, _queries = look(way, somebody, hashed)

    assert (seen.hashes, seen.mails) == (hashes, mails)


def test_the_work_that_was_done_for_nobody_leaves_nothing(client):
    somebody()

    sign_up(client)

    assert list(Member.objects.values_list("email", flat=True)) == [ADDRESS]
    assert EmailAddress.objects.count() == 1
    assert Member.history.filter(email__endswith=".invalid").count() == 0


# --- How often ----------------------------------------------------------------------------------


def too_often(client: Client, post: Callable[[Client], object], times: int):
    for _time in range(times):
        post(client)
    return post(client)


def post_to(name: str, **fields: str) -> Callable:
    return lambda client: client.post(reverse(name), fields)


@pytest.mark.parametrize(
    ("name", "fields", "times"),
    [
        ("account_login", {"login": "x"}, 30),
        ("account_signup", {"email": "x"}, 20),
        ("account_signup_by_passkey", {"email": "x"}, 20),
        ("mfa_login_webauthn", {"credential": "{}"}, 10),
        ("account_reset_password", {"email": ADDRESS}, 5),
    ],
)
def test_one_address_on_the_net_may_try_so_often(client, name, fields, times):
    assert too_often(client, post_to(name, **fields), times).status_code == 429
    assert too_often(client, post_to(name, **fields), 0).status_code == 429


def test_one_account_is_guarded_against_guesses_from_everywhere(client):
    somebody()
    for number in range(5):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post(
            reverse("account_login"), {"login": ADDRESS, "password": "wrong"}
        )

    response = client.post(
        reverse("account_login"), {"login": ADDRESS, "password": "a quiet morning"}
    )

    assert "Too many attempts" in response.content.decode()


def test_another_host_header_brings_no_further_guesses(client, settings):
    settings.ALLOWED_HOSTS = ["studio.example"]
    somebody()
    guess = {"login": ADDRESS, "password": "wrong"}
    for port in range(1, 6):
        client.post(reverse("account_login"), guess, headers={"host": f"studio.example:{port}"})

    response = client.post(reverse("account_login"), guess, headers={"host": "studio.example"})

    assert "Too many attempts" in response.content.decode()


def test_other_letters_for_the_same_address_bring_no_further_guesses(client):
    somebody()
    written = [ADDRESS, ADDRESS.upper(), ADDRESS.title(), ADDRESS.swapcase(), f" {ADDRESS} "]
    for login in written:
        client.post(reverse("account_login"), {"login": login, "password": "wrong"})

    guess = {"login": ADDRESS.capitalize(), "password": "wrong"}
    response = client.post(reverse("account_login"), guess)

    assert "Too many attempts" in response.content.decode()


def test_codes_of_an_app_are_not_guessed(client):
    member = somebody()
    TOTP.activate(member, generate_totp_secret())
    client.post(reverse("account_login"), {"login": ADDRESS, "password": "a quiet morning"})

    response = too_often(client, post_to("mfa_authenticate", code="000000"), 5)

    assert "Too many attempts" in response.content.decode()


def test_the_mailbox_of_somebody_is_not_flooded(client):
    sign_up(client)
    other = Client(REMOTE_ADDR="192.0.2.7")

    response = sign_up(other)

    assert response.status_code == 429
    assert len(mail.outbox) == 1
