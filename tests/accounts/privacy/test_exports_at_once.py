"""Two who act in the same moment, and a worker that is killed in the middle: one file, whole."""

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import Export, Letter
from accounts.privacy import archives, exports, retention
from accounts.tasks import take_up_exports
from tests.classes.video.workers import ROOT, database_url
from tests.factories import make_member

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

State = Export.State


def at_once(act: Callable[[], Any]) -> list[Any]:
    """What it returned to each of two threads that began together."""
    together, results = Barrier(2), []

    def run() -> None:
        try:
            together.wait(timeout=60)
            results.append(act())
        except Exception as failure:
            results.append(failure)
        finally:
            connection.close()

    threads = [Thread(target=run) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("round_", range(4))
def test_two_presses_in_one_moment_ask_for_one(round_):
    member = make_member()

    answers = at_once(lambda: exports.ask(member))

    assert sorted(is_new for _export, is_new in answers) == [False, True]
    assert Export.objects.count() == 1


@pytest.mark.parametrize("round_", range(4))
def test_two_workers_make_one_file_and_send_one_letter(round_):
    export, _is_new = exports.ask(make_member())

    assert at_once(lambda: exports.make(export.pk)) == [None, None]

    assert Export.objects.get().state == State.READY
    assert Letter.objects.count() == 1
    assert list(archives.folder().iterdir()) == [archives.path_of(export.pk)]


# In the process that dies: while it writes, before the file has its name, or before the row knows.
_DIES = """
import os, signal, sys
from pathlib import Path
from uuid import UUID
import django
django.setup()
from accounts.privacy import exports, registry

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] == "writing":
    exports._add_files = die
elif sys.argv[1] == "naming":
    Path.replace = die
else:
    exports.letters.send = die
exports.make(UUID(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["writing", "naming", "telling"])
def test_a_worker_that_is_killed_leaves_nothing_half(moment, settings):
    export, _is_new = exports.ask(make_member())

    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "for this test",
        "VAR_DIR": str(settings.VAR_DIR),
    }
    died = subprocess.run(
        [sys.executable, "-c", _DIES, moment, str(export.pk)],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
    )

    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    export.refresh_from_db()
    assert export.state == State.MAKING  # and so nobody can fetch what lies there
    assert Letter.objects.count() == 0

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        take_up_exports()
        exports.make(export.pk)
        export.refresh_from_db()
        assert export.state == State.READY
        with zipfile.ZipFile(archives.path_of(export.pk)) as archive:
            assert archive.testzip() is None
        assert Letter.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        next(rule for rule in retention.rules() if rule.name == "files").purge()
    left: list[Path] = list(archives.folder().iterdir())
    assert left == [archives.path_of(export.pk)]
