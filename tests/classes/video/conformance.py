"""Ladders of small films, and what has to be true of every one of them."""

import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest
from django.conf import settings

from classes.video.encode import encode_ladder
from classes.video.ffmpeg import find_ffmpeg
from classes.video.plan import Encoding, Plan, plan_ladder
from classes.video.probe import judge_film, probe_film

QUICK = Encoding(preset="ultrafast")
BT709, LIMITED_RANGE = 1, 1


def make_ladder(master: Path, folder: Path, encoding: Encoding = QUICK) -> Plan:
    """Take a file the whole way from the first look to its renditions."""
    folder.mkdir(parents=True, exist_ok=True)
    probe = probe_film(master)
    judge_film(probe)
    plan = plan_ladder(probe, encoding)
    encode_ladder(master, folder, plan, binary=find_ffmpeg(settings.FFMPEG_BINARY))
    return plan


def sizes(plan: Plan) -> list[tuple[int, int]]:
    return [(rung.width, rung.height) for rung in plan.rungs]


def assert_conformant(folder: Path, plan: Plan) -> None:
    """Each rendition is as planned and as browsers want it, and all are cut at the same frames."""
    assert {path.name for path in folder.iterdir()} == {
        f"{rung.name}{suffix}" for rung in plan.rungs for suffix in (".mp4", ".m3u8")
    }
    keyframes, boundaries = [], []
    for rung in plan.rungs:
        playlist = (folder / f"{rung.name}.m3u8").read_text()
        lengths = [float(found) for found in re.findall(r"#EXTINF:([0-9.]+)", playlist)]
        boundaries.append(lengths)
        assert sum(lengths) == pytest.approx(plan.duration, abs=0.5)
        assert playlist.endswith("#EXT-X-ENDLIST\n")
        with av.open(folder / f"{rung.name}.mp4") as film:
            _assert_picture(film.streams.video[0], rung.width, rung.height, plan.frame_rate)
            _assert_sound(film, plan)
            keyframes.append(_keyframes(film))
        gaps = [after - before for before, after in pairwise(keyframes[-1])]
        assert max(gaps, default=0) <= plan.gop
    assert keyframes.count(keyframes[0]) == len(keyframes)
    assert boundaries.count(boundaries[0]) == len(boundaries)
    assert _starts(boundaries[0], plan.frame_rate) <= set(keyframes[0])


def _assert_picture(stream, width: int, height: int, frame_rate: Fraction) -> None:
    context = stream.codec_context
    assert (context.width, context.height) == (width, height)
    assert stream.sample_aspect_ratio in (None, 1)
    assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
    tags = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
    assert tags == (BT709, BT709, BT709, LIMITED_RANGE)
    assert float(stream.average_rate) == pytest.approx(float(frame_rate), rel=0.001)


def _assert_sound(film, plan: Plan) -> None:
    sounds = [
        (sound.codec_context.name, sound.rate, sound.layout.name) for sound in film.streams.audio
    ]
    assert sounds == ([("aac", 48000, "stereo")] if plan.has_audio else [])
    assert len(film.streams) == 1 + len(sounds)
    for sound in film.streams.audio:
        ends = [
            packet.pts + packet.duration for packet in film.demux(sound) if packet.pts is not None
        ]
        assert ends[-1] * sound.time_base == pytest.approx(plan.duration, abs=0.5)
    film.seek(0)


def _keyframes(film) -> list[int]:
    """Which frames are keyframes, counted in the order in which they are shown."""
    packets = [p for p in film.demux(film.streams.video[0]) if p.pts is not None]
    packets.sort(key=lambda packet: packet.pts)
    return [number for number, packet in enumerate(packets) if packet.is_keyframe]


def _starts(lengths: list[float], frame_rate: Fraction) -> set[int]:
    return {round(sum(lengths[:count]) * frame_rate) for count in range(len(lengths))}
