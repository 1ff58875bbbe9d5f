"""What is in an uploaded file, found out by a child process, and whether it can be a film."""

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from django.utils.translation import gettext_noop

from .errors import FilmRefused, NoRoom, NotLookedInto
from .ffmpeg import FORMATS, MAX_PIXELS, PROTOCOLS

MIN_SECONDS = 1
MAX_HOURS = 4
MIN_FRAME_RATE = 5
MIN_SIDE = 16  # pixels
MAX_RATIO = 4  # two and a half cinemas; what is longer would have renditions of no height
MAX_STREAMS = 16

NO_FILM = gettext_noop(
    "This file cannot be read as a film. MP4, MOV, MKV, WebM, AVI and MPEG-TS files can be."
)

_DURATION_SLACK_SECONDS = 0.5
_DURATION_SLACK = 0.02

_WALL_SECONDS = 60
# The kernel's where memory has run out, or somebody's. The child's own limits end it otherwise.
_KILLED_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM)
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
    video_index: int = 0  # of the streams that the codecs above are of
    audio_index: int | None = None
    is_interlaced: bool = False
    transfer: str = ""  # "smpte2084" (HDR10) or "arib-std-b67" (HLG); empty: no HDR
    matrix: str = ""  # how colours became numbers, e.g. "bt709"; empty: RGB, or it does not say
    is_full_range: bool = False


def probe_film(path: Path) -> Probe:
    """Look into a file nobody vouches for. FilmRefused where it is no container that we open, and
    NotLookedInto where that was not to be found out.

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
            gettext_noop("This file has %(streams)d streams; films may have at most %(limit)d."),
            streams=probe.stream_count,
            limit=MAX_STREAMS,
        )
    _judge_pixels(probe)
    _judge_length(probe)
    if not probe.decodable:
        raise FilmRefused(
            gettext_noop("Not one picture of this film can be read: the file is damaged.")
        )
    _judge_shape(probe)
    if probe.frame_rate < MIN_FRAME_RATE:
        raise FilmRefused(
            gettext_noop(
                "This film shows %(rate)s pictures a second; films need at least %(limit)d."
            ),
            rate=f"{probe.frame_rate:.3g}",
            limit=MIN_FRAME_RATE,
        )


def _judge_length(probe: Probe) -> None:
    if probe.duration == 0:
        raise FilmRefused(gettext_noop("This file does not say how long it is: it is damaged."))
    if probe.duration > MAX_HOURS * 3600:
        raise FilmRefused(
            gettext_noop("This file claims %(hours)s hours; films may be at most %(limit)d hours."),
            hours=f"{ceil(probe.duration / 36) / 100:g}",  # upwards: 4 is not more than 4
            limit=MAX_HOURS,
        )
    if probe.duration < MIN_SECONDS:
        raise FilmRefused(
            gettext_noop("This film lasts %(seconds)s seconds; at least %(limit)d is needed."),
            seconds=f"{probe.duration:.2f}",
            limit=MIN_SECONDS,
        )


def _judge_pixels(probe: Probe) -> None:
    if probe.width * probe.height > MAX_PIXELS:
        raise FilmRefused(
            gettext_noop(
                "The picture is %(width)d × %(height)d, which is %(megapixels)s megapixels; "
                "films may have at most %(limit)d."
            ),
            width=probe.width,
            height=probe.height,
            megapixels=f"{probe.width * probe.height / 1_000_000:.0f}",
            limit=MAX_PIXELS // 1_000_000,
        )


def _judge_shape(probe: Probe) -> None:
    size = {"width": probe.width, "height": probe.height}
    shorter, longer = sorted(size.values())
    if shorter < MIN_SIDE:
        raise FilmRefused(
            gettext_noop(
                "The picture is %(width)d × %(height)d; films need at least %(limit)d pixels "
                "each way."
            ),
            **size,
            limit=MIN_SIDE,
        )
    if longer > MAX_RATIO * shorter:
        raise FilmRefused(
            gettext_noop(
                "The picture is %(width)d × %(height)d; its longer side may be at most %(limit)d "
                "times its shorter one."
            ),
            **size,
            limit=MAX_RATIO,
        )


def judge_duration(*, claimed: float, found: float) -> None:
    """Refuse a file that is shorter or longer than it claims, once somebody has read all of it."""
    # A container counts its last frame in or out, and sound runs a little past the picture.
    if abs(claimed - found) <= max(_DURATION_SLACK_SECONDS, _DURATION_SLACK * claimed):
        return
    seconds = {"claimed": f"{claimed:.1f}", "found": f"{found:.1f}"}
    if found > claimed:
        raise FilmRefused(
            gettext_noop(
                "This file claims %(claimed)s seconds, but goes on for %(found)s or more: "
                "it is damaged."
            ),
            **seconds,
        )
    raise FilmRefused(
        gettext_noop(
            "This file claims %(claimed)s seconds, but %(found)s seconds of it can be read: "
            "it was probably cut off on its way here."
        ),
        **seconds,
    )


def judge_room(bytes_to_write: int, folder: Path) -> None:
    """Refuse to begin what would fill the disk: that takes the whole site down."""
    needed = bytes_to_write + _SPARE_BYTES
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
        raise NotLookedInto(
            gettext_noop(
                "Looking into this file took more than %(seconds)d seconds, so it was left alone."
            ),
            seconds=_WALL_SECONDS,
        ) from None
    if finished.returncode != 0:  # killed by its own limits, or libav crashed on it
        was_killed = finished.returncode in _KILLED_FROM_OUTSIDE
        raise (NotLookedInto if was_killed else FilmRefused)(
            gettext_noop("Looking into this file took more memory or time than a film may take.")
        )
    facts = json.loads(finished.stdout)
    if "unreadable" in facts:
        raise FilmRefused(NO_FILM)
    return facts
