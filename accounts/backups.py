"""The whole studio in one folder: database, pictures, films and masters.

A backup is complete or it is not there: it is made in a folder beside the place it shall have,
and takes that place by a rename, as does what is restored. `manifest.json` says what belongs to
it, with sizes and a checksum of the database.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, connections

MANIFEST = "manifest.json"
FORMAT = 1
Progress = Callable[[str], None]


class BackupError(CommandError):
    """What went wrong, in words for whoever runs the command."""


def _roots() -> dict[str, Path]:
    return {
        "media": Path(settings.MEDIA_ROOT),
        "films": Path(settings.FILMS_ROOT),
        "masters": Path(settings.MASTERS_ROOT),
    }


# --- Backup -------------------------------------------------------------------------------------


def make_backup(target: Path, say: Progress = lambda line: None) -> None:
    """Write a backup of this site to `target`, while the site runs.

    An earlier backup there is replaced once the new one is complete, and lends it the files that
    did not change (hard links), so that only new films take time and room. The database is copied
    first: a film that comes later is left out of it, never missing.
    """
    target = target.absolute()
    _refuse_foreign_folder(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _folder_beside(target) as folder:
        say("Database …")
        name = _dump_database(folder)
        files = {}
        for kind, root in _roots().items():
            say(f"{kind.capitalize()} …")
            files[kind] = _copy_tree(root, folder / kind, earlier=target / kind)
        _write_manifest(folder, name, files)
        _flush_to_disk(folder)
        _take_place(folder, target)
    say(f"Complete: {target}")


def _refuse_foreign_folder(target: Path) -> None:
    """Never replace a folder that we did not make."""
    if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).is_file():
        raise BackupError(f"{target} is not empty, and no backup. Name another folder.")
    if target.exists() and not target.is_dir():
        raise BackupError(f"{target} is a file. Name a folder.")
    for root in _roots().values():
        if target == root or root.is_relative_to(target) or target.is_relative_to(root):
            raise BackupError(f"{target} and {root} overlap. Name a folder outside of the site's.")


@contextmanager
def _folder_beside(target: Path) -> Iterator[Path]:
    """A new folder on the same disk that only its owner can read; gone afterwards, if still there.

    It holds addresses and password hashes of members.
    """
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-unfinished-", dir=target.parent))
    try:
        yield folder
    except OSError as error:
        raise BackupError(f"{error.strerror}: {error.filename or folder}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_tree(source: Path, target: Path, *, earlier: Path | None = None) -> list[list[Any]]:
    """Copy a folder of files that are never changed in place; lists `[path, size]` of each."""
    target.mkdir()
    copied = []
    for path in sorted(source.rglob("*")) if source.is_dir() else []:
        name = path.relative_to(source)
        is_unfinished = any(part.startswith(".") for part in name.parts)  # what a worker is at
        if path.is_dir() or path.is_symlink() or is_unfinished:
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # replaced or removed while we were busy
            _link_or_copy(path, target / name, earlier / name if earlier else None)
            copied.append([str(name), (target / name).stat().st_size])
    return copied


def _link_or_copy(source: Path, target: Path, earlier: Path | None) -> None:
    if earlier and earlier.is_file():
        now, then = source.stat(), earlier.stat()
        if (now.st_size, now.st_mtime_ns) == (then.st_size, then.st_mtime_ns):
            with suppress(OSError):  # a file system without hard links
                os.link(earlier, target)
                return
    shutil.copy2(source, target)


def _write_manifest(folder: Path, database: str, files: dict[str, list[list[Any]]]) -> None:
    manifest = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "site": settings.SITE_URL,
        "vendor": connection.vendor,
        "database": database,
        "database_sha256": _checksum(folder / database),
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1))


def _flush_to_disk(folder: Path) -> None:
    """A rename may reach the disk before what it names."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _take_place(folder: Path, target: Path) -> None:
    """Rename, with the former folder aside until the new one stands in its place."""
    if not target.exists():
        folder.rename(target)
        return
    former = target.with_name(f".{target.name}-former-{os.getpid()}")
    target.rename(former)
    try:
        folder.rename(target)
    except BaseException:
        former.rename(target)
        raise
    shutil.rmtree(former)


# --- Restore ------------------------------------------------------------------------------------


def restore_backup(source: Path, *, force: bool = False, say: Progress = lambda line: None) -> None:
    """Make this site what the backup holds. The web server and the worker should be stopped.

    All that takes long or needs room comes first, beside what is there: the files are copied, the
    database is replaced in one transaction. Until that is done everything is as it was; then the
    folders change places by renames.
    """
    source = source.absolute()
    say("Checking the backup …")
    manifest = check_backup(source)
    if not force and _holds_something():
        raise BackupError("This site has content already. With --force the backup takes its place.")
    staged: dict[Path, Path] = {}
    try:
        for kind, root in _roots().items():
            say(f"{kind.capitalize()} …")
            root.parent.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=f".{root.name}-restoring-", dir=root.parent))
            staged[root] = beside / root.name
            _copy_tree(source / kind, staged[root])
        say("Database …")
        _load_database(source / manifest["database"])
        for root, folder in staged.items():
            _replace_folder(root, folder)
    except OSError as error:
        raise BackupError(f"{error.strerror}: {error.filename or source}") from error
    finally:
        for folder in staged.values():
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):
                folder.parent.rmdir()
    say("Restored. Run `manage.py migrate` if the backup is of an earlier version.")


def _replace_folder(root: Path, folder: Path) -> None:
    former = folder.with_name("former")
    if root.exists():
        root.rename(former)
    folder.rename(root)
    shutil.rmtree(former, ignore_errors=True)


def check_backup(source: Path) -> dict[str, Any]:
    """The manifest of a backup that is whole and fits this site; BackupError otherwise."""
    try:
        manifest = json.loads((source / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise BackupError(f"{source} holds no backup: its {MANIFEST} cannot be read.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError("The backup is of another version of this site.")
    if manifest["vendor"] != connection.vendor:
        raise BackupError(
            f"The backup is of {manifest['vendor']}, and DATABASE_URL names {connection.vendor}."
        )
    database = source / manifest["database"]
    if not database.is_file() or _checksum(database) != manifest["database_sha256"]:
        raise BackupError("The database in the backup is damaged.")
    for kind, files in manifest["files"].items():
        for name, size in files:
            path = source / kind / name
            if not path.is_file() or path.stat().st_size != size:
                raise BackupError(f"{kind}/{name} is missing from the backup, or cut short.")
    return manifest


def _holds_something() -> bool:
    if any(root.is_dir() and any(root.iterdir()) for root in _roots().values()):
        return True
    tables = connection.introspection.table_names()
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in ("accounts_member", "classes_workoutclass"):
            if table in tables:
                cursor.execute(f"SELECT 1 FROM {quote(table)} LIMIT 1")  # noqa: S608
                if cursor.fetchone():
                    return True
    return False


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- The two databases --------------------------------------------------------------------------


def _dump_database(folder: Path) -> str:
    """Write a consistent copy of the database into the folder; returns the name of the file."""
    if connection.vendor == "sqlite":
        _dump_sqlite(folder / "database.sqlite3")
        return "database.sqlite3"
    _run_postgres_tool(
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--file={folder / 'database.dump'}",
    )
    return "database.dump"


def _load_database(file: Path) -> None:
    """Replace the content of the database, all or nothing."""
    if connection.vendor == "sqlite":
        _load_sqlite(file)
    else:
        _run_postgres_tool(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
            f"--dbname={_postgres_name()}",
            str(file),
        )
    connections.close_all()


def _dump_sqlite(file: Path) -> None:
    """With SQLite's own backup, which sees one moment while others go on writing."""
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as site,
        closing(sqlite3.connect(file)) as copy,
    ):
        site.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a journal beside it
        _check_sqlite(copy)


def _load_sqlite(file: Path) -> None:
    """Backwards: one transaction, so that an interrupted one leaves the former content."""
    connection.close()
    name = Path(connection.settings_dict["NAME"])
    name.parent.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as copy,
        closing(sqlite3.connect(name, timeout=20)) as site,
    ):
        _check_sqlite(copy)
        try:
            copy.backup(site)
        except sqlite3.OperationalError as error:
            raise BackupError(f"The database could not be replaced: {error}") from error


def _check_sqlite(database: sqlite3.Connection) -> None:
    answer = database.execute("PRAGMA integrity_check").fetchone()[0]
    if answer != "ok":
        raise BackupError(f"The database is damaged: {answer}")


def _postgres_name() -> str:
    return str(connection.settings_dict["NAME"])


def _run_postgres_tool(*command: str) -> None:
    """Run pg_dump or pg_restore on our database; the password stays out of the command line."""
    database = connection.settings_dict
    environment = {
        "PGHOST": database["HOST"],
        "PGPORT": str(database["PORT"] or ""),
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGDATABASE": _postgres_name(),
    }
    connections.close_all()
    try:
        subprocess.run(
            command,
            env={**os.environ, **{name: value for name, value in environment.items() if value}},
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise BackupError(
            f"{command[0]} is not installed; it comes with PostgreSQL's client programs."
        ) from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{command[0]} failed: {error.stderr.strip()}") from error
