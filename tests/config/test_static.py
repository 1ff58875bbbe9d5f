"""Static files as they are collected."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders

from config.static import SHEETS, LeanStorage


@pytest.fixture
def collected(tmp_path: Path) -> LeanStorage:
    storage = LeanStorage(location=tmp_path, base_url="/static/")
    paths = {
        path: (source, path)
        for finder in get_finders()
        for path, source in finder.list([])
        if path.startswith(("css/", "js/"))
    }
    for path, (source, _) in paths.items():
        with source.open(path) as file:
            storage.save(path, file)
    list(storage.post_process(paths))
    return storage


@pytest.mark.parametrize("sheet", SHEETS)
def test_collected_sheet_asks_for_no_other(collected, sheet):
    text = collected.open(collected.stored_name(sheet)).read().decode()

    assert "@import" not in text
    assert "--paper:" in text


def test_all_css_of_the_site_stays_under_ten_kilobytes(collected):
    compressed = Path(collected.path(collected.stored_name("css/site.css") + ".gz"))

    assert compressed.stat().st_size <= 10_000


def test_collected_files_of_ours_carry_no_comments(collected):
    for name in ("css/site.css", "js/player.js"):
        text = collected.open(collected.stored_name(name)).read().decode()

        assert not re.search(r"^\s*(//|/\*)", text, re.MULTILINE)


def test_player_stays_under_five_kilobytes_with_all_its_scripts(collected):
    scripts = ("js/player.js", "js/stream.js")
    compressed = [Path(collected.path(collected.stored_name(name) + ".gz")) for name in scripts]

    assert sum(path.stat().st_size for path in compressed) <= 5_000
