"""What a source such as a payment tells of memberships: twice, late, in any order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.membership.subscriptions import end_at, grant, renew_until
from accounts.models import Membership
from tests.factories import make_member

pytestmark = pytest.mark.django_db

PAYMENT = Membership.Source.PAYMENT
MARCH = datetime(2050, 3, 1, tzinfo=UTC)
APRIL, MAY = datetime(2050, 4, 1, tzinfo=UTC), datetime(2050, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def begin(member, told_at=MARCH, reference="sub_1") -> Membership:
    return grant(member, PAYMENT, reference, starts_at=MARCH, ends_at=APRIL, told_at=told_at)


def period(membership: Membership) -> tuple[datetime, datetime | None]:
    membership.refresh_from_db()
    return membership.starts_at, membership.ends_at


def test_a_subscription_is_granted_renewed_and_ended():
    member = make_member()

    begin(member)
    renew_until(member, PAYMENT, "sub_1", MAY, told_at=APRIL)
    membership = end_at(member, PAYMENT, "sub_1", MAY - DAY, told_at=APRIL + DAY)

    assert period(membership) == (MARCH, MAY - DAY)
    assert membership.source == PAYMENT
    assert [line.ends_at for line in membership.history.all()] == [MAY - DAY, MAY, APRIL]


def test_news_that_comes_again_writes_nothing():
    member = make_member()
    for _twice in range(2):
        membership = begin(member)
    for _twice in range(2):
        renew_until(member, PAYMENT, "sub_1", MAY, told_at=APRIL)

    assert begin(member) == membership
    assert period(membership) == (MARCH, MAY)
    assert membership.history.count() == 2


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_whatever_order_news_comes_it_comes_to_the_same(order):
    member = make_member()
    news = [
        lambda: begin(member),
        lambda: renew_until(member, PAYMENT, "sub_1", MAY, told_at=APRIL),
        lambda: end_at(member, PAYMENT, "sub_1", APRIL + DAY, told_at=APRIL + DAY),
    ]

    for number in order:
        news[number]()

    assert period(member.memberships.get()) == (MARCH, APRIL + DAY)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_news_in_any_order_and_number_comes_to_what_was_said_last(data):
    Membership.objects.all().delete()
    member = make_member()
    days = st.integers(1, 60)
    told = data.draw(st.lists(st.tuples(days, days | st.none()), min_size=1, max_size=4))
    arriving = data.draw(st.permutations(told + data.draw(st.lists(st.sampled_from(told)))))
    grant(member, PAYMENT, "sub_1", starts_at=MARCH, ends_at=MARCH + DAY, told_at=MARCH)

    for said, until in arriving:
        end = None if until is None else MARCH + until * DAY
        renew_until(member, PAYMENT, "sub_1", end, told_at=MARCH + said * DAY)

    last = max(said for said, _until in told)
    ends = [MARCH + until * DAY for said, until in told if said == last and until is not None]
    assert period(member.memberships.get()) == (MARCH, min(ends, default=None))


def test_what_ended_is_not_opened_by_news_that_is_late():
    member = make_member()
    begin(member)
    membership = end_at(member, PAYMENT, "sub_1", MARCH + DAY, told_at=MARCH + DAY)

    renew_until(member, PAYMENT, "sub_1", MAY, told_at=MARCH + DAY / 2)

    assert period(membership) == (MARCH, MARCH + DAY)


def test_of_what_is_told_at_once_the_earlier_end_stands():
    member = make_member()
    begin(member)
    end_at(member, PAYMENT, "sub_1", MARCH + DAY, told_at=APRIL)

    membership = renew_until(member, PAYMENT, "sub_1", None, told_at=APRIL)

    assert period(membership)[1] == MARCH + DAY


def test_what_is_called_off_before_it_begins_never_opens_a_film():
    member = make_member()
    begin(member, told_at=MARCH - 9 * DAY)

    membership = end_at(member, PAYMENT, "sub_1", MARCH - DAY, told_at=MARCH - DAY)

    starts_at, ends_at = period(membership)
    assert ends_at == MARCH - DAY
    assert ends_at - starts_at == timedelta(microseconds=1)


def test_another_subscription_is_another_membership():
    member = make_member()

    assert begin(member) != begin(member, reference="sub_2")


def test_a_reference_is_one_members():
    begin(make_member())

    with pytest.raises(ValueError, match="is not of member"):
        begin(make_member())


@pytest.mark.parametrize(("source", "reference"), [(PAYMENT, ""), (Membership.Source.TRIAL, "x")])
def test_what_has_no_reference_is_told_by_nobody(source, reference):
    with pytest.raises(ValueError, match="tells of nothing"):
        renew_until(make_member(), source, reference, MAY, told_at=MARCH)
