"""Where a member is in a film: what their player tells, late, twice, at once, or made up."""

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Member
from accounts.privacy import retention
from classes.body.avoiding import keep as keep_avoided
from classes.library import progress
from classes.library.continuing import to_continue
from classes.library.progress import HEAD_START, Beacon, advance, believed, goes_on_at, keep
from classes.library.seconds import MOST_SPANS, bits_of, from_bytes
from classes.models import Avoidance, Forgetting, HistoryPause, State, Variant, Viewing
from tests.factories import (
    make_chapter,
    make_class,
    make_instructor,
    make_member,
    make_membership,
    make_movement,
    make_variant,
    make_video,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2050, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LENGTH = 100  # of the film, in seconds
FILM = UUID(int=7)


@pytest.fixture
def member() -> Member:
    return make_membership(make_member(), starts_at=NOON - timedelta(days=900)).member


@pytest.fixture
def variant() -> Variant:
    workout_class = make_class(variant=False, published_at=NOON - timedelta(days=900))
    return make_variant(workout_class, duration=LENGTH * SECOND)


@pytest.fixture
def at(time_machine) -> Callable[[float], datetime]:
    """Moves the clock to so many seconds after noon."""

    def moved(second: float) -> datetime:
        moment = NOON + second * SECOND
        time_machine.move_to(moment, tick=False)
        return moment

    moved(0)
    return moved


@pytest.fixture
def tell(client, member, variant, at) -> Callable[..., HttpResponse]:
    """Sends a beacon as the member's player does; anything of it may be another."""

    client.force_login(member)

    def told(played: str = "", second: int = 0, **others: Any) -> HttpResponse:
        film = variant.video_id
        measured_at = others.pop("measured_at", None) or timezone.now()
        milliseconds = int(measured_at.timestamp() * 1000)
        data = {"film": film, "second": second, "at": milliseconds, "played": played, **others}
        return client.post(url(variant), data)

    return told


def url(variant: Variant) -> str:
    return reverse("classes:progress", args=[variant.pk])


def covered(viewing: Viewing) -> set[int]:
    bits = from_bytes(viewing.covered)
    return {second for second in range(bits.bit_length()) if bits >> second & 1}


def the_viewing() -> Viewing:
    return Viewing.objects.get()


def watch(tell, at, until: int, *, since: int = 0, after: float = 0) -> float:
    """Watch from one second of the film to another as it was filmed, and say when that was over."""
    now = after
    for start in range(since, until, 10):
        end = min(start + 10, until)
        now += end - start
        at(now)
        assert tell(f"{start}-{end}", end).status_code == 204
    return now


# --- The place ----------------------------------------------------------------------------------


def test_first_seconds_begin_a_line_of_the_history(tell, at, member, variant):
    now = at(0)

    response = tell("0-10", 10)

    assert (response.status_code, response.content) == (204, b"")
    viewing = the_viewing()
    assert (viewing.member, viewing.variant) == (member, variant)
    assert viewing.workout_class == variant.workout_class
    assert viewing.film == variant.video_id
    assert (viewing.second, viewing.measured_at, viewing.seen_at) == (10, now, now)
    assert covered(viewing) == set(range(10))
    assert viewing.continues
    assert viewing.done_at is None


def test_who_looks_in_has_nothing_to_go_on_with(tell, at, member):
    at(0)
    tell("30-39", 39)

    assert to_continue(member) == []
    assert the_viewing().second == 39  # there it goes on all the same

    at(2)
    tell("39-40", 40)

    assert [begun.second for begun in to_continue(member)] == [40]


def test_film_of_which_nothing_was_played_is_not_in_the_history(tell, twisting):
    assert tell("", 50).status_code == 204
    assert tell("100-110", 50, skipped="40-80", avoid="twisting").status_code == 204

    assert not Viewing.objects.exists()


def test_place_follows_the_film_also_back(tell, at):
    watch(tell, at, 40)
    at(41)

    tell("", 20)

    assert the_viewing().second == 20


@pytest.mark.parametrize(("second", "kept"), [(9, 0), (10, 10), (85, 85), (86, 0), (100, 0)])
def test_place_at_either_end_is_the_beginning(tell, second, kept):
    tell("0-1", second)

    assert the_viewing().second == kept


def test_film_goes_on_five_seconds_earlier():
    assert [goes_on_at(second) for second in (0, 3, 10, 750)] == [0, 0, 5, 745]


def test_word_that_comes_late_moves_nothing_but_counts(tell, at):
    early = at(10)
    at(20)
    tell("10-20", 60)
    at(25)

    tell("0-10", 30, measured_at=early)

    viewing = the_viewing()
    assert (viewing.second, viewing.measured_at) == (60, NOON + 20 * SECOND)
    assert covered(viewing) == set(range(20))


def test_clock_that_is_ahead_holds_nobody_up(tell, at):
    at(10)
    tell("0-10", 50, measured_at=NOON + timedelta(days=900))
    assert the_viewing().measured_at == NOON + 10 * SECOND
    at(20)

    tell("10-20", 20)

    assert the_viewing().second == 20


# --- What counts --------------------------------------------------------------------------------


def test_film_is_done_at_nine_tenths(tell, at):
    now = watch(tell, at, 80)
    assert the_viewing().done_at is None
    at(now + 9)
    tell("80-89", 84)
    assert the_viewing().continues

    done_at = at(now + 10)
    tell("89-90", 84)

    viewing = the_viewing()
    assert (viewing.done_at, viewing.times_done, viewing.continues) == (done_at, 1, False)
    assert (covered(viewing), viewing.second) == (set(), 0)


def test_film_at_double_speed_is_done_in_half_the_time(tell, at):
    for start in range(0, 100, 20):
        at(start / 2 + 10)
        tell(f"{start}-{start + 20}", start + 20)

    assert the_viewing().times_done == 1


def test_end_that_is_played_after_it_counted_begins_nothing(tell, at):
    watch(tell, at, 100)

    viewing = the_viewing()
    assert (viewing.times_done, viewing.continues, viewing.second) == (1, False, 0)


def test_film_that_is_watched_again_goes_on_after_thirty_seconds(tell, at):
    now = watch(tell, at, 100)
    now = watch(tell, at, 20, after=now)
    assert (the_viewing().continues, the_viewing().second) == (False, 0)

    now = watch(tell, at, 30, since=20, after=now)
    assert (the_viewing().continues, the_viewing().second) == (True, 30)

    watch(tell, at, 100, since=30, after=now)
    assert (the_viewing().times_done, the_viewing().continues) == (2, False)


def test_word_from_before_it_was_done_is_of_the_round_that_is_over(tell, at):
    now = watch(tell, at, 90)

    at(now + 30)
    tell("0-90", 50, measured_at=NOON + (now - 5) * SECOND)

    assert covered(the_viewing()) == set()
    assert the_viewing().times_done == 1


def test_film_at_once_is_not_believed(tell, at):
    tell("0-100", 100)
    assert covered(the_viewing()) == set(range(30))

    at(10)
    tell("0-100", 100)

    assert covered(the_viewing()) == set(range(50))
    assert the_viewing().done_at is None


def test_film_that_was_replaced_starts_anew_and_stays_done(tell, at, variant):
    now = watch(tell, at, 100)
    watch(tell, at, 40, after=now)
    former = variant.video_id
    variant.video = make_video(variant, duration=LENGTH * SECOND)
    variant.save()

    refused = tell("40-50", 50, film=former)
    tell("10-20", 20)

    assert refused.status_code == 404
    viewing = the_viewing()
    assert (viewing.film, viewing.second) == (variant.video_id, 0)
    assert covered(viewing) == set(range(10, 20))
    assert (viewing.times_done, viewing.continues) == (1, False)


# --- What my version leaves out -----------------------------------------------------------------


@pytest.fixture
def twisting(variant):
    """From second 40 to 80 of the film, in two chapters."""
    movement = make_movement(slug="twisting")
    make_chapter(variant, 40, 60, adds=[movement])
    make_chapter(variant, 60, 80, adds=[movement])
    return movement


def test_what_my_version_leaves_out_counts(tell, at, member, twisting):
    keep_avoided(member, ["twisting"])
    now = watch(tell, at, 40)
    at(now + 10)

    tell("80-90", 90, skipped="40-80")

    assert the_viewing().times_done == 1


def test_only_that_much_of_it_counts(tell, member, twisting):
    keep_avoided(member, ["twisting"])

    tell("0-10", 10, skipped="30-50 70-95 99-100")

    assert covered(the_viewing()) == {*range(10), *range(40, 50), *range(70, 80)}


def test_what_is_named_many_times_is_believed_once(member, variant, twisting):
    keep_avoided(member, ["twisting"])

    skipped = believed([(0, 60), (50, 10**8)] * 1_000, member, variant, None)

    assert skipped == ((40, 80),)


def test_who_avoids_nothing_has_skipped_nothing(tell, twisting):
    tell("0-10", 10, skipped="40-80")

    assert covered(the_viewing()) == set(range(10))


def test_what_the_address_avoids_counts_in_its_place_and_is_not_kept(tell, member, twisting):
    tell("0-10", 10, skipped="40-80", avoid="twisting")
    assert covered(the_viewing()) == {*range(10), *range(40, 80)}
    assert not Avoidance.objects.exists()
    Viewing.objects.all().delete()
    keep_avoided(member, ["twisting"])

    tell("0-10", 10, skipped="40-80", avoid="none")

    assert covered(the_viewing()) == set(range(10))


def test_what_somebody_avoids_is_not_logged(tell, twisting, caplog):
    caplog.set_level(0)

    tell("0-10", 10, skipped="40-80", avoid="twisting")

    assert "twisting" not in caplog.text


# --- Who may, and what is refused ---------------------------------------------------------------


NONSENSE = [
    pytest.param({"second": "-1"}, 400, id="negative"),
    pytest.param({"second": "twelve"}, 400, id="a word"),
    pytest.param({"second": ""}, 400, id="nothing"),
    pytest.param({"at": "9" * 40}, 400, id="no moment"),
    pytest.param({"film": "x"}, 400, id="no film"),
    pytest.param({"film": uuid4()}, 404, id="another film"),
    pytest.param({"played": "0-10,20-30"}, 400, id="no spans"),
    pytest.param({"played": "9-3"}, 400, id="backwards"),
    pytest.param({"skipped": "\x00"}, 400, id="NUL"),
    pytest.param({"played": "0-1 " * MOST_SPANS + "0-1"}, 413, id="too much"),
]


@pytest.mark.parametrize(("said", "status"), NONSENSE)
def test_nonsense_is_refused_in_words(tell, said, status):
    response = tell(**{"played": "0-10", "second": 10, **said})

    assert response.status_code == status
    assert response["Content-Type"].startswith("text/plain")
    assert response.content.decode().endswith(".")
    assert not Viewing.objects.exists()


def test_largest_numbers_are_taken_for_what_they_are(tell, at):
    assert tell("0-10 50-999999999", 10**18 - 1, at="9" * 18).status_code == 204

    viewing = the_viewing()
    assert (viewing.second, viewing.measured_at) == (0, NOON)
    assert max(covered(viewing)) < LENGTH


def test_visitor_is_refused_also_for_a_free_class(client, variant, at):
    variant.workout_class.is_free = True
    variant.workout_class.save()

    assert client.post(url(variant), {"played": "0-10"}).status_code == 403


def test_member_whose_membership_ended_is_refused(tell, at, member):
    tell("0-10", 10)
    member.memberships.update(ends_at=NOON + 15 * SECOND)
    at(20)

    assert tell("10-20", 20).status_code == 403
    assert the_viewing().second == 10


def test_draft_is_not_there_and_nothing_is_kept_of_it_for_its_teacher(tell, client, variant):
    workout_class = variant.workout_class
    workout_class.state = State.DRAFT
    workout_class.save()
    hidden = tell("0-10", 10)
    missing = client.post(reverse("classes:progress", args=[10**17]))
    teacher = make_instructor(member=make_member())
    workout_class.instructors.add(teacher)
    client.force_login(teacher.member)

    seen = tell("0-10", 10)

    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    assert (hidden.status_code, seen.status_code) == (404, 204)
    assert not Viewing.objects.exists()


def test_nothing_is_kept_while_the_history_is_paused(tell, at, member):
    tell("0-10", 10)
    HistoryPause.objects.create(member=member)
    at(10)

    assert tell("10-20", 20).status_code == 204
    assert the_viewing().second == 10


@pytest.mark.parametrize("way", ["clear", "forget"])
def test_what_was_measured_before_it_was_forgotten_does_not_come_back(tell, at, client, way):
    tell("0-10", 10)
    at(20)
    line = the_viewing()
    client.post(
        reverse("classes:clear_history")
        if way == "clear"
        else reverse("classes:forget", args=[line.pk])
    )

    at(21)
    assert tell("10-20", 20, measured_at=NOON + 19 * SECOND).status_code == 204
    assert not Viewing.objects.exists()


def test_player_that_goes_on_after_the_history_was_cleared_begins_a_line_from_there(
    tell, at, client
):
    watch(tell, at, 40)
    at(45)
    client.post(reverse("classes:clear_history"))

    at(50)
    tell("40-50", 50)

    # Of the ten seconds that it tells, no more than can have been played since.
    assert covered(the_viewing()) == set(range(40, 50))
    at(60)
    Viewing.objects.all().delete()
    Forgetting.objects.update(at=timezone.now() - 2 * SECOND)
    tell("50-60", 60)
    assert covered(the_viewing()) == set(range(50, 54))


def test_moment_of_forgetting_is_told_by_none_who_had_nothing(client, member):
    client.force_login(member)

    client.post(reverse("classes:clear_history"))

    assert not Forgetting.objects.exists()


def test_moment_of_forgetting_goes_after_a_day(member, at):
    Forgetting.objects.create(member=member, at=NOON)
    rules = {rule.name: rule for rule in retention.rules()}

    at(24 * 3600 - 1)
    assert rules["forgettings"].purge() == 0
    at(24 * 3600 + 1)
    assert rules["forgettings"].purge() == 1


def test_token_is_asked_for(member, variant):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)

    assert client.post(url(variant), {"played": "0-10"}).status_code == 403
    assert client.get(url(variant)).status_code == 405


def test_older_tab_goes_on_after_a_sign_in_in_another(member, variant, at):
    """Which renews the token that the older one has."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    now = at(0)
    told = {
        "film": variant.video_id,
        "second": 10,
        "at": int(now.timestamp() * 1000),
        "played": "0-10",
        "csrfmiddlewaretoken": "0" * 64,
    }
    own_page = {"Sec-Fetch-Site": "same-origin"}

    another = client.post(url(variant), {**told, "member": make_member().pk}, headers=own_page)
    themselves = client.post(url(variant), {**told, "member": member.pk}, headers=own_page)

    assert (another.status_code, themselves.status_code) == (403, 204)
    assert the_viewing().member == member


def test_members_have_lines_of_their_own(tell, at, client, member, variant):
    other = make_membership(make_member(), starts_at=NOON - timedelta(days=9)).member
    watch(tell, at, 50)

    client.force_login(other)
    tell("60-70", 70)

    assert Viewing.objects.get(member=member).second == 50
    assert covered(Viewing.objects.get(member=other)) == set(range(60, 70))


# --- What the page says -------------------------------------------------------------------------


def page_of(client, variant) -> str:
    return client.get(variant.workout_class.get_absolute_url()).content.decode()


def test_page_says_where_each_member_is_and_nobody_elses_place(tell, client, variant):
    other = make_membership(make_member(), starts_at=NOON - timedelta(days=9)).member
    tell("0-10", 50)

    mine = page_of(client, variant)
    client.force_login(other)
    theirs = page_of(client, variant)
    client.logout()
    nobodys = page_of(client, variant)

    assert 'data-second="50"' in mine
    assert 'href="?t=45#t=45">Go on at 0:45</a>' in mine
    assert 'data-second="0"' in theirs
    assert "Go on at" not in theirs
    assert url(variant) not in nobodys


def test_page_passes_on_what_its_address_avoids_and_nothing_that_is_kept(
    tell, client, member, variant, twisting
):
    make_movement(slug="rolling")
    keep_avoided(member, ["twisting"])
    address = variant.workout_class.get_absolute_url()
    field = '<input type="hidden" name="avoid" value="{}">'

    page = client.get(address).content.decode()
    form = page.partition("data-progress data-second")[2].partition("</form>")[0]
    asked = client.get(f"{address}?avoid=rolling").content.decode()
    lifted = client.get(f"{address}?avoid=none").content.decode()

    assert 'name="film"' in form
    assert 'name="avoid"' not in form
    assert field.format("rolling") in asked
    assert field.format("none") in lifted


@pytest.mark.parametrize("is_paused", [False, True])
def test_page_says_whether_anything_is_kept(tell, client, member, variant, is_paused):
    if is_paused:
        HistoryPause.objects.create(member=member)

    assert (" data-keeps" in page_of(client, variant)) is not is_paused


def test_page_of_a_preview_tells_nothing(client, at, variant):
    client.force_login(make_member())

    assert url(variant) not in page_of(client, variant)


# --- What it costs ------------------------------------------------------------------------------


def test_one_write_for_a_beacon_and_none_where_nothing_changes(tell, at, member, variant):
    def writes() -> list[str]:
        return [
            query["sql"].split()[0]
            for query in queries.captured_queries
            if query["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")
        ]

    tell("0-1", 1)
    at(10)
    with CaptureQueriesContext(connection) as queries:
        tell("1-10", 10)
    # Session and member (two, as this sign-in noted no session), film, memberships; the row, and
    # its update, without a transaction.
    assert len(queries) <= 6
    assert not any("SAVEPOINT" in query["sql"] for query in queries.captured_queries)
    assert writes() == ["UPDATE"]

    with CaptureQueriesContext(connection) as queries:
        tell("1-10", 10)
    assert writes() == []

    Viewing.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        tell("1-10", 10)
    assert writes() == ["INSERT"]


# --- Against a plain model ----------------------------------------------------------------------

SPANS = st.lists(
    st.tuples(st.integers(0, 120), st.integers(1, 60)).map(lambda each: (each[0], sum(each))),
    max_size=3,
)
TOLD = st.fixed_dictionaries(
    {
        "after": st.integers(0, 40),  # seconds since the beacon before
        "lag": st.integers(-500, 30) | st.just(0),  # by which it was measured before; < 0: ahead
        "second": st.integers(0, 110) | st.just(10**17),
        "played": SPANS,
        "skipped": SPANS | st.just([]),
    }
)


class Plain:
    """The same with sets of seconds, and with credit that is counted in film seconds."""

    def __init__(self) -> None:
        self.covered: set[int] = set()
        self.credit = 30
        self.second = self.times = 0
        self.continues = False
        self.measured_at = datetime.min.replace(tzinfo=UTC)
        self.done_at = self.measured_at

    def told(self, now: datetime, after: int, beacon: Beacon) -> None:
        self.credit += 2 * after
        measured_at = min(now, beacon.measured_at)
        if measured_at > self.done_at:
            new = sorted(seconds_of(beacon.played) - self.covered)[: self.credit]
            self.credit -= len(new)
            self.covered |= {*new, *seconds_of(beacon.skipped)}
            self.continues = self.continues or (
                len([second for second in self.covered if second < 90]) >= 30
                if self.times
                else len(self.covered) >= 10
            )
            if len(self.covered) >= 90:
                self.covered, self.credit, self.continues = set(), 30, False
                self.times, self.done_at = self.times + 1, now
        if self.times and not self.continues:
            self.second = 0
        elif measured_at > self.measured_at:
            self.second = beacon.second if 10 <= beacon.second <= 85 else 0
        self.measured_at = max(self.measured_at, measured_at)


def seconds_of(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {second for start, end in spans for second in range(start, min(end, LENGTH))}


@settings(max_examples=150, deadline=None)
@given(st.lists(TOLD, min_size=1, max_size=12))
def test_whatever_is_told_is_judged_as_by_a_plain_model(stories):
    now, plain, most = NOON, Plain(), 30
    viewing = Viewing(film=FILM, measured_at=datetime.fromtimestamp(0, UTC), seen_at=NOON)
    viewing.credited_at = NOON - HEAD_START

    for story in stories:
        now += story["after"] * SECOND
        most += 2 * story["after"]
        beacon = Beacon(
            FILM,
            story["second"],
            now - story["lag"] * SECOND,
            tuple(story["played"]),
            tuple(story["skipped"]),
        )
        plain.told(now, story["after"], beacon)

        advance(viewing, beacon, length=LENGTH, now=now)

        assert covered(viewing) == plain.covered
        assert (viewing.second, viewing.times_done) == (plain.second, plain.times)
        assert viewing.continues == plain.continues
        assert viewing.measured_at == plain.measured_at <= now
        assert viewing.credited_at <= now
        assert advance(viewing, beacon, length=LENGTH, now=now) == [] or viewing.done_at == now
        if not any(each["skipped"] for each in stories):
            rounds = viewing.times_done
            assert rounds * 90 + len(covered(viewing)) <= most + 30 * rounds


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 80), st.integers(1, 20)).map(lambda each: (each[0], sum(each))),
        min_size=1,
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_order_and_repetition_change_nothing_of_what_was_watched(spans, shuffle: random.Random):
    """As long as the clock allows it all, and the film is not done."""
    spans = [(start, min(end, 85)) for start, end in spans]
    beacons = [
        Beacon(FILM, end, NOON + number * 10 * SECOND, ((start, end),))
        for number, (start, end) in enumerate(spans)
    ]
    told = beacons * 2
    shuffle.shuffle(told)
    viewing = Viewing(film=FILM, measured_at=datetime.fromtimestamp(0, UTC), seen_at=NOON)
    viewing.credited_at = NOON

    for beacon in told:
        advance(viewing, beacon, length=LENGTH, now=NOON + timedelta(hours=1))

    assert from_bytes(viewing.covered) == bits_of(spans, LENGTH)
    assert viewing.measured_at == beacons[-1].measured_at
    assert viewing.second == (spans[-1][1] if spans[-1][1] >= 10 else 0)


# --- At once ------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_begun", [False, True])
def test_row_that_another_tab_wrote_meanwhile_is_added_to(member, variant, monkeypatch, has_begun):
    """The other tab comes between the reading of the row and its writing."""
    where = "_write" if has_begun else "_begin"
    really, others = getattr(progress, where), []
    if has_begun:
        keep(member.pk, variant, Beacon(variant.video_id, 0, NOON, ((0, 1),)), now=NOON)

    def other_tab_first(*told: Any):
        if not others:
            others.append(Beacon(variant.video_id, 10, NOON + SECOND, ((0, 10),)))
            keep(member.pk, variant, others[0], now=NOON + SECOND)
        return really(*told)

    monkeypatch.setattr(progress, where, other_tab_first)

    keep(member.pk, variant, Beacon(variant.video_id, 20, NOON + 2 * SECOND, ((10, 20),)), now=NOON)

    assert covered(the_viewing()) == set(range(20))


def test_word_that_never_comes_through_is_to_be_told_again(tell, at, monkeypatch):
    tell("0-10", 10)
    monkeypatch.setattr(progress, "_write", lambda *told: False)
    at(10)

    response = tell("10-20", 20)

    assert response.status_code == 503
    assert covered(the_viewing()) == set(range(10))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("has_begun", [False, True])
def test_two_tabs_at_once_lose_nothing(member, variant, has_begun):
    tabs, failures = 6, []
    now = NOON + timedelta(minutes=5)
    if has_begun:
        first = Beacon(variant.video_id, 0, NOON, ((0, 1),))
        keep(member.pk, variant, first, now=NOON)
    together = Barrier(tabs)

    def tab(number: int) -> None:
        try:
            together.wait(timeout=60)
            for step in range(4):
                start = 1 + number * 4 + step
                told = Beacon(variant.video_id, 20, now, ((start, start + 1),))
                keep(member.pk, variant, told, now=now)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [Thread(target=tab, args=[number]) for number in range(tabs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert covered(the_viewing()) == set(range(0 if has_begun else 1, 1 + tabs * 4))
