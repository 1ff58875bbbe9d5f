"""One run of ffmpeg that makes every rendition of a film, cut at the same moments.

Decoding once and encoding side by side takes less than a run for each, and players may change from
one rendition to another only where all have a keyframe at the same time.
"""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext_noop

from .errors import FilmRefused
from .ffmpeg import FfmpegFailed, run_ffmpeg, time_limit, untrusted_input
from .plan import Plan
from .playlists import MediaPlaylist, read_media_playlist
from .probe import judge_duration

SEGMENT_SECONDS = 4

# The last of a disk is for others: the database may lie on it too.
_BYTES_LEFT_ALONE = 20_000_000


def encode_ladder(
    master: Path,
    folder: Path,
    plan: Plan,
    *,
    binary: str,
    on_progress: Callable[[float], None] | None = None,
) -> None:
    """Leave `<name>.mp4` and the playlist `<name>.m3u8` of each rung in `folder`, or none of them.

    Each is one fragmented MP4 with its sound, in segments of about four seconds that a playlist
    finds by their place in it. `on_progress` as for `run_ffmpeg`.

    FilmRefused where the file is damaged or lasts longer or shorter than it claims; FfmpegFailed
    where the machine may be at fault; OSError (ENOSPC) where the disk is nearly full; Stopped as
    `run_ffmpeg`. A second of film in Full HD costs about 3.4 seconds of CPU with the preset
    "faster".
    """

    def goes_on(seconds: float) -> None:
        _judge_disk(folder)
        if on_progress:
            on_progress(seconds)

    made = [folder / f"{rung.name}{suffix}" for rung in plan.rungs for suffix in (".mp4", ".m3u8")]
    try:
        run_ffmpeg(
            _arguments(master, plan),
            binary=binary,
            timeout=time_limit(plan.duration),
            on_progress=goes_on,
            folder=folder,
        )
        playlists = [_whole(folder, rung.name) for rung in plan.rungs]
        judge_duration(claimed=plan.duration, found=playlists[0].duration)
    except BaseException as fault:
        for path in made:
            path.unlink(missing_ok=True)
        if isinstance(fault, FfmpegFailed) and not fault.is_the_machines:
            raise FilmRefused(
                gettext_noop("This film cannot be read to its end: it is probably damaged.")
            ) from fault
        raise


def _arguments(master: Path, plan: Plan) -> list[str]:
    return [
        *untrusted_input(master),
        *("-filter_complex", _filters(plan)),
        *_streams(plan),
        *_picture(plan),
        *(_sound(plan) if plan.has_audio else ()),
        # A phone writes into the metadata where it was held.
        *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
        *("-t", f"{plan.cut_off:.3f}"),
        *("-f", "hls", "-hls_time", str(SEGMENT_SECONDS), "-hls_playlist_type", "vod"),
        *("-hls_segment_type", "fmp4", "-hls_flags", "independent_segments+single_file"),
        *("-var_stream_map", _variants(plan)),
        # Names only: in a path a percent sign would mean something.
        *("-hls_segment_filename", "%v.mp4", "%v.m3u8"),
    ]


def _filters(plan: Plan) -> str:
    """Of the one stream all that is the same for all rungs, then a branch for each."""
    count = len(plan.rungs)
    ends = "".join(f"[s{number}]" for number in range(count))
    shared = ",".join((*plan.prelude, f"split={count}"))
    branches = [
        f"[s{number}]scale={rung.width}:{rung.height}:flags=bicubic,setsar=1[v{number}]"
        for number, rung in enumerate(plan.rungs)
    ]
    return ";".join([f"[0:{plan.video_index}]{shared}{ends}", *branches])


def _streams(plan: Plan) -> list[str]:
    """The sound goes into every rendition: not all players take it from a file of its own."""
    arguments = []
    for number in range(len(plan.rungs)):
        arguments += ["-map", f"[v{number}]"]
        if plan.has_audio:
            arguments += ["-map", f"0:{plan.audio_index}"]
    return arguments


def _picture(plan: Plan) -> list[str]:
    gop = str(plan.gop)
    arguments = [
        *("-c:v", "libx264", "-preset", plan.encoding.preset, "-profile:v", "high"),
        *("-crf", str(plan.encoding.crf)),
        # Keyframes where the clock says, never where the picture changes: segments begin there.
        *("-g", gop, "-keyint_min", gop, "-sc_threshold", "0"),
        *("-force_key_frames", "expr:gte(t,n_forced*2)"),
        *("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
        *("-color_range", "tv"),
    ]
    for number, rung in enumerate(plan.rungs):
        arguments += [f"-maxrate:v:{number}", f"{rung.max_kbits}k"]
        arguments += [f"-bufsize:v:{number}", f"{2 * rung.max_kbits}k"]
    return arguments


def _sound(plan: Plan) -> list[str]:
    return [
        *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"),
        # It begins with the picture and lasts as long, its gaps silent: players stop at a hole.
        *("-af", f"aresample=async=1:first_pts=0,apad=whole_dur={plan.duration:.3f}"),
    ]


def _variants(plan: Plan) -> str:
    return " ".join(
        f"v:{number},a:{number},name:{rung.name}"
        if plan.has_audio
        else f"v:{number},name:{rung.name}"
        for number, rung in enumerate(plan.rungs)
    )


def _judge_disk(folder: Path) -> None:
    if shutil.disk_usage(folder).free < _BYTES_LEFT_ALONE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _whole(folder: Path, name: str) -> MediaPlaylist:
    """ffmpeg's writer of HLS overlooks that a disk is full, and ends as if all were well."""
    try:
        playlist = read_media_playlist((folder / f"{name}.m3u8").read_text())
        written = (folder / f"{name}.mp4").stat().st_size
    except (ValueError, FileNotFoundError) as fault:
        raise FfmpegFailed(f"ffmpeg wrote {name} only in part", str(fault)) from fault
    if not playlist.is_ended or written < playlist.segments[-1].end:
        raise FfmpegFailed(f"ffmpeg wrote {name} only in part", "")
    return playlist
