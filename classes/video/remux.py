"""A film that browsers play, made from an upload without touching a single picture.

H.264 and AAC are copied stream by stream into a fresh MP4, so nothing else of the upload is ever
served.
"""

from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext_noop

from .errors import FilmRefused
from .ffmpeg import FfmpegFailed, run_ffmpeg, time_limit, untrusted_input
from .probe import Probe, judge_duration, probe_film
from .whole_files import renamed_when_whole

# What every browser's H.264 decoder takes; ten-bit and 4:4:4 pictures play in some of them only.
_PIXEL_FORMATS = {"yuv420p", "yuvj420p"}


def is_copyable(probe: Probe) -> bool:
    """Whether every browser plays these streams as they are."""
    return (
        probe.video_codec == "h264"
        and probe.pixel_format in _PIXEL_FORMATS
        and probe.audio_codec in (None, "aac")
    )


def copy_film(
    master: Path,
    target: Path,
    *,
    probe: Probe,
    binary: str,
    on_progress: Callable[[float], None] | None = None,
) -> Probe:
    """Copy picture and first sound of `master` into a faststart MP4 and return what that one is.

    FilmRefused where the copy is shorter or longer than the file claims, as with a file that was
    cut off in an upload. FfmpegFailed where the machine may be at fault, as with a full disk.
    """
    with renamed_when_whole(target) as unfinished:
        try:
            run_ffmpeg(
                [
                    *untrusted_input(master),
                    *_streams(probe),
                    *("-c", "copy"),
                    # A phone writes into the metadata where it was held.
                    *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
                    *("-movflags", "+faststart", "-f", "mp4", str(unfinished)),
                ],
                binary=binary,
                timeout=time_limit(probe.duration),
                on_progress=on_progress,
            )
        except FfmpegFailed as failure:
            if failure.is_the_machines:
                raise
            raise FilmRefused(
                gettext_noop("This film could not be copied into an MP4: it is probably damaged.")
            ) from failure
        copied = probe_film(unfinished)
        judge_duration(claimed=probe.duration, found=copied.duration)
    return copied


def _streams(probe: Probe) -> list[str]:
    arguments = ["-map", f"0:{probe.video_index}"]
    if probe.audio_index is not None:
        arguments += ["-map", f"0:{probe.audio_index}"]
    return arguments
