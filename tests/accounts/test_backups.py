"""The whole studio in one folder, and back: between real sites, in processes of their own."""

import errno
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from accounts.backups import BackupError, make_backup, restore_backup

ROOT = Path(__file__).resolve().parents[2]

ADD_CLASS = """
from classes.models import WorkoutClass
WorkoutClass.objects.create(title="Slow Mat", slug="slow-mat", level="beginner")
"""
COUNT_CLASSES = """
from classes.models import WorkoutClass
print("titles:", list(WorkoutClass.objects.values_list("title", flat=True)))
"""


class Site:
    """A studio of its own: a folder for `var/` and a database."""

    def __init__(self, var: Path, database_url: str) -> None:
        self.var = var
        self.environment = {
            **os.environ,
            "DEBUG": "false",
            "SECRET_KEY": "only-for-this-test",
            "VAR_DIR": str(var),
            "DATABASE_URL": database_url,
        }

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=check,
        )

    def write(self, name: str, content: str) -> Path:
        path = self.var / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def classes(self) -> str:
        return self.manage("shell", "--no-imports", "-c", COUNT_CLASSES).stdout.strip()


@pytest.fixture(scope="module")
def database_urls(django_db_setup, tmp_path_factory) -> Iterator[list[str]]:
    """Two empty databases of the kind that the tests run on."""
    if connection.vendor == "sqlite":
        folder = tmp_path_factory.mktemp("databases")
        yield [f"sqlite:///{folder}/{name}.sqlite3" for name in ("full", "empty")]
        return
    if not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not installed")
    server = connection.settings_dict
    names = [f"backup_{uuid.uuid4().hex[:12]}" for _ in range(2)]
    login = f"{server['USER']}:{quote(server['PASSWORD'])}@{server['HOST']}:{server['PORT']}"
    with psycopg.connect(f"postgresql://{login}/postgres", autocommit=True) as postgres:
        for name in names:
            postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield [f"postgres://{login}/{name}" for name in names]
        for name in names:
            postgres.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def full(database_urls, tmp_path_factory) -> Site:
    """A site with a class and its files."""
    site = Site(tmp_path_factory.mktemp("full"), database_urls[0])
    site.manage("migrate", "-v0")
    site.manage("shell", "--no-imports", "-c", ADD_CLASS)
    site.write("films/8c2e/film.mp4", "frames")
    site.write("media/pictures/1f/640.jpg", "pixels")
    site.write("masters/8c2e/master", "upload")
    return site


@pytest.fixture(scope="module")
def backup(full, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "backup"
    full.manage("backup", str(folder))
    return folder


def unfinished(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_backup_can_be_read_by_its_owner_only(backup):
    assert backup.stat().st_mode & 0o777 == 0o700


def test_backup_comes_back_whole_and_takes_the_place_of_content_by_force(
    backup, database_urls, tmp_path
):
    empty = Site(tmp_path, database_urls[1])

    empty.manage("restore", str(backup))
    assert empty.classes() == "titles: ['Slow Mat']"
    assert (empty.var / "films/8c2e/film.mp4").read_text() == "frames"
    assert (empty.var / "media/pictures/1f/640.jpg").read_text() == "pixels"
    assert (empty.var / "masters/8c2e/master").read_text() == "upload"

    changed = empty.write("films/8c2e/film.mp4", "other frames")
    refused = empty.manage("restore", str(backup), check=False)
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert changed.read_text() == "other frames"

    empty.manage("restore", str(backup), "--force")
    assert changed.read_text() == "frames"
    assert unfinished(empty.var) == []


def test_second_backup_takes_the_place_of_the_first_and_shares_what_stayed(full, backup):
    before = (backup / "films/8c2e/film.mp4").stat().st_ino
    full.write("films/9d3f/film.mp4", "more frames")

    full.manage("backup", str(backup))

    assert (backup / "films/8c2e/film.mp4").stat().st_ino == before
    assert (backup / "films/9d3f/film.mp4").exists()
    assert unfinished(backup.parent) == []


@pytest.mark.django_db
def test_unfinished_films_are_left_out(full, tmp_path):
    full.write("films/.making/9d3f.1/ladder/480p.mp4", "half of it")
    full.write("films/9d3f/.preview.mp4.1f2e.tmp", "half of it")

    full.manage("backup", str(tmp_path / "backup"))

    copied = [path.read_text() for path in (tmp_path / "backup" / "films").rglob("*.mp4*")]
    assert "frames" in copied
    assert "half of it" not in copied


def test_film_that_was_cut_short_is_noticed(backup, tmp_path):
    damaged = shutil.copytree(backup, tmp_path / "damaged")
    (damaged / "films/8c2e/film.mp4").write_text("fra")

    with pytest.raises(BackupError, match=r"films/8c2e/film\.mp4 is missing .* or cut short"):
        restore_backup(damaged)


@pytest.mark.django_db
def test_database_that_was_changed_is_noticed(backup, tmp_path):
    damaged = shutil.copytree(backup, tmp_path / "damaged")
    with (damaged / json.loads((damaged / "manifest.json").read_text())["database"]).open(
        "r+b"
    ) as file:
        file.seek(5000)
        file.write(b"scribble")

    with pytest.raises(BackupError, match="database in the backup is damaged"):
        restore_backup(damaged)


# --- What fails on the way, in this process -----------------------------------------------------


@pytest.fixture
def earlier(db, settings, tmp_path) -> Path:
    """A backup of this test's own site, which has one film."""
    film = settings.FILMS_ROOT / "8c2e" / "film.mp4"
    film.parent.mkdir(parents=True)
    film.write_text("frames")
    backup = tmp_path / "backup"
    backup.mkdir()
    (backup / "manifest.json").write_text("{}")
    (backup / "kept.txt").write_text("the earlier backup")
    return backup


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()]
)
def test_full_disk_or_an_interrupt_leaves_the_earlier_backup(earlier, monkeypatch, failure):
    def fail(*args: object) -> str:
        raise failure

    monkeypatch.setattr("accounts.backups.shutil.copy2", fail)
    monkeypatch.setattr("accounts.backups._dump_database", lambda folder: "database")

    with pytest.raises((BackupError, KeyboardInterrupt)):
        make_backup(earlier)

    assert (earlier / "kept.txt").read_text() == "the earlier backup"
    assert [path.name for path in earlier.parent.iterdir() if "unfinished" in path.name] == []


def test_folder_that_is_no_backup_is_left_alone(db, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")

    with pytest.raises(BackupError, match="no backup"):
        make_backup(tmp_path / "thesis")


def test_backup_does_not_go_into_what_it_copies(db, settings):
    with pytest.raises(BackupError, match="overlap"):
        make_backup(settings.MEDIA_ROOT / "backup")


def test_failed_database_leaves_the_films_that_are_there(earlier, settings, monkeypatch, tmp_path):
    source = tmp_path / "other"
    (source / "films").mkdir(parents=True)

    def fail(file: Path) -> None:
        raise BackupError("the database is locked")

    monkeypatch.setattr("accounts.backups.check_backup", lambda source: {"database": "x"})
    monkeypatch.setattr("accounts.backups._load_database", fail)

    with pytest.raises(BackupError, match="locked"):
        restore_backup(source, force=True)

    assert (settings.FILMS_ROOT / "8c2e" / "film.mp4").read_text() == "frames"
    assert [path.name for path in tmp_path.iterdir() if "restoring" in path.name] == []
