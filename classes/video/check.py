"""Whether a ladder is what players need. Nothing is published before this says so.

Players take playlists at their word: a range that ends in the middle of a picture, or renditions
that are cut at different moments, play as green blocks and stalls that nobody here would see.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import av

from .errors import LadderBroken
from .ffmpeg import FfmpegFailed, run_ffmpeg, time_limit, untrusted_input
from .layout import FALLBACK, MASTER_PLAYLIST, STORYBOARD
from .playlists import MediaPlaylist, read_master_playlist, read_media_playlist

if TYPE_CHECKING:
    from classes.models import Video

    from .plan import Plan

# Every two seconds a picture that stands for itself: so finely can be sought and switched.
MAX_KEYFRAME_SECONDS = 2.0

# A container counts its last picture in or out, and sound runs a little past the picture.
_DURATION_SLACK_SECONDS = 0.5
_DURATION_SLACK = 0.02
# As much as Apple lets a peak be off.
_BANDWIDTH_SLACK = 0.1
# Playlists round to microseconds, and some time bases to milliseconds.
_ROUNDING = 0.0015

_BT709 = 1  # of matrix, primaries and transfer alike


@dataclass(frozen=True)
class Expected:
    """What a ladder was to become."""

    duration: float  # seconds
    frame_rate: float
    has_audio: bool
    sizes: Mapping[str, tuple[int, int]]  # "480p" -> width, height

    @classmethod
    def of_plan(cls, plan: "Plan") -> "Expected":
        return cls(
            duration=plan.duration,
            frame_rate=float(plan.frame_rate),
            has_audio=plan.has_audio,
            sizes={rung.name: (rung.width, rung.height) for rung in plan.rungs},
        )

    @classmethod
    def of_video(cls, video: "Video") -> "Expected":
        """Of a row that has a ladder; ValueError where it has none."""
        if video.duration is None or video.frame_rate is None:
            raise ValueError(f"{video} has no ladder")
        return cls(
            duration=video.duration.total_seconds(),
            frame_rate=video.frame_rate,
            has_audio=video.has_audio,
            sizes={each["name"]: (each["width"], each["height"]) for each in video.renditions},
        )

    def lasts(self, seconds: float) -> bool:
        slack = max(_DURATION_SLACK_SECONDS, _DURATION_SLACK * self.duration)
        return abs(seconds - self.duration) <= slack


@dataclass(frozen=True)
class _Film:
    """What the packets of a rendition and its first picture tell."""

    bytes: int
    coding: str  # of the picture, "h264 yuv420p"
    size: tuple[int, int]
    is_bt709: bool
    is_upright: bool  # no rotation and no stretching left to the player
    sound: tuple[str, ...]  # each as "aac 48000 Hz stereo"
    frames: int
    seconds: float  # from the first picture to the last one's end
    keyframes: tuple[float, ...]  # seconds from the first picture
    # The first picture that begins in each range: when, and whether it is a keyframe.
    openings: Mapping[int, tuple[float, bool]]


def check_ladder(
    folder: Path,
    expected: Expected,
    *,
    binary: str,
    decode: bool = True,
    on_progress: Callable[[float], None] | None = None,
) -> None:
    """Raise LadderBroken unless all that a folder must hold is there and fits together.

    These are the renditions, the master playlist, the MP4 for browsers without HLS and the
    storyboard. Reads every byte of the renditions; an hour of film takes seconds. `decode` also
    decodes every picture, unless a fault is found before, which costs about a fourteenth of what
    encoding did. `on_progress` is told about once a second how much of that is done, up to 1.
    FfmpegFailed where the machine could not, Stopped after `ffmpeg.stop_all`.
    """
    faults = [
        *_rendition_faults(folder, expected),
        *_master_faults(folder, expected),
        *_fallback_faults(folder, expected),
        *_storyboard_faults(folder),
    ]
    if not faults and decode:
        for number, name in enumerate(expected.sizes):

            def goes_on(seconds: float, number: int = number) -> None:
                if on_progress:
                    done = min(1, seconds / expected.duration)
                    on_progress((number + done) / len(expected.sizes))

            faults += _decoding_faults(folder / f"{name}.mp4", expected, binary, goes_on)
    if faults:
        raise LadderBroken(faults)


def _rendition_faults(folder: Path, expected: Expected) -> Iterator[str]:
    frame = 1 / expected.frame_rate + _ROUNDING
    first: tuple[str, MediaPlaylist] | None = None
    for name, size in expected.sizes.items():
        listing, film_name = f"{name}.m3u8", f"{name}.mp4"
        try:
            playlist = _read_playlist(folder / listing)
            film = _read_film(folder / film_name, playlist)
        except _Unreadable as fault:
            yield str(fault)
            continue
        yield from _playlist_faults(listing, playlist, expected, film)
        yield from _stream_faults(film_name, film, size, expected)
        yield from _time_faults(film_name, film, playlist, expected, frame)
        first = first or (listing, playlist)
        yield from _alignment_faults(listing, playlist, *first, frame)


def _playlist_faults(
    name: str, playlist: MediaPlaylist, expected: Expected, film: _Film
) -> Iterator[str]:
    if not (playlist.is_vod and playlist.is_ended):
        yield f"{name} does not say that it is whole: VOD and ENDLIST."
    longest = round(max(segment.duration for segment in playlist.segments))
    if not longest <= playlist.target_duration <= longest + 1:
        yield (
            f"{name} promises segments of {playlist.target_duration} s at most; "
            f"the longest has {longest} s."
        )
    if playlist.uri != name.replace(".m3u8", ".mp4"):
        yield f"{name} names ranges of {playlist.uri}."
    end = 0
    ranges = [(playlist.map_offset, playlist.map_length)]
    ranges += [(segment.offset, segment.length) for segment in playlist.segments]
    for offset, length in ranges:
        if offset != end:
            yield f"{name} goes on at byte {offset}, where the range before it ends at {end}."
        end = offset + length
    if end != film.bytes:
        yield f"{name} ends at byte {end}; {playlist.uri} has {film.bytes}."
    if not expected.lasts(playlist.duration):
        yield f"{name} lasts {playlist.duration:.2f} s; the film {expected.duration:.2f} s."


def _stream_faults(
    name: str, film: _Film, size: tuple[int, int], expected: Expected
) -> Iterator[str]:
    if film.size != size:
        yield f"{name} is {film.size[0]} × {film.size[1]} and not {size[0]} × {size[1]}."
    if film.coding != "h264 yuv420p":
        yield f"{name} is coded as {film.coding} and not as h264 yuv420p."
    if not film.is_bt709:
        yield f"{name} does not say that its colours are those of BT.709."
    if not film.is_upright:
        yield f"{name} is turned or stretched: players are to do that."
    sound = ("aac 48000 Hz stereo",) if expected.has_audio else ()
    if film.sound != sound:
        yield f"{name} has {_listed(film.sound)} and not {_listed(sound)}."


def _time_faults(
    name: str, film: _Film, playlist: MediaPlaylist, expected: Expected, frame: float
) -> Iterator[str]:
    # One more or less is left to rounding: 29.97 and 30 differ by that after 33 seconds.
    if abs(film.frames - film.seconds * expected.frame_rate) > 1:
        rate = film.frames / film.seconds if film.seconds else 0.0
        yield f"{name} shows {rate:.3f} pictures a second and not {expected.frame_rate:.3f}."
    if abs(film.seconds - playlist.duration) > _DURATION_SLACK_SECONDS:
        yield f"{name} lasts {film.seconds:.2f} s; its playlist says {playlist.duration:.2f} s."
    for start, end in pairwise([*film.keyframes, film.seconds]):
        if end - start > MAX_KEYFRAME_SECONDS + frame:
            yield f"{name} has no keyframe in the {end - start:.2f} s after {start:.2f} s."
    for number, start in enumerate(playlist.starts):
        at, is_keyframe = film.openings.get(number, (None, False))
        if at is None:
            yield f"{name} has no picture in segment {number + 1}."
        elif abs(at - start) > frame:
            yield (
                f"{name} begins segment {number + 1} at {at:.3f} s; "
                f"its playlist says {start:.3f} s."
            )
        elif not is_keyframe:
            yield f"{name} begins segment {number + 1} without a keyframe."


def _alignment_faults(
    name: str, playlist: MediaPlaylist, other_name: str, other: MediaPlaylist, frame: float
) -> Iterator[str]:
    if len(playlist.segments) != len(other.segments):
        yield (
            f"{name} has {len(playlist.segments)} segments; {other_name} has {len(other.segments)}."
        )
        return
    for number, (start, its_start) in enumerate(zip(playlist.starts, other.starts, strict=True)):
        if abs(start - its_start) > frame:
            yield (
                f"{name} begins segment {number + 1} at {start:.3f} s; "
                f"{other_name} at {its_start:.3f} s."
            )


def _master_faults(folder: Path, expected: Expected) -> Iterator[str]:
    try:
        named = read_master_playlist(_read_text(folder / MASTER_PLAYLIST))
    except _Unreadable as fault:
        yield str(fault)
        return
    except ValueError as fault:
        yield f"{MASTER_PLAYLIST}: {fault}"
        return
    sizes = {f"{name}.m3u8": f"{w}x{h}" for name, (w, h) in expected.sizes.items()}
    listed = {name: attributes.get("RESOLUTION", "") for name, attributes in named.items()}
    if listed != sizes:
        yield f"{MASTER_PLAYLIST} lists {_listed(listed)} and not {_listed(sizes)}."
    for name in sizes.keys() & named.keys():
        given = named[name].get("BANDWIDTH", "")
        with suppress(_Unreadable):  # said already
            takes = _read_playlist(folder / name).bandwidth
            if not given.isdecimal() or abs(int(given) - takes) > _BANDWIDTH_SLACK * takes:
                yield f"{MASTER_PLAYLIST} gives {name} {given} bits a second; it takes {takes}."


def _fallback_faults(folder: Path, expected: Expected) -> Iterator[str]:
    try:
        with _opened(folder / FALLBACK) as container:
            seconds = (container.duration or 0) / av.time_base
            context = container.streams.video[0].codec_context
            size = (context.width, context.height)
    except _Unreadable as fault:
        yield str(fault)
        return
    if not expected.lasts(seconds):
        yield f"{FALLBACK} lasts {seconds:.2f} s; the film {expected.duration:.2f} s."
    if size not in expected.sizes.values():
        yield f"{FALLBACK} is {size[0]} × {size[1]}, which is no rendition's size."


def _storyboard_faults(folder: Path) -> Iterator[str]:
    try:
        lines = _read_text(folder / STORYBOARD).splitlines()
    except _Unreadable as fault:
        yield str(fault)
        return
    sheets = sorted({line.partition("#")[0] for line in lines if "#xywh=" in line})
    if not sheets:
        yield f"{STORYBOARD} names no picture."
    for sheet in sheets:
        if not (folder / sheet).is_file():
            yield f"{sheet} is missing."


def _decoding_faults(
    film: Path, expected: Expected, binary: str, on_progress: Callable[[float], None]
) -> Iterator[str]:
    # H.264 has no checksums: a flipped bit is nearly always found, not every short run of zeros.
    try:
        run_ffmpeg(
            [
                *("-xerror", "-err_detect", "explode"),
                # Smoothing the edges of blocks is a third of the work, and finds nothing.
                *("-skip_loop_filter", "all"),
                *untrusted_input(film),
                *("-map", "0", "-f", "null", "-"),
            ],
            binary=binary,
            timeout=time_limit(expected.duration),
            on_progress=on_progress,
        )
    except FfmpegFailed as failure:
        if failure.is_the_machines:
            raise
        yield f"{film.name} cannot be decoded: {failure.stderr.rpartition(chr(10))[2]}"


class _Unreadable(Exception):
    """A file is missing or is nothing that can be judged; says which and why."""


def _read_text(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        raise _Unreadable(f"{path.name} is missing.") from None
    except UnicodeDecodeError as fault:
        raise _Unreadable(f"{path.name} cannot be read: {fault}.") from None


def _read_playlist(path: Path) -> MediaPlaylist:
    try:
        return read_media_playlist(_read_text(path))
    except ValueError as fault:
        raise _Unreadable(f"{path.name}: {fault}") from None


@contextmanager
def _opened(path: Path) -> Iterator["av.container.InputContainer"]:
    try:
        with av.open(f"file:{path.absolute()}") as container:
            yield container
    except FileNotFoundError:
        raise _Unreadable(f"{path.name} is missing.") from None
    except (av.FFmpegError, IndexError, StopIteration) as fault:  # the latter two: no picture
        raise _Unreadable(f"{path.name} cannot be read: {fault!r}.") from None


def _read_film(path: Path, playlist: MediaPlaylist) -> _Film:
    """Read all packets and decode the first picture."""
    with _opened(path) as container:
        container.streams.video[0].codec_context.thread_count = 1
        picture = next(container.decode(video=0))  # only pictures know of a rotation
    offsets = [segment.offset for segment in playlist.segments]
    openings: dict[int, tuple[float, bool]] = {}
    starts, ends, keyframes = [], [], []
    with _opened(path) as container:
        video = container.streams.video[0]
        context = video.codec_context
        for packet in container.demux(video):
            if packet.pts is None or packet.pos is None:
                continue  # the empty one at the end
            start = float(packet.pts * packet.time_base)
            starts.append(start)
            ends.append(start + float((packet.duration or 0) * packet.time_base))
            if packet.is_keyframe:
                keyframes.append(start)
            segment = bisect_right(offsets, packet.pos) - 1
            openings.setdefault(segment, (start, packet.is_keyframe))
        first = min(starts)
        return _Film(
            bytes=path.stat().st_size,
            coding=f"{context.name} {context.pix_fmt}",
            size=(context.width, context.height),
            is_bt709=(context.colorspace, context.color_primaries, context.color_trc)
            == (_BT709, _BT709, _BT709),
            is_upright=video.sample_aspect_ratio in (None, 0, 1) and picture.rotation == 0,
            sound=tuple(
                f"{each.codec_context.name} {each.codec_context.sample_rate} Hz "
                f"{each.codec_context.layout.name}"
                for each in container.streams.audio
            ),
            frames=len(starts),
            seconds=max(ends) - first,
            keyframes=tuple(keyframe - first for keyframe in keyframes),
            openings={
                number: (start - first, is_keyframe)
                for number, (start, is_keyframe) in openings.items()
            },
        )


def _listed(things: Mapping[str, str] | tuple[str, ...]) -> str:
    if isinstance(things, Mapping):
        return ", ".join(f"{name} {value}" for name, value in things.items()) or "nothing"
    return ", ".join(things) or "no sound"
