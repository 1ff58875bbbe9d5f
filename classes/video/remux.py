"""A film that browsers play, made from an upload without touching a single picture.

H.264 and AAC are copied stream by stream into a fresh MP4, so nothing else of the upload is ever
served. Each function writes beside its target and renames, so that a target is whole or not there.
"""

from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext_noop

from .errors import FilmRefused
from .ffmpeg import FfmpegFailed, run_ffmpeg, time_limit, untrusted_input
from .probe import Probe, judge_duration, keyframe_before, probe_film
from .whole_files import renamed_when_whole

PREVIEW_SECONDS = 30.0

_CODEC_NAMES = {
    "av1": "AV1",
    "hevc": "HEVC (H.265)",
    "mjpeg": "Motion JPEG",
    "mpeg1video": "MPEG-1",
    "mpeg2video": "MPEG-2",
    "mpeg4": "MPEG-4 Part 2 (DivX, Xvid)",
    "prores": "Apple ProRes",
    "vp8": "VP8",
    "vp9": "VP9",
    "mp3": "MP3",
    "mp3float": "MP3",
    "opus": "Opus",
    "libopus": "Opus",
    "pcm_s16le": "PCM",
    "vorbis": "Vorbis",
    "ac3": "Dolby Digital (AC-3)",
    "eac3": "Dolby Digital Plus (E-AC-3)",
}
# What every browser's H.264 decoder takes; ten-bit and 4:4:4 pictures play in some of them only.
_PIXEL_FORMATS = {"yuv420p", "yuvj420p"}


def is_copyable(probe: Probe) -> bool:
    """Whether every browser plays these streams as they are."""
    return (
        probe.video_codec == "h264"
        and probe.pixel_format in _PIXEL_FORMATS
        and probe.audio_codec in (None, "aac")
    )


def judge_copyable(probe: Probe) -> None:
    """Refuse, by its name, any codec that not every browser plays."""
    if probe.video_codec != "h264":
        raise FilmRefused(
            gettext_noop(
                "The picture is coded as %(codec)s. Export the film as MP4 with H.264 and AAC."
            ),
            codec=_spoken(probe.video_codec),
        )
    if probe.pixel_format not in _PIXEL_FORMATS:
        raise FilmRefused(
            gettext_noop(
                "The picture is H.264 with %(pixel_format)s colour, which few browsers play. "
                "Export the film with 8-bit 4:2:0 colour (yuv420p)."
            ),
            pixel_format=probe.pixel_format,
        )
    if probe.audio_codec not in (None, "aac"):
        raise FilmRefused(
            gettext_noop(
                "The sound is coded as %(codec)s. Export the film as MP4 with H.264 and AAC."
            ),
            codec=_spoken(probe.audio_codec),
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


def cut_preview(
    film: Path,
    target: Path,
    *,
    duration: float,
    binary: str,
    seconds: float = PREVIEW_SECONDS,
) -> None:
    """Cut the public excerpt of a film of ours: from one third in, `seconds` long or what there is.

    A file of its own, so that nobody reaches the rest of the film through it. It begins at the
    keyframe before one third, but never becomes longer for that.
    """
    third = duration / 3
    with renamed_when_whole(target) as unfinished:
        # A hair after the keyframe: asked for its exact time, ffmpeg may settle on the one before.
        start = keyframe_before(film, third) + 0.02
        run_ffmpeg(
            [
                *("-ss", f"{start:.3f}"),
                *untrusted_input(film),
                *("-t", f"{min(seconds, duration - third):.3f}"),
                *("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-map_metadata", "-1"),
                *("-avoid_negative_ts", "make_zero"),
                *("-movflags", "+faststart", "-f", "mp4", str(unfinished)),
            ],
            binary=binary,
            timeout=time_limit(seconds),
        )


def grab_poster_frame(film: Path, target: Path, *, at: float, binary: str) -> None:
    """Write, as PNG, the picture that stands best for the two seconds from `at` on.

    At most 1280 pixels wide, upright and with square pixels, ready for `pictures.make_renditions`.
    """
    with renamed_when_whole(target) as unfinished:
        run_ffmpeg(
            [
                *("-ss", f"{at:.3f}"),
                *untrusted_input(film),
                *("-map", "0:v:0"),
                # Made small before `thumbnail`, which holds all the pictures that it compares.
                *("-vf", "scale='min(1280,iw*sar)':-2,setsar=1,thumbnail=50"),
                *("-frames:v", "1", "-c:v", "png", "-f", "image2", "-update", "1", str(unfinished)),
            ],
            binary=binary,
            timeout=time_limit(0),
        )
        if not unfinished.exists():  # ffmpeg calls it success when nothing came after `at`
            raise FfmpegFailed(f"no picture at {at:.1f} s", "")


def _streams(probe: Probe) -> list[str]:
    arguments = ["-map", f"0:{probe.video_index}"]
    if probe.audio_index is not None:
        arguments += ["-map", f"0:{probe.audio_index}"]
    return arguments


def _spoken(codec: str | None) -> str:
    return _CODEC_NAMES.get(codec or "", (codec or "").upper())
