"""The decision and its words against the rules written down plainly, whatever the history.

The model below knows nothing of how the site does it: it goes through the rules in their order, and
turns moments into days by itself.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine as clock
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Membership
from classes.models import State, WorkoutClass
from classes.watch.watching import may_watch
from classes.watch.words import watching_words
from tests.factories import make_class, make_instructor, make_member, make_variant

pytestmark = pytest.mark.django_db

A_MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)

# Zones far apart, with half hours, with clocks that change at midnight, and by half an hour.
ZONES = (
    "UTC",
    "Europe/Madrid",
    "America/New_York",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)

# Clocks change in Europe, America, Egypt, Lebanon and Lord Howe; and a year begins.
TURNS = (
    datetime(2027, 3, 28, 1, tzinfo=UTC),
    datetime(2027, 10, 31, 1, tzinfo=UTC),
    datetime(2027, 3, 14, 7, tzinfo=UTC),
    datetime(2027, 11, 7, 6, tzinfo=UTC),
    datetime(2027, 4, 29, 22, tzinfo=UTC),
    datetime(2027, 10, 28, 21, tzinfo=UTC),
    datetime(2027, 3, 27, 22, tzinfo=UTC),
    datetime(2027, 4, 3, 15, tzinfo=UTC),
    datetime(2028, 1, 1, tzinfo=UTC),
    datetime(2028, 2, 29, tzinfo=UTC),
)

MONTHS = {
    "Jan.": "enero",
    "Feb.": "febrero",
    "March": "marzo",
    "April": "abril",
    "May": "mayo",
    "June": "junio",
    "July": "julio",
    "Aug.": "agosto",
    "Sept.": "septiembre",
    "Oct.": "octubre",
    "Nov.": "noviembre",
    "Dec.": "diciembre",
}


@dataclass(frozen=True)
class Period:
    starts: datetime
    ends: datetime | None
    source: str


# --- The model ----------------------------------------------------------------------------------


def expected_reason(
    person: str,
    ready: bool,
    state: str,
    out: datetime | None,
    free: bool,
    periods: Iterable[Period],
    now: datetime,
) -> tuple[bool, str]:
    if not ready:
        return False, "not-ready"
    if person in ("staff", "teacher"):
        return True, "teaches-or-staff"
    if state == "draft" or out is None or now < out:
        return False, "not-published"
    if free:
        return True, "free"
    if person == "visitor":
        return False, "sign-in"
    for period in periods:
        if period.starts <= now and (period.ends is None or now < period.ends):
            return True, "membership"
    return False, "no-membership"


def written(moment: datetime, zone: str) -> str:
    """The day on which a moment falls, as English writes it."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{list(MONTHS)[there.month - 1]} {there.day}, {there.year}"


def expected_words(periods: list[Period], now: datetime, zone: str) -> str:
    """In English; of what begins today only how the sentence begins."""
    coming = [period.starts for period in periods if period.starts > now]
    ended = [period for period in periods if period.ends and period.ends <= now]
    if coming:
        first, today = (written(moment, zone) for moment in (min(coming), now))
        return "Today at " if first == today else f"Your membership begins on {first}."
    if not ended:
        return "You have never had a membership."
    last = max(period.ends for period in ended if period.ends)
    sources = {period.source for period in ended if period.ends == last}
    what = "trial" if sources == {"trial"} else "membership"
    return f"Your {what} ended on {written(last - A_MOMENT, zone)}."


# --- What is drawn ------------------------------------------------------------------------------


@st.composite
def moments(draw) -> datetime:
    """Anywhere in two years, or within hours of where days and clocks turn."""
    if draw(st.booleans()):
        turn = draw(st.sampled_from(TURNS))
        hours = st.sampled_from((-24, -2, -1, 0, 1, 2, 24))
        moved = st.sampled_from((-A_MOMENT, timedelta(), A_MOMENT))
        return turn + timedelta(hours=draw(hours)) + draw(moved)
    return datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 900_000)))


@st.composite
def midnights(draw) -> datetime:
    """As a curator's last day ends, by the curator's own clock."""
    day = draw(moments()).astimezone(ZoneInfo(draw(st.sampled_from(ZONES))))
    return day.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


@st.composite
def histories(draw) -> list[Period]:
    """Up to five, which overlap, touch, leave gaps, have no end or have not begun."""
    periods: list[Period] = []
    for _number in range(draw(st.integers(0, 5))):
        met = [period.ends for period in periods if period.ends]
        starts = draw(st.sampled_from(met) if met and draw(st.booleans()) else moments())
        ends = draw(st.none() | moments() | midnights() | st.just(starts + 14 * DAY))
        if ends is None or ends > starts:
            source = draw(st.sampled_from(Membership.Source.values))
            periods.append(Period(starts, ends, source))
    return periods


@st.composite
def clocks(draw, periods: list[Period]) -> datetime:
    """Any moment; often just before, at and just after one at which something begins or ends."""
    edges = [edge for period in periods for edge in (period.starts, period.ends) if edge]
    if edges and draw(st.booleans()):
        return draw(st.sampled_from(edges)) + draw(
            st.sampled_from((-A_MOMENT, timedelta(), A_MOMENT))
        )
    return draw(moments())


def remember(member, periods: Iterable[Period]) -> None:
    member.memberships.all().delete()
    Membership.objects.bulk_create(
        Membership(
            member=member, starts_at=period.starts, ends_at=period.ends, source=period.source
        )
        for period in periods
    )


@pytest.fixture
def cast():
    """A class with a film and one without, and people in every relation to it."""
    workout_class = make_class()
    teacher = make_member()
    workout_class.instructors.add(make_instructor(member=teacher))
    # Somebody else who teaches it, so that having teachers alone decides nothing.
    workout_class.instructors.add(make_instructor(member=make_member()))
    people = {
        "visitor": AnonymousUser(),
        "member": make_member(),
        "staff": make_member(is_staff=True),
        "teacher": teacher,
        "teaches others": make_instructor(member=make_member()).member,
    }
    return workout_class, make_variant(workout_class, ready=False, language="es").pk, people


# --- The proof ----------------------------------------------------------------------------------

SEARCHED = settings(
    deadline=None,
    max_examples=150,
    # The class and its people are made once; each example sets all that it draws.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SEARCHED
@given(data=st.data())
def test_the_decision_follows_the_rules_in_their_order(cast, data):
    workout_class, without_film, people = cast
    periods = data.draw(histories())
    now = data.draw(clocks(periods))
    person = data.draw(st.sampled_from(sorted(people)))
    is_ready = data.draw(st.integers(0, 5)) > 0
    state = data.draw(st.sampled_from(State.values))
    out = data.draw(st.one_of(st.just(now), st.just(now + A_MOMENT), moments()))
    if state == State.DRAFT and data.draw(st.booleans()):
        out = None
    is_free = data.draw(st.integers(0, 3)) == 0
    if person != "visitor":
        remember(people[person], periods)
    # Past what a state asks of a class before it is out: here only who may watch is asked.
    WorkoutClass.objects.filter(pk=workout_class.pk).update(
        state=state, published_at=out, is_free=is_free
    )
    variants = workout_class.variants.select_related("video")
    variant = variants.exclude(pk=without_film).get()
    if not is_ready:
        variant = variants.get(pk=without_film)
    variant.workout_class = WorkoutClass.objects.get(pk=workout_class.pk)

    with clock.travel(now, tick=False):
        decision = may_watch(people[person], variant)

    expected = expected_reason(person, is_ready, state, out, is_free, periods, now)
    assert (decision.allowed, decision.reason) == expected
    assert may_watch(people[person], variant, now=now) == decision
    assert bool(watching_words(decision)) is not decision.allowed


@SEARCHED
@given(data=st.data())
def test_at_every_edge_the_words_name_the_day_by_the_readers_clock(cast, data):
    workout_class, without_film, people = cast
    member = people["member"]
    periods = data.draw(histories())
    zone = data.draw(st.sampled_from(ZONES))
    language = data.draw(st.sampled_from(["en", "es"]))
    remember(member, periods)
    WorkoutClass.objects.filter(pk=workout_class.pk).update(
        published_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    variants = workout_class.variants.select_related("video", "workout_class")
    variant = variants.exclude(pk=without_film).get()
    edges = {edge for period in periods for edge in (period.starts, period.ends) if edge}
    around = {edge + moved for edge in edges for moved in (-A_MOMENT, timedelta(), A_MOMENT)}

    for now in sorted({data.draw(moments()), *around}):
        with timezone.override(zone), translation.override(language):
            decision = may_watch(member, variant, now=now)
            # Of the present only the words of what begins today know.
            with clock.travel(now, tick=False):
                words = watching_words(decision)

        args = ("member", True, "published", now, False, periods, now)
        assert (decision.allowed, decision.reason) == expected_reason(*args)
        if decision.allowed:
            assert words == ""
            continue
        expected = expected_words(periods, now, zone)
        if language == "en":
            assert words == expected or expected == "Today at " == words[: len(expected)]
        elif day := re.search(r"on (\S+) (\d+), (\d{4})\.$", expected):
            assert re.search(rf"(?<!\d){day[2]} de {MONTHS[day[1]]} de {day[3]}", words)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Madrid", "Your trial ended on March 27, 2027."),
        ("Asia/Kolkata", "Your trial ended on March 28, 2027."),
        ("Pacific/Kiritimati", "Your trial ended on March 28, 2027."),
        ("Pacific/Pago_Pago", "Your trial ended on March 27, 2027."),
    ],
)
def test_one_end_is_another_day_elsewhere(cast, zone, words):
    workout_class, without_film, people = cast
    midnight_in_madrid = datetime(2027, 3, 27, 23, tzinfo=UTC)
    remember(people["member"], [Period(midnight_in_madrid - 14 * DAY, midnight_in_madrid, "trial")])
    WorkoutClass.objects.filter(pk=workout_class.pk).update(published_at=midnight_in_madrid)
    variant = workout_class.variants.exclude(pk=without_film).get()

    with clock.travel(midnight_in_madrid + DAY), timezone.override(zone):
        assert watching_words(may_watch(people["member"], variant)) == words


def test_readers_who_stand_alike_get_equal_decisions(cast):
    workout_class, without_film, people = cast
    variant = workout_class.variants.exclude(pk=without_film).get()
    ended = [Period(timezone.now() - 9 * DAY, timezone.now() - DAY, "curator")]
    decisions = set()

    for name in ("member", "teaches others"):
        remember(people[name], ended)
        decisions.add(may_watch(people[name], variant))

    assert len(decisions) == 1
