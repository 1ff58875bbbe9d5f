"""Workers as processes of their own, and an ffmpeg that does what a test wants of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from classes.video.ffmpeg import find_ffmpeg

ROOT = Path(__file__).parents[3]
PATIENCE = 90  # seconds, on a machine that is busy with other tests


def database_url() -> str:
    """The database of this test, for another process."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    password = quote(database["PASSWORD"] or "", safe="")
    address = f"{quote(database['HOST'] or '', safe='')}:{database['PORT'] or 5432}"
    return f"postgres://{database['USER']}:{password}@{address}/{database['NAME']}"


@contextmanager
def worker(
    var_dir: Path, *options: str, ffmpeg: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker on this test's site; what it says is in `said.txt`. Nothing is left running."""
    with (var_dir / "said.txt").open("a") as said:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_worker", *options],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "FFMPEG_BINARY": str(ffmpeg or ""),
                "FILM_PRESET": "ultrafast",
                "FILMS_AT_ONCE": "1",
                "SECRET_KEY": "for this test",
                "VAR_DIR": str(var_dir),
            },
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        end_orphans(var_dir)


def until(is_so: Callable[[], bool], process: subprocess.Popen[bytes], var_dir: Path) -> None:
    """Wait for something that a worker does."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert process.poll() is None, (var_dir / "said.txt").read_text()
        assert time.monotonic() < deadline, (var_dir / "said.txt").read_text()
        time.sleep(0.05)


def end_orphans(folder: Path) -> int:
    """End what a killed worker had started on files of this folder, and say how many there were."""
    ended = 0
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and os.fsencode(folder) in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
                ended += 1
    return ended


def slow_ffmpeg(folder: Path, *, at: str) -> Path:
    """Never ends where `at` is among its arguments; `folder/slow.pid` says when it is there.

    All else it does as ever.
    """
    return _script(
        folder / "slow-ffmpeg",
        f'case " $* " in *" {at} "*) echo $$ > {folder}/slow.pid; exec tail -f $0;; esac',
        f'exec {find_ffmpeg()} "$@"',
    )


def noting_ffmpeg(folder: Path) -> Path:
    """Notes in `folder/encoded.txt` when each ladder's encoding begins and ends."""
    return _script(
        folder / "noting-ffmpeg",
        f'case " $* " in *" hls "*) ;; *) exec {find_ffmpeg()} "$@";; esac',
        f"echo begins >> {folder}/encoded.txt",
        f'{find_ffmpeg()} "$@"; status=$?',
        f"echo ends >> {folder}/encoded.txt",
        "exit $status",
    )


def _script(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path
