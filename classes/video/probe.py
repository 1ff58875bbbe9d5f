"""What is in an uploaded file, found out by a child process, and whether it can be a film."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_noop

from .errors import FilmRefused, NoRoom
from .ffmpeg import FORMATS, MAX_PIXELS, PROTOCOLS

MIN_SECONDS = 1
MAX_HOURS = 4
MIN_FRAME_RATE = 5
MAX_STREAMS = 16

_WALL_SECONDS = 60
_SPARE_BYTES = 100_000_000


@dataclass(frozen=True)
class Probe:
    """What a file says of itself. Only `judge_film` makes it something to work with."""

    container: str  # as libav names it, e.g. "mov,mp4,m4a,3gp,3g2,mj2"
    duration: float  # seconds; 0 where the file does not say
    stream_count: int
    video_codec: str | None = None
    audio_codec: str | None = None
    pixel_format: str | None = None
    width: int = 0  # as seen: after rotation, with square pixels
    height: int = 0
    frame_rate: float = 0.0  # the average, for frames may come at uneven times
    decodable: bool = False  # whether a first frame came out


def probe_film(path: Path) -> Probe:
    """Look into a file nobody vouches for. FilmRefused where it is no container that we open.

    Costs about half a second: libav runs in a process of its own with little memory and CPU time.
    """
    return Probe(**_look_inside(path))


def keyframe_before(path: Path, seconds: float) -> float:
    """When the last keyframe at or before that moment comes: a copy can begin only there."""
    return _look_inside(path, str(seconds))["keyframe"]


def judge_film(probe: Probe) -> None:
    """Refuse what is no film, or is too much for this machine, with the figure that says so."""
    if probe.video_codec is None:
        raise FilmRefused(
            gettext_noop("This file has no moving picture in it, so it is not a film.")
        )
    if probe.stream_count > MAX_STREAMS:
        raise FilmRefused(
            gettext_noop("This file has %(streams)d streams; at most %(limit)d are accepted."),
            streams=probe.stream_count,
            limit=MAX_STREAMS,
        )
    if probe.duration > MAX_HOURS * 3600:
        raise FilmRefused(
            gettext_noop("This film lasts %(hours)s hours; at most %(limit)d are accepted."),
            hours=f"{probe.duration / 3600:.1f}",
            limit=MAX_HOURS,
        )
    if probe.width * probe.height > MAX_PIXELS:
        raise FilmRefused(
            gettext_noop(
                "The picture is %(width)d × %(height)d, which is %(megapixels)s megapixels; "
                "at most %(limit)d are accepted."
            ),
            width=probe.width,
            height=probe.height,
            megapixels=f"{probe.width * probe.height / 1_000_000:.0f}",
            limit=MAX_PIXELS // 1_000_000,
        )
    if not probe.decodable:
        raise FilmRefused(
            gettext_noop("Not one picture of this film can be read: the file is damaged.")
        )
    if probe.duration < MIN_SECONDS:
        raise FilmRefused(
            gettext_noop("This film lasts %(seconds)s seconds; at least %(limit)d is needed."),
            seconds=f"{probe.duration:.2f}",
            limit=MIN_SECONDS,
        )
    if probe.frame_rate < MIN_FRAME_RATE:
        raise FilmRefused(
            gettext_noop(
                "This film shows %(rate)s pictures a second; at least %(limit)d are needed."
            ),
            rate=f"{probe.frame_rate:.3g}",
            limit=MIN_FRAME_RATE,
        )


def judge_room(master: Path, folder: Path) -> None:
    """Refuse to begin what would fill the disk: the copy, written twice for faststart."""
    needed = 2 * master.stat().st_size + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoom(
            gettext_noop("The disk has %(free)d MB left and this film needs %(needed)d MB."),
            free=free // 1_000_000,
            needed=needed // 1_000_000,
        )


def _look_inside(path: Path, *more: str) -> dict:
    script = Path(__file__).with_name("look_inside.py")
    command = [sys.executable, "-I", str(script), str(path.absolute())]
    try:
        finished = subprocess.run(
            [*command, PROTOCOLS, FORMATS, str(MAX_PIXELS), *more],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_WALL_SECONDS,
            process_group=0,
        )
    except subprocess.TimeoutExpired:
        raise FilmRefused(
            gettext_noop(
                "Looking into this file took more than %(seconds)d seconds, so it was left alone."
            ),
            seconds=_WALL_SECONDS,
        ) from None
    if finished.returncode != 0:  # killed by its own limits, or libav crashed on it
        raise FilmRefused(
            gettext_noop("Looking into this file took more memory or time than a film may take.")
        )
    facts = json.loads(finished.stdout)
    if "unreadable" in facts:
        raise FilmRefused(
            gettext_noop(
                "This file cannot be read as a film. "
                "MP4, MOV, MKV, WebM, AVI and MPEG-TS files can be."
            )
        )
    return facts
