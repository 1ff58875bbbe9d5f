"""Films are slow to make, so each kind is made once."""

from pathlib import Path

import pytest

from classes.video.ffmpeg import find_ffmpeg

from .clips import make_clip


@pytest.fixture(scope="session")
def binary() -> str:
    return find_ffmpeg()


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """Two seconds of H.264 and AAC, the index at the end as phones write it."""
    return make_clip(tmp_path_factory.mktemp("films") / "film.mp4")


@pytest.fixture(scope="session")
def long_film(tmp_path_factory) -> Path:
    """Twelve seconds, to cut pieces from."""
    return make_clip(tmp_path_factory.mktemp("films") / "long.mp4", seconds=12)
