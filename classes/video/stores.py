"""Where finished films are kept: in a folder of this machine, or in a bucket.

A store holds files under the keys of `layout`. Nothing of it is visible before the row says so.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings

from .whole_files import renamed_when_whole


class FilmStore(Protocol):
    def put_folder(self, folder: Path, key: str) -> None:
        """Move a finished folder to its place, whole; what a dead worker left there goes."""

    def put_file(self, path: Path, key: str) -> None:
        """Move a finished file to its place, over the one that was there."""

    def local(self, key: str) -> AbstractContextManager[Path]:
        """A file of the store as one of this machine, to be read within the block.

        FileNotFoundError where it is not there.
        """

    def size(self, key: str) -> int | None:
        """How many bytes a file has; None where it is not there."""

    def remove(self, key: str) -> None:
        """Delete a file, or a folder with all that is in it, if it is there."""


class FolderStore:
    """Films below one folder. Workshops lie beside them, so that a move is a rename."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        return self.root / key

    def put_folder(self, folder: Path, key: str) -> None:
        target = self.path(key)
        self.remove(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():  # a rename may reach the disk before what it names
            with path.open("rb") as file:
                os.fsync(file.fileno())
        folder.rename(target)

    def put_file(self, path: Path, key: str) -> None:
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        with renamed_when_whole(target) as unfinished:
            shutil.move(path, unfinished)

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        path = self.path(key)
        if not path.is_file():
            raise FileNotFoundError(path)
        yield path

    def size(self, key: str) -> int | None:
        path = self.path(key)
        return path.stat().st_size if path.is_file() else None

    def remove(self, key: str) -> None:
        path = self.path(key)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def film_store() -> FilmStore:
    """The store that the settings name."""
    root = Path(settings.FILMS_ROOT)
    if settings.VIDEO_SERVE == "s3":
        from .s3_store import BucketStore  # boto3 is there only where it is needed

        return BucketStore(scratch=root / ".making")
    return FolderStore(root)
