"""The player's markup: what a browser finds with a script and without."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import RequestFactory

from classes.models import Captions, Video
from classes.templatetags.player import at_second
from classes.watch.hls import HLS_SCRIPT
from tests.factories import (
    make_chapter,
    make_class,
    make_member,
    make_membership,
    make_movement,
    make_variant,
)

STATIC = Path(__file__).resolve().parents[2] / "static"

pytestmark = pytest.mark.django_db


class Player(HTMLParser):
    """The attributes of what stands in a page's player, by tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, list[dict[str, str | None]]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.setdefault(tag, []).append(dict(attrs))

    def __getitem__(self, tag: str) -> list[dict[str, str | None]]:
        return self.found.get(tag, [])

    @property
    def root(self) -> dict[str, str | None]:
        return next(div for div in self["div"] if "data-player" in div)


@pytest.fixture
def watch(client):
    """The page of a class as a member with a membership gets it."""
    member = make_member()
    make_membership(member)
    client.force_login(member)

    def page(workout_class, query: str = "", **headers: str) -> Player:
        address = workout_class.get_absolute_url() + query
        return Player(client.get(address, headers=headers).content.decode())

    return page


def test_player_has_every_source_and_the_browsers_own_controls(watch):
    player = watch(make_class())

    assert [source["type"] for source in player["source"]] == [
        "application/vnd.apple.mpegurl",
        "video/mp4",
    ]
    assert "controls" in player["video"][0]
    assert player["video"][0]["preload"] == "none"


def test_own_controls_are_hidden_until_the_script_runs(watch):
    player = watch(make_class())

    bar = next(div for div in player["div"] if "data-bar" in div)
    assert "hidden" in bar


def test_captions_are_tracks_and_choices(watch):
    workout_class = make_class()
    variant = workout_class.variants.get()
    Captions.objects.create(variant=variant, language="es", text="WEBVTT\n")

    player = watch(workout_class)

    assert [track["srclang"] for track in player["track"]] == ["es"]
    assert player["track"][0]["src"].endswith("captions.es.vtt")
    assert "es" in [option["value"] for option in player["option"]]


def test_player_without_captions_offers_none(watch):
    player = watch(make_class())

    assert player["track"] == []
    assert "captions" not in [select["data-set"] for select in player["select"]]


def test_copy_offers_no_choice_of_quality(watch):
    workout_class = make_class()
    Video.objects.update(plays_as=Video.PlaysAs.COPY)

    player = watch(workout_class)

    assert len(player["source"]) == 1
    assert "quality" not in [select["data-set"] for select in player["select"]]


def test_preview_names_no_pass_and_no_film(client):
    player = Player(client.get(make_class().get_absolute_url()).content.decode())

    assert player["source"][0]["src"].partition("?")[0].endswith("preview.mp4")
    assert player.root["data-pass"] == ""
    assert "data-film" not in player.root  # nobody's place in it is kept


def test_class_without_a_film_asks_for_no_script(client):
    player = Player(client.get(make_class(variant=False).get_absolute_url()).content.decode())

    assert [script for script in player["script"] if "player" in (script.get("src") or "")] == []
    assert [link for link in player["link"] if "player" in (link.get("href") or "")] == []


def test_timeline_brings_the_script_and_the_track_of_chapters(watch):
    workout_class = make_class()
    make_chapter(workout_class.variants.get(), 0, 60)

    player = watch(workout_class)

    assert player.root["data-chapters"] == "/static/js/chapters.js"
    assert "data-version" not in player.root
    assert [track["kind"] for track in player["track"]] == ["chapters"]


def test_film_without_a_timeline_asks_for_nothing_of_it(watch):
    player = watch(make_class())

    assert "data-chapters" not in player.root
    assert player["track"] == []
    assert "loop" not in [field.get("data-set") for field in player["input"]]


def test_what_is_avoided_brings_the_script_of_my_version(watch):
    twisting = make_movement(slug="twisting")
    workout_class = make_class()
    make_chapter(workout_class.variants.get(), 0, 60, adds=[twisting])

    player = watch(workout_class, "?avoid=twisting")

    assert player.root["data-version"] == "/static/js/my_version.js"
    assert [choice["value"] for choice in player["input"] if choice["type"] == "radio"] == [
        "play",
        "ask",
        "skip",
    ]


def test_preview_is_no_film_to_skip_in(client):
    twisting = make_movement(slug="twisting")
    workout_class = make_class()
    make_chapter(workout_class.variants.get(), 0, 60, adds=[twisting])

    page = client.get(f"{workout_class.get_absolute_url()}?avoid=twisting").content.decode()

    player = Player(page)
    assert "The preview plays as it is" in page
    assert {"data-chapters", "data-version"}.isdisjoint(player.root)
    assert player["track"] == []
    assert "radio" not in [field["type"] for field in player["input"]]


@pytest.mark.parametrize("language", ["en", "es"])
def test_length_is_a_number_in_every_language(watch, language):
    workout_class = make_class(variant=False)
    make_variant(workout_class, duration=timedelta(minutes=24, seconds=10.5))

    player = watch(workout_class, **{"accept-language": language})

    assert player.root["data-length"] == "1450.5"


# --- hls.js -------------------------------------------------------------------------------------


def test_player_names_hls_where_it_is(watch, settings, tmp_path):
    script = tmp_path / "hls.js"
    script.write_text("")
    settings.VENDORED_FILES = {HLS_SCRIPT: script}

    assert watch(make_class()).root["data-hls"] == "/static/vendor/hls.light.min.js"


def test_player_does_without_hls_where_it_is_not(watch, settings):
    settings.VENDORED_FILES = {}

    player = watch(make_class())

    assert "data-hls" not in player.root
    assert len(player["source"]) == 2


# --- Where the bytes come from -------------------------------------------------------------------


def test_browser_asks_the_bucket_as_it_wants_to_be_asked(watch, settings):
    """Without it Chromium's own HLS gives the sizes up and takes the MP4."""
    settings.VIDEO_SERVE = "s3"

    assert "crossorigin" in watch(make_class())["video"][0]


def test_site_itself_is_asked_without_ado(watch):
    assert "crossorigin" not in watch(make_class())["video"][0]


# --- A place in the film --------------------------------------------------------------------------


def test_place_of_the_address_goes_to_the_sources(watch):
    player = watch(make_class(), "?t=754")

    assert {source["src"].partition("#")[2] for source in player["source"]} == {"t=754"}


@pytest.mark.parametrize(
    "second, fragment",
    [
        ("754", "#t=754"),
        ("007", "#t=7"),
        ("", ""),
        ("-5", ""),
        ("1e3", ""),
        ("123456", ""),
        ('5"><script>', ""),
        ("٧", ""),
        ("\x00", ""),
    ],
)
def test_only_seconds_become_a_place(second, fragment):
    request = RequestFactory().get("/", {"t": second})

    assert at_second(request) == fragment


# --- Whether script and markup fit ----------------------------------------------------------------


def test_every_button_of_the_script_is_in_the_markup(watch):
    """And the other way round: nothing is drawn that does nothing."""
    workout_class = make_class()
    Captions.objects.create(variant=workout_class.variants.get(), language="es", text="WEBVTT\n")
    make_chapter(workout_class.variants.get(), 0, 60)
    script = (STATIC / "js" / "player.js").read_text()
    doing = re.search(r"const doing = \{\n(.*?)\n\};", script, re.DOTALL)[1]
    setting = re.search(r"const setting = \{\n(.*?)\n\};", script, re.DOTALL)[1]

    player = watch(workout_class)

    drawn = {button.get("data-do") for button in player["button"]} - {None}
    chosen = {
        element["data-set"]
        for tag in ("select", "input")
        for element in player[tag]
        if "data-set" in element
    }
    assert drawn | {"mirror"} == set(re.findall(r"^  (\w+)[:,]", doing, re.MULTILINE))
    assert chosen == set(re.findall(r"^  (\w+)[:,]", setting, re.MULTILINE))
