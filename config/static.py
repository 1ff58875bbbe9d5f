"""How static files are found and collected."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import minify
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEETS = ["css/site.css", "css/admin.css"]
MINIFIED = {".css": "text/css", ".js": "application/javascript"}
IMPORT_LINE = re.compile(r'^@import "(?P<name>[\w-]+\.css)";$', re.MULTILINE)


class VendoredFinder(BaseFinder):
    """Finds the few files that npm fetched for browsers, and nothing else of its folder.

    `VENDORED_FILES` says which, by the name that pages call them. One that was not fetched is
    simply not there: a machine without npm collects everything else.
    """

    def find(  # type: ignore[override]  # overloaded there
        self, path: str, find_all: bool = False, **options: Any
    ) -> str | list[str]:
        source = self._fetched().get(path)
        if find_all:
            return [str(source)] if source else []
        return str(source) if source else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        for name, source in self._fetched().items():
            if not matches_patterns(name, [*(ignore_patterns or [])]):
                yield name, OneFileStorage(name, source)

    def _fetched(self) -> dict[str, Path]:
        files: dict[str, Path] = settings.VENDORED_FILES
        return {name: source for name, source in files.items() if source.is_file()}


class OneFileStorage(FileSystemStorage):
    """A single file, under another name than it has on the disk."""

    def __init__(self, name: str, source: Path) -> None:
        super().__init__(location=source.parent)
        self.prefix = ""  # what collectstatic puts before names
        self._name, self._source = name, source

    def path(self, name: str) -> str:
        return str(self._source) if name == self._name else super().path(name)


class LeanStorage(CompressedManifestStaticFilesStorage):
    """Makes what a first visit asks for few and small: one sheet, and no comments in ours.

    Puts the sheets that ours import into them, and minifies our sheets and scripts. While
    developing, browsers get the files as they are written, which need no build.
    """

    # Scripts name no other files but source maps, which are not all collected: Django would stop
    # over that.
    patterns = tuple(
        (extension, expressions)
        for extension, expressions in CompressedManifestStaticFilesStorage.patterns
        if extension == "*.css"
    )

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        lean = InMemoryStorage()
        for name, (origin, _) in paths.items():
            if is_ours(origin) and (media_type := MINIFIED.get(Path(name).suffix)):
                text = whole(name, paths) if name in SHEETS else source(name, paths)
                lean.save(name, ContentFile(minify.string(media_type, text)))
        replaced = {name: (lean, name) for name in paths if lean.exists(name)}
        yield from super().post_process(paths | replaced, dry_run=dry_run, **options)


def is_ours(origin: Any) -> bool:
    """Whether a storage of static files is our own folder, and not that of a package."""
    return origin.location in map(str, settings.STATICFILES_DIRS)


def whole(sheet: str, paths: dict[str, Any]) -> str:
    """The text of a sheet with each line `@import "name.css";` replaced by that neighbour's."""
    folder, _, _ = sheet.rpartition("/")

    def neighbour(line: re.Match[str]) -> str:
        return source(f"{folder}/{line['name']}", paths)

    return IMPORT_LINE.sub(neighbour, source(sheet, paths))


def source(name: str, paths: dict[str, Any]) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return file.read().decode()
