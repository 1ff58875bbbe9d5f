"""A code for a new password is worth nothing once the account has moved to another mailbox."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from accounts.models import Member
from tests.factories import make_member

pytestmark = pytest.mark.django_db

FORMER, NEW_PASSWORD = "old@example.com", "another quiet morning"


@pytest.fixture
def member(client) -> Member:
    """Whose code for a new password is under way in this browser."""
    member = make_member(email=FORMER)
    EmailAddress.objects.create(user=member, email=FORMER, primary=True, verified=True)
    client.post(reverse("account_reset_password"), {"email": "Old@Example.com"})
    return member


def enter_code(client):
    code = re.search(r"^[A-Z0-9-]{6,}$", mail.outbox[-1].body, re.MULTILINE)[0]
    return client.post(reverse("account_confirm_password_reset_code"), {"code": code})


def choose_password(client):
    fields = {"password1": NEW_PASSWORD}
    return client.post(reverse("account_complete_password_reset"), fields)


def move(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(email="new@example.com")
    EmailAddress.objects.filter(user=member).update(email="new@example.com")


def test_the_code_of_a_mail_leads_to_a_new_password(client, member):
    enter_code(client)
    choose_password(client)

    member.refresh_from_db()
    assert member.check_password(NEW_PASSWORD)


@pytest.mark.parametrize("moves", ["before the code", "after the code"])
def test_not_from_a_mailbox_that_is_no_longer_the_accounts(client, member, moves):
    if moves == "before the code":
        move(member)
    enter_code(client)
    if moves == "after the code":
        move(member)
    answer = choose_password(client)

    member.refresh_from_db()
    assert not member.check_password(NEW_PASSWORD)
    assert answer["Location"] == reverse("account_reset_password")
    assert not EmailAddress.objects.filter(email=FORMER).exists()
