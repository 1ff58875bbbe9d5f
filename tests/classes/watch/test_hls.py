"""hls.js, which npm fetches, and the site without it."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.checks import Tags, run_checks
from django.core.management import call_command

from classes.watch.hls import HLS_SCRIPT, hls_script

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def fetched(settings, tmp_path: Path) -> Path:
    """A script as npm lays it down, with the map of its source named in its last line."""
    folder = tmp_path / "node_modules"
    folder.mkdir()
    script = folder / "hls.light.min.js"
    script.write_text("var Hls;\n//# sourceMappingURL=hls.light.min.js.map\n")
    (folder / "hls.js").write_text("not for browsers")
    settings.VENDORED_FILES = {HLS_SCRIPT: script}
    return script


@pytest.fixture
def not_fetched(settings, tmp_path: Path) -> None:
    settings.VENDORED_FILES = {HLS_SCRIPT: tmp_path / "nothing-here.js"}


@pytest.fixture
def as_on_a_server(settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.static.LeanStorage"},
    }


def collect() -> None:
    elsewhere = ["admin", "import_export", "mfa", "usersessions", "css", "img", "django_htmx"]
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=elsewhere)


def test_script_is_found_where_npm_put_it(fetched):
    assert finders.find(HLS_SCRIPT) == str(fetched)
    assert hls_script() == "/static/vendor/hls.light.min.js"


def test_script_is_collected_and_nothing_else_of_its_folder(fetched, as_on_a_server, settings):
    collect()

    collected = sorted(path.name for path in (settings.STATIC_ROOT / "vendor").iterdir())
    assert re.fullmatch(r"/static/vendor/hls\.light\.min\.[0-9a-f]{12}\.js", hls_script())
    assert [name for name in collected if "hls.light.min" not in name] == []
    assert (settings.STATIC_URL + f"vendor/{collected[0]}") == hls_script()


def test_script_has_no_address_where_it_was_not_fetched(not_fetched):
    assert finders.find(HLS_SCRIPT) is None
    assert finders.find(HLS_SCRIPT, find_all=True) == []
    assert hls_script() == ""


def test_script_has_no_address_before_it_is_collected(fetched, as_on_a_server):
    """It was fetched after the static files were collected: no page may name it yet."""
    assert hls_script() == ""


def test_everything_else_is_collected_without_it(not_fetched, as_on_a_server, settings):
    collect()

    assert hls_script() == ""
    assert (settings.STATIC_ROOT / "staticfiles.json").exists()


def test_check_says_that_it_is_missing(not_fetched):
    messages = run_checks(tags=[Tags.staticfiles])

    assert [message.id for message in messages] == ["classes.I101"]


def test_check_is_silent_where_it_is_here(fetched):
    assert run_checks(tags=[Tags.staticfiles]) == []


# --- What npm is asked for -----------------------------------------------------------------------


def test_every_package_is_named_by_one_version():
    package = json.loads((ROOT / "package.json").read_text())
    asked = package["dependencies"] | package["devDependencies"]

    assert package["private"] is True
    assert [name for name, version in asked.items() if not re.fullmatch(r"[\d.]+", version)] == []


def test_lock_of_npm_names_no_host():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert "://" not in (ROOT / "package-lock.json").read_text()
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def test_lock_of_npm_holds_what_the_project_asks_for():
    package = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    for name, version in (package["dependencies"] | package["devDependencies"]).items():
        assert locked[f"node_modules/{name}"]["version"] == version
