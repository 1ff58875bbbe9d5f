"""Films are slow to make, so each kind is made once."""

from pathlib import Path

import pytest
from django.conf import settings

from classes.video.ffmpeg import find_ffmpeg
from classes.video.plan import Plan

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
