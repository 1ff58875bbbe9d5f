import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from classes.video import ffmpeg
from classes.video.ffmpeg import (
    FfmpegFailed,
    FfmpegMissing,
    Stopped,
    abilities,
    find_ffmpeg,
    run_ffmpeg,
    stop_all,
)


def test_find_ffmpeg_prefers_the_configured_one():
    assert find_ffmpeg(sys.executable) == sys.executable


def test_find_ffmpeg_says_which_configured_path_is_wrong():
    with pytest.raises(FfmpegMissing, match="/nowhere/ffmpeg"):
        find_ffmpeg("/nowhere/ffmpeg")


def test_find_ffmpeg_finds_a_relative_one_from_everywhere(monkeypatch, tmp_path):
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)

    assert find_ffmpeg("./ffmpeg") == str(program)


def test_find_ffmpeg_falls_back_to_the_path(monkeypatch, tmp_path):
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_ffmpeg() == str(program)


def test_find_ffmpeg_says_what_to_do_where_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(FfmpegMissing, match="imageio-ffmpeg"):
        find_ffmpeg()


def test_run_ffmpeg_tells_how_far_it_is(binary, film, tmp_path):
    seconds: list[float] = []

    run_ffmpeg(
        ["-i", str(film), "-c", "copy", str(tmp_path / "copy.mp4")],
        binary=binary,
        timeout=60,
        on_progress=seconds.append,
    )

    assert seconds[-1] == pytest.approx(2, abs=0.2)


def test_run_ffmpeg_fails_with_what_ffmpeg_said(binary, tmp_path):
    with pytest.raises(FfmpegFailed, match="No such file or directory"):
        run_ffmpeg(["-i", str(tmp_path / "missing.mp4")], binary=binary, timeout=60)


def test_run_ffmpeg_works_in_a_folder(binary, film, tmp_path):
    run_ffmpeg(
        ["-i", str(film), "-c", "copy", "copy.mp4"], binary=binary, timeout=60, folder=tmp_path
    )

    assert (tmp_path / "copy.mp4").stat().st_size > 1000


@pytest.mark.parametrize(
    ("status", "said", "is_the_machines"),
    [
        (183, "film.mp4: Invalid data found when processing input", False),
        (228, "film.mp4: No space left on device", True),
        (244, "Error initializing filters: Cannot allocate memory", True),
        (8, "No such filter: 'zscale'", True),
        (127, "error while loading shared libraries: libx264.so.164", True),
        (255, "", True),  # told to stop by a signal
        (-9, "", True),
        (None, "", True),  # stopped from here, for it took too long
    ],
)
def test_a_failure_says_whether_it_may_be_the_machine_s(status, said, is_the_machines):
    failure = FfmpegFailed("ffmpeg ended", said, status=status)

    assert failure.is_the_machines is is_the_machines


def test_run_ffmpeg_says_how_ffmpeg_ended(binary, tmp_path):
    text = tmp_path / "film.mp4"
    text.write_text("no film")

    with pytest.raises(FfmpegFailed) as caught:
        run_ffmpeg(["-i", str(text), "-f", "null", "-"], binary=binary, timeout=60)

    assert caught.value.status is not None
    assert caught.value.status > 0
    assert not caught.value.is_the_machines


def test_abilities_are_what_it_was_built_with(binary):
    can = abilities(binary)

    assert {"libx264", "aac", "hls", "zscale", "tonemap", "bwdif"} <= can
    assert "no_such_filter" not in can


def test_abilities_of_what_is_no_ffmpeg():
    with pytest.raises(FfmpegFailed, match="/bin/false does not run"):
        abilities("/bin/false")


def test_run_ffmpeg_stops_the_whole_group_in_time(binary, tmp_path):
    arguments = ["-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]
    started = time.monotonic()

    with pytest.raises(FfmpegFailed, match="stopped after 1 s"):
        run_ffmpeg(arguments, binary=binary, timeout=1)

    assert time.monotonic() - started < 20


def test_run_ffmpeg_leaves_no_process_when_progress_raises(binary, monkeypatch):
    started = []
    popen = subprocess.Popen

    def remember(*args, **kwargs):
        started.append(popen(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(ffmpeg.subprocess, "Popen", remember)

    def lost_the_lease(_seconds):
        raise RuntimeError("lost the lease")

    with pytest.raises(RuntimeError):
        run_ffmpeg(
            ["-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"],
            binary=binary,
            timeout=60,
            on_progress=lost_the_lease,
        )

    with pytest.raises(ProcessLookupError):
        os.kill(started[0].pid, 0)


@pytest.mark.skipif(not shutil.which("setpriv"), reason="no setpriv (util-linux) here")
def test_ffmpeg_ends_with_a_worker_that_is_killed(binary, tmp_path):
    endless = tmp_path / "endless.ts"
    works = (
        "import sys; from classes.video.ffmpeg import run_ffmpeg; run_ffmpeg(['-re', '-f', 'lavfi',"
        " '-i', 'testsrc2=s=64x64', '-f', 'mpegts', sys.argv[2]], binary=sys.argv[1], timeout=60)"
    )
    worker = subprocess.Popen([sys.executable, "-c", works, binary, endless])
    wait_until(lambda: endless.exists())

    worker.kill()
    worker.wait()

    wait_until(lambda: not who_writes(endless))


def who_writes(path: Path) -> set[str]:
    """Ids of the processes that have a file open."""
    writers = set()
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # it is gone, or not ours to look at
            if descriptor.readlink() == path:
                writers.add(descriptor.parts[2])
    return writers


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_run_ffmpeg_reports_even_while_nothing_is_written(binary):
    """Whoever holds a lease renews it then."""
    seconds: list[float] = []
    silent = ["-f", "lavfi", "-i", "testsrc2=d=2,realtime", "-f", "null", "-"]

    run_ffmpeg(
        ["-stats_period", "60", *silent], binary=binary, timeout=60, on_progress=seconds.append
    )

    assert seconds[0] < 0.1
    assert len(seconds) >= 2


def test_stop_all_ends_what_runs_and_starts_no_more(binary, monkeypatch):
    monkeypatch.setattr(ffmpeg, "_stopping", threading.Event())
    endless = ["-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]
    timer = threading.Timer(0.5, stop_all)
    timer.start()

    with pytest.raises(Stopped):
        run_ffmpeg(endless, binary=binary, timeout=60)
    timer.join()
    with pytest.raises(Stopped):
        run_ffmpeg(endless, binary=binary, timeout=60)


def test_run_ffmpeg_survives_a_flood_on_stderr(binary):
    flood = ["-loglevel", "trace", "-f", "lavfi", "-i", "testsrc2=d=20", "-f", "null", "-"]

    run_ffmpeg(flood, binary=binary, timeout=120)
