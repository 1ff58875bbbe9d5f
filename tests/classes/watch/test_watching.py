from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from classes.models import State
from classes.watch.watching import Reason, may_watch
from tests.factories import make_class, make_instructor, make_member, make_membership, make_variant

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)

VISITOR, MEMBER, PAYING, ENDED, COMING = "visitor", "member", "paying", "ended", "coming"
TEACHER, OTHER_TEACHER, STAFF = "teacher", "other teacher", "staff"
EVERYONE = (VISITOR, MEMBER, PAYING, ENDED, COMING, TEACHER, OTHER_TEACHER, STAFF)

CLASSES = {
    "draft": {"state": State.DRAFT, "published_at": None},
    "free draft": {"state": State.DRAFT, "published_at": None, "is_free": True},
    "draft with a date": {"state": State.DRAFT},
    "scheduled": {"state": State.PUBLISHED, "published_at": timezone.now() + DAY},
    "published": {"state": State.PUBLISHED},
    "free": {"state": State.PUBLISHED, "is_free": True},
    "retired": {"state": State.RETIRED},
    "free and retired": {"state": State.RETIRED, "is_free": True},
}

UNPUBLISHED = {
    **dict.fromkeys((VISITOR, MEMBER, PAYING, ENDED, COMING, OTHER_TEACHER), Reason.NOT_PUBLISHED),
    **dict.fromkeys((TEACHER, STAFF), Reason.TEACHES_OR_STAFF),
}
MEMBERS_ONLY = {
    VISITOR: Reason.SIGN_IN,
    **dict.fromkeys((MEMBER, ENDED, COMING, OTHER_TEACHER), Reason.NO_MEMBERSHIP),
    PAYING: Reason.MEMBERSHIP,
    **dict.fromkeys((TEACHER, STAFF), Reason.TEACHES_OR_STAFF),
}
FREE = {
    **dict.fromkeys((VISITOR, MEMBER, PAYING, ENDED, COMING, OTHER_TEACHER), Reason.FREE),
    **dict.fromkeys((TEACHER, STAFF), Reason.TEACHES_OR_STAFF),
}
EXPECTED = {
    "draft": UNPUBLISHED,
    "free draft": UNPUBLISHED,
    "draft with a date": UNPUBLISHED,
    "scheduled": UNPUBLISHED,
    "published": MEMBERS_ONLY,
    "free": FREE,
    "retired": MEMBERS_ONLY,
    "free and retired": FREE,
}
ALLOWED = {Reason.TEACHES_OR_STAFF, Reason.FREE, Reason.MEMBERSHIP}


def make_person(kind: str, workout_class):
    if kind == VISITOR:
        return AnonymousUser()
    member = make_member(is_staff=kind == STAFF)
    now = timezone.now()
    if kind == PAYING:
        make_membership(member)
    if kind == ENDED:
        make_membership(member, starts_at=now - 2 * DAY, ends_at=now - DAY)
    if kind == COMING:
        make_membership(member, starts_at=now + DAY)
    if kind == TEACHER:
        workout_class.instructors.add(make_instructor(member=member))
    if kind == OTHER_TEACHER:
        make_instructor(member=member)
    return member


@pytest.mark.parametrize("person", EVERYONE)
@pytest.mark.parametrize("kind", CLASSES)
def test_may_watch_asks_in_the_order_of_the_rules(kind, person):
    workout_class = make_class(**CLASSES[kind])
    # A teacher of it whom nobody asks about, so that having teachers alone decides nothing.
    workout_class.instructors.add(make_instructor(member=make_member()))
    expected = EXPECTED[kind][person]

    decision = may_watch(make_person(person, workout_class), workout_class.variants.get())

    assert (decision.reason, decision.allowed) == (expected, expected in ALLOWED)


@pytest.mark.parametrize("person", EVERYONE)
def test_may_watch_says_no_to_everyone_where_there_is_no_film(person):
    workout_class = make_class(variant=False, is_free=True)
    variant = make_variant(workout_class, ready=False)

    decision = may_watch(make_person(person, workout_class), variant)

    assert (decision.allowed, decision.reason) == (False, Reason.NOT_READY)


def test_a_membership_runs_from_its_start_and_not_at_its_end():
    variant = make_class().variants.get()
    start = timezone.now() + DAY
    membership = make_membership(make_member(), starts_at=start, ends_at=start + DAY)

    allowed = [
        may_watch(membership.member, variant, now=moment).allowed
        for moment in (
            start - timedelta(microseconds=1),
            start,
            start + DAY - timedelta(microseconds=1),
            start + DAY,
        )
    ]

    assert allowed == [False, True, True, False]


def test_a_scheduled_class_opens_at_its_moment():
    opens = timezone.now() + DAY
    variant = make_class(published_at=opens, is_free=True).variants.get()

    assert not may_watch(AnonymousUser(), variant, now=opens - timedelta(seconds=1)).allowed
    assert may_watch(AnonymousUser(), variant, now=opens).allowed


@pytest.mark.parametrize(("person", "count"), [(VISITOR, 0), (STAFF, 0), (TEACHER, 1), (PAYING, 2)])
def test_may_watch_asks_no_more_than_it_needs(person, count, django_assert_num_queries):
    workout_class = make_class()
    variant = workout_class.variants.select_related("workout_class", "video").get()
    member = make_person(person, workout_class)

    with django_assert_num_queries(count):
        may_watch(member, variant)
