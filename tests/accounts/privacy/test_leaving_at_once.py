"""Two who act in the same moment, and a worker that is killed in the middle: all or nothing."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.models import Departure, Letter, Member
from accounts.privacy import leaving, retention
from tests.classes.video.workers import ROOT, database_url
from tests.factories import make_class, make_comment, make_member

from .everywhere import EMAIL, NAME, all_models, make_wilhelmina, places_with, rows_of

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def make_due(member: Member) -> None:
    words = Departure.Words.PLACEHOLDER
    Departure.objects.update_or_create(
        member=member, defaults={"words": words, "due_at": timezone.now()}
    )


def at_once(*acts) -> list:
    """What each of them returned, begun in the same moment in threads of their own."""
    together, results = Barrier(len(acts)), [None] * len(acts)

    def run(number: int) -> None:
        try:
            together.wait(timeout=60)
            results[number] = acts[number]()
        except Exception as failure:
            results[number] = failure
        finally:
            connection.close()

    threads = [Thread(target=run, args=[number]) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("round_", range(8))
def test_staying_in_the_moment_of_going_wins_or_loses_whole(round_):
    comment = make_comment(make_class(variant=False))
    member = comment.author
    make_due(member)

    stayed, gone = at_once(lambda: leaving.stay(member), leaving.carry_out_due)

    assert (stayed, gone) in [(True, 0), (False, 1)]
    assert Member.objects.filter(pk=member.pk).exists() == stayed
    assert type(comment).objects.filter(pk=comment.pk).exists() == stayed
    assert not Departure.objects.exists()
    assert Letter.objects.filter(kind=Letter.Kind.GONE).exists() == (not stayed)


def test_two_workers_delete_an_account_once():
    member = make_comment(make_class(variant=False)).author
    make_due(member)

    assert sorted(at_once(leaving.carry_out_due, leaving.carry_out_due)) == [0, 1]

    assert not Member.objects.filter(pk=member.pk).exists()
    assert Letter.objects.count() == 1


def test_of_two_who_administer_everything_one_stays():
    for chief in (make_member(is_superuser=True), make_member(is_superuser=True)):
        make_due(chief)

    gone = at_once(leaving.carry_out_due, leaving.carry_out_due)

    assert sum(gone) == 1
    assert Member.objects.filter(is_superuser=True).count() == 1


# In the process that dies: after so many of the holdings are erased, or right after the commit.
_DIES = """
import os, signal, sys
import django
django.setup()
from django.db import transaction
from accounts.privacy import erasing, leaving, registry

def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] == "committed":
    transaction.on_commit = lambda does, *args, **kwargs: None
    leaving.carry_out_due()
    die()
elif sys.argv[1] == "last":
    erasing.forget_changes_of = die
else:
    first = registry.holdings()[: int(sys.argv[1])]
    class Dying:
        erase = staticmethod(die)
        steps_ahead = staticmethod(lambda member: ())
    holdings = (*first, Dying)
    registry.holdings = lambda: holdings
leaving.carry_out_due()
"""


def kill_at(moment: str, var_dir) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": settings.SECRET_KEY,  # or it could not read the sessions
        "VAR_DIR": str(var_dir),
    }
    died = subprocess.run(
        [sys.executable, "-c", _DIES, moment],
        cwd=ROOT,
        env=environment,
        timeout=120,
        capture_output=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["0", "1", "8", "15", "last"])
def test_killed_before_the_commit_all_is_as_it_was_and_the_next_sweep_does_it(moment, tmp_path):
    member = make_wilhelmina()
    make_due(member)
    before = {model: rows_of(model) for model in all_models()}
    pictures = default_storage.listdir("avatars")[1]

    kill_at(moment, tmp_path)

    assert {model: rows_of(model) for model in all_models()} == before
    assert default_storage.listdir("avatars")[1] == pictures
    assert leaving.carry_out_due() == 1
    assert not Member.objects.filter(pk=member.pk).exists()


@pytest.mark.slow
def test_killed_before_the_files_went_they_go_with_the_next_purge(tmp_path):
    member = make_wilhelmina()
    make_due(member)

    kill_at("committed", tmp_path)

    assert not Member.objects.filter(pk=member.pk).exists()
    assert default_storage.listdir("avatars")[1]
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert all(not followed.has_failed for followed in retention.purge())
    assert default_storage.listdir("avatars")[1] == []
    assert places_with(NAME, EMAIL) <= {"accounts.Letter"}  # the good-bye is still to be sent
