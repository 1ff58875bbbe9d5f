"""Trials, once for each address; and what runs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.membership.trials import (
    address_hash,
    normalise_address,
    start_trial,
)
from accounts.models import Member, Membership, TrialTaken
from tests.factories import make_member


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Marta@Example.COM", "marta@example.com"),
        ("marta+pilates@example.com", "marta@example.com"),
        ("marta@bücher.example", "marta@xn--bcher-kva.example"),
        ("ｍａｒｔａ@example.com", "marta@example.com"),
        ("m.a.r.t.a+x@googlemail.com", "marta@gmail.com"),
        ("m.duarte@example.com", "m.duarte@example.com"),  # elsewhere a dot may count
        ("+marta@example.com", "+marta@example.com"),
        ('"marta"@example.com', "marta@example.com"),
        (r'"m\arta+x"@example.com', "marta@example.com"),
        ("marta@" + "x" * 70 + ".com", "marta@" + "x" * 70 + ".com"),  # no label is that long
    ],
)
def test_addresses_of_one_mailbox_have_one_spelling(typed, normal):
    assert normalise_address(typed) == normal


@given(st.emails())
def test_a_normal_address_is_its_own_normal_form(address):
    assert normalise_address(normalise_address(address)) == normalise_address(address)


def test_the_hash_does_not_hold_the_address_and_hangs_on_the_key(settings):
    before = address_hash("marta@example.com")

    settings.SECRET_KEY = "another"

    assert "marta" not in before
    assert address_hash("marta@example.com") != before


@pytest.mark.django_db
def test_a_trial_runs_for_trial_days(settings):
    settings.TRIAL_DAYS = 10
    member = make_member()

    trial = start_trial(member)

    assert trial.source == Membership.Source.TRIAL
    assert trial.ends_at - trial.starts_at == timedelta(days=10)
    assert member.memberships.running().get() == trial


@pytest.mark.django_db
def test_starting_a_trial_twice_starts_one():
    member = make_member()

    first, second = start_trial(member), start_trial(member)

    assert first
    assert second is None
    assert member.memberships.count() == 1


@pytest.mark.django_db
def test_a_new_account_with_the_old_address_gets_no_second_trial():
    former = make_member(email="marta@example.com")
    start_trial(former)
    former.delete()

    assert start_trial(make_member(email="marta+again@example.com")) is None


@pytest.mark.django_db
def test_a_member_who_moves_to_a_new_address_gets_no_second_trial():
    member = make_member(email="old@example.com")
    start_trial(member)
    Member.objects.filter(pk=member.pk).update(email="new@example.com")
    member.refresh_from_db()

    assert start_trial(member) is None
    # And the new address is used up with the member, who might sign up with it anew.
    assert TrialTaken.objects.filter(address_hash=address_hash("new@example.com")).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("accounts", [1, 4])
def test_of_many_that_ask_at_once_one_gets_the_trial(accounts):
    """One account four times over (a code sent twice), or four of one mailbox."""
    members = [make_member(email=f"marta+{number}@example.com") for number in range(accounts)]
    together = Barrier(4)

    def ask(number: int) -> bool:
        together.wait(timeout=30)
        try:
            return start_trial(members[number % accounts]) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        started = list(threads.map(ask, range(4)))

    assert started.count(True) == 1
    assert Membership.objects.count() == 1


@pytest.mark.django_db
def test_a_studio_may_give_no_trial(settings):
    settings.TRIAL_DAYS = 0

    assert start_trial(make_member()) is None
    assert not TrialTaken.objects.exists()
