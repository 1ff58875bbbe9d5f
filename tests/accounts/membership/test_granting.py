"""What curators do to memberships, of one member or of many: each thing once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts.membership.granting import Extended, Longer, end, extend, give
from accounts.membership.standing import standing_of
from accounts.models import Member, Membership
from tests.factories import make_member, make_membership

DAY = timedelta(days=1)
NOW = datetime(2050, 3, 20, 9, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> Member:
    return make_member(is_staff=True)


@pytest.fixture(autouse=True)
def morning(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


def these(*members: Member):
    return Member.objects.filter(pk__in=[member.pk for member in members])


def of(member: Member):
    return Membership.objects.filter(member=member)


# --- Give ---------------------------------------------------------------------------------------


def test_giving_passes_over_whoever_has_as_much(curator):
    nothing, short, endless = make_member(), make_member(), make_member()
    until = NOW + 30 * DAY
    make_membership(short, ends_at=until - 20 * DAY)
    make_membership(endless, ends_at=None)
    members = these(nothing, short, endless)

    given = [give(members, until, note="Thanks", by=curator) for _twice in range(2)]

    assert given == [2, 0]
    membership = nothing.memberships.get()
    assert (membership.ends_at, membership.note) == (until, "Thanks")
    line = membership.history.get()
    assert (line.history_user, line.history_change_reason) == (curator, "Thanks")
    assert endless.memberships.count() == 1


def test_a_trial_stays_as_it_is_beside_what_is_given(curator):
    member = make_member()
    trial = make_membership(member, source="trial", ends_at=NOW + 5 * DAY)

    give(these(member), NOW + 30 * DAY, note="", by=curator)

    trial.refresh_from_db()
    assert trial.ends_at == NOW + 5 * DAY
    assert standing_of(member).until == NOW + 30 * DAY


# --- Extend -------------------------------------------------------------------------------------


def later(members, longer: Longer, by, *, asked_at=NOW, note="") -> Extended:
    return extend(members, longer, note=note, by=by, asked_at=asked_at)


def test_days_are_added_to_what_runs_once(curator, morning):
    member = make_member()
    membership = make_membership(member, ends_at=NOW + 5 * DAY, note="A gift")
    morning.shift(60)
    asked_at = timezone.now()
    morning.shift(60)

    told = [
        later(these(member), Longer(days=7), curator, asked_at=asked_at, note="Ill")
        for _twice in range(2)
    ]

    assert told == [Extended(1, 0, 0), Extended(0, 0, 1)]
    membership.refresh_from_db()
    assert (membership.ends_at, membership.note) == (NOW + 12 * DAY, "Ill")
    line = membership.history.first()
    assert (line.history_user, line.history_change_reason) == (curator, "Ill")
    assert line.prev_record.note == "A gift"


def test_a_note_that_is_not_given_leaves_the_former(curator, morning):
    membership = make_membership(make_member(), ends_at=NOW + DAY, note="A gift")
    morning.shift(60)

    later(these(membership.member), Longer(days=1), curator, asked_at=timezone.now())

    membership.refresh_from_db()
    assert membership.note == "A gift"


def test_midnight_stays_midnight_when_clocks_change(curator, morning):
    with timezone.override("Europe/Madrid"):
        midnight = timezone.make_aware(datetime(2050, 3, 26))  # the night before they do
        membership = make_membership(make_member(), ends_at=midnight)
        morning.shift(60)

        later(these(membership.member), Longer(days=7), curator, asked_at=timezone.now())

        membership.refresh_from_db()
        assert timezone.localtime(membership.ends_at).isoformat() == "2050-04-02T00:00:00+02:00"
    assert membership.ends_at - midnight == timedelta(days=7, hours=-1)


def test_a_day_makes_nothing_shorter(curator, morning):
    short, long, endless = make_member(), make_member(), make_member()
    make_membership(short, ends_at=NOW + DAY)
    make_membership(long, ends_at=NOW + 90 * DAY)
    make_membership(endless, ends_at=None)
    morning.shift(60)

    told = later(
        these(short, long, endless), Longer(until=NOW + 9 * DAY), curator, asked_at=timezone.now()
    )

    assert told == Extended(1, 0, 0)
    ends = [standing_of(member).until for member in (short, long, endless)]
    assert ends == [NOW + 9 * DAY, NOW + 90 * DAY, None]


def test_what_does_not_run_is_not_extended(curator, morning):
    never, over, coming = make_member(), make_member(), make_member()
    make_membership(over, starts_at=NOW - 9 * DAY, ends_at=NOW - DAY)
    make_membership(coming, starts_at=NOW + DAY, ends_at=NOW + 9 * DAY)
    morning.shift(60)

    told = later(these(never, over, coming), Longer(days=9), curator, asked_at=timezone.now())

    assert told == Extended(0, 3, 0)


def test_of_several_in_a_row_the_last_is_extended(curator, morning):
    member = make_member()
    trial = make_membership(member, source="trial", ends_at=NOW + DAY)
    last = make_membership(member, starts_at=NOW + DAY, ends_at=NOW + 9 * DAY)
    morning.shift(60)

    later(these(member), Longer(days=1), curator, asked_at=timezone.now())

    trial.refresh_from_db()
    last.refresh_from_db()
    assert (trial.ends_at, last.ends_at) == (NOW + DAY, NOW + 10 * DAY)


def test_what_the_studio_adds_to_a_payment_stands_beside_it(curator, morning):
    member = make_member()
    paid = make_membership(member, source="payment", reference="sub_1", ends_at=NOW + DAY)
    morning.shift(60)

    told = later(these(member), Longer(days=7), curator, asked_at=timezone.now(), note="Sorry")

    paid.refresh_from_db()
    added = member.memberships.get(source="curator")
    assert told.longer == 1
    assert (paid.ends_at, paid.note) == (NOW + DAY, "")
    assert (added.starts_at, added.ends_at, added.note) == (NOW + DAY, NOW + 8 * DAY, "Sorry")
    assert added.history.get().history_user == curator


# --- End ----------------------------------------------------------------------------------------


def test_what_has_no_end_gets_one_once(curator):
    membership = make_membership(make_member(), ends_at=None)
    at = NOW + 10 * DAY

    changed = [end(of(membership.member), at, note="Moved", by=curator) for _twice in range(2)]

    assert changed == [1, 0]
    membership.refresh_from_db()
    assert (membership.ends_at, membership.note) == (at, "Moved")
    line = membership.history.first()
    assert (line.history_user, line.history_change_reason) == (curator, "Moved")


def test_ending_now_closes_the_films_now(curator):
    membership = make_membership(make_member(), ends_at=None)

    end(of(membership.member), note="", by=curator)

    stands = standing_of(membership.member)
    assert (stands.runs, stands.ended_at) == (False, NOW)


@pytest.mark.parametrize(("note", "kept"), [("", "A gift"), ("Moved", "Moved")])
def test_ending_without_a_note_leaves_the_former(curator, note, kept):
    membership = make_membership(make_member(), ends_at=None, note="A gift")

    end(of(membership.member), note=note, by=curator)

    membership.refresh_from_db()
    assert membership.note == kept


def test_nothing_ends_later_for_being_ended(curator):
    membership = make_membership(make_member(), ends_at=NOW + DAY)

    assert end(of(membership.member), NOW + 9 * DAY, note="", by=curator) == 0


def test_what_had_not_begun_is_over_without_having_opened_a_film(curator, morning):
    membership = make_membership(make_member(), starts_at=NOW + DAY, ends_at=None)
    morning.shift(60)

    assert end(of(membership.member), note="Never paid", by=curator) == 1

    stands = standing_of(membership.member)
    assert (stands.runs, stands.begins_at, stands.ended_at) == (False, None, timezone.now())
    assert membership.history.first().prev_record.starts_at == NOW + DAY


def test_others_keep_theirs(curator):
    mine, theirs = make_membership(make_member()), make_membership(make_member())

    end(of(mine.member), note="", by=curator)

    theirs.refresh_from_db()
    assert theirs.ends_at is None
    assert theirs.history.count() == 1


# --- All of them --------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 8])
def test_the_number_of_queries_does_not_hang_on_how_many(
    curator, morning, django_assert_max_num_queries, count
):
    members = [make_member() for _number in range(count)]
    for member in members:
        make_membership(member, ends_at=NOW + DAY)

    with django_assert_max_num_queries(6):  # savepoint twice, lock, who lacks, rows, history
        give(these(*members), NOW + 2 * DAY, note="", by=curator)
    morning.shift(60)
    with django_assert_max_num_queries(8):
        later(these(*members), Longer(days=1), curator, asked_at=timezone.now())
    with django_assert_max_num_queries(7):
        end(Membership.objects.filter(member__in=members), note="", by=curator)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_that_add_the_same_days_at_once_one_does(curator, morning):
    membership = make_membership(make_member(), ends_at=NOW + DAY)
    morning.shift(60)
    asked_at = timezone.now()
    together = Barrier(2)

    def ask(_number: int) -> Extended:
        together.wait(timeout=30)
        try:
            return later(these(membership.member), Longer(days=7), curator, asked_at=asked_at)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        told = sorted(threads.map(ask, range(2)), key=lambda each: each.longer)

    assert told == [Extended(0, 0, 1), Extended(1, 0, 0)]
    membership.refresh_from_db()
    assert membership.ends_at == NOW + 8 * DAY


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_that_give_at_once_one_does(curator):
    member = make_member()
    together = Barrier(2)

    def ask(_number: int) -> int:
        together.wait(timeout=30)
        try:
            return give(these(member), None, note="", by=curator)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(ask, range(2))) == [0, 1]
