import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from classes.demo.films import lengthen, make_film
from classes.video.ffmpeg import find_ffmpeg
from classes.video.probe import probe_film
from classes.video.remux import is_copyable

WARM = ("#4a1f2a", "#8c3f3e", "#c9765a", "#e8b98f", "#f9e9d6")
COOL = ("#17384a", "#3b6f86", "#7fabb3", "#c4d8d3", "#f0f1e6")


def make(path: Path, **changed) -> Path:
    wanted = {"palette": WARM, "exercises": ["The Hundred"], "seconds": 4, "seed": 3, **changed}
    make_film(path, **wanted)
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("demo") / "clip.mp4")


def picture(film: Path, seconds: float, folder: Path) -> Image.Image:
    out = folder / f"{film.stem}.png"
    subprocess.run(
        [
            *(find_ffmpeg(), "-loglevel", "error", "-y", "-ss", str(seconds)),
            *("-i", film, "-frames:v", "1", out),
        ],
        check=True,
    )
    return Image.open(out).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of their pixels, of 255."""
    histogram = ImageChops.difference(one, other).convert("L").histogram()
    return sum(level * count for level, count in enumerate(histogram)) / sum(histogram)


def test_make_film_makes_what_every_browser_plays(clip):
    probe = probe_film(clip)

    assert is_copyable(probe)
    assert (probe.width, probe.height, probe.frame_rate) == (1280, 720, 25)
    assert probe.duration == pytest.approx(4, abs=0.1)
    assert probe.audio_codec == "aac"
    assert clip.stat().st_size < 700_000
    assert [path.name for path in clip.parent.iterdir()] == ["clip.mp4"]


def test_make_film_makes_the_same_film_again(clip, tmp_path):
    again = make(tmp_path / "again.mp4")

    assert again.read_bytes() == clip.read_bytes()


def test_make_film_looks_different_in_another_palette(clip, tmp_path):
    cool = make(tmp_path / "cool.mp4", palette=COOL)

    assert difference(picture(clip, 2, tmp_path), picture(cool, 2, tmp_path)) > 20


def test_make_film_shows_names_while_their_time_lasts(clip, tmp_path):
    nameless = make(tmp_path / "nameless.mp4", exercises=[])

    for second, is_shown in [(0, False), (2, True), (3.96, False)]:
        written = ImageChops.difference(
            picture(clip, second, tmp_path), picture(nameless, second, tmp_path)
        )
        strongest = written.convert("L").getextrema()[1]
        assert (strongest > 80) is is_shown


def test_make_film_shows_nothing_for_a_name_it_has_no_letters_for(tmp_path):
    arabic = make(tmp_path / "arabic.mp4", exercises=["المئة"])
    nameless = make(tmp_path / "nameless.mp4", exercises=[])

    assert arabic.read_bytes() == nameless.read_bytes()


def test_make_film_ends_as_it_began(tmp_path):
    nameless = make(tmp_path / "nameless.mp4", exercises=[])

    first, last = (picture(nameless, second, tmp_path).copy() for second in (0, 3.96))
    middle = picture(nameless, 2, tmp_path)

    assert difference(first, last) < 2 < difference(first, middle)


def test_lengthen_repeats_a_clip_without_coding_it_again(clip, tmp_path):
    lengthen(clip, tmp_path / "long.mp4", minutes=2)

    probe = probe_film(tmp_path / "long.mp4")
    assert probe.duration == pytest.approx(120, abs=0.5)
    assert (probe.video_codec, probe.audio_codec) == ("h264", "aac")
