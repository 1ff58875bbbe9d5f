from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from classes.video import remux
from classes.video.errors import FilmRefused
from classes.video.ffmpeg import FfmpegFailed
from classes.video.probe import probe_film
from classes.video.remux import copy_film, is_copyable

from .clips import boxes, ffmpeg, make_clip, real_clip


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "made"
    made.mkdir()
    return made


def test_copy_film_puts_the_index_first(film, folder, binary):
    assert boxes(film).index("moov") > boxes(film).index("mdat")

    copied = copy_film(film, folder / "film.mp4", probe=probe_film(film), binary=binary)

    names = boxes(folder / "film.mp4")
    assert names.index("moov") < names.index("mdat")
    assert copied == probe_film(folder / "film.mp4")
    assert (copied.video_codec, copied.audio_codec) == ("h264", "aac")
    assert [path.name for path in folder.iterdir()] == ["film.mp4"]


def test_copy_film_drops_what_a_phone_wrote(film, folder, tmp_path, binary):
    tagged = tmp_path / "tagged.mp4"
    ffmpeg(
        *("-i", film, "-c", "copy", "-metadata", "title=Kitchen", "-metadata"),
        *("location=+52.5200+013.4050/", "-movflags", "use_metadata_tags", tagged),
    )
    assert b"+52.5200" in tagged.read_bytes()

    copy_film(tagged, folder / "film.mp4", probe=probe_film(tagged), binary=binary)

    made = (folder / "film.mp4").read_bytes()
    assert b"+52.5200" not in made
    assert b"Kitchen" not in made


def test_copy_film_leaves_out_the_cover_of_a_recording(film, folder, tmp_path, binary):
    cover, covered = tmp_path / "cover.png", tmp_path / "covered.mp4"
    Image.new("RGB", (64, 64)).save(cover)
    inputs = ("-i", cover, "-i", film, "-map", "0", "-map", "1")
    ffmpeg(*inputs, "-c", "copy", "-disposition:v:0", "attached_pic", covered)

    copied = copy_film(covered, folder / "film.mp4", probe=probe_film(covered), binary=binary)

    assert (copied.video_codec, copied.stream_count) == ("h264", 2)


@pytest.mark.parametrize("name", ["bigbuckbunny.mp4", "bikes.mp4"])
def test_copy_film_takes_films_that_nobody_here_made(name, folder, binary):
    """One with 5.1 sound, one silent."""
    master = real_clip(name)
    probe = probe_film(master)
    assert is_copyable(probe)

    copied = copy_film(master, folder / "film.mp4", probe=probe, binary=binary)

    assert copied.duration == pytest.approx(probe.duration, abs=0.2)
    assert copied.audio_codec == probe.audio_codec


@pytest.mark.parametrize("extension", ["mkv", "ts", "mov"])
def test_copy_film_reads_other_containers(film, folder, tmp_path, binary, extension):
    master = tmp_path / f"film.{extension}"
    ffmpeg("-i", film, "-c", "copy", master)

    copied = copy_film(master, folder / "film.mp4", probe=probe_film(master), binary=binary)

    assert copied.container.startswith("mov,mp4")
    assert copied.duration == pytest.approx(2, abs=0.3)


def test_copy_film_takes_one_sound_of_many(film, folder, tmp_path, binary):
    master = tmp_path / "many.mkv"
    ffmpeg("-i", film, "-map", "0:v", "-map", "0:a", "-map", "0:a", "-c", "copy", master)

    copied = copy_film(master, folder / "film.mp4", probe=probe_film(master), binary=binary)

    assert copied.stream_count == 2


def test_is_copyable_where_every_browser_plays_the_streams(film):
    probe = probe_film(film)

    assert is_copyable(probe)
    assert is_copyable(replace(probe, audio_codec=None))
    assert is_copyable(replace(probe, pixel_format="yuvj420p"))


@pytest.mark.parametrize(
    "coding",
    [
        {"video": ("-c:v", "libx265", "-x265-params", "log-level=none")},
        {"video": ("-c:v", "mpeg4")},
        {"audio": ("-c:a", "libmp3lame")},
        {"video": ("-c:v", "libx264", "-pix_fmt", "yuv444p")},
    ],
    ids=["HEVC", "MPEG-4", "MP3", "4:4:4"],
)
def test_is_copyable_is_false_where_only_some_do(tmp_path, coding):
    clip = make_clip(tmp_path / "film.mp4", seconds=1, **coding)

    assert not is_copyable(probe_film(clip))


def test_copy_film_refuses_a_film_that_was_cut_off(long_film, folder, tmp_path, binary):
    """With its index first, such a file still says that it is whole."""
    whole, cut = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    ffmpeg("-i", long_film, "-c", "copy", "-movflags", "+faststart", whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    probe = probe_film(cut)
    assert probe.duration == pytest.approx(12, abs=0.2)

    with pytest.raises(FilmRefused, match=r"claims 12\.0 seconds, but \d\.\d seconds"):
        copy_film(cut, folder / "film.mp4", probe=probe, binary=binary)

    assert list(folder.iterdir()) == []


def test_copy_film_refuses_a_film_whose_index_was_cut_off(long_film, tmp_path):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(long_film.read_bytes()[: long_film.stat().st_size // 2])

    with pytest.raises(FilmRefused, match="cannot be read as a film"):
        probe_film(cut)


def test_copy_film_keeps_the_target_when_it_fails(film, folder, tmp_path, binary):
    target = folder / "film.mp4"
    target.write_text("the film from before")
    playlist = tmp_path / "playlist.mp4"
    playlist.write_text(f"#EXTM3U\n#EXTINF:2,\n{film}\n")

    with pytest.raises(FilmRefused, match="could not be copied"):
        copy_film(playlist, target, probe=probe_film(film), binary=binary)

    assert target.read_text() == "the film from before"
    assert len(list(folder.iterdir())) == 1


def test_copy_film_does_not_call_a_full_disk_the_film_s_fault(film, folder, binary, monkeypatch):
    def disk_is_full(*_args, **_kwargs):
        raise FfmpegFailed("ffmpeg ended with status 228", "film.mp4: No space left on device")

    monkeypatch.setattr(remux, "run_ffmpeg", disk_is_full)

    with pytest.raises(FfmpegFailed, match="No space left"):
        copy_film(film, folder / "film.mp4", probe=probe_film(film), binary=binary)
