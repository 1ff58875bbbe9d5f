"""All that is kept of a member in one file: asked for, made, fetched, and by nobody else."""

import errno
import json
import os
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Export, Letter, Member
from accounts.privacy import archives, exports, registry
from accounts.tasks import make_export, take_up_exports
from tests.factories import make_member

from .people import make_somebody

State = Export.State

pytestmark = pytest.mark.django_db

PAGE = "/accounts/privacy/"
ASK = "/accounts/privacy/exports/"


def make(member: Member) -> Export:
    export, _is_new = exports.ask(member)
    exports.make(export.pk)
    export.refresh_from_db()
    return export


def content(export: Export) -> dict[str, Any]:
    with zipfile.ZipFile(archives.path_of(export.pk)) as archive:
        return json.loads(archive.read("data.json").decode())


def confirm(client, member: Member) -> None:
    """They have just given their password."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(member.pk)
    session.save()


@pytest.fixture
def failing(monkeypatch) -> Callable[[BaseException], None]:
    """From then on the first record of all raises this."""

    def fail(error: BaseException) -> None:
        def read(member: Member) -> list:
            raise error

        holding = registry.Holding("broken", "", "", read, lambda member, words: None)
        monkeypatch.setattr(exports, "holdings", lambda: (holding,))

    return fail


# --- What is in it ------------------------------------------------------------------------------


def test_the_file_holds_everything_that_deletion_removes():
    member = make_somebody(display_name="Zoë “Ω”")

    export = make(member)

    assert export.state == State.READY
    told = content(export)
    assert set(told) == {"about", *(holding.name for holding in registry.holdings())}
    for holding in registry.holdings():
        records = [json.loads(exports.as_json(record)) for record in holding.read(member)]
        if holding.name not in {"exports", "letters", "tasks"}:  # the making adds to these
            assert told[holding.name] == records
        assert len(told[holding.name]) <= len(records)
    assert told["profile"][0]["display_name"] == "Zoë “Ω” the second"


def test_the_file_holds_the_picture_and_says_what_it_is():
    member = make_somebody()

    export = make(member)

    with zipfile.ZipFile(archives.path_of(export.pk)) as archive:
        assert archive.testzip() is None
        picture = content(export)["profile"][0]["picture"]
        assert set(archive.namelist()) == {"data.json", "README.txt", picture}
        assert archive.read(picture) == b"a picture"
        assert picture in archive.read("README.txt").decode()
    assert export.size == archives.path_of(export.pk).stat().st_size


def test_a_picture_that_is_lost_keeps_nobody_from_their_data():
    member = make_somebody()
    member.avatar.storage.delete(member.avatar.name)

    assert make(member).state == State.READY


def test_moments_are_in_utc_and_the_document_is_readable():
    member = make_member()
    member.date_joined = timezone.datetime.fromisoformat("2026-03-29T03:30:00+02:00")
    member.save()

    export = make(member)

    assert content(export)["profile"][0]["joined_at"] == "2026-03-29T01:30:00Z"
    with zipfile.ZipFile(archives.path_of(export.pk)) as archive:
        assert archive.read("data.json").decode().count("\n") > 20


def test_only_the_site_can_read_what_lies_on_the_disk():
    export = make(make_member())

    assert archives.path_of(export.pk).stat().st_mode & 0o777 == 0o600
    assert archives.folder().stat().st_mode & 0o777 == 0o700


def test_memory_does_not_grow_with_the_number_of_records(monkeypatch):
    def peak(number: int) -> int:
        def read(member: Member):
            for place in range(number):
                yield {"place": place, "words": "as long as a comment " * 10}

        holding = registry.Holding("much", "", "", read, lambda member, words: None)
        monkeypatch.setattr(exports, "holdings", lambda: (holding,))
        tracemalloc.start()
        try:
            export = make(make_member())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            assert len(content(export)["much"]) == number

    small, large = peak(100), peak(20_000)

    assert large < small + 2_000_000


# --- Asking -------------------------------------------------------------------------------------


def test_asking_is_for_those_who_are_signed_in(client):
    response = client.post(ASK)

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={ASK}"
    assert client.get(ASK)["Location"].startswith(reverse("account_login"))


def test_asking_asks_whether_it_is_the_member(client):
    client.force_login(make_member())

    response = client.post(ASK)

    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert Export.objects.count() == 0


def test_once_confirmed_the_same_press_asks(client):
    member = make_member()
    client.force_login(member)
    door = client.post(ASK)["Location"]

    response = client.post(door, {"password": "a quiet morning"}, follow=True)

    assert response.redirect_chain[-1][0] == PAGE
    assert "is being put together" in response.content.decode()
    assert Export.objects.get().member == member


def test_asking_puts_one_on_the_list(client):
    member = make_member()
    client.force_login(member)
    confirm(client, member)

    response = client.post(ASK, follow=True)

    export = Export.objects.get()
    assert export.state == State.WAITING
    task = DBTaskResult.objects.get(task_path=make_export.module_path)
    assert task.args_kwargs["args"] == [str(export.pk)]
    assert "A mail tells you when you can fetch it" in response.content.decode()


def test_a_second_press_says_that_it_is_under_way(client):
    member = make_member()
    client.force_login(member)
    confirm(client, member)
    client.post(ASK)

    response = client.post(ASK, follow=True)

    assert "is being put together already" in response.content.decode()
    assert Export.objects.count() == 1


def test_more_than_three_a_day_are_refused_in_words(client):
    member = make_member()
    client.force_login(member)
    confirm(client, member)
    Export.objects.create(member=member, state=State.FAILED)  # none was had
    for _time in range(3):
        make(member)

    response = client.post(ASK, follow=True)

    assert "You asked for your data 3 times today" in response.content.decode()
    assert Export.objects.filter(state=State.READY).count() == 3
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert exports.ask(member)[1]


def test_the_address_of_asking_leads_to_the_button(client):
    client.force_login(make_member())

    assert client.get(ASK)["Location"] == PAGE


# --- Fetching -----------------------------------------------------------------------------------


def test_the_owner_fetches_it(client):
    member = make_member()
    export = make(member)
    client.force_login(member)

    response = client.get(f"{ASK}{export.pk}/")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Cache-Control"] == "no-store, private"
    assert b"".join(response) == archives.path_of(export.pk).read_bytes()


def test_nobody_else_finds_it(client):
    export = make(make_member())
    client.force_login(make_member(is_staff=True, is_superuser=True))

    assert client.get(f"{ASK}{export.pk}/").status_code == 404
    assert client.get(f"{ASK}{uuid4()}/").status_code == 404


def test_who_is_signed_out_is_asked_to_sign_in_first(client):
    export = make(make_member())

    response = client.get(f"{ASK}{export.pk}/")

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={ASK}{export.pk}/"


def test_after_72_hours_there_is_none(client):
    member = make_member()
    with time_machine.travel(timezone.now() - timedelta(hours=72, seconds=1)):
        export = make(member)
    client.force_login(member)

    assert client.get(f"{ASK}{export.pk}/").status_code == 404


@pytest.mark.parametrize("state", [State.WAITING, State.MAKING, State.FAILED])
def test_what_is_not_ready_is_not_fetched(client, state):
    member = make_member()
    export = make(member)
    Export.objects.filter(pk=export.pk).update(state=state)
    client.force_login(member)

    assert client.get(f"{ASK}{export.pk}/").status_code == 404


def test_a_file_that_is_lost_is_not_found_and_not_an_error(client):
    member = make_member()
    export = make(member)
    archives.remove([export.pk])
    client.force_login(member)

    assert client.get(f"{ASK}{export.pk}/").status_code == 404


def test_it_is_served_at_no_other_address(client, settings):
    export = make(make_member())
    name = archives.path_of(export.pk).name

    assert Path(settings.MEDIA_ROOT) not in archives.folder().parents
    for path in (f"/media/exports/{name}", f"/media/../exports/{name}", f"/exports/{name}"):
        assert client.get(path).status_code in (400, 404)


# --- Making it ----------------------------------------------------------------------------------


def test_a_letter_says_that_it_is_ready():
    member = make_member()

    export = make(member)

    letter = Letter.objects.get()
    assert (letter.recipient, letter.kind) == (member, Letter.Kind.EXPORT_READY)
    assert letter.data == {"export": str(export.pk), "until": export.expires_at.isoformat()}
    assert export.expires_at - export.made_at == timedelta(hours=72)


def test_made_twice_it_is_made_once():
    export = make(make_member())
    first = export.made_at

    exports.make(export.pk)

    export.refresh_from_db()
    assert export.made_at == first
    assert Letter.objects.count() == 1


def test_one_that_somebody_else_holds_is_left_to_them():
    export, _is_new = exports.ask(make_member())
    Export.objects.update(state=State.MAKING, lease_until=timezone.now() + timedelta(minutes=1))

    exports.make(export.pk)

    assert not archives.path_of(export.pk).exists()


def test_a_full_disk_is_tried_again_and_then_said_in_words(client, failing):
    member = make_member()
    export, _is_new = exports.ask(member)
    failing(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    DBTaskResult.objects.all().delete()

    for attempt in range(exports.MOST_ATTEMPTS):
        with time_machine.travel(timezone.now() + timedelta(minutes=10 * attempt)):
            exports.make(export.pk)

    export.refresh_from_db()
    assert export.state == State.FAILED
    assert list(archives.folder().iterdir()) == []
    client.force_login(member)
    assert "no room left" in client.get(PAGE).content.decode()


def test_what_failed_waits_a_while_before_it_is_tried_again(failing):
    export, _is_new = exports.ask(make_member())
    DBTaskResult.objects.all().delete()
    failing(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    exports.make(export.pk)

    assert take_up_exports() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert take_up_exports() == 1
        assert take_up_exports() == 0  # it is on the list


def test_a_worker_that_is_told_to_stop_gives_it_back(failing):
    export, _is_new = exports.ask(make_member())
    failing(SystemExit(0))

    with pytest.raises(SystemExit):
        exports.make(export.pk)

    export.refresh_from_db()
    assert (export.state, export.attempts) == (State.WAITING, 0)
    assert list(archives.folder().iterdir()) == []


def test_what_a_killed_worker_held_is_taken_up():
    export, _is_new = exports.ask(make_member())
    DBTaskResult.objects.all().delete()
    Export.objects.update(
        state=State.MAKING, attempts=1, lease_until=timezone.now() - timedelta(seconds=1)
    )

    assert take_up_exports() == 1

    exports.make(export.pk)
    export.refresh_from_db()
    assert export.state == State.READY


def test_what_kills_every_worker_is_given_up():
    export, _is_new = exports.ask(make_member())
    Export.objects.update(
        state=State.MAKING,
        attempts=exports.MOST_ATTEMPTS,
        lease_until=timezone.now() - timedelta(seconds=1),
    )

    assert take_up_exports() == 0

    export.refresh_from_db()
    assert export.state == State.FAILED


def test_an_account_that_goes_meanwhile_leaves_no_file(monkeypatch):
    member = make_member()
    export, _is_new = exports.ask(member)

    def read(member: Member) -> list:
        Member.objects.filter(pk=member.pk).delete()
        return []

    holding = registry.Holding("last", "", "", read, lambda member, words: None)
    monkeypatch.setattr(exports, "holdings", lambda: (holding,))

    exports.make(export.pk)

    assert list(archives.folder().iterdir()) == []
    assert Letter.objects.count() == 0
