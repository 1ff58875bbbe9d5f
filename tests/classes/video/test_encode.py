import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from classes.video.encode import encode_ladder
from classes.video.errors import FilmRefused
from classes.video.ffmpeg import FfmpegFailed
from classes.video.plan import Encoding, Plan, plan_ladder
from classes.video.probe import probe_film

from .clips import ffmpeg, make_clip
from .conformance import QUICK, assert_conformant


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "100 %v of it"  # a name that ffmpeg would read as a pattern
    made.mkdir()
    return made


def plan_of(master: Path, encoding: Encoding = QUICK) -> Plan:
    return plan_ladder(probe_film(master), encoding)


def pretended(tmp_path: Path, does: str) -> str:
    """A program in ffmpeg's place."""
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    return str(program)


def test_encode_ladder_makes_all_renditions_at_once(tmp_path, folder, binary):
    clip = make_clip(tmp_path / "film.mp4", picture="testsrc2=s=854x480:r=25", seconds=5)
    plan = plan_of(clip)
    progress: list[float] = []

    encode_ladder(clip, folder, plan, binary=binary, on_progress=progress.append)

    assert_conformant(folder, plan)
    assert [rung.name for rung in plan.rungs] == ["480p", "240p"]
    assert progress[-1] == pytest.approx(5, abs=0.3)
    playlist = (folder / "480p.m3u8").read_text()
    assert playlist.count("480p.mp4") == 3  # its beginning and two segments, by their place
    assert playlist.count("#EXT-X-BYTERANGE") == 2


def test_encode_ladder_heeds_preset_and_quality(film, folder, binary):
    """x264 writes into its stream how it was asked to work."""
    encode_ladder(film, folder, plan_of(film, Encoding(preset="slower", crf=19)), binary=binary)

    made = (folder / "180p.mp4").read_bytes()
    assert b"crf=19.0" in made
    assert b"subme=9" in made


def test_encode_ladder_leaves_alone_what_lay_there(film, folder, binary):
    other = folder / "storyboard.vtt"
    other.write_text("WEBVTT")
    damaged = folder.parent / "damaged.mp4"
    damaged.write_bytes(b"nothing of a film")

    with pytest.raises(FilmRefused):
        encode_ladder(damaged, folder, plan_of(film), binary=binary)

    assert list(folder.iterdir()) == [other]


def test_encode_ladder_refuses_a_film_that_was_cut_off(long_film, tmp_path, folder, binary):
    """With its index first, such a file still claims to be whole."""
    whole, cut = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    ffmpeg("-i", long_film, "-c", "copy", "-movflags", "+faststart", whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])

    with pytest.raises(FilmRefused, match=r"claims 12\.0 seconds, but \d\.\d seconds"):
        encode_ladder(cut, folder, plan_of(cut), binary=binary)

    assert list(folder.iterdir()) == []


def test_encode_ladder_follows_no_file_beyond_what_it_claims(long_film, folder, binary):
    plan = replace(plan_of(long_film), duration=2.0)

    with pytest.raises(FilmRefused, match=r"claims 2\.0 seconds, but goes on for \d\.\d or more"):
        encode_ladder(long_film, folder, plan, binary=binary)

    assert list(folder.iterdir()) == []


def test_encode_ladder_notices_what_ffmpeg_could_not_write(film, folder, binary):
    """On the device that is always full, ffmpeg ends as if it had written all."""
    (folder / "180p.mp4").symlink_to("/dev/full")

    with pytest.raises(FfmpegFailed, match="wrote 180p only in part") as caught:
        encode_ladder(film, folder, plan_of(film), binary=binary)

    assert caught.value.is_the_machines
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("playlist", ["", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"])
def test_encode_ladder_notices_a_playlist_that_could_not_be_written(
    film, folder, tmp_path, playlist
):
    program = pretended(tmp_path, f"touch 180p.mp4; printf '{playlist}' > 180p.m3u8")

    with pytest.raises(FfmpegFailed, match="wrote 180p only in part"):
        encode_ladder(film, folder, plan_of(film), binary=program)

    assert list(folder.iterdir()) == []


def test_encode_ladder_stops_before_the_disk_is_full(long_film, folder, binary, monkeypatch):
    nearly_full = shutil._ntuple_diskusage(10**9, 10**9 - 5_000_000, 5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: nearly_full)

    with pytest.raises(OSError, match="No space left on device"):
        encode_ladder(
            long_film, folder, plan_of(long_film, Encoding(preset="placebo")), binary=binary
        )

    assert list(folder.iterdir()) == []


def test_encode_ladder_does_not_call_a_kill_the_film_s_fault(film, folder, tmp_path):
    with pytest.raises(FfmpegFailed, match="status -9"):
        encode_ladder(film, folder, plan_of(film), binary=pretended(tmp_path, "kill -9 $$"))


@pytest.mark.parametrize("said", ["No such filter: 'zscale'", "Unknown encoder 'libx264'"])
def test_encode_ladder_does_not_call_a_poor_ffmpeg_the_film_s_fault(film, folder, tmp_path, said):
    poor = pretended(tmp_path, f'echo "{said}" >&2; exit 8')

    with pytest.raises(FfmpegFailed, match=said.split(":")[0]):
        encode_ladder(film, folder, plan_of(film), binary=poor)


def test_encode_ladder_leaves_nothing_when_it_is_stopped(long_film, folder, binary):
    class LeaseLost(Exception):
        pass

    def lost(_seconds: float) -> None:
        assert any(folder.iterdir())
        raise LeaseLost

    plan = plan_of(long_film, Encoding(preset="placebo"))
    with pytest.raises(LeaseLost):
        encode_ladder(long_film, folder, plan, binary=binary, on_progress=lost)

    assert list(folder.iterdir()) == []
