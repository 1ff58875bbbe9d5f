import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from classes.video.errors import FilmRefused
from classes.video.extras import (
    cut_preview,
    default_preview_start,
    grab_frame,
    make_candidates,
    make_fallback,
    make_storyboard,
    poster_times,
)
from classes.video.ffmpeg import FfmpegFailed
from classes.video.plan import Encoding, Rung
from classes.video.probe import probe_film

from .clips import boxes, ffmpeg, make_clip
from .whole_ladders import make_whole_ladder, small_plan

RED, GREEN, BLUE = (255, 0, 0), (0, 128, 0), (0, 0, 255)
# Four seconds each of red, green and blue.
COLOURS = (
    "color=red:s=320x180:r=25:d=4[r];color=green:s=320x180:r=25:d=4[g];"
    "color=blue:s=320x180:r=25:d=4[b];[r][g][b]concat=n=3"
)


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "made"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def with_b_frames(tmp_path_factory, long_film, ladder_plan, binary) -> Path:
    """A rendition as the studio makes them: pictures are not stored in the order of showing."""
    folder = tmp_path_factory.mktemp("ladders") / "ladder"
    plan = replace(ladder_plan, encoding=Encoding(preset="faster"), rungs=ladder_plan.rungs[:1])
    return make_whole_ladder(folder, long_film, plan, binary=binary) / "180p.mp4"


@pytest.fixture(scope="module")
def colourful(tmp_path_factory, binary) -> Path:
    """The ladder's folder of a film in three colours."""
    folder = tmp_path_factory.mktemp("colours")
    clip = make_clip(folder / "film.mp4", seconds=12, picture=COLOURS)
    return make_whole_ladder(folder / "ladder", clip, small_plan(clip), binary=binary)


def picture_at(path: Path, seconds: float, folder: Path) -> Image.Image:
    out = folder / "picture.bmp"
    ffmpeg("-ss", f"{seconds:.3f}", "-i", path, "-frames:v", "1", out)
    with Image.open(out) as picture:
        return picture.copy()  # read now: the next one takes its place


def is_like(picture: Image.Image, other: Image.Image, tolerance: float = 1) -> bool:
    return max(ImageStat.Stat(ImageChops.difference(picture, other)).mean) < tolerance


def is_filled_with(picture: Image.Image, colour: tuple[int, int, int]) -> bool:
    plain = Image.new("RGB", picture.size, colour)
    return is_like(picture.convert("RGB"), plain, tolerance=8)


def test_make_fallback_copies_a_rendition_with_its_index_first(ladder):
    names = boxes(ladder / "film.mp4")

    assert names.index("moov") < names.index("mdat")
    assert "moof" not in names
    film, rendition = probe_film(ladder / "film.mp4"), probe_film(ladder / "180p.mp4")
    assert replace(film, duration=0) == replace(rendition, duration=0)
    assert film.duration == pytest.approx(12, abs=0.1)
    assert (film.video_codec, film.audio_codec) == ("h264", "aac")


def test_make_fallback_keeps_the_target_when_it_fails(folder, ladder, binary):
    (folder / "180p.m3u8").write_bytes((ladder / "180p.m3u8").read_bytes())
    (folder / "180p.mp4").write_text("#EXTM3U\n")
    (folder / "film.mp4").write_text("the film from before")

    with pytest.raises(FfmpegFailed):
        make_fallback(folder, "180p", binary=binary)

    assert (folder / "film.mp4").read_text() == "the film from before"
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize(("start", "begins"), [(0, 0), (3.99, 2), (4, 4), (5.9, 4)])
def test_cut_preview_begins_with_the_keyframe_before(
    with_b_frames, tmp_path, binary, start, begins
):
    preview = tmp_path / "preview.mp4"

    cut_preview(with_b_frames, preview, start=start, seconds=3, duration=12, binary=binary)

    first = picture_at(preview, 0, tmp_path)
    assert is_like(first, picture_at(with_b_frames, begins, tmp_path))
    # No two pictures of this film are alike.
    assert not is_like(first, picture_at(with_b_frames, begins + 0.2, tmp_path))
    assert [path.name for path in tmp_path.glob("*.mp4")] == ["preview.mp4"]


@pytest.mark.parametrize("seconds", [2, 5.5])
@pytest.mark.parametrize("start", [0, 4.3])
def test_cut_preview_is_never_longer_than_asked(with_b_frames, tmp_path, binary, start, seconds):
    preview = tmp_path / "preview.mp4"

    cut_preview(with_b_frames, preview, start=start, seconds=seconds, duration=12, binary=binary)

    assert seconds - 0.5 < probe_film(preview).duration <= seconds
    assert boxes(preview).index("moov") < boxes(preview).index("mdat")


@pytest.mark.parametrize(("start", "left"), [(8, 4), (11.5, 1), (500, 1)])
def test_cut_preview_never_goes_past_the_end(with_b_frames, tmp_path, binary, start, left):
    preview = tmp_path / "preview.mp4"

    cut_preview(with_b_frames, preview, start=start, seconds=30, duration=12, binary=binary)

    assert left - 0.5 < probe_film(preview).duration <= left


def test_cut_preview_of_a_copy_with_one_keyframe_does_not_give_it_away(tmp_path, binary):
    clip = make_clip(tmp_path / "film.mp4", seconds=12, more=("-g", "1000"))

    cut_preview(clip, tmp_path / "preview.mp4", start=6, seconds=3, duration=12, binary=binary)

    assert 2.5 < probe_film(tmp_path / "preview.mp4").duration <= 3


def test_cut_preview_of_a_film_with_few_pictures_a_second(tmp_path, binary):
    """Its pictures are so far apart that the first cut is too long."""
    clip = make_clip(
        tmp_path / "film.mp4",
        seconds=12,
        picture="testsrc2=size=320x180:rate=5",
        video=("-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p"),
    )

    cut_preview(clip, tmp_path / "preview.mp4", start=0, seconds=4, duration=12, binary=binary)

    assert 2.5 < probe_film(tmp_path / "preview.mp4").duration <= 4


def test_cut_preview_of_a_silent_film_is_silent(tmp_path, binary):
    clip = make_clip(tmp_path / "film.mp4", seconds=3, sound=False)

    cut_preview(clip, tmp_path / "preview.mp4", start=1, seconds=1, duration=3, binary=binary)

    assert probe_film(tmp_path / "preview.mp4").audio_codec is None


def test_cut_preview_keeps_the_one_before_when_it_fails(folder, binary):
    preview = folder / "preview.mp4"
    preview.write_text("the preview from before")
    (folder / "film.mp4").write_text("#EXTM3U\n")

    with pytest.raises(FilmRefused):
        cut_preview(folder / "film.mp4", preview, start=0, seconds=3, duration=12, binary=binary)

    assert preview.read_text() == "the preview from before"
    assert len(list(folder.iterdir())) == 2


def test_default_preview_start_is_one_third_in():
    assert default_preview_start(1800) == 600


def test_make_storyboard_shows_what_each_segment_begins_with(colourful):
    text = (colourful / "storyboard.vtt").read_text()

    assert text == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:04.000\nstoryboard-1.jpg#xywh=0,0,160,90\n\n"
        "00:00:04.000 --> 00:00:08.000\nstoryboard-1.jpg#xywh=160,0,160,90\n\n"
        "00:00:08.000 --> 00:00:12.000\nstoryboard-1.jpg#xywh=320,0,160,90\n"
    )
    with Image.open(colourful / "storyboard-1.jpg") as sheet:
        assert sheet.size == (480, 90)
        for number, colour in enumerate([RED, GREEN, BLUE]):
            tile = sheet.crop((160 * number, 0, 160 * (number + 1), 90))
            assert is_filled_with(tile, colour)


def test_make_storyboard_fills_sheets_of_a_hundred(tmp_path, binary):
    """Nearly seven minutes, held upright, at 14.985 pictures a second."""
    clip = make_clip(
        tmp_path / "film.mp4",
        seconds=410,
        picture="testsrc2=size=36x64:rate=15000/1001",
        sound=False,
    )
    plan = small_plan(clip, rungs=(Rung("36p", 36, 64, 100),))
    folder = make_whole_ladder(tmp_path / "ladder", clip, plan, binary=binary)

    text = (folder / "storyboard.vtt").read_text()

    tiles = re.findall(r"storyboard-(\d)\.jpg#xywh=(\d+),(\d+),(\d+),(\d+)", text)
    assert len(tiles) == len(set(tiles)) == 103
    assert tiles[0] == ("1", "0", "0", "90", "160")
    assert tiles[99] == ("1", "810", "1440", "90", "160")
    assert tiles[102] == ("2", "180", "0", "90", "160")
    assert {path.name for path in folder.glob("storyboard-*")} == {
        "storyboard-1.jpg",
        "storyboard-2.jpg",
    }
    times = re.findall(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})", text)
    starts = [60 * int(minutes) + float(seconds) for _, minutes, seconds, *_ in times]
    assert all(3.9 < after - before < 4.1 for before, after in pairwise(starts))
    assert times[-1][3:] == ("00", "06", "50.010")
    for sheet, x, y, width, height in tiles:
        with Image.open(folder / f"storyboard-{sheet}.jpg") as picture:
            tile = picture.crop((int(x), int(y), int(x) + int(width), int(y) + int(height)))
            assert max(ImageStat.Stat(tile).mean) > 40  # not the black of a place left empty


@given(st.floats(1, 4 * 3600))
def test_poster_times_lie_within_the_film(duration):
    times = poster_times(duration)

    assert all(0 < at < duration for at in times)
    assert len(set(times)) == 3
    assert times == poster_times(duration)


@pytest.mark.parametrize("name", ["poster.png", "poster.jpg"])
@pytest.mark.parametrize(("at", "colour"), [(0.5, RED), (5, GREEN), (9, BLUE)])
def test_grab_frame_keeps_the_film_s_colours(colourful, tmp_path, binary, name, at, colour):
    grab_frame(colourful / "180p.mp4", tmp_path / name, at=at, binary=binary)

    with Image.open(tmp_path / name) as picture:
        assert picture.format == {"poster.png": "PNG", "poster.jpg": "JPEG"}[name]
        assert is_filled_with(picture, colour)


def test_grab_frame_passes_over_what_flashes_by(tmp_path, binary):
    clip = make_clip(
        tmp_path / "film.mp4",
        seconds=4,
        picture="color=red:s=320x180:r=25,drawbox=color=white:t=fill:enable='between(n,25,27)'",
    )

    grab_frame(clip, tmp_path / "poster.png", at=1, binary=binary)

    with Image.open(tmp_path / "poster.png") as picture:
        assert is_filled_with(picture, RED)


def test_grab_frame_is_upright_and_not_too_wide(tmp_path, binary):
    clip = make_clip(
        tmp_path / "film.mp4", seconds=1, picture="testsrc2=size=1920x1080:rate=10", sound=False
    )
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", clip, "-c", "copy", turned)

    grab_frame(clip, tmp_path / "lying.png", at=0.5, binary=binary)
    grab_frame(turned, tmp_path / "upright.png", at=0.5, binary=binary)
    grab_frame(turned, tmp_path / "small.jpg", at=0.5, binary=binary, width=640)

    assert Image.open(tmp_path / "lying.png").size == (1280, 720)
    assert Image.open(tmp_path / "upright.png").size == (1080, 1920)
    assert Image.open(tmp_path / "small.jpg").size == (640, 1138)


def test_grab_frame_has_square_pixels(tmp_path, binary):
    clip = make_clip(tmp_path / "film.mp4", more=("-vf", "setsar=2"))

    grab_frame(clip, tmp_path / "poster.png", at=0.5, binary=binary)

    assert Image.open(tmp_path / "poster.png").size == (640, 180)


@pytest.mark.parametrize("at", [2.5, 60])
def test_grab_frame_past_the_end_leaves_nothing(film, folder, binary, at):
    with pytest.raises(FfmpegFailed):
        grab_frame(film, folder / "poster.png", at=at, binary=binary)

    assert list(folder.iterdir()) == []


def test_make_candidates_offers_frames_of_several_places(colourful, folder, binary):
    make_candidates(folder, colourful / "180p.mp4", [5, 1, 9], binary=binary)

    assert sorted(path.name for path in folder.iterdir()) == [
        *("candidate-1.jpg", "candidate-2.jpg", "candidate-3.jpg"),
    ]
    for number, colour in enumerate([GREEN, RED, BLUE], start=1):
        assert is_filled_with(Image.open(folder / f"candidate-{number}.jpg"), colour)


def test_candidates_are_small(tmp_path, binary):
    clip = make_clip(tmp_path / "film.mp4", picture="testsrc2=size=1280x720:rate=10", sound=False)

    make_candidates(tmp_path, clip, [0.5], binary=binary)

    assert Image.open(tmp_path / "candidate-1.jpg").size == (640, 360)


def test_make_storyboard_of_a_film_that_claims_to_be_shorter(colourful, folder, binary):
    for name in ("90p.m3u8", "90p.mp4"):
        (folder / name).write_bytes((colourful / name).read_bytes())

    make_storyboard(folder, "90p", duration=7.5, binary=binary)

    assert "00:00:08.000 --> 00:00:12.000\n" in (folder / "storyboard.vtt").read_text()
