"""How static files are collected."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEETS = ["css/site.css", "css/admin.css"]
IMPORT_LINE = re.compile(r'^@import "(?P<name>[\w-]+\.css)";$', re.MULTILINE)


class OneSheetStorage(CompressedManifestStaticFilesStorage):
    """Puts the sheets that ours import into them, so that a first visit asks for one, not six.

    While developing, browsers follow the imports: the sheets stay apart and need no build.
    """

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        whole_sheets = InMemoryStorage()
        for sheet in SHEETS:
            if sheet in paths:
                whole_sheets.save(sheet, ContentFile(whole(sheet, paths)))
        replaced = {sheet: (whole_sheets, sheet) for sheet in SHEETS if sheet in paths}
        yield from super().post_process(paths | replaced, dry_run=dry_run, **options)


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
