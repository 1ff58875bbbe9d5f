"""Firefox, which knows no HLS: with scripts it plays the ladder through hls.js, without the MP4.

Debian's Firefox, or FIREFOX=/path/to/it, driven over WebDriver BiDi by puppeteer-core, which
`npm ci` fetches. Where any of it is missing these tests are skipped, and say so; with CI set they
fail instead.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from classes.video.bringing_in import bring_in
from classes.video.processing import first_look, make_ladder
from classes.watch.hls import HLS_SCRIPT
from tests.browser.studio import verified
from tests.classes.video.clips import make_clip
from tests.factories import make_class, make_member, make_membership, make_variant

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PUPPETEER = HERE.parents[2] / "node_modules" / "puppeteer-core"
FIREFOX = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
NODE = shutil.which("node")


@dataclass(frozen=True)
class Seen:
    """What `watch.mjs` prints."""

    source: str
    width: int
    seconds: float
    soughtTo: float
    asked: list[str]
    errors: list[str]

    def asked_for(self, ending: str) -> bool:
        return any(path.endswith(ending) for path in self.asked)


@pytest.fixture(autouse=True)
def all_of_it_is_here() -> None:
    found = {"Firefox": FIREFOX, "node": NODE, "puppeteer-core (npm ci)": PUPPETEER.is_dir()}
    missing = [name for name, where in found.items() if not where]
    if missing and os.environ.get("CI"):
        pytest.fail(f"Required here (CI is set), and not found: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not here: {', '.join(missing)}")


@pytest.fixture
def film_page(live_server, settings, tmp_path) -> dict[str, Any]:
    """A class whose film went through the whole pipeline, and a member who may watch it."""
    settings.FILM_PRESET = "ultrafast"
    member = verified(make_member())
    make_membership(member)
    workout_class = make_class(variant=False)
    variant = make_variant(workout_class, ready=False)
    clip = make_clip(tmp_path / "film.mp4", seconds=8, picture="testsrc2=size=640x360:rate=25")
    video = bring_in(variant, clip, name="film.mp4")
    first_look(str(video.pk))
    make_ladder(str(video.pk))
    client = Client()
    client.force_login(member)
    name = settings.SESSION_COOKIE_NAME
    return {
        "address": f"{live_server.url}{workout_class.get_absolute_url()}",
        "cookie": {"name": name, "value": client.cookies[name].value},
    }


def watch(page: dict[str, Any], *, scripts: bool) -> Seen:
    asked_for = {"firefox": FIREFOX, "scripts": scripts, **page}
    ended = subprocess.run(
        [str(NODE), str(HERE / "watch.mjs"), json.dumps(asked_for)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return Seen(**json.loads(ended.stdout))


def test_firefox_plays_and_seeks_through_hls_js(film_page):
    seen = watch(film_page, scripts=True)

    assert seen.source.startswith("blob:")
    assert seen.asked_for(Path(HLS_SCRIPT).name)
    assert seen.asked_for("master.m3u8")
    assert not seen.asked_for("film.mp4")
    assert seen.width in (426, 640)
    assert (seen.seconds > 1, seen.soughtTo > 6.4) == (True, True)
    assert seen.errors == []


def test_firefox_plays_and_seeks_in_the_mp4_without_scripts(film_page):
    seen = watch(film_page, scripts=False)

    assert seen.source.endswith("/film.mp4")
    assert not any(path.endswith(".js") for path in seen.asked)
    assert seen.width in (426, 640)
    assert (seen.seconds > 1, seen.soughtTo > 6.4) == (True, True)
    assert seen.errors == []
