import re
import shutil
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from classes.models import Video
from classes.video import ffmpeg as running
from classes.video.check import Expected, check_ladder
from classes.video.errors import LadderBroken
from classes.video.ffmpeg import FfmpegFailed, Stopped
from classes.video.playlists import read_media_playlist

from .clips import ffmpeg, make_clip
from .whole_ladders import make_whole_ladder, small_plan

# One rung as the encoder makes it, for tests to make it anew with something else in its place.
ENCODED = (
    *("-map", "0:V", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
    *("-vf", "scale=160:90,setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709"),
    *("-colorspace", "bt709", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0"),
)
SOUND = ("-map", "0:a", "-c:a", "aac", "-ac", "2", "-ar", "48000")
PACKAGED = (
    *("-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"),
    *("-hls_flags", "independent_segments+single_file"),
)


@pytest.fixture(scope="session")
def expected(ladder_plan) -> Expected:
    return Expected.of_plan(ladder_plan)


@pytest.fixture
def folder(ladder, tmp_path) -> Path:
    """A good ladder, to break something in it."""
    return Path(shutil.copytree(ladder, tmp_path / "ladder"))


@pytest.fixture
def faults(folder, expected, binary):
    """Check the broken ladder and return what was found, a sentence to a line."""

    def check(*, expected=expected, decode=False) -> str:
        with pytest.raises(LadderBroken) as caught:
            check_ladder(folder, expected, binary=binary, decode=decode)
        return "\n".join(caught.value.faults)

    return check


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def encode_again(folder: Path, master: Path, *options: str, sound=SOUND) -> None:
    """Make the rung 90p anew. Of options that are given twice, ffmpeg heeds the last."""
    names = ("-hls_segment_filename", folder / "90p.mp4", folder / "90p.m3u8")
    ffmpeg("-i", master, *ENCODED, *sound, *PACKAGED, *options, *names)


def test_a_good_ladder_passes(ladder, expected, binary):
    check_ladder(ladder, expected, binary=binary)


@pytest.mark.parametrize(
    ("picture", "sound"),
    [
        ("testsrc2=size=180x320:rate=30000/1001", True),
        ("testsrc2=size=320x180:rate=50", False),
        ("testsrc2=size=320x180:rate=12.345", True),
    ],
)
def test_ladders_of_other_films_pass(tmp_path, binary, picture, sound):
    clip = make_clip(tmp_path / "film.mp4", seconds=5, picture=picture, sound=sound)
    plan = small_plan(clip, rungs=None)
    made = make_whole_ladder(tmp_path / "ladder", clip, plan, binary=binary)

    check_ladder(made, Expected.of_plan(plan), binary=binary)


def test_a_row_says_what_its_ladder_was_to_become(expected):
    video = Video(
        duration=timedelta(seconds=expected.duration),
        frame_rate=25.0,
        has_audio=True,
        renditions=[
            {"name": "180p", "width": 320, "height": 180, "bytes": 1},
            {"name": "90p", "width": 160, "height": 90, "bytes": 1},
        ],
    )

    assert Expected.of_video(video) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("master.m3u8", "180p.m3u8", "180p.mp4", "90p.m3u8", "90p.mp4"),
        *("film.mp4", "storyboard.vtt", "storyboard-1.jpg"),
    ],
)
def test_every_file_is_missed(folder, faults, name):
    (folder / name).unlink()

    assert f"{name} is missing." in faults()


@pytest.mark.parametrize("name", ["180p.mp4", "film.mp4"])
def test_an_empty_film_is_noticed(folder, faults, name):
    (folder / name).write_bytes(b"")

    assert f"{name} cannot be read" in faults()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("#EXT-X-ENDLIST\n", "", "90p.m3u8 does not say that it is whole"),
        ("TYPE:VOD", "TYPE:EVENT", "90p.m3u8 does not say that it is whole"),
        ("DURATION:4", "DURATION:3", "promises segments of 3 s at most; the longest has 4 s"),
        ("DURATION:4", "DURATION:40", "promises segments of 40 s at most; the longest has 4 s"),
        ("#EXTINF:4", "#EXTINF:four", "90p.m3u8: Line 8, '#EXTINF:four.000000,', cannot be read"),
    ],
)
def test_a_playlist_that_misleads_is_noticed(folder, faults, old, new, sentence):
    edit(folder / "90p.m3u8", old, new)

    assert sentence in faults()


def test_a_playlist_of_another_rendition_is_noticed(folder, faults):
    shutil.copy(folder / "180p.m3u8", folder / "90p.m3u8")

    assert "90p.m3u8 names ranges of 180p.mp4." in faults()


def test_a_segment_too_few_is_noticed(folder, faults):
    lines = (folder / "90p.m3u8").read_text().splitlines()
    (folder / "90p.m3u8").write_text("\n".join([*lines[:-4], lines[-1]]))

    found = faults()

    assert "90p.m3u8 has 2 segments; 180p.m3u8 has 3." in found
    assert "90p.m3u8 lasts 8.00 s; the film 12.0" in found
    assert re.search(r"90p\.m3u8 ends at byte \d+; 90p\.mp4 has \d+\.", found)


def test_a_boundary_two_frames_away_is_noticed(folder, faults):
    edit(folder / "90p.m3u8", "#EXTINF:4.000000", "#EXTINF:4.080000")
    edit(folder / "90p.m3u8", "#EXTINF:4.000000", "#EXTINF:3.920000")

    found = faults()

    assert "90p.mp4 begins segment 2 at 4.000 s; its playlist says 4.080 s." in found
    assert "90p.m3u8 begins segment 2 at 4.080 s; 180p.m3u8 at 4.000 s." in found
    assert "segment 3" not in found


def test_a_boundary_one_frame_away_is_let_be(folder, expected, binary):
    """As between 29.97 pictures a second and a clock of two seconds."""
    edit(folder / "90p.m3u8", "#EXTINF:4.000000", "#EXTINF:4.040000")
    edit(folder / "90p.m3u8", "#EXTINF:4.000000", "#EXTINF:3.960000")

    check_ladder(folder, expected, binary=binary, decode=False)


@pytest.mark.parametrize("moved", [100, -100])
def test_a_gap_or_overlap_of_ranges_is_noticed(folder, faults, moved):
    length, offset = re.findall(r"BYTERANGE:(\d+)@(\d+)", (folder / "90p.m3u8").read_text())[1]
    edit(folder / "90p.m3u8", f"{length}@{offset}", f"{length}@{int(offset) + moved}")

    found = faults()

    assert f"90p.m3u8 goes on at byte {int(offset) + moved}, where" in found
    assert f"before it ends at {offset}." in found


@pytest.mark.parametrize("bytes_more", [8, -8])
def test_a_file_of_another_length_is_noticed(folder, faults, bytes_more):
    film = folder / "90p.mp4"
    whole = film.read_bytes()
    film.write_bytes(whole + bytes(8) if bytes_more > 0 else whole[:bytes_more])

    assert f"90p.m3u8 ends at byte {len(whole)}; 90p.mp4 has {len(whole) + bytes_more}." in faults()


def test_a_boundary_without_keyframe_is_noticed(folder, faults, long_film):
    encode_again(folder, long_film, "-hls_time", "3", "-hls_flags", "single_file+split_by_time")

    found = faults()

    assert "90p.mp4 begins segment 2 without a keyframe." in found
    assert "90p.m3u8 has 4 segments; 180p.m3u8 has 3." in found


def test_a_keyframe_too_late_is_noticed(folder, faults, long_film):
    encode_again(folder, long_film, "-g", "100")

    found = faults()

    assert "90p.mp4 has no keyframe in the 4.00 s after 4.00 s." in found
    assert "begins segment" not in found


def test_a_ladder_of_a_part_of_the_film_is_noticed(faults, expected):
    found = faults(expected=replace(expected, duration=13))

    assert "180p.m3u8 lasts 12.00 s; the film 13.00 s." in found
    assert "film.mp4 lasts 12.0" in found


def test_a_film_shorter_than_its_playlist_is_noticed(folder, faults):
    film = folder / "90p.mp4"
    more = f"#EXTINF:2,\n#EXT-X-BYTERANGE:8@{film.stat().st_size}\n90p.mp4\n#EXT-X-ENDLIST"
    film.write_bytes(film.read_bytes() + b"\0\0\0\x08free")
    edit(folder / "90p.m3u8", "#EXT-X-ENDLIST", more)

    found = faults()

    assert "90p.mp4 lasts 12.00 s; its playlist says 14.00 s." in found
    assert "90p.mp4 has no picture in segment 4." in found


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("-vf", "scale=160:92,setsar=1"), "90p.mp4 is 160 × 92 and not 160 × 90."),
        (("-vf", "scale=160:90,setsar=2"), "90p.mp4 is turned or stretched"),
        (("-r", "24"), "90p.mp4 shows 24.000 pictures a second and not 25.000."),
        (("-pix_fmt", "yuv444p"), "90p.mp4 is coded as h264 yuv444p and not as h264 yuv420p."),
        (("-c:v", "mpeg4"), "90p.mp4 is coded as mpeg4 yuv420p"),
        (("-vf", "scale=160:90,setsar=1"), "90p.mp4 does not say that its colours are"),
        (("-ac", "1"), "90p.mp4 has aac 48000 Hz mono and not aac 48000 Hz stereo."),
        (("-ar", "44100"), "90p.mp4 has aac 44100 Hz stereo and not aac 48000 Hz stereo."),
    ],
)
def test_another_coding_is_noticed(folder, faults, long_film, options, sentence):
    encode_again(folder, long_film, *options)

    assert sentence in faults()


def test_missing_sound_is_noticed(folder, faults, long_film):
    encode_again(folder, long_film, sound=())

    assert "90p.mp4 has no sound and not aac 48000 Hz stereo." in faults()


def test_sound_that_should_not_be_there_is_noticed(faults, expected):
    found = faults(expected=replace(expected, has_audio=False))

    assert "180p.mp4 has aac 48000 Hz stereo and not no sound." in found


def test_a_turn_left_to_the_player_is_noticed(folder, faults):
    turned = folder / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", folder / "90p.mp4", "-c", "copy", turned)
    names = ("-hls_segment_filename", folder / "90p.mp4", folder / "90p.m3u8")
    ffmpeg("-i", turned, "-c", "copy", *PACKAGED, *names)

    assert "90p.mp4 is turned or stretched: players are to do that." in faults()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("90p.m3u8", "91p.m3u8", "master.m3u8 lists 180p.m3u8 320x180, 91p.m3u8 160x90 and not"),
        ("160x90", "160x80", "master.m3u8 lists 180p.m3u8 320x180, 90p.m3u8 160x80 and not"),
        ("BANDWIDTH=", "BANDWIDTH=1", "master.m3u8 gives 180p.m3u8 1"),
        ("BANDWIDTH=", "BANDWIDTH=x", "master.m3u8 gives 180p.m3u8 x"),
        ("#EXT-X-STREAM-INF", "#EXT", "master.m3u8: Line 5 has no #EXT-X-STREAM-INF before it."),
    ],
)
def test_a_master_playlist_that_misleads_is_noticed(folder, faults, old, new, sentence):
    edit(folder / "master.m3u8", old, new)

    assert sentence in faults()


def test_an_mp4_of_another_film_is_noticed(folder, faults):
    make_clip(folder / "film.mp4", seconds=3, picture="testsrc2=size=200x100:rate=25")

    found = faults()

    assert "film.mp4 lasts 3.0" in found
    assert "film.mp4 is 200 × 100, which is no rendition's size." in found


def test_a_storyboard_without_pictures_is_noticed(folder, faults):
    (folder / "storyboard.vtt").write_text("WEBVTT\n")

    assert "storyboard.vtt names no picture." in faults()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_damaged_pictures_are_noticed_by_decoding(folder, faults, expected, binary, number):
    film = folder / "180p.mp4"
    segment = read_media_playlist((folder / "180p.m3u8").read_text()).segments[number]
    data = bytearray(film.read_bytes())
    at = segment.offset + segment.length // 2
    data[at : at + 4000] = 4000 * b"U"
    film.write_bytes(data)

    check_ladder(folder, expected, binary=binary, decode=False)
    assert "180p.mp4 cannot be decoded: " in faults(decode=True)


def test_all_faults_are_told_at_once(folder, faults):
    (folder / "film.mp4").unlink()
    edit(folder / "90p.m3u8", "#EXT-X-ENDLIST\n", "")
    edit(folder / "180p.m3u8", "DURATION:4", "DURATION:3")

    assert len(faults(decode=True).splitlines()) == 3


def test_a_machine_that_cannot_decode_is_not_the_ladder_s_fault(ladder, expected, tmp_path):
    """The kernel kills ffmpeg, say, where memory has run out."""
    killed = tmp_path / "ffmpeg"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)

    with pytest.raises(FfmpegFailed, match="status -9"):
        check_ladder(ladder, expected, binary=str(killed))


def test_a_check_stops_when_the_worker_is_told_to(ladder, expected, binary, monkeypatch):
    told = threading.Event()
    told.set()
    monkeypatch.setattr(running, "_stopping", told)

    with pytest.raises(Stopped):
        check_ladder(ladder, expected, binary=binary)


def test_a_check_says_how_far_it_is(ladder, expected, binary):
    told: list[float] = []

    check_ladder(ladder, expected, binary=binary, on_progress=told.append)

    assert told == sorted(told)
    assert told[-1] == pytest.approx(1, abs=0.1)


def test_a_check_ends_when_its_caller_gives_up(ladder, expected, binary):
    def stopped(done: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        check_ladder(ladder, expected, binary=binary, on_progress=stopped)

    assert not running._running
