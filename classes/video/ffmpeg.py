"""Find ffmpeg and run it on files that nobody vouches for."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
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
_STDERR_LINES_KEPT = 20


class FfmpegMissing(Exception):
    """No ffmpeg on this machine."""


class FfmpegFailed(Exception):
    """ffmpeg ended with an error or ran out of time; `stderr` holds its last lines."""

    def __init__(self, reason: str, stderr: str) -> None:
        super().__init__(f"{reason}: {stderr}" if stderr else reason)
        self.stderr = stderr


def find_ffmpeg(configured: str = "") -> str:
    """The binary's path: the configured one, else that of imageio-ffmpeg's wheel, else on PATH."""
    if configured:
        found = shutil.which(configured)
        if found is None:
            raise FfmpegMissing(f"FFMPEG_BINARY is set to {configured}, which is not a program.")
        return found
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
) -> None:
    """Run ffmpeg to its end, at low priority, and tell `on_progress` how many seconds are written.

    Raises FfmpegFailed with what ffmpeg said. Whatever happens here, an exception out of
    `on_progress` included, no process is left running.
    """
    process = subprocess.Popen(
        [
            *(binary, "-hide_banner", "-nostdin", "-y", "-loglevel", "warning", "-nostats"),
            *("-progress", "pipe:1"),
            *arguments,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        process_group=0,  # so that a signal to the worker's terminal is ours to handle
    )
    # Set from here: code between fork and exec is not safe in a process with threads.
    os.setpriority(os.PRIO_PGRP, process.pid, _NICENESS)

    # A pipe that nobody reads fills up and ffmpeg waits for ever: stderr has a reader of its own.
    last_lines: deque[str] = deque(maxlen=_STDERR_LINES_KEPT)
    listener = threading.Thread(target=last_lines.extend, args=(process.stderr,), daemon=True)
    listener.start()
    timed_out = threading.Event()

    def give_up() -> None:
        timed_out.set()
        _kill_group(process)

    timer = threading.Timer(timeout, give_up)
    timer.daemon = True
    timer.start()
    try:
        _follow_progress(process.stdout, on_progress)
        returncode = process.wait()
    finally:
        timer.cancel()
        _kill_group(process)
        process.wait()
        listener.join(timeout=5)
        process.stdout.close()
        process.stderr.close()

    stderr = "".join(last_lines).strip()
    if timed_out.is_set():
        raise FfmpegFailed(f"ffmpeg was stopped after {timeout:.0f} s", stderr)
    if returncode != 0:
        raise FfmpegFailed(f"ffmpeg ended with status {returncode}", stderr)


def _follow_progress(lines: IO[str], on_progress: Callable[[float], None] | None) -> None:
    for line in lines:
        name, _, value = line.strip().partition("=")
        # Before its first packet ffmpeg says "N/A".
        if on_progress and name == "out_time_us" and value.isdigit():
            on_progress(int(value) / 1_000_000)


def _kill_group(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
