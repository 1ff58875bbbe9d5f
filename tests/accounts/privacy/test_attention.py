"""What the start page of the administration says of data that members did not get."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.attention import what_waits_for
from accounts.models import Departure, Export, FailedRule, Member
from accounts.privacy import retention
from accounts.privacy.attention import failed_requests, failed_rules
from accounts.privacy.retention import Rule
from tests.factories import make_member

pytestmark = pytest.mark.django_db

FAILED, READY = Export.State.FAILED, Export.State.READY


@pytest.fixture
def curator(client) -> Member:
    member = make_member(is_staff=True)
    member.groups.add(Group.objects.get(name="Curators"))
    client.force_login(member)
    return member


def make_export(member: Member, state: str, *, minutes_ago: int = 0) -> Export:
    asked_at = timezone.now() - timedelta(minutes=minutes_ago)
    return Export.objects.create(member=member, state=state, asked_at=asked_at)


def named(curator: Member) -> list[list[str]]:
    return [[name for name, _link in item.examples] for item in failed_requests(curator)]


def test_whose_data_could_not_be_put_together_is_said(client, curator):
    failed, tried_again, fine = (make_member() for _ in range(3))
    make_export(failed, READY, minutes_ago=60)
    make_export(failed, FAILED, minutes_ago=30)
    make_export(failed, FAILED)
    make_export(tried_again, FAILED, minutes_ago=30)
    make_export(tried_again, READY)
    make_export(fine, READY)

    [item] = what_waits_for(curator)

    assert (item.count, item.tone) == (1, "problem")
    assert named(curator) == [[failed.display_name], []]
    page = client.get(item.link).content.decode()
    assert failed.email in page
    assert fine.email not in page
    assert failed.display_name in client.get(reverse("admin:index")).content.decode()


def test_accounts_that_should_be_gone_are_said(curator):
    late, due = make_member(), make_member()
    now = timezone.now()
    Departure.objects.create(member=late, due_at=now - timedelta(days=1, minutes=1))
    Departure.objects.create(member=due, due_at=now - timedelta(hours=23))

    assert named(curator) == [[], [late.display_name]]


def test_what_is_kept_too_long_is_said(client, curator, monkeypatch):
    """In words of the privacy page, to which it leads."""

    def fail() -> int:
        raise ValueError("a mistake")

    rule = Rule("shoes", "Shoes that were left behind", None, fail)
    monkeypatch.setattr(retention, "_rules", {"shoes": rule, **retention._rules})
    with time_machine.travel(datetime(2026, 5, 3, 12, tzinfo=UTC)):
        list(retention.purge())

    [item] = what_waits_for(curator)

    assert (item.count, item.tone) == (1, "problem")
    page = client.get(reverse("admin:index")).content.decode()
    assert "Shoes that were left behind (since May 3, 2026)" in page
    assert '<h2 id="limits">' in client.get(item.link).content.decode()


def test_it_is_said_to_nobody_else():
    make_export(make_member(), FAILED)
    FailedRule.objects.create(name="trials")

    assert what_waits_for(make_member(is_staff=True)) == []


@pytest.mark.parametrize("count", [1, 8])
def test_it_costs_the_same_for_one_and_for_eight(curator, count, django_assert_num_queries):
    for _ in range(count):
        member = make_member()
        make_export(member, FAILED)
        Departure.objects.create(member=member, due_at=timezone.now() - timedelta(days=2))
    for rule in retention.rules()[:count]:
        FailedRule.objects.create(name=rule.name)
    curator.has_perm("accounts.change_member")

    with django_assert_num_queries(2):
        assert [item.count for item in failed_requests(curator)] == [count, count]
    with django_assert_num_queries(1):
        assert [item.count for item in failed_rules(curator)] == [count]
