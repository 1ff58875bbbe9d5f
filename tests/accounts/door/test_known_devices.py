"""Who signs in with a browser that is new to their account is told by mail."""

import re
from datetime import timedelta
from threading import Thread

import pytest
import time_machine
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import EmailAddress, Login
from allauth.core import context
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.door import devices
from accounts.models import KnownDevice, Letter, Member
from tests.factories import make_class, make_member

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet morning"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def make_verified(**attrs) -> Member:
    member = make_member(**attrs)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    return member


def sign_in(browser: Client, member: Member):
    answer = browser.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    assert answer.status_code == 302
    return answer


def sign_out(browser: Client) -> None:
    browser.post(reverse("account_logout"))


def test_the_first_browser_is_remembered_without_a_letter(client):
    member = make_verified()

    cookie = sign_in(client, member).cookies["device"]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == 400 * 24 * 3600
    device = KnownDevice.objects.get()
    assert device.member == member
    assert device.key_hash not in cookie.value
    assert not Letter.objects.exists()


def test_a_second_browser_is_told_with_what_it_is_and_from_where():
    member = make_verified(language="es")
    sign_in(Client(), member)

    sign_in(Client(headers={"user-agent": FIREFOX}), member)

    letter = Letter.objects.get()
    assert (letter.recipient, letter.kind) == (member, Letter.Kind.NEW_DEVICE)
    assert letter.data["device"] == "Firefox, Linux"
    assert letter.data["ip"] == "127.0.0.1"
    assert KnownDevice.objects.count() == 2


def test_a_known_browser_is_not_told_again(client):
    member = make_verified()
    sign_in(Client(), member)
    for _ in range(3):
        sign_in(client, member)
        sign_out(client)

    assert Letter.objects.count() == 1
    assert KnownDevice.objects.count() == 2


def test_a_shared_browser_has_one_key_and_is_known_to_each_by_themselves(client):
    marta, ana = make_verified(), make_verified()
    sign_in(Client(), ana)

    first = sign_in(client, marta).cookies["device"].value
    sign_out(client)
    second = sign_in(client, ana).cookies["device"].value

    assert first.partition(":")[0] == second.partition(":")[0]
    assert [letter.recipient for letter in Letter.objects.all()] == [ana]
    hashes = KnownDevice.objects.values_list("key_hash", flat=True)
    assert len(set(hashes)) == 3  # nor does the table tell who shares one


@pytest.mark.parametrize("forged", ["", "x", "a" * 5000, "key:1234:signature", "é\x00"])
def test_a_key_that_is_not_ours_is_replaced(client, forged):
    member = make_verified()
    sign_in(Client(), member)
    client.cookies["device"] = forged

    cookie = sign_in(client, member).cookies["device"]

    assert cookie.value != forged
    assert Letter.objects.count() == 1


def test_signing_up_is_told_to_nobody(client, mailoutbox):
    client.post(
        reverse("account_signup"),
        {
            "email": "marta@example.com",
            "display_name": "Marta Duarte",
            "password1": "a hundred quiet breaths",
        },
    )
    assert "device" not in client.cookies
    code = re.search(r"^[A-Z]{4}-[A-Z]{4}$", mailoutbox[0].body, re.MULTILINE)[0]

    client.post(reverse("account_email_verification_sent"), {"code": code})

    assert KnownDevice.objects.get().member.email == "marta@example.com"
    assert "device" in client.cookies
    assert not Letter.objects.exists()


def test_a_wrong_password_makes_no_browser_known(client):
    member = make_verified()

    client.post(reverse("account_login"), {"login": member.email, "password": "wrong"})

    assert "device" not in client.cookies
    assert not KnownDevice.objects.exists()


def test_a_browser_is_known_only_after_the_second_step(client):
    member = make_verified()
    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    sign_in(client, member)
    assert not KnownDevice.objects.exists()

    code = hotp_value(secret, next(yield_hotp_counters_from_time()))
    client.post(reverse("mfa_authenticate"), {"code": f"{code:06}"})

    assert KnownDevice.objects.get().member == member


def test_signing_in_by_passkey_is_told_too():
    """It ends where all ways end: a passkey's own proof needs a browser."""
    member = make_verified()
    sign_in(Client(), member)
    request = RequestFactory().post("/accounts/2fa/webauthn/login/")
    request.user = AnonymousUser()
    SessionMiddleware(lambda request: HttpResponse()).process_request(request)
    MessageMiddleware(lambda request: HttpResponse()).process_request(request)
    with context.request_context(request):
        answer = perform_login(request, Login(user=member))

    assert "device" in answer.cookies
    assert Letter.objects.get().kind == Letter.Kind.NEW_DEVICE


def test_a_visitor_gets_no_cookie(client):
    for address in ("/", make_class().get_absolute_url(), "/accounts/profile/"):
        assert "device" not in client.get(address).cookies


def test_when_a_browser_was_seen_is_moved_once_a_day(client):
    member = make_verified()
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        sign_in(client, member)
        sign_out(client)
        clock.shift(timedelta(hours=23))
        sign_in(client, member)
        sign_out(client)
        assert KnownDevice.objects.get().last_seen_at == start

        clock.shift(timedelta(hours=1))
        sign_in(client, member)
        assert KnownDevice.objects.get().last_seen_at == start + timedelta(days=1)


def recognise(member: Member, cookies: dict[str, str]) -> HttpResponse:
    request = RequestFactory().post("/")
    request.COOKIES.update(cookies)
    response = HttpResponse()
    devices.recognise(request, response, member, is_sign_up=False)
    return response


def test_recognising_a_known_browser_costs_one_query(django_assert_num_queries):
    member = make_member()
    cookies = {"device": recognise(member, {}).cookies["device"].value}

    with django_assert_num_queries(1):
        recognise(member, cookies)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_sign_ins_at_once_from_one_browser_are_told_once():
    member = make_member()
    recognise(member, {})
    cookies = {"device": recognise(make_member(), {}).cookies["device"].value}

    def work():
        try:
            recognise(member, cookies)
        finally:
            connection.close()

    at_once = [Thread(target=work) for _ in range(4)]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join()

    assert KnownDevice.objects.filter(member=member).count() == 2
    assert Letter.objects.count() == 1
