"""The worker as a process of its own, killed and stopped while it is at a film."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.files import File
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from classes.models import Video
from classes.tasks import prepare_video
from tests.factories import make_class, make_variant

ROOT = Path(__file__).parents[3]
State = Video.State


def database_url() -> str:
    """The database of this test, for another process."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    password = quote(database["PASSWORD"] or "", safe="")
    address = f"{quote(database['HOST'] or '', safe='')}:{database['PORT'] or 5432}"
    return f"postgres://{database['USER']}:{password}@{address}/{database['NAME']}"


@pytest.fixture
def video(transactional_db, django_db_serialized_rollback, film, settings, tmp_path):
    # Where another process looks for them that has this folder as its VAR_DIR.
    assert tmp_path / "masters" == settings.MASTERS_ROOT
    video = Video(variant=make_variant(make_class(variant=False), ready=False))
    with film.open("rb") as file:
        video.master.save("master", File(file), save=False)
    video.save()
    prepare_video.enqueue(str(video.pk))
    return video


@pytest.fixture
def busy_worker(video, tmp_path):
    """A worker in the middle of a film that will take it a minute, and what it says."""
    slow = tmp_path / "slow-ffmpeg"
    slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/ffmpeg.pid\nexec sleep 60\n")
    slow.chmod(0o755)
    said = tmp_path / "said.txt"
    with said.open("w") as output:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "run_worker"],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "FFMPEG_BINARY": str(slow),
                "SECRET_KEY": "for this test",
                "VAR_DIR": str(tmp_path),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "ffmpeg.pid").exists():
            assert worker.poll() is None, said.read_text()
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.1)
        yield worker, said
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
        end_ffmpeg(tmp_path)


def end_ffmpeg(folder: Path) -> bool:
    """Whether it still ran."""
    try:
        os.kill(int((folder / "ffmpeg.pid").read_text()), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_run_worker_ends_at_once_and_gives_its_film_back(busy_worker, video, tmp_path, told):
    worker, said = busy_worker

    worker.send_signal(told)

    assert worker.wait(timeout=10) == 0
    assert "Traceback" not in said.read_text()
    assert not end_ffmpeg(tmp_path)
    video.refresh_from_db()
    assert (video.state, video.attempts) == (State.UPLOADED, 0)

    call_command("run_worker", until_idle=True)

    video.refresh_from_db()
    assert (video.state, video.attempts) == (State.READY, 1)


def test_run_worker_takes_up_what_a_killed_one_left(busy_worker, video, settings):
    worker, _said = busy_worker

    worker.kill()
    worker.wait()

    video.refresh_from_db()
    video.variant.refresh_from_db()
    assert (video.state, video.attempts) == (State.PROCESSING, 1)
    assert video.variant.video is None
    assert not video.folder.exists()

    Video.objects.update(lease_until=timezone.now())  # its lease runs out
    call_command("run_worker", until_idle=True)

    video.refresh_from_db()
    video.variant.refresh_from_db()
    assert (video.state, video.attempts) == (State.READY, 2)
    assert video.variant.video == video
    assert [path.name for path in settings.FILMS_ROOT.iterdir() if path.name != ".making"] == [
        str(video.pk)
    ]
    assert list((settings.FILMS_ROOT / ".making").iterdir()) == []


def test_run_worker_goes_on_after_a_task_that_failed(video):
    prepare_video.enqueue("this is no id")
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    call_command("run_worker", until_idle=True)

    video.refresh_from_db()
    assert video.state == State.READY
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
