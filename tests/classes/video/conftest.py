"""Films, each kind made once because they are slow to make, and what is made of them quickly."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from classes.models import Variant
from classes.video import processing
from classes.video.ffmpeg import find_ffmpeg
from classes.video.plan import Plan
from tests.factories import make_class, make_variant

from .clips import make_clip
from .whole_ladders import make_whole_ladder, small_plan


@pytest.fixture(scope="session")
def binary() -> str:
    """The one that films are made with: FFMPEG_BINARY puts another to the same tests."""
    return find_ffmpeg(settings.FFMPEG_BINARY)


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """Two seconds of H.264 and AAC, the index at the end as phones write it."""
    return make_clip(tmp_path_factory.mktemp("films") / "film.mp4")


@pytest.fixture(scope="session")
def long_film(tmp_path_factory) -> Path:
    """Twelve seconds, to cut pieces from."""
    return make_clip(tmp_path_factory.mktemp("films") / "long.mp4", seconds=12)


@pytest.fixture(scope="session")
def ladder_plan(long_film) -> Plan:
    return small_plan(long_film)


@pytest.fixture(scope="session")
def ladder(tmp_path_factory, long_film, ladder_plan, binary) -> Path:
    """All that is made of twelve seconds. Not to be changed: copy it to break it."""
    folder = tmp_path_factory.mktemp("ladders") / "ladder"
    return make_whole_ladder(folder, long_film, ladder_plan, binary=binary)


@pytest.fixture
def quick_encoding(settings):
    settings.FILM_PRESET = "ultrafast"


@pytest.fixture
def variant(db) -> Variant:
    """One that waits for its first film."""
    return make_variant(make_class(variant=False), ready=False)


@pytest.fixture
def no_ladder(monkeypatch):
    """The ladder's step without its work: what it leaves is for tests of what follows from it."""

    def encode(master, folder, plan, *, binary, on_progress=None):
        for rung in plan.rungs:
            shutil.copy(master, folder / f"{rung.name}.mp4")
            (folder / f"{rung.name}.m3u8").write_text("#EXTM3U")

    monkeypatch.setattr(processing, "encode_ladder", encode)
    monkeypatch.setattr(processing, "write_master", _write_no_master)
    monkeypatch.setattr(processing, "check_ladder", lambda *args, **kwargs: None)
    for name in ("make_fallback", "make_storyboard", "make_candidates"):
        monkeypatch.setattr(processing, name, lambda *args, **kwargs: None)


def _write_no_master(folder, *, sizes, frame_rate, has_audio):
    return tuple(
        processing.Rendition(name, width, height, 1000, 800, 400, "avc1.64001f")
        for name, (width, height) in sizes.items()
    )
