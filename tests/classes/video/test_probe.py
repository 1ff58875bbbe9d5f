import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from classes.video import probe as probe_module
from classes.video.errors import FilmRefused, NoRoom, NotLookedInto
from classes.video.probe import (
    Probe,
    judge_duration,
    judge_film,
    judge_room,
    keyframe_before,
    probe_film,
)

from .clips import AAC, ffmpeg, make_clip, real_clip

GOOD = Probe(
    container="mov,mp4,m4a,3gp,3g2,mj2",
    duration=60,
    stream_count=2,
    video_codec="h264",
    audio_codec="aac",
    pixel_format="yuv420p",
    width=1280,
    height=720,
    frame_rate=25,
    decodable=True,
)


def test_probe_film_reads_what_is_in_it(film):
    probe = probe_film(film)

    assert probe.container == "mov,mp4,m4a,3gp,3g2,mj2"
    assert probe.duration == pytest.approx(2, abs=0.1)
    assert (probe.width, probe.height, probe.frame_rate) == (320, 180, 25)
    assert (probe.video_codec, probe.audio_codec, probe.pixel_format) == ("h264", "aac", "yuv420p")
    assert (probe.stream_count, probe.video_index, probe.audio_index) == (2, 0, 1)
    assert probe.decodable
    assert not probe.is_interlaced
    assert (probe.transfer, probe.matrix, probe.is_full_range) == ("", "", False)


@pytest.mark.parametrize(
    ("name", "size", "seconds", "audio"),
    [
        ("bigbuckbunny.mp4", (1280, 720), 5.3, "aac"),
        ("bikes.mp4", (640, 272), 10, None),
        ("carphone_pristine.mp4", (193, 144), 4, None),  # 176 pixels that are not square
    ],
)
def test_probe_film_reads_films_that_nobody_here_made(name, size, seconds, audio):
    probe = probe_film(real_clip(name))

    judge_film(probe)
    assert (probe.width, probe.height) == size
    assert probe.duration == pytest.approx(seconds, abs=0.2)
    assert probe.audio_codec == audio


@pytest.mark.parametrize(("turn", "size"), [("90", (180, 320)), ("180", (320, 180))])
def test_probe_film_sees_an_upright_phone(film, tmp_path, turn, size):
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", turn, "-i", film, "-c", "copy", turned)

    probe = probe_film(turned)

    assert (probe.width, probe.height) == size


def test_probe_film_counts_in_square_pixels(tmp_path):
    clip = make_clip(tmp_path / "wide.mp4", more=("-vf", "scale=360:288,setsar=64/45"))

    assert probe_film(clip).width == 512


@pytest.mark.parametrize(
    ("tags", "matrix"),
    [
        (("-colorspace", "bt709"), "bt709"),
        (("-colorspace", "smpte170m"), "bt601"),
        (("-colorspace", "bt470bg"), "bt601"),
    ],
)
def test_probe_film_reads_how_colours_became_numbers(tmp_path, tags, matrix):
    clip = make_clip(tmp_path / "film.mp4", seconds=1, more=tags)

    assert probe_film(clip).matrix == matrix


def test_probe_film_sees_full_range_and_lines_of_two_fields(tmp_path):
    full = make_clip(tmp_path / "full.mp4", seconds=1, more=("-pix_fmt", "yuvj420p"))
    lines = make_clip(
        tmp_path / "lines.ts",
        seconds=1,
        video=("-c:v", "mpeg2video", "-flags", "+ildct+ilme"),
        more=("-vf", "interlace"),
    )

    assert probe_film(full).is_full_range
    assert probe_film(lines).is_interlaced


def test_probe_film_passes_over_a_sound_that_cannot_be_decoded(film, tmp_path):
    """As phones record one in space beside the usual one."""
    two, odd = tmp_path / "two.mkv", tmp_path / "odd.mkv"
    ffmpeg("-i", film, "-map", "0:v", "-map", "0:a", "-map", "0:a", "-c", "copy", two)
    odd.write_bytes(two.read_bytes().replace(b"A_AAC", b"A_ODD", 1))

    probe = probe_film(odd)

    assert (probe.audio_codec, probe.audio_index) == ("aac", 2)


def test_probe_film_takes_no_cover_for_a_film(film, tmp_path):
    cover, song = tmp_path / "cover.png", tmp_path / "song.mp4"
    ffmpeg("-i", film, "-frames:v", "1", cover)
    ffmpeg(
        *("-i", film, "-i", cover, "-map", "0:a", "-map", "1:v", "-c:a", "copy", "-c:v", "png"),
        *("-disposition:v", "attached_pic", song),
    )

    with pytest.raises(FilmRefused, match="no moving picture"):
        judge_film(probe_film(song))


def test_judge_film_refuses_sound_alone(tmp_path):
    sound = tmp_path / "sound.mp4"
    ffmpeg("-f", "lavfi", "-i", "sine=d=2", *AAC, sound)

    with pytest.raises(FilmRefused, match="no moving picture"):
        judge_film(probe_film(sound))


def test_probe_film_refuses_text_with_a_film_s_name(tmp_path):
    text = tmp_path / "film.mp4"
    text.write_text("This is not a film. " * 500)

    with pytest.raises(FilmRefused, match="cannot be read as a film"):
        probe_film(text)


def test_probe_film_refuses_a_picture_with_a_film_s_name(film, tmp_path):
    picture, renamed = tmp_path / "frame.png", tmp_path / "film.mp4"
    ffmpeg("-i", film, "-frames:v", "1", picture)
    picture.rename(renamed)

    with pytest.raises(FilmRefused, match="cannot be read as a film"):
        probe_film(renamed)


def test_probe_film_refuses_an_empty_file(tmp_path):
    empty = tmp_path / "film.mp4"
    empty.touch()

    with pytest.raises(FilmRefused, match="cannot be read as a film"):
        probe_film(empty)


@pytest.mark.parametrize("name", ["film.mp4", "film.m3u8"])
def test_probe_film_opens_no_other_file_that_a_playlist_names(film, tmp_path, name):
    secret = tmp_path / "another.mp4"
    shutil.copy(film, secret)
    playlist = tmp_path / name
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n")

    with pytest.raises(FilmRefused, match="cannot be read as a film"):
        probe_film(playlist)


def test_probe_film_refuses_a_concat_script(film, tmp_path):
    script = tmp_path / "film.mp4"
    script.write_text(f"ffconcat version 1.0\nfile '{film}'\n")

    with pytest.raises(FilmRefused, match="cannot be read as a film"):
        probe_film(script)


def test_judge_film_refuses_a_hundred_hours_in_two_kilobytes(tmp_path):
    bomb = tmp_path / "bomb.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "color=black:s=64x64:r=1/36000:d=360000"),
        *("-c:v", "libx264", "-g", "1", bomb),
    )
    assert bomb.stat().st_size < 10_000

    with pytest.raises(FilmRefused, match=r"claims 1\d\d(\.\d)? hours; films may be at most 4"):
        judge_film(probe_film(bomb))


def test_probe_film_decodes_no_picture_that_is_too_large(tmp_path):
    bomb = make_clip(
        tmp_path / "bomb.mp4", picture="color=black:s=8192x8192:r=5", seconds=0.2, sound=False
    )

    probe = probe_film(bomb)

    assert not probe.decodable
    with pytest.raises(
        FilmRefused, match=r"8192 × 8192, which is 67 megapixels; films may have at most 36"
    ):
        judge_film(probe)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"video_codec": None}, "no moving picture"),
        ({"stream_count": 17}, "17 streams; films may have at most 16"),
        ({"duration": 4 * 3600 + 400}, r"claims 4\.12 hours; films may be at most 4"),
        ({"duration": 0.04}, r"lasts 0\.04 seconds; at least 1"),
        ({"width": 9000, "height": 4001}, "9000 × 4001"),
        ({"frame_rate": 4.5}, r"shows 4\.5 pictures a second; films need at least 5"),
        ({"decodable": False}, "Not one picture"),
        ({"duration": 0}, "does not say how long it is"),
        ({"width": 15, "height": 20}, "15 × 20; films need at least 16 pixels each way"),
        ({"width": 200, "height": 801}, "200 × 801; its longer side may be at most 4 times"),
    ],
)
def test_judge_film_names_the_figure_that_broke_the_rule(wrong, sentence):
    judge_film(GOOD)

    with pytest.raises(FilmRefused, match=sentence):
        judge_film(replace(GOOD, **wrong))


@pytest.mark.parametrize(
    "edge",
    [
        {"stream_count": 16},
        {"duration": 4 * 3600},
        {"duration": 1},
        {"frame_rate": 5},
        {"width": 16, "height": 16},
        {"width": 200, "height": 800},
    ],
)
def test_judge_film_takes_what_is_just_within(edge):
    judge_film(replace(GOOD, **edge))


def test_probe_film_refuses_what_takes_too_long(film, monkeypatch):
    monkeypatch.setattr(probe_module, "_WALL_SECONDS", 0.01)

    with pytest.raises(NotLookedInto, match="took more than"):
        probe_film(film)


@pytest.mark.parametrize(
    ("end", "refusal"),
    [
        ("exit 1", FilmRefused),
        ("kill -SEGV $$", FilmRefused),
        ("kill -XCPU $$", FilmRefused),
        ("kill -KILL $$", NotLookedInto),
        ("kill -TERM $$", NotLookedInto),
    ],
)
def test_probe_film_tells_a_file_from_a_machine_that_kills_the_child(
    film, monkeypatch, tmp_path, end, refusal
):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{end}\n")
    python.chmod(0o755)
    monkeypatch.setattr(probe_module.sys, "executable", str(python))

    with pytest.raises(FilmRefused, match="more memory or time") as raised:
        probe_film(film)

    assert type(raised.value) is refusal


def test_child_that_takes_too_much_time_ends_by_its_own_limit():
    limited = "import look_inside; look_inside.CPU_SECONDS = 1; look_inside.limit_this_process()"
    child = subprocess.run(
        [sys.executable, "-c", f"{limited}\nwhile True: pass"],
        cwd=Path(probe_module.__file__).parent,
    )

    assert child.returncode == -signal.SIGXCPU


@pytest.mark.parametrize(("claimed", "found"), [(60, 58.9), (60, 61.1), (2, 1.6), (2, 2.4)])
def test_judge_duration_lets_pass_what_containers_count_differently(claimed, found):
    judge_duration(claimed=claimed, found=found)


@pytest.mark.parametrize(
    ("claimed", "found", "sentence"),
    [
        (60, 58.7, r"claims 60\.0 seconds, but 58\.7 seconds of it can be read"),
        (60, 61.3, r"claims 60\.0 seconds, but goes on for 61\.3 or more"),
        (2, 1.4, r"claims 2\.0 seconds, but 1\.4 seconds"),
    ],
)
def test_judge_duration_refuses_what_is_shorter_or_longer_than_it_claims(claimed, found, sentence):
    with pytest.raises(FilmRefused, match=sentence):
        judge_duration(claimed=claimed, found=found)


def test_judge_room_names_both_figures(monkeypatch, tmp_path):
    judge_room(1_000_000, tmp_path)
    nearly_full = shutil._ntuple_diskusage(10**9, 10**9 - 5_000_000, 5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: nearly_full)

    with pytest.raises(NoRoom, match="5 MB left and this film needs 101 MB"):
        judge_room(1_000_000, tmp_path)


@pytest.mark.parametrize(("asked", "found"), [(4.4, 4), (5, 5), (0, 0)])
def test_keyframe_before_finds_where_a_copy_may_begin(long_film, asked, found):
    assert keyframe_before(long_film, asked) == pytest.approx(found, abs=0.1)
