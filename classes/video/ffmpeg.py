"""Find ffmpeg and run it on files that nobody vouches for."""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

# A playlist renamed to .mp4 makes ffmpeg open the files it names. With both lists it opens one
# regular file and only as one of these containers.
PROTOCOLS = "file"
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts"
MAX_PIXELS = 36_000_000

_NICENESS = 10
# What no file can make ffmpeg say. The last two: a build without what films are made with.
_FAULTS_OF_A_MACHINE = (
    "No space left on device",
    "Disk quota exceeded",
    "Read-only file system",
    "Permission denied",
    "Cannot allocate memory",
    "Resource temporarily unavailable",
    "Input/output error",
    "No such filter",
    "Unknown encoder",
)
# A program that cannot be run, or whose libraries are missing; and what ffmpeg ends with when
# somebody asked it to, as a machine does that shuts down.
_STATUSES_OF_A_MACHINE = (126, 127, 255)
_STDERR_LINES_KEPT = 20
_SECONDS_TO_LIST = 30

_running: set[subprocess.Popen[str]] = set()
_stopping = threading.Event()


class FfmpegMissing(Exception):
    """No ffmpeg on this machine."""


class Stopped(Exception):
    """This process was told to stop. What it worked on can be taken up again."""


class FfmpegFailed(Exception):
    """ffmpeg ended with an error or ran out of time; `stderr` holds its last lines.

    `status` is what it ended with, negative for a signal, None where it was stopped from here.
    """

    def __init__(self, reason: str, stderr: str, *, status: int | None = None) -> None:
        super().__init__(f"{reason}: {stderr}" if stderr else reason)
        self.stderr = stderr
        self.status = status

    @property
    def is_the_machines(self) -> bool:
        """Whether the machine may be at fault and not the file: then another attempt may do."""
        was_killed = self.status is None or self.status < 0
        did_not_run_through = self.status in _STATUSES_OF_A_MACHINE
        return (
            was_killed
            or did_not_run_through
            or any(words in self.stderr for words in _FAULTS_OF_A_MACHINE)
        )


def find_ffmpeg(configured: str = "") -> str:
    """The binary's path: the configured one, else that of imageio-ffmpeg's wheel, else on PATH."""
    if configured:
        found = shutil.which(configured)
        if found is None:
            raise FfmpegMissing(f"FFMPEG_BINARY is set to {configured}, which is not a program.")
        return str(Path(found).absolute())  # it may be run in another folder
    try:
        import imageio_ffmpeg

        return imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError):  # RuntimeError: a wheel without a binary for this machine
        found = shutil.which("ffmpeg")
    if found is None:
        raise FfmpegMissing(
            "No ffmpeg found: install the package imageio-ffmpeg or set FFMPEG_BINARY."
        )
    return found


def abilities(binary: str) -> frozenset[str]:
    """The encoders, filters and muxers that an ffmpeg was built with, by their names.

    FfmpegFailed where it does not run. Costs a fifth of a second.
    """
    names: set[str] = set()
    for listing in ("-encoders", "-filters", "-muxers"):
        try:
            listed = subprocess.run(
                [binary, "-hide_banner", listing],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS_TO_LIST,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as fault:
            raise FfmpegFailed(f"{binary} does not run", str(fault)) from fault
        # What it can do with each stands first, in letters; then the name.
        rows = (line.split() for line in listed.stdout.splitlines())
        names.update(words[1] for words in rows if len(words) > 1)
    return frozenset(names)


def time_limit(duration: float) -> float:
    """How many seconds ffmpeg may work on a film of that many seconds, on a busy machine."""
    return 120 + 30 * duration


def untrusted_input(path: Path) -> list[str]:
    """Arguments that open a file whose content decides nothing but its own picture and sound."""
    return [
        *("-protocol_whitelist", PROTOCOLS),
        *("-format_whitelist", FORMATS),
        *("-max_pixels", str(MAX_PIXELS)),
        # The prefix keeps a name with a colon or a leading dash from meaning something else.
        *("-i", f"file:{path.absolute()}"),
    ]


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    binary: str,
    timeout: float,
    on_progress: Callable[[float], None] | None = None,
    folder: Path | None = None,
) -> None:
    """Run ffmpeg to its end, at low priority; in `folder`, if names in `arguments` are of there.

    `on_progress` is told about once a second how many seconds of film are written, even while that
    does not change. Raises FfmpegFailed with what ffmpeg said, and Stopped after `stop_all`.
    Whatever happens here, an exception out of `on_progress` included, no process is left running.
    """
    if _stopping.is_set():
        raise Stopped
    process = subprocess.Popen(
        [
            *_ending_with_us(),
            *(binary, "-hide_banner", "-nostdin", "-y", "-loglevel", "warning", "-nostats"),
            *("-progress", "pipe:1"),
            *arguments,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        cwd=folder,
        process_group=0,  # so that a signal to the worker's terminal is ours to handle
    )
    _running.add(process)
    # Pipes that nobody reads fill up, and ffmpeg waits for ever: each has a reader of its own.
    progress, complaints = _ProgressReader(process.stdout), _LastLines(process.stderr)
    deadline = time.monotonic() + timeout
    try:
        # Set from here: code between fork and exec is not safe in a process with threads.
        os.setpriority(os.PRIO_PGRP, process.pid, _NICENESS)
        while (returncode := _wait(process, 1)) is None:
            if _stopping.is_set():
                raise Stopped
            if time.monotonic() > deadline:
                _kill_group(process)
                raise FfmpegFailed(f"ffmpeg was stopped after {timeout:.0f} s", complaints.text)
            if on_progress:
                on_progress(progress.seconds)
    finally:
        _kill_group(process)
        process.wait()
        progress.join()
        complaints.join()
        _running.discard(process)
    if _stopping.is_set():
        raise Stopped
    if returncode != 0:
        raise FfmpegFailed(
            f"ffmpeg ended with status {returncode}", complaints.text, status=returncode
        )
    if on_progress:
        on_progress(progress.seconds)


@functools.cache
def _ending_with_us() -> tuple[str, ...]:
    """What makes the kernel end ffmpeg when the thread that waits for it is gone, as by `kill -9`.

    Else it would go on for an hour beside the next worker's. Linux has it (util-linux); elsewhere
    whatever runs the worker has to end the group.
    """
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()


def stop_all() -> None:
    """End every ffmpeg that this process runs, in any thread, and start no more."""
    _stopping.set()
    for process in list(_running):
        _kill_group(process)


def pause(seconds: float) -> None:
    """Wait for that long. Stopped, at once, where this process is told to stop."""
    if _stopping.wait(seconds):
        raise Stopped


class _Reader(threading.Thread):
    """Reads a pipe line by line to its end."""

    def __init__(self, pipe: IO[str] | None) -> None:
        super().__init__(daemon=True)
        self.pipe = pipe
        self.start()

    def run(self) -> None:
        if self.pipe is not None:
            with self.pipe:
                for line in self.pipe:
                    self.take(line.strip())

    def take(self, line: str) -> None:
        raise NotImplementedError


class _ProgressReader(_Reader):
    seconds = 0.0

    def take(self, line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.isdigit():  # before its first packet: "N/A"
            self.seconds = int(value) / 1_000_000


class _LastLines(_Reader):
    def __init__(self, pipe: IO[str] | None) -> None:
        self.lines: deque[str] = deque(maxlen=_STDERR_LINES_KEPT)
        super().__init__(pipe)

    def take(self, line: str) -> None:
        self.lines.append(line)

    @property
    def text(self) -> str:
        self.join(timeout=5)
        return "\n".join(self.lines)


def _wait(process: subprocess.Popen[str], seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def _kill_group(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
