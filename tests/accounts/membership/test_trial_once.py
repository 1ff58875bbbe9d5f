"""The trial once for each person: whatever they change, open anew or leave."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.utils import timezone

from accounts.membership.standing import standing_of
from accounts.membership.trials import address_hash, start_trial
from accounts.models import Member, Membership, TrialTaken
from tests.factories import make_member, make_membership

pytestmark = pytest.mark.django_db


def verify(member: Member) -> None:
    """As allauth says it when the code was right."""
    address, _made = EmailAddress.objects.update_or_create(
        user=member, defaults={"email": member.email, "verified": True, "primary": True}
    )
    email_confirmed.send(sender=EmailAddress, request=None, email_address=address)


def test_the_trial_begins_when_the_address_is_verified(settings):
    settings.TRIAL_DAYS = 10
    member = make_member()
    assert not member.memberships.exists()

    verify(member)

    assert standing_of(member).runs
    assert member.memberships.get().history.count() == 1


def test_a_new_address_brings_no_second_trial():
    member = make_member(email="old@example.com")
    verify(member)
    member.email = "new@example.com"
    member.save()

    verify(member)

    assert member.memberships.count() == 1


@pytest.mark.parametrize(
    "again",
    [
        "Marta.Duarte@GMAIL.com",
        "martaduarte+x@googlemail.com",
        "ｍartaduarte@gmail.com",
        r'"martad\uarte+x"@gmail.com',
    ],
)
def test_two_accounts_of_one_mailbox_have_one_trial(again):
    first, second = make_member(email="martaduarte@gmail.com"), make_member(email=again)

    verify(first)
    verify(second)

    assert [membership.member for membership in Membership.objects.all()] == [first]


def test_an_account_that_is_gone_had_its_trial_until_that_is_forgotten():
    for expected in (1, 0):
        member = make_member(email="marta@example.com")
        verify(member)
        assert member.memberships.count() == expected
        member.delete()
    TrialTaken.objects.all().delete()  # as `purge` does after 24 months
    member = make_member(email="marta@example.com")

    verify(member)

    assert member.memberships.count() == 1


def test_whoever_stays_has_no_second_trial_when_the_address_is_forgotten():
    member = make_member()
    verify(member)
    member.memberships.update(ends_at=timezone.now() - timedelta(microseconds=1))
    TrialTaken.objects.all().delete()

    assert start_trial(member) is None


def test_a_new_secret_key_forgets_nobody_while_the_former_is_known(settings):
    verify(make_member(email="marta+1@example.com"))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    again = make_member(email="marta+2@example.com")

    verify(again)

    assert not again.memberships.exists()
    # Written down under the new key, too, so that the former may go.
    hashes = set(TrialTaken.objects.values_list("address_hash", flat=True))
    assert address_hash("marta@example.com") in hashes


def test_a_trial_begins_beside_what_the_studio_gave():
    member = make_member()
    make_membership(member, ends_at=timezone.now() + timedelta(days=90))

    verify(member)

    assert member.memberships.count() == 2
    assert standing_of(member).until == member.memberships.get(source="curator").ends_at
