"""Rows of a CSV or JSON file, as spreadsheets and other sites write them."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from django.utils.translation import gettext as _

CELL = 1_000_000  # characters; a cell that never ends is a quotation mark that was forgotten
SEPARATORS = ",;\t"

# What others call our columns: WordPress's own names, and what people write into spreadsheets.
ALIASES = {
    "id": "reference",
    "comment_id": "reference",
    "parent": "answers",
    "comment_parent": "answers",
    "e-mail": "email",
    "comment_author_email": "email",
    "author": "name",
    "comment_author": "name",
    "body": "text",
    "comment": "text",
    "comment_content": "text",
    "comment_date": "date",
    "comment_date_gmt": "date in utc",
    "comment_approved": "state",
    "slug": "class",
}
COLUMNS = {
    *("class", "reference", "answers", "email", "name", "text", "date", "date in utc"),
    *("state", "film"),
}


class NotReadable(Exception):
    """The file as a whole cannot be read. The text says why, to whoever has it."""


@dataclass
class Source:
    """The rows of a file, and what has to be said about reading it.

    `rows` can be read once: of each its number, as a spreadsheet counts (the line of headings is
    1) or as it stands in a JSON list, and its cells by column. A value may be anything that JSON
    has. Raises NotReadable where reading cannot go on.
    """

    rows: Iterator[tuple[int, dict[str, Any]]]
    notes: list[str] = field(default_factory=list)


def read(path: Path) -> Source:
    """By the ending of its name. Raises NotReadable; CSV is read as it is asked for."""
    reader = {".csv": _read_csv, ".json": _read_json}.get(path.suffix.lower())
    if reader is None:
        raise NotReadable(_("The name of the file ends in .csv or .json."))
    try:
        return reader(path)
    except OSError as fault:
        raise NotReadable(fault.strerror or str(fault)) from None


# --- CSV ----------------------------------------------------------------------------------------


def _read_csv(path: Path) -> Source:
    encoding, notes = _encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        headings = file.readline(CELL)
    separator = max(SEPARATORS, key=headings.count)
    columns = [
        _column(heading) for heading in next(csv.reader([headings], delimiter=separator), [])
    ]
    _look_at(columns, notes)
    return Source(_csv_rows(path, encoding, separator, columns), notes)


def _csv_rows(
    path: Path, encoding: str, separator: str, columns: list[str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(CELL)
    with path.open(encoding=encoding, newline="") as file:
        lines = csv.reader(file, delimiter=separator)
        next(lines, None)
        number = 1
        try:
            for number, cells in enumerate(lines, 2):
                if any(cell.strip() for cell in cells):
                    yield number, _by_column(columns, cells)
        except csv.Error as fault:
            raise NotReadable(
                _("After row %(number)d: %(fault)s. Is a quotation mark missing?")
                % {"number": number, "fault": fault}
            ) from None


def _by_column(columns: list[str], cells: list[str]) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(columns, cells, strict=False))
    if any(cell.strip() for cell in cells[len(columns) :]):
        row["too many"] = True  # `rows` says so, with the others' faults
    return row


def _encoding_of(path: Path) -> tuple[str, list[str]]:
    """UTF-8 if it is that, else what Windows wrote before."""
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16", []
    for encoding in ("utf-8-sig", "cp1252"):
        with path.open(encoding=encoding, newline="") as text:
            if _is_readable(text):
                break
    else:
        encoding = "latin-1"  # has every byte
    if encoding == "utf-8-sig":
        return encoding, []
    sentence = _(
        "This file is not UTF-8, so it was read as Latin-1 (Windows). Look whether its accents are "
        "right; if not, save it as “CSV UTF-8” and try again."
    )
    return encoding, [sentence]


def _is_readable(text: TextIO) -> bool:
    try:
        while text.read(1 << 20):
            pass
    except UnicodeDecodeError:
        return False
    return True


# --- JSON ---------------------------------------------------------------------------------------


def _read_json(path: Path) -> Source:
    try:
        data = json.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as fault:
        raise NotReadable(_("This is no JSON: %(fault)s") % {"fault": fault}) from None
    if isinstance(data, dict):
        data = data.get("comments")
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise NotReadable(
            _("The file is a list of comments, or an object with such a list as “comments”.")
        )
    rows = [{_column(name): value for name, value in row.items()} for row in data]
    notes: list[str] = []
    _look_at(sorted({name for row in rows for name in row}), notes)
    return Source(iter(enumerate(rows, 1)), notes)


# --- Columns ------------------------------------------------------------------------------------


def _column(heading: str) -> str:
    name = " ".join(heading.replace("\ufeff", "").split()).lower()
    return ALIASES.get(name, name)


def _look_at(columns: list[str], notes: list[str]) -> None:
    if twice := sorted({name for name in columns if name in COLUMNS and columns.count(name) > 1}):
        sentence = _("There are two columns for “%(name)s”.")
        raise NotReadable(sentence % {"name": twice[0]})
    for needed in ("reference", "text"):
        if needed not in columns:
            raise NotReadable(_("There is no column “%(name)s”.") % {"name": needed})
    if ignored := [name for name in columns if name and name not in COLUMNS]:
        notes.append(_("Columns that are not read: %(names)s.") % {"names": ", ".join(ignored)})
