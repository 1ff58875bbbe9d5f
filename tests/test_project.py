"""What must agree with what, in the project as a whole."""

import io
import re
import subprocess
import tomllib
from gettext import GNUTranslations
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.core.management import call_command
from django.template import engines

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = sorted(
    str(path.relative_to(ROOT / "templates"))
    for path in (ROOT / "templates").rglob("*.*")
    if path.suffix in {".html", ".txt", ".xml"}
)
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
LOCKS = ["requirements.txt", "requirements-dev.txt"]
FLOORS = ["accounts", "classes", "comments", "config"]


@pytest.mark.django_db
def test_migrations_match_models():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_have_names():
    unnamed = [
        path.name
        for app in FLOORS[:3]
        for path in (ROOT / app / "migrations").glob("*.py")
        if re.search(r"_auto_\d|_and_more", path.name)
    ]

    assert unnamed == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name):
    engines["django"].get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_has_no_style_or_script_of_its_own(name):
    """The content policy would refuse them, in a browser and not before."""
    text = (ROOT / "templates" / name).read_text()

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*\bsrc=)"
                         r"(?![^>]*type=\"application/(ld\+)?json\")", text)  # fmt: skip


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_compiled_translations_agree_with_their_source(catalogue):
    """`.mo` files are kept, since machines without gettext cannot make them."""
    afresh = io.BytesIO()
    with catalogue.open("rb") as source:
        write_mo(afresh, read_po(source))
    afresh.seek(0)

    with catalogue.with_suffix(".mo").open("rb") as kept:
        assert _messages(kept) == _messages(afresh)


def _messages(file: BinaryIO) -> dict[Any, str]:
    messages = dict(GNUTranslations(file)._catalog)
    messages.pop("", None)  # dates and names of tools
    return messages


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_word_is_translated(catalogue):
    with catalogue.open("rb") as file:
        source = read_po(file)

    missing = [
        message.id
        for message in source
        if message.id and (message.fuzzy or not all(_strings(message.string)))
    ]

    assert missing == []


def _strings(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_index(name):
    """An address there would be one machine's, and pip would ask it on every other."""
    text = (ROOT / name).read_text()

    assert not re.search(r"://|^-|^--(extra-)?index|find-links|trusted-host", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_and_hashes_every_package(name):
    text = (ROOT / name).read_text().replace("\\\n", " ")

    for line in text.splitlines():
        assert re.match(r"[\w.-]+==[\w.!+-]+ ", line)
        assert "--hash=sha256:" in line


def test_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {
        LOCKS[0]: project["project"]["dependencies"],
        LOCKS[1]: project["dependency-groups"]["dev"],
    }

    for lock, requirements in asked.items():
        locked = set(re.findall(r"^([\w.-]+)==", (ROOT / lock).read_text(), re.MULTILINE))
        assert {re.match(r"[\w.-]+", line)[0] for line in requirements} <= locked


def test_no_floor_imports_from_a_higher_one():
    wrong = []
    for number, floor in enumerate(FLOORS):
        higher = "|".join(FLOORS[number + 1 :])
        if not higher:
            continue
        for path in (ROOT / floor).rglob("*.py"):
            found = re.search(rf"^\s*(?:from|import) ({higher})\b", path.read_text(), re.MULTILINE)
            if found:
                wrong.append(f"{path.relative_to(ROOT)} imports {found[1]}")

    assert wrong == []


def test_tracked_files_name_no_machine():
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    strange = re.compile(rb"/(?:root|home/\w+|work/(?:main|shared))/")

    found = [
        name
        for name in tracked.stdout.split("\0")
        if name
        and (ROOT / name).is_file()
        and name != "tests/test_project.py"
        and strange.search((ROOT / name).read_bytes())
    ]

    assert found == []


def test_readme_shows_and_links_only_what_is_there():
    text = (ROOT / "README.md").read_text()
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    links = re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", text)

    assert pictures
    assert [path for path in (*pictures, *links) if not (ROOT / path).exists()] == []
