"""What the database refuses, and which memberships run."""

import re
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Member, Membership
from tests.factories import make_member, make_membership

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_an_address_belongs_to_one_member_however_it_is_written():
    make_member(email="marta@example.com")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_member(email="Marta@example.com")


@pytest.mark.parametrize("typed", ["Marta@Example.com", "marta@example.com"])
def test_whoever_was_made_by_the_command_line_comes_in_however_they_write_it(client, typed):
    Member.objects.create_superuser("Marta@Example.com", "a quiet morning", display_name="Marta")

    client.post(reverse("account_login"), {"login": typed, "password": "a quiet morning"})
    code = re.search(r"^[A-Z]{4}-[A-Z]{4}$", mail.outbox[0].body, re.MULTILINE)[0]
    client.post(reverse("account_email_verification_sent"), {"code": code})

    assert client.get("/admin/").status_code == 200


def test_an_address_from_before_is_written_as_the_sign_in_looks_for_it():
    member = make_member(email="Marta@example.com")
    migration = import_module("accounts.migrations.0007_addresses_in_lower_case")

    migration.write_in_lower_case(apps, None)

    member.refresh_from_db()
    assert member.email == "marta@example.com"


@pytest.mark.parametrize("length", [timedelta(0), -HOUR])
def test_a_membership_ends_after_it_starts(length):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_membership(make_member(), starts_at=NOON, ends_at=NOON + length)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "runs"),
    [
        (NOON, NOON + HOUR, True),  # from its first moment
        (NOON - HOUR, NOON, False),  # but not in its last
        (NOON - HOUR, NOON + HOUR, True),
        (NOON - HOUR, None, True),
        (NOON + HOUR, None, False),
    ],
)
def test_a_membership_runs_from_its_start_until_before_its_end(starts_at, ends_at, runs):
    make_membership(make_member(), starts_at=starts_at, ends_at=ends_at)

    assert Membership.objects.running(NOON).exists() is runs


def test_signing_in_is_no_line_in_the_history(client):
    member = make_member()

    client.force_login(member)

    member.refresh_from_db()
    assert member.last_login
    assert member.history.count() == 1  # made
