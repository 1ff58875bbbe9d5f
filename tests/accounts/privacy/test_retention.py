"""What is past its time goes, what is not stays, and nobody is harmed by asking twice."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, models
from django.utils import translation
from django_tasks_db.models import DBTaskResult

from accounts import sweeps
from accounts.models import (
    AddressChange,
    Export,
    FailedRule,
    KnownDevice,
    Letter,
    Member,
    Membership,
    TrialTaken,
)
from accounts.privacy import archives, retention, rules
from accounts.privacy.retention import Rule, in_words, purge_daily, rule_for_rows
from accounts.tasks import take_up_exports
from tests.factories import make_class, make_comment, make_instructor, make_member

from .people import log, make_task, sign_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


def purge(name: str) -> int:
    return next(rule for rule in retention.rules() if rule.name == name).purge()


def past(name: str) -> int:
    rule = next(rule for rule in retention.rules() if rule.name == name)
    assert rule.past
    return rule.past()


def ages(kept: timedelta, make: Callable[[datetime], models.Model]) -> tuple[Any, Any]:
    """One that has a moment left, and one that has had its time."""
    second = timedelta(seconds=1)
    return make(NOW - kept + second), make(NOW - kept - second)


def assert_goes(name: str, stays: models.Model, goes: models.Model) -> None:
    model = type(stays)
    assert past(name) == 1
    assert purge(name) == 1
    assert set(model._default_manager.values_list("pk", flat=True)) == {stays.pk}
    assert goes.pk != stays.pk
    assert (past(name), purge(name)) == (0, 0)


# --- Each rule ----------------------------------------------------------------------------------


def test_a_trial_is_remembered_for_24_months():
    assert timedelta(days=729) <= rules.LONG <= timedelta(days=732)

    assert_goes(
        "trials",
        *ages(
            rules.LONG,
            lambda at: TrialTaken.objects.create(address_hash=uuid4().hex, taken_at=at),
        ),
    )


def test_a_device_is_known_for_24_months_from_the_last_time():
    member = make_member()

    def make(at: datetime) -> KnownDevice:
        return KnownDevice.objects.create(
            member=member,
            key_hash=uuid4().hex,
            first_seen_at=NOW - 900 * DAY,
            last_seen_at=at,
        )

    assert_goes("devices", *ages(rules.LONG, make))


def test_a_change_of_address_is_kept_a_day_past_its_end():
    def make(at: datetime) -> AddressChange:
        return AddressChange.objects.create(
            member=make_member(), new_address="a@example.com", expires_at=at
        )

    assert_goes("address-changes", *ages(DAY, make))


def test_the_log_is_kept_for_24_months():
    member = make_member()

    def make(at: datetime) -> LogEntry:
        entry = log(member, member, "something")
        LogEntry.objects.filter(pk=entry.pk).update(action_time=at)
        return entry

    assert_goes("log", *ages(rules.LONG, make))


@pytest.mark.parametrize(
    ("state", "days"), [("sent", 30), ("unwanted", 30), ("failed", 90), ("unknown", 90)]
)
def test_a_letter_is_kept_until_it_is_known_to_be_well(state, days):
    member = make_member()

    def make(at: datetime) -> Letter:
        return Letter.objects.create(
            recipient=member, kind=Letter.Kind.LEAVING, state=state, made_at=at
        )

    assert_goes("letters", *ages(timedelta(days=days), make))


@pytest.mark.parametrize("state", ["due", "sending"])
def test_a_letter_that_is_not_out_yet_stays(state):
    Letter.objects.create(
        recipient=make_member(),
        kind=Letter.Kind.LEAVING,
        state=state,
        made_at=NOW - 900 * DAY,
    )

    assert purge("letters") == 0


def test_sessions_go_when_they_have_run_out_with_their_place_on_the_list():
    member = make_member()
    alive, dead = sign_in(member), sign_in(member)
    Session.objects.filter(session_key=dead).update(expire_date=NOW - timedelta(seconds=1))

    assert purge("sessions") == 1

    assert Session.objects.get().session_key == alive
    assert UserSession.objects.get().session_key == alive
    assert purge("sessions") == 0


def test_a_session_of_nobody_goes_too():
    session = SessionStore()
    session.save()
    Session.objects.update(expire_date=NOW - timedelta(seconds=1))

    assert purge("sessions") == 1


def test_changes_of_a_profile_go_with_the_groups_of_then():
    member = make_member()
    member.groups.add(Group.objects.create(name="Friends"))
    old = Member.history.filter(id=member.pk)
    old.update(history_date=NOW - rules.LONG - DAY)
    member.display_name = "Another"
    member.save()
    number = Member.history.filter(history_date__lt=NOW - rules.LONG).count()

    assert past("profile-changes") == number == purge("profile-changes")

    assert [row.display_name for row in Member.history.all()] == ["Another"]
    then = rules.GroupsThen._default_manager
    assert {row.history_id for row in then.all()} <= {Member.history.get().pk}


def test_changes_of_a_membership_go_and_the_membership_stays():
    membership = Membership.objects.create(member=make_member())
    Membership.history.update(history_date=NOW - rules.LONG - DAY)
    membership.note = "longer"
    membership.save()

    assert purge("membership-changes") == 1

    assert Membership.history.get().note == "longer"
    assert Membership.objects.get() == membership


def test_tasks_that_ended_two_weeks_ago_go():
    def make(at: datetime) -> DBTaskResult:
        task = make_task("somewhere.tasks.something", [])
        DBTaskResult.objects.filter(pk=task.pk).update(finished_at=at)
        return task

    assert_goes("tasks", *ages(14 * DAY, make))


# --- Exports and files --------------------------------------------------------------------------


def archive(export: Export) -> Path:
    archives.folder().mkdir(parents=True, exist_ok=True)
    path = archives.path_of(export.pk)
    path.write_bytes(b"PK")
    return path


def test_an_export_goes_after_72_hours_with_its_file():
    member = make_member()
    soon = Export.objects.create(member=member, state="ready", expires_at=NOW + DAY)
    over = Export.objects.create(member=member, state="ready", expires_at=NOW)
    stays, goes = archive(soon), archive(over)

    assert (past("exports"), purge("exports")) == (1, 1)

    assert Export.objects.get() == soon
    assert (stays.exists(), goes.exists()) == (True, False)


def test_an_export_that_failed_goes_after_72_hours():
    failed = Export.objects.create(
        member=make_member(), state="failed", asked_at=NOW - timedelta(hours=73)
    )

    assert purge("exports") == 1
    assert not Export.objects.filter(pk=failed.pk).exists()


def make_file(path: Path, *, days: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"something")
    moment = (NOW - days * DAY).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_files_that_belong_to_nobody_go_after_a_day(settings):
    avatars = Path(settings.MEDIA_ROOT) / "avatars"
    mine = make_member(avatar="avatars/mine.webp")
    export = Export.objects.create(member=mine, state="ready", expires_at=NOW + DAY)
    stay = [
        make_file(avatars / "mine.webp", days=2),
        make_file(avatars / "new.webp", days=0.9),
        make_file(archives.path_of(export.pk), days=2),
        make_file(archives.path_of(uuid4()), days=0.9),
        make_file(archives.unfinished_path_of(uuid4(), uuid4()), days=0.9),
        make_file(Path(settings.MEDIA_ROOT) / "pictures" / "1" / "320.webp", days=2),
    ]
    go = [
        make_file(avatars / "former.webp", days=1.1),
        make_file(archives.path_of(uuid4()), days=1.1),
        make_file(archives.unfinished_path_of(uuid4(), uuid4()), days=1.1),
        make_file(archives.folder() / "notes.txt", days=1.1),
    ]

    assert past("files") == len(go)
    assert purge("files") == len(go)

    assert [path.exists() for path in stay] == [True] * len(stay)
    assert [path.exists() for path in go] == [False] * len(go)


# --- Sign-ups that were never verified ----------------------------------------------------------


def make_sign_up(*, days: float = 31, verified: bool = False, **attrs: Any) -> Member:
    member = make_member(date_joined=NOW - days * DAY, **attrs)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=verified)
    return member


def test_a_sign_up_that_was_never_verified_goes_without_a_trace():
    member = make_sign_up(email="typo@example.com")
    log(make_member(), member, "looked at it")

    assert (past("sign-ups"), purge("sign-ups")) == (1, 1)

    assert not Member.objects.filter(pk=member.pk).exists()
    assert not EmailAddress.objects.filter(email="typo@example.com").exists()
    assert not Member.history.filter(id=member.pk).exists()
    assert not LogEntry.objects.filter(object_id=str(member.pk)).exists()


def test_its_session_and_its_browser_do_not_keep_it():
    member = make_sign_up()
    sign_in(member)
    KnownDevice.objects.create(member=member, key_hash="a")

    assert purge("sign-ups") == 1


KEEPS: dict[str, Callable[[], Any]] = {
    "who is young": lambda: make_sign_up(days=29),
    "who is verified": lambda: make_sign_up(verified=True),
    "who has signed in": lambda: make_sign_up(last_login=NOW),
    "staff": lambda: make_sign_up(is_staff=True),
    "who administers": lambda: make_sign_up(is_superuser=True),
    "who did not sign up": lambda: make_member(date_joined=NOW - 99 * DAY),
    "who has a membership": lambda: Membership.objects.create(member=make_sign_up()),
    "who wrote something": lambda: make_comment(make_class(), author=make_sign_up()),
    "who teaches": lambda: make_instructor(member=make_sign_up()),
    "who is in a group": lambda: make_sign_up().groups.add(Group.objects.create(name="Friends")),
    "who did something in the administration": lambda: log(
        make_sign_up(), make_member(), "something"
    ),
}


@pytest.mark.parametrize("keep", KEEPS.values(), ids=KEEPS.keys())
def test_a_sign_up_is_kept(keep):
    keep()
    before = set(Member.objects.values_list("pk", flat=True))

    assert (past("sign-ups"), purge("sign-ups")) == (0, 0)

    assert set(Member.objects.values_list("pk", flat=True)) == before


def test_one_that_is_verified_in_the_last_moment_is_kept(monkeypatch):
    member = make_sign_up()
    found = rules.never_verified()
    EmailAddress.objects.update(verified=True)
    # What was found a moment ago is looked at again, under locks.
    rules._remove_sign_ups([member.pk])

    assert Member.objects.filter(pk=member.pk).exists()
    assert not found.exists()


# --- Following the rules ------------------------------------------------------------------------


def test_many_go_in_bites(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(retention, "_BITE", 10)
    TrialTaken.objects.bulk_create(
        TrialTaken(address_hash=str(number), taken_at=NOW - 900 * DAY) for number in range(95)
    )

    with django_assert_max_num_queries(10 + 11):
        assert purge("trials") == 95

    assert TrialTaken.objects.count() == 0


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("purge", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def old_trial() -> TrialTaken:
    return TrialTaken.objects.create(address_hash="a", taken_at=NOW - 900 * DAY)


def test_a_dry_run_says_how_many_and_removes_none(old_trial):
    make_file(archives.folder() / "notes.txt", days=2)

    said = command("--dry-run")

    assert "trials: 1 past their time" in said
    assert "files: 1 past their time" in said
    assert TrialTaken.objects.exists()
    assert (archives.folder() / "notes.txt").exists()


def test_the_command_says_how_many_went_by_rule(old_trial):
    said = command()

    assert "trials: 1 removed" in said
    assert "devices: 0 removed" in said
    assert not TrialTaken.objects.exists()


@pytest.fixture
def broken_rule(monkeypatch) -> None:
    def fail() -> int:
        raise ValueError("a mistake")

    rule = Rule("broken", "", None, fail, is_said=False)
    monkeypatch.setattr(retention, "_rules", {"broken": rule, **retention._rules})


def test_a_rule_that_fails_keeps_no_other_back(old_trial, broken_rule, capsys):
    with pytest.raises(CommandError, match=r"Failed: broken\. The log says why"):
        command()

    assert not TrialTaken.objects.exists()


def test_a_rule_that_fails_is_noted_until_it_is_followed(old_trial, broken_rule, monkeypatch):
    assert retention.failed() == []

    assert purge_daily()
    with time_machine.travel(NOW + timedelta(minutes=59), tick=False):
        assert not purge_daily()
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        assert purge_daily()

    [(rule, since)] = retention.failed()
    assert (rule.name, since) == ("broken", NOW)
    mended = Rule("broken", "", None, lambda: 0)
    monkeypatch.setattr(retention, "_rules", {**retention._rules, "broken": mended})
    command()
    assert retention.failed() == []


def test_a_rule_that_is_no_more_is_not_said_to_fail(broken_rule, monkeypatch):
    assert purge_daily()
    monkeypatch.setattr(retention, "_rules", {})

    assert retention.failed() == []
    command()
    assert not FailedRule.objects.exists()


def test_a_dry_run_notes_nothing(monkeypatch):
    def fail() -> int:
        raise ValueError("a mistake")

    rule = Rule("broken", "", None, fail, past=fail)
    monkeypatch.setattr(retention, "_rules", {"broken": rule})

    with pytest.raises(CommandError):
        command("--dry-run")
    assert not FailedRule.objects.exists()


def test_a_statement_that_fails_every_time_keeps_no_other_back(old_trial, monkeypatch):
    """The database says of it what it says when it is away; and is there."""

    def too_much() -> int:
        raise OperationalError("too many SQL variables")

    rule = Rule("much", "", None, too_much)
    monkeypatch.setattr(retention, "_rules", {"much": rule, **retention._rules})

    assert purge_daily()

    assert not TrialTaken.objects.exists()
    assert [rule.name for rule, _since in retention.failed()] == ["much"]


def test_a_rule_that_cannot_count_says_so(broken_rule):
    assert "broken: only removing them would tell" in command("--dry-run")


def test_a_database_that_is_away_ends_it(monkeypatch):
    def away() -> int:
        raise OperationalError

    def takes_no_note(execute, sql, *arguments):
        if FailedRule._meta.db_table in sql:
            raise OperationalError
        return execute(sql, *arguments)

    rule = Rule("away", "", None, away)
    monkeypatch.setattr(retention, "_rules", {"away": rule})

    with connection.execute_wrapper(takes_no_note), pytest.raises(OperationalError):
        purge_daily()
    assert cache.get("accounts.purging") is None  # the next sweep tries again


def test_the_worker_follows_them_once_a_day(old_trial):
    assert purge_daily()
    assert not TrialTaken.objects.exists()

    TrialTaken.objects.create(address_hash="b", taken_at=NOW - 900 * DAY)
    assert not purge_daily()
    assert TrialTaken.objects.exists()

    with time_machine.travel(NOW + DAY, tick=False):
        assert purge_daily()
    assert not TrialTaken.objects.exists()


def test_the_worker_has_what_it_needs_on_its_list():
    assert {purge_daily, take_up_exports} <= set(sweeps.sweeps())


def test_two_workers_share_one_days_work(monkeypatch):
    calls = []

    def slow() -> int:
        calls.append(purge_daily())  # the other worker, while this one is at it
        return 0

    monkeypatch.setattr(retention, "_rules", {"slow": Rule("slow", "", None, slow)})

    assert purge_daily()
    assert calls == [False]


def test_what_a_killed_worker_began_is_done_within_an_hour():
    cache.add("accounts.purging", "2026-06-15", 3600)

    assert not purge_daily()
    with time_machine.travel(NOW + timedelta(hours=1, seconds=1), tick=False):
        assert purge_daily()


def test_every_rule_of_the_site_can_count_beforehand():
    assert {rule.name for rule in retention.rules() if rule.past is None} == set()


def test_a_rule_for_rows_asks_anew_each_time():
    rule = rule_for_rows("r", "", DAY, lambda: TrialTaken.objects.filter(taken_at__lt=NOW - DAY))
    assert rule.past
    assert rule.past() == 0

    TrialTaken.objects.create(address_hash="c", taken_at=NOW - 2 * DAY)

    assert rule.past() == 1
    assert rule.purge() == 1


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=12), "12 hours"),
        (timedelta(hours=72), "3 days"),
        (DAY, "1 day"),
        (timedelta(days=30), "30 days"),
        (retention.months(24), "24 months"),
        (retention.months(2), "2 months"),
    ],
)
def test_how_long_is_said_in_words(kept, words):
    with translation.override("en"):
        assert in_words(kept) == words
