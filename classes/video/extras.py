"""What is made of a film beside its renditions, without encoding it once more.

Copies of packets and reads of keyframes: of a film of half an hour all of it takes seconds. What is
made later than the film, its preview and poster, is written beside its target and renamed.
"""

from collections.abc import Iterable
from itertools import pairwise
from math import ceil
from pathlib import Path

from PIL import Image

from classes.captioning.webvtt import ARROW, timestamp

from .encode import SEGMENT_SECONDS
from .ffmpeg import FfmpegFailed, run_ffmpeg, time_limit, untrusted_input
from .layout import FALLBACK, STORYBOARD
from .playlists import read_media_playlist
from .probe import keyframe_before, probe_film
from .whole_files import renamed_when_whole

_POSTER_WIDTH = 1280
_CANDIDATE_WIDTH = 640
_TILE_PIXELS = 160  # the longer side
_TILES_ACROSS = 10
_TILES_DOWN = 10
_POSTER_SECONDS = 2
_POSTER_PICTURES = 120  # more than two seconds ever hold

# Asked for the exact time of a keyframe, ffmpeg may settle on the one before.
_HAIR = 0.02
# Packets come in the order of decoding: a cut takes some pictures that are shown after it.
_OVERHANG = 0.25
# JPEG knows one matrix only, that of BT.601, and the full range; the films have neither.
_FOR_JPEG = "out_color_matrix=bt601:out_range=full,format=yuvj420p"


def make_fallback(folder: Path, rendition_name: str, *, binary: str) -> None:
    """Copy a rendition into `film.mp4`, for browsers that play no HLS. Its index comes first."""
    playlist = read_media_playlist((folder / f"{rendition_name}.m3u8").read_text())
    with renamed_when_whole(folder / FALLBACK) as unfinished:
        run_ffmpeg(
            [
                *untrusted_input(folder / f"{rendition_name}.mp4"),
                *("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-map_metadata", "-1"),
                *("-movflags", "+faststart", "-f", "mp4", str(unfinished)),
            ],
            binary=binary,
            timeout=time_limit(playlist.duration),
        )


def default_preview_start(duration: float) -> float:
    """In seconds, where no curator chose: past the greeting, and before it becomes hard."""
    return duration / 3


def cut_preview(
    source: Path, target: Path, *, start: float, seconds: float, duration: float, binary: str
) -> None:
    """Cut the public excerpt of a rendition or a copy: `seconds` from `start` on, or what is left.

    A file of its own, so that nobody reaches the rest of the film through it. It begins with the
    keyframe at or before `start`, and is not longer for that: at most half a second shorter where
    keyframes are two seconds apart. Of a start within the film's last second, or past it, that
    last second is shown. Costs a second, most of it to look into the files.
    """
    start = max(0.0, min(start, duration - 1))
    wanted = min(seconds, duration - start)
    # The first picture of a rendition comes some hundredths after zero: what has to be decoded
    # before it can be shown takes that long.
    begins = keyframe_before(source, 0)
    begin = keyframe_before(source, begins + start) + _HAIR
    asked = wanted - _OVERHANG
    with renamed_when_whole(target) as unfinished:
        while asked > 0:
            _cut(source, unfinished, begin=begin, seconds=asked, binary=binary)
            excess = probe_film(unfinished).duration - wanted
            if excess <= 0:
                return
            asked -= excess + _HAIR  # few pictures a second, or an unusual order
        raise FfmpegFailed(f"no excerpt of {wanted:.2f} s at {start:.2f} s", "", status=0)


def make_storyboard(
    folder: Path, smallest_rendition_name: str, *, duration: float, binary: str
) -> None:
    """Write `storyboard.vtt` and the sheets `storyboard-1.jpg`, … whose tiles it names.

    A tile for each segment of about four seconds, of the keyframe that it begins with, 160 pixels
    along the longer side; the last one stands until `duration`. Players show them to whoever looks
    for a place in the film.
    """
    playlist = read_media_playlist((folder / f"{smallest_rendition_name}.m3u8").read_text())
    count = len(playlist.segments)
    across = min(count, _TILES_ACROSS)
    down = min(ceil(count / across), _TILES_DOWN)
    run_ffmpeg(
        [
            *("-skip_frame", "nokey"),
            *untrusted_input(folder / f"{smallest_rendition_name}.mp4"),
            *("-map", "0:v:0", "-fps_mode", "passthrough", "-vf"),
            # As segments are cut: at the first keyframe after so many seconds.
            f"select='gte(t-start_t,{SEGMENT_SECONDS}*selected_n)',"
            f"scale={_TILE_PIXELS}:{_TILE_PIXELS}:force_original_aspect_ratio=decrease"
            f":force_divisible_by=2:{_FOR_JPEG},tile={across}x{down}",
            *("-c:v", "mjpeg", "-q:v", "5", "-f", "image2", "storyboard-%d.jpg"),
        ],
        binary=binary,
        timeout=time_limit(duration),
        folder=folder,
    )
    with Image.open(folder / "storyboard-1.jpg") as sheet:
        width, height = sheet.width // across, sheet.height // down
    cues = ["WEBVTT"]
    # What a file claims may be less than what came out of it.
    ends = max(duration, playlist.duration)
    for number, (start, end) in enumerate(pairwise((*playlist.starts, ends))):
        sheet_number, place = divmod(number, across * down)
        x, y = place % across * width, place // across * height
        cues.append(
            f"{timestamp(start)} {ARROW} {timestamp(end)}\n"
            f"storyboard-{sheet_number + 1}.jpg#xywh={x},{y},{width},{height}"
        )
    (folder / STORYBOARD).write_text("\n\n".join(cues) + "\n")


def poster_times(duration: float) -> tuple[float, float, float]:
    """Seconds at which to look for frames to offer; the first is the poster until one is chosen."""
    return round(duration / 3, 3), round(duration / 8, 3), round(2 * duration / 3, 3)


def grab_frame(
    source: Path, target: Path, *, at: float, binary: str, width: int = _POSTER_WIDTH
) -> None:
    """Write the picture that stands best for the two seconds from `at` on, as PNG or JPEG.

    `target` says by its suffix which. The picture is upright with square pixels, and at most
    `width` wide. FfmpegFailed where the film is over before `at`.
    """
    is_jpeg = target.suffix == ".jpg"
    colours = f":{_FOR_JPEG}" if is_jpeg else ""
    coding = ("-c:v", "mjpeg", "-q:v", "3") if is_jpeg else ("-c:v", "png")
    with renamed_when_whole(target) as unfinished:
        run_ffmpeg(
            [
                *("-ss", f"{at:.3f}", "-t", str(_POSTER_SECONDS)),
                *untrusted_input(source),
                *("-map", "0:v:0", "-vf"),
                # Made small before `thumbnail`, which holds all the pictures that it compares.
                f"scale='min({width},iw*sar)':'2*round(ow/dar/2)'{colours},setsar=1,"
                f"thumbnail={_POSTER_PICTURES}",
                *("-frames:v", "1", *coding, "-f", "image2", "-update", "1", str(unfinished)),
            ],
            binary=binary,
            timeout=time_limit(_POSTER_SECONDS),
        )
        if not unfinished.exists():  # ffmpeg calls it success when nothing came after `at`
            raise FfmpegFailed(f"no picture at {at:.1f} s", "", status=0)


def make_candidates(folder: Path, source: Path, times: Iterable[float], *, binary: str) -> None:
    """Write `candidate-1.jpg`, … of these times, from which a curator chooses the poster."""
    for number, at in enumerate(times, start=1):
        target = folder / f"candidate-{number}.jpg"
        grab_frame(source, target, at=at, binary=binary, width=_CANDIDATE_WIDTH)


def _cut(source: Path, target: Path, *, begin: float, seconds: float, binary: str) -> None:
    run_ffmpeg(
        [
            # Counted as the packets are, not from when the first of them is due.
            *("-seek_timestamp", "1", "-ss", f"{begin:.3f}"),
            *untrusted_input(source),
            *("-t", f"{seconds:.3f}"),
            *("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-map_metadata", "-1"),
            *("-avoid_negative_ts", "make_zero"),
            *("-movflags", "+faststart", "-f", "mp4", str(target)),
        ],
        binary=binary,
        timeout=time_limit(seconds),
    )
