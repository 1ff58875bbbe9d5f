"""HLS playlists: those that ffmpeg wrote for each rendition are read, the master is written here.

Every rendition is one file, of which its playlist names byte ranges. The master's figures are
measured from them, for players choose by them: what an encoder was asked for says little of what
came out.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import av

from .layout import MASTER_PLAYLIST

# Players begin with the rendition that is listed first. At 900 kbit/s one that begins with 720p
# shows nothing for twenty seconds.
FIRST_SHORT_SIDE = 480

_RANGE = re.compile(r"(\d+)@(\d+)")
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)(?:,|$)')


@dataclass(frozen=True)
class Segment:
    duration: float  # seconds
    offset: int  # bytes
    length: int

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True)
class MediaPlaylist:
    """One rendition: an init section and segments, all of them ranges of the file `uri`."""

    target_duration: int  # seconds
    map_offset: int
    map_length: int
    uri: str
    segments: tuple[Segment, ...]
    is_vod: bool
    is_ended: bool

    @property
    def duration(self) -> float:
        return sum(segment.duration for segment in self.segments)

    @property
    def starts(self) -> tuple[float, ...]:
        """When each segment begins, in seconds from the first one."""
        starts, seconds = [], 0.0
        for segment in self.segments:
            starts.append(seconds)
            seconds += segment.duration
        return tuple(starts)

    @property
    def bandwidth(self) -> int:
        """Bits a second of the densest stretch of about one target duration.

        As the standard has it, of any run of segments that lasts between half and one and a half
        of that. So a last segment of a few pictures, mostly keyframe, does not count for itself.
        """
        # Only the last of ours may be short, so that no run of three is short enough.
        runs = [
            self.segments[first:last]
            for first in range(len(self.segments))
            for last in range(first + 1, min(first + 3, len(self.segments) + 1))
        ]
        shortest, longest = 0.5 * self.target_duration, 1.5 * self.target_duration
        counted = [run for run in runs if shortest <= _seconds(run) <= longest]
        return max((_bits_a_second(run) for run in counted), default=self.average_bandwidth)

    @property
    def average_bandwidth(self) -> int:
        return _bits_a_second(self.segments)


@dataclass(frozen=True)
class Rendition:
    """One line of a master playlist."""

    name: str
    width: int
    height: int
    bytes: int  # of its file
    bandwidth: int  # bits a second, of its densest stretch
    average_bandwidth: int
    codecs: str  # as RFC 6381 spells them, e.g. "avc1.64001f,mp4a.40.2"

    def as_dict(self) -> dict[str, str | int]:
        """What `Video.renditions` keeps of it."""
        facts = asdict(self)
        del facts["codecs"]
        return facts


def read_media_playlist(text: str) -> MediaPlaylist:
    """Read a playlist of byte ranges of one file. ValueError with the number of the line at fault.

    Tags that say nothing of these ranges are passed over, as the standard asks.
    """
    target_duration = 0
    init: tuple[int, int] | None = None
    uri, duration, byte_range = "", None, None
    segments: list[Segment] = []
    is_vod = is_ended = False

    lines = text.splitlines()
    if not lines or lines[0] != "#EXTM3U":
        raise ValueError("Line 1 is not #EXTM3U.")
    for number, line in enumerate(lines[1:], start=2):
        tag, _, value = line.partition(":")
        try:
            if tag == "#EXT-X-TARGETDURATION":
                target_duration = int(value)
            elif tag == "#EXT-X-PLAYLIST-TYPE":
                is_vod = value == "VOD"
            elif tag == "#EXT-X-ENDLIST":
                is_ended = True
            elif tag == "#EXT-X-MAP":
                attributes = _attributes(value)
                init, uri = _byte_range(attributes["BYTERANGE"]), attributes["URI"]
            elif tag == "#EXTINF":
                duration = _length(value.partition(",")[0])
            elif tag == "#EXT-X-BYTERANGE":
                byte_range = _byte_range(value)
            elif line and not line.startswith("#"):
                if duration is None or byte_range is None:
                    raise ValueError("it has no #EXTINF and #EXT-X-BYTERANGE before it")
                if line != uri:
                    raise ValueError(
                        f"it is not the file of #EXT-X-MAP, {uri or 'which is missing'}"
                    )
                segments.append(Segment(duration, offset=byte_range[1], length=byte_range[0]))
                duration = byte_range = None
        except (ValueError, KeyError) as fault:
            raise ValueError(f"Line {number}, {line[:80]!r}, cannot be read: {fault}.") from None
    if init is None or not target_duration or not segments:
        raise ValueError(
            f"Line {len(lines)} is the last, and there was no #EXT-X-TARGETDURATION, no #EXT-X-MAP "
            "or no segment."
        )
    return MediaPlaylist(
        target_duration=target_duration,
        map_offset=init[1],
        map_length=init[0],
        uri=uri,
        segments=tuple(segments),
        is_vod=is_vod,
        is_ended=is_ended,
    )


def read_master_playlist(text: str) -> dict[str, dict[str, str]]:
    """The attributes of each media playlist that a master names, in its order, by file name."""
    named: dict[str, dict[str, str]] = {}
    attributes: dict[str, str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-STREAM-INF":
            attributes = _attributes(value)
        elif line and not line.startswith("#"):
            if attributes is None:
                raise ValueError(f"Line {number} has no #EXT-X-STREAM-INF before it.")
            named[line] = attributes
            attributes = None
    return named


def write_master(
    folder: Path, *, sizes: Mapping[str, tuple[int, int]], frame_rate: float, has_audio: bool
) -> tuple[Rendition, ...]:
    """Write `master.m3u8` for the renditions that lie in a folder, and return them in its order.

    `sizes` names them: `480p` for `480p.m3u8` and `480p.mp4`, with width and height. The one
    nearest to 480p comes first, then the others from the largest down. ValueError where a playlist
    cannot be read.
    """
    renditions = [
        _measure(folder, name, sizes[name], has_audio=has_audio) for name in _in_order(sizes)
    ]
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for rendition in renditions:
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={rendition.bandwidth}"
            f",AVERAGE-BANDWIDTH={rendition.average_bandwidth}"
            f',CODECS="{rendition.codecs}"'
            f",RESOLUTION={rendition.width}x{rendition.height}"
            f",FRAME-RATE={frame_rate:.3f}"
            ",CLOSED-CAPTIONS=NONE",
            f"{rendition.name}.m3u8",
        ]
    (folder / MASTER_PLAYLIST).write_text("\n".join(lines) + "\n")
    return tuple(renditions)


def _in_order(sizes: Mapping[str, tuple[int, int]]) -> list[str]:
    first = min(sizes, key=lambda name: (abs(min(sizes[name]) - FIRST_SHORT_SIDE), sizes[name]))
    others = sorted(sizes.keys() - {first}, key=lambda name: sizes[name], reverse=True)
    return [first, *others]


def _measure(folder: Path, name: str, size: tuple[int, int], *, has_audio: bool) -> Rendition:
    playlist = read_media_playlist((folder / f"{name}.m3u8").read_text())
    film = folder / f"{name}.mp4"
    return Rendition(
        name=name,
        width=size[0],
        height=size[1],
        bytes=film.stat().st_size,
        bandwidth=playlist.bandwidth,
        average_bandwidth=playlist.average_bandwidth,
        codecs=",".join([_avc(film), "mp4a.40.2"] if has_audio else [_avc(film)]),
    )


def _avc(film: Path) -> str:
    """The profile, what constrains it, and the level, out of the init section."""
    with av.open(f"file:{film.absolute()}") as container:
        extradata = container.streams.video[0].codec_context.extradata
    if not extradata or len(extradata) < 4:
        raise ValueError(f"{film.name} does not say how its picture is coded.")
    return f"avc1.{extradata[1:4].hex()}"


def _attributes(value: str) -> dict[str, str]:
    return {name: quoted.strip('"') for name, quoted in _ATTRIBUTE.findall(value)}


def _length(value: str) -> float:
    seconds = float(value)
    if not 0 < seconds < math.inf:
        raise ValueError(f"{value} is no length")
    return seconds


def _byte_range(value: str) -> tuple[int, int]:
    """Length and offset. The standard lets the offset be left out; ffmpeg always writes it."""
    match = _RANGE.fullmatch(value)
    if match is None:
        raise ValueError("a byte range is <length>@<offset>")
    return int(match[1]), int(match[2])


def _seconds(segments: Sequence[Segment]) -> float:
    return sum(segment.duration for segment in segments)


def _bits_a_second(segments: Sequence[Segment]) -> int:
    return math.ceil(8 * sum(segment.length for segment in segments) / _seconds(segments))
