"""One comment of a file, judged by itself."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from comments import text as words
from comments.importing.dates import Ambiguous, read_date
from comments.importing.plain_text import as_plain_text
from comments.models import Comment

NAME = 80  # characters, as `Comment.author_name`
RAW = 200_000  # characters of HTML, from which a comment may still come

STATES = {
    "": Comment.State.PUBLISHED,
    "published": Comment.State.PUBLISHED,
    "approved": Comment.State.PUBLISHED,
    "1": Comment.State.PUBLISHED,
    "held": Comment.State.HELD,
    "hold": Comment.State.HELD,
    "pending": Comment.State.HELD,
    "0": Comment.State.HELD,
    "removed": Comment.State.REMOVED,
    "trash": Comment.State.REMOVED,
    "spam": Comment.State.REMOVED,
}


@dataclass(frozen=True)
class Problem:
    """What is wrong in a row, in a sentence for whoever mends the file."""

    number: int
    column: str
    value: str
    sentence: str

    def __str__(self) -> str:
        value = Truncator(" ".join(self.value.split())).chars(60)
        told = {
            "row": self.number,
            "column": self.column,
            "value": value,
            "sentence": self.sentence,
        }
        if not value:
            return _("Row %(row)d, %(column)s: %(sentence)s") % told
        return _("Row %(row)d, %(column)s “%(value)s”: %(sentence)s") % told


@dataclass(frozen=True, slots=True)
class Row:
    """A comment as the file has it, in the site's own terms. `email` is in small letters."""

    number: int
    workout_class: str  # its slug, title or address
    reference: str
    answers: str  # the reference of what it answers; empty for one that opens a thread
    email: str
    name: str
    text: str
    written_at: datetime | None
    state: Comment.State
    film: str  # tempo/language


class _Judge:
    """Takes the cells of one row apart and notes what is wrong with them."""

    def __init__(self, number: int, cells: dict[str, Any], now: datetime) -> None:
        self.number, self.cells, self.now = number, cells, now
        self.problems: list[Problem] = []

    def object(self, column: str, sentence: str, value: str | None = None) -> None:
        """Say what is wrong with a cell, unless something was said of it before."""
        if any(problem.column == column for problem in self.problems):
            return
        value = self.cell(column) if value is None else value
        self.problems.append(Problem(self.number, column, value, sentence))

    def cell(self, column: str) -> str:
        """What stands there; nothing where it cannot be kept, which `look_at_all` has said."""
        value = self.cells.get(column)
        if not isinstance(value, str | int | float):
            return ""
        text = str(value).strip()
        return text if _can_be_kept(text) else ""

    def look_at_all(self) -> None:
        """What may be wrong with any cell."""
        for column, value in self.cells.items():
            if column == "too many":
                sentence = _("There are more cells than headings. Is a quotation mark missing?")
                self.object(_("row"), sentence, "")
            elif not isinstance(value, str | int | float | None):
                self.object(column, _("Only text or a number can stand here."), repr(value))
            elif isinstance(value, str) and not _can_be_kept(value):
                sentence = _(
                    "There is a character in it that cannot be kept (NUL, or half of one)."
                )
                self.object(column, sentence, "")

    def reference(self) -> str:
        reference = self.cell("reference")
        if not reference:
            self.object("reference", _("Each comment needs one of its own: a number, or any text."))
        return reference

    def email(self) -> str:
        email = self.cell("email").lower()
        if email:
            try:
                validate_email(email)
            except ValidationError:
                self.object("email", _("This is no e-mail address. Leave it empty if unknown."))
        return email

    def name(self, email: str) -> str:
        name = _in_one_line(as_plain_text(self.cell("name")))
        if not name and not email:
            self.object("name", _("Somebody wrote this: a name or an e-mail address is needed."))
        if len(name) > NAME:
            self.object("name", _("A name has at most %(most)d characters.") % {"most": NAME})
        return name

    def text(self) -> str:
        raw = self.cell("text")
        if len(raw) > RAW:
            self.object("text", _("This is too long to be one comment."))
            return ""
        text = words.normalised(as_plain_text(raw))
        if words.is_blank(text):
            self.object("text", _("There are no words in it."))
        elif (surplus := words.length(text) - Comment.MAX_LENGTH) > 0:
            sentence = _("A comment has at most %(most)d characters; this is %(surplus)d too long.")
            self.object("text", sentence % {"most": Comment.MAX_LENGTH, "surplus": surplus})
        return text

    def written_at(self) -> datetime | None:
        column = "date in utc" if self.cell("date in utc") else "date"
        try:
            moment = read_date(self.cell(column), is_utc=column != "date")
        except Ambiguous:
            self.object(column, _("Day or month first? Write it as 2019-03-31, or leave it empty."))
            return None
        except (ValueError, OverflowError):
            self.object(column, _("This is no date. Write it as 2019-03-31, or leave it empty."))
            return None
        if moment and moment > self.now:
            self.object(column, _("This is in the future."))
        return moment

    def state(self) -> Comment.State:
        state = STATES.get(self.cell("state").lower())
        if state is None:
            self.object("state", _("Published, held or removed; empty for published."))
            return Comment.State.PUBLISHED
        return state


def judge(
    number: int, cells: dict[str, Any], *, now: datetime, class_of_all: str = ""
) -> tuple[Row, list[Problem]]:
    """The row, as far as it can be read, and all that is wrong with it.

    `class_of_all` stands where it names no class.
    """
    judge = _Judge(number, cells, now)
    judge.look_at_all()
    workout_class = judge.cell("class") or class_of_all
    if not workout_class:
        judge.object("class", _("Name the class by its address or title."))
    email = judge.email()
    parent = judge.cell("answers")
    row = Row(
        number=number,
        workout_class=workout_class,
        reference=judge.reference(),
        answers="" if parent == "0" else parent,  # so says a database that counts from 1
        email=email,
        name=judge.name(email),
        text=judge.text(),
        written_at=judge.written_at(),
        state=judge.state(),
        film=judge.cell("film").lower(),
    )
    return row, judge.problems


def judge_all(
    rows: Iterable[tuple[int, dict[str, Any]]], *, now: datetime, class_of_all: str = ""
) -> tuple[list[Row], list[Problem]]:
    """Every row, also those that something is wrong with: others may answer them."""
    found: list[Row] = []
    problems: list[Problem] = []
    for number, cells in rows:
        row, wrong = judge(number, cells, now=now, class_of_all=class_of_all)
        found.append(row)
        problems += wrong
    return found, problems


def _can_be_kept(value: str) -> bool:
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def _in_one_line(name: str) -> str:
    """Without controls, joiners and what turns the direction of the words around it."""
    seen = (" " if unicodedata.category(each) == "Cc" else each for each in name)
    return " ".join("".join(each for each in seen if unicodedata.category(each) != "Cf").split())
