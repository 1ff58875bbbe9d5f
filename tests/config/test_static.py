"""Static files as they are collected."""

from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders

from config.static import SHEETS, OneSheetStorage


@pytest.fixture
def collected(tmp_path: Path) -> OneSheetStorage:
    storage = OneSheetStorage(location=tmp_path, base_url="/static/")
    paths = {
        path: (source, path)
        for finder in get_finders()
        for path, source in finder.list([])
        if path.startswith("css/")
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
