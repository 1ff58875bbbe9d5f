"""A timeline as curators type it: one line for each chapter.

    0:00 "Welcome" | what you need today
    1:30 The Hundred -head lift | the head stays down
    3:05-4:00 Saw +kneeling

A line is `mm:ss[-mm:ss] exercise [+movement]… [-movement]… [| note]`, or `h:mm:ss` from an hour
on. What is no exercise stands in quotes. A chapter lasts until the next one, or to the end of the
film; an end of its own leaves a gap after it.

Exercises are found by their names in every language, their other names and their addresses,
movements by names and addresses. Case, accents, hyphens, apostrophes, blanks and a leading "the"
make no difference. What is printed reads back as the same chapters: a name that would be taken for
something else is printed as the address.

Nothing here asks the database but `BodyVocabulary.load`.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Generic, TypeVar

from django.utils.text import Truncator, get_text_list
from django.utils.translation import gettext as _

from classes.durations import clock, read_clock
from classes.models import Chapter, Exercise, Movement

MAX_LINES = 500
MAX_LINE_LENGTH = 1000
MAX_TITLE_LENGTH = Chapter._meta.get_field("title").max_length or 0
MAX_NOTE_LENGTH = Chapter._meta.get_field("note").max_length or 0


@dataclass(frozen=True)
class PlainChapter:
    """A stretch of film in whole seconds, `end` not included: an exercise, or else a title.

    `adds` and `removes` are each in the studio's order of movements.
    """

    start: int
    end: int
    exercise: Exercise | None = None
    title: str = ""
    adds: tuple[Movement, ...] = ()
    removes: tuple[Movement, ...] = ()
    note: str = ""

    @property
    def label(self) -> str:
        """The exercise in the reader's language, or the title as it was typed."""
        return self.exercise.label if self.exercise else self.title

    @property
    def movements(self) -> list[Movement]:
        """What a body does in it, in the studio's order.

        No query where the exercise came with its movements, as from `BodyVocabulary`.
        """
        usual = self.exercise.movements.all() if self.exercise else []
        return list(in_order({*usual, *self.adds} - {*self.removes}))


@dataclass(frozen=True)
class Fault:
    """What is wrong in which line, from 1; `text` is the line as it was typed.

    Line 0 stands for the text as a whole. The sentence is in the language that was active.
    """

    line: int
    text: str
    sentence: str


class TimelineFaults(Exception):
    """The timeline cannot be taken. `faults` is not empty, and in the order of the lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("; ".join(f"{fault.line}: {fault.sentence}" for fault in self.faults))


def in_order(movements: Iterable[Movement]) -> tuple[Movement, ...]:
    """Each once, as the studio sorts them."""
    return tuple(sorted(set(movements), key=lambda m: (m.position, m.name, m.pk)))


def film_seconds(duration: timedelta) -> int:
    """Where the last chapter ends at the latest. What is left of a second belongs to nobody."""
    return int(duration.total_seconds())


# --- Names --------------------------------------------------------------------------------------

AnyTerm = TypeVar("AnyTerm", Exercise, Movement)

_ADDRESS = re.compile(r"[a-z0-9_][-a-z0-9_]*", re.ASCII)
_APOSTROPHES = re.compile("['’‘`´ʼ]")
_NO_LETTERS = re.compile(r"[\W_]+")


def fold(name: str) -> str:
    """A name as it is compared: `The Figure‑4 Stretch` and `figure 4 stretch` are one."""
    # Twice: taken apart, some letters come to have a case, and some signs are apostrophes.
    for _pass in range(2):
        name = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", name)).casefold()
    letters = "".join(char for char in name if not unicodedata.combining(char))
    words = _NO_LETTERS.sub(" ", letters).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


@dataclass(frozen=True)
class Names(Generic[AnyTerm]):
    """What the studio's words of one kind can be called."""

    terms: Sequence[AnyTerm]

    def meant_by(self, typed: str) -> list[AnyTerm]:
        """The one that is called so; none; or several that are, none of them more than others.

        An address is taken before a name, a name as it is written before a likeness, and the
        studio's own name before translations and other names.
        """
        if _ADDRESS.fullmatch(typed) and typed in self._by_address:
            return [self._by_address[typed]]
        if typed in self._by_name:
            return [self._by_name[typed]]
        folded = fold(typed)
        return self._by_likeness.get(folded) or self._by_other_name.get(folded) or []

    def near(self, typed: str) -> list[str]:
        """Up to three that may have been meant, the likeliest first, by their labels."""
        likely = difflib.get_close_matches(fold(typed), self._known, n=12, cutoff=0.5)
        labels: dict[str, None] = {}
        for name in likely:
            for term in self._by_likeness.get(name) or self._by_other_name[name]:
                labels[term.label] = None
        return list(labels)[:3]

    @cached_property
    def _by_address(self) -> dict[str, AnyTerm]:
        return {term.slug: term for term in self.terms}

    @cached_property
    def _by_name(self) -> dict[str, AnyTerm]:
        return {term.name: term for term in self.terms}

    @cached_property
    def _by_likeness(self) -> dict[str, list[AnyTerm]]:
        return _grouped((fold(term.name), term) for term in self.terms)

    @cached_property
    def _by_other_name(self) -> dict[str, list[AnyTerm]]:
        return _grouped((fold(name), term) for term in self.terms for name in _other_names(term))

    @cached_property
    def _known(self) -> list[str]:
        return list({**self._by_likeness, **self._by_other_name})


def _other_names(term: Exercise | Movement) -> list[str]:
    aliases = term.aliases if isinstance(term, Exercise) else []
    return [term.slug, *term.names.values(), *aliases]


def _grouped(pairs: Iterable[tuple[str, AnyTerm]]) -> dict[str, list[AnyTerm]]:
    found: dict[str, list[AnyTerm]] = {}
    for name, term in pairs:
        terms = found.setdefault(name, [])
        if term not in terms:
            terms.append(term)
    found.pop("", None)  # of signs only
    return found


@dataclass(frozen=True)
class BodyVocabulary:
    """The exercises, each with its movements, and the movements that lines may name."""

    exercises: Names[Exercise]
    movements: Names[Movement]

    @classmethod
    def load(cls) -> "BodyVocabulary":
        """All of the studio's: 3 queries."""
        return cls.of(Exercise.objects.prefetch_related("movements"), Movement.objects.all())

    @classmethod
    def of(cls, exercises: Iterable[Exercise], movements: Iterable[Movement]) -> "BodyVocabulary":
        return cls(Names(list(exercises)), Names(list(movements)))


# --- Printing -----------------------------------------------------------------------------------

_BLANKS = re.compile(r"\s+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_MARKS = "+−–-"  # the hyphen last: these stand in a class of characters
_MARKED = re.compile(rf"(?:^|(?<=\s))([{_MARKS}])\s*(?=[^\s{_MARKS}])")


def write_timeline(chapters: Sequence[PlainChapter], *, duration: timedelta) -> str:
    """The lines of these chapters, each ended; the same chapters come back from `read_timeline`.

    They are in the order of their starts, with titles and notes as the reading leaves them.
    """
    following = [chapter.start for chapter in chapters[1:]] + [film_seconds(duration)]
    return "".join(
        f"{_written(chapter, natural_end)}\n"
        for chapter, natural_end in zip(chapters, following, strict=False)
    )


def _written(chapter: PlainChapter, natural_end: int) -> str:
    times = clock(timedelta(seconds=chapter.start))
    if chapter.end != natural_end:
        times += f"-{clock(timedelta(seconds=chapter.end))}"
    words = [
        times,
        _name_of(chapter.exercise) if chapter.exercise else _quoted(chapter.title),
        *(f"+{_name_of(movement)}" for movement in chapter.adds),
        *(f"-{_name_of(movement)}" for movement in chapter.removes),
    ]
    if chapter.note:
        words += ["|", chapter.note]
    return " ".join(words)


def _name_of(term: Exercise | Movement) -> str:
    """The studio's name, unless it would be read as something else."""
    name = term.name
    is_plain = (
        name == tidy(name)
        and not _CONTROLS.search(name)
        and "|" not in name
        and not _MARKED.search(name)
        and name[0] not in _CLOSING
        and name[0] not in _MARKS
        and name[-1] not in _MARKS
        and not _ADDRESS.fullmatch(name)
    )
    return name if is_plain else term.slug


def _quoted(title: str) -> str:
    doubled = title.replace('"', '""')
    return f'"{doubled}"'


def tidy(text: str) -> str:
    """Without blanks around it and with single ones in it: as titles and notes are kept."""
    return _BLANKS.sub(" ", text).strip()


# --- Reading ------------------------------------------------------------------------------------

_TIME = r"[0-9]{1,3}:[0-9]{1,2}(?::[0-9]{1,2})?"
_TIMES = re.compile(rf"({_TIME})(?:\s*[-–—−]\s*({_TIME}))?(?=\s|$)", re.ASCII)
_CLOSING = {'"': '"', "“": "”", "„": "“", "«": "»", "”": "”"}


def read_timeline(
    text: str, vocabulary: BodyVocabulary, *, duration: timedelta
) -> list[PlainChapter]:
    """The chapters of the lines, in their order. Empty lines say nothing; no line, no chapter.

    TimelineFaults with everything that is wrong. About a second of CPU for the longest text of
    nothing but unknown names, else milliseconds. No query.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    typed = [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]
    if len(typed) > MAX_LINES:
        sentence = _("A timeline has at most %(limit)s lines; this one has %(count)s.")
        figures = {"limit": MAX_LINES, "count": len(typed)}
        raise TimelineFaults([Fault(0, "", sentence % figures)])
    reader = _Reader(vocabulary, film_seconds(duration))
    for number, line in typed:
        reader.read(number, line)
    reader.end_chapters()
    if reader.faults:
        raise TimelineFaults(reader.faults)
    return [line.chapter for line in reader.lines if line.chapter]


@dataclass
class _Line:
    number: int
    text: str
    start: int
    end: int | None  # where one was typed
    chapter: PlainChapter | None = None  # where its words were understood


@dataclass
class _Reader:
    vocabulary: BodyVocabulary
    film_end: int  # seconds
    faults: list[Fault] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=list)  # those whose times were understood
    _nearest: dict[tuple[int, str], str] = field(default_factory=dict)

    def read(self, number: int, text: str) -> None:
        if len(text) > MAX_LINE_LENGTH:
            sentence = _("This line is too long: it has at most %(limit)s characters.")
            self._fault(number, Truncator(text).chars(80), sentence, limit=MAX_LINE_LENGTH)
            return
        if control := _CONTROLS.search(text):
            sentence = _("There is an invisible character (%(code)s) in this line. Remove it.")
            self._fault(number, text, sentence, code=f"U+{ord(control[0]):04X}")
            return
        times = _TIMES.match(text)
        if not times:
            sentence = _("A line begins with a time, like “12:34 Saw”.")
            self._fault(number, text, sentence)
            return
        line = self._read_times(number, text, *times.groups())
        chapter = self._read_words(number, text, text[times.end() :].strip())
        if line:
            line.chapter = chapter
            self.lines.append(line)

    def end_chapters(self) -> None:
        """Let every chapter last until the next, and refuse those that overlap."""
        for line, following in zip(self.lines, [*self.lines, None][1:], strict=True):
            natural_end = following.start if following else self.film_end
            if line.end is not None and following and line.end > following.start:
                sentence = _("This chapter ends at %(end)s, and the next begins at %(next)s.")
                self._fault(
                    line.number,
                    line.text,
                    sentence,
                    end=_clock(line.end),
                    next=_clock(following.start),
                )
            if line.chapter:
                end = line.end if line.end is not None else natural_end
                line.chapter = replace(line.chapter, start=line.start, end=end)

    # --- Times

    def _read_times(self, number: int, text: str, first: str, last: str | None) -> _Line | None:
        start = self._read_time(number, text, first)
        end = self._read_time(number, text, last) if last else None
        if start is None or (last and end is None):
            return None
        film = _clock(self.film_end)
        if start >= self.film_end:
            sentence = _("%(time)s is past the end of the film, which lasts %(film)s.")
            self._fault(number, text, sentence, time=_clock(start), film=film)
            return None
        if end is not None and end > self.film_end:
            sentence = _("%(time)s is past the end of the film, which lasts %(film)s.")
            self._fault(number, text, sentence, time=_clock(end), film=film)
            end = None
        if end is not None and end <= start:
            sentence = _("This chapter begins at %(start)s and ends at %(end)s, not later.")
            self._fault(number, text, sentence, start=_clock(start), end=_clock(end))
            end = None
        if self.lines and start <= self.lines[-1].start:
            sentence = _("%(time)s is not later than %(before)s, where the line above begins.")
            before = _clock(self.lines[-1].start)
            self._fault(number, text, sentence, time=_clock(start), before=before)
            return None
        return _Line(number, text, start, end)

    def _read_time(self, number: int, text: str, typed: str) -> int | None:
        try:
            return read_clock(typed)
        except ValueError:
            sentence = _("“%(time)s” is no time. Write minutes and seconds, like 12:34.")
            self._fault(number, text, sentence, time=typed)
            return None

    # --- Words

    def _read_words(self, number: int, text: str, words: str) -> PlainChapter | None:
        faults_before = len(self.faults)
        title, rest = self._read_title(number, text, words)
        rest, _bar, note = rest.partition("|")
        note = tidy(note)
        name, *marked = _MARKED.split(rest)
        name = tidy(name)
        exercise = None
        if title is None:
            exercise = self._read_exercise(number, text, name)
        elif name:
            sentence = _("After the title, “%(words)s” is neither a movement nor a note.")
            self._fault(number, text, sentence, words=name)
        movements: dict[bool, list[Movement]] = {True: [], False: []}
        for mark, typed in zip(marked[::2], marked[1::2], strict=True):
            if movement := self._read_movement(number, text, tidy(typed)):
                movements[mark == "+"].append(movement)
        for movement in in_order(set(movements[True]) & set(movements[False])):
            sentence = _("“%(movement)s” is both added and left out.")
            self._fault(number, text, sentence, movement=movement)
        if len(note) > MAX_NOTE_LENGTH:
            sentence = _("A note has at most %(limit)s characters.")
            self._fault(number, text, sentence, limit=MAX_NOTE_LENGTH)
        if len(self.faults) > faults_before:
            return None
        return PlainChapter(
            start=0,  # until the next line is known
            end=0,
            exercise=exercise,
            title=title or "",
            adds=in_order(movements[True]),
            removes=in_order(movements[False]),
            note=note,
        )

    def _read_title(self, number: int, text: str, words: str) -> tuple[str | None, str]:
        """What stands in quotes, or None where the words begin with none, and what follows."""
        closing = _CLOSING.get(words[:1])
        if closing is None:
            return None, words
        quoted = re.match(rf"{words[0]}((?:[^{closing}]|{closing}{closing})*){closing}", words)
        if not quoted:
            sentence = _("The quotes of the title are not closed.")
            self._fault(number, text, sentence)
            return "", ""
        title = tidy(quoted[1].replace(closing * 2, closing))
        if not title:
            self._fault(number, text, _("The title is empty."))
        if len(title) > MAX_TITLE_LENGTH:
            sentence = _("A title has at most %(limit)s characters.")
            self._fault(number, text, sentence, limit=MAX_TITLE_LENGTH)
        return title, words[quoted.end() :]

    def _read_exercise(self, number: int, text: str, name: str) -> Exercise | None:
        if not name:
            self._fault(number, text, _("No exercise stands after the time."))
            return None
        meant = self.vocabulary.exercises.meant_by(name)
        if len(meant) == 1:
            return meant[0]
        sentence = (
            self._several(name, meant)
            if meant
            else _("No exercise is called “%(name)s”.") % {"name": name}
            + self._near(self.vocabulary.exercises, name)
            + " "
            + _("A title that is no exercise stands in quotes.")
        )
        self._fault(number, text, sentence)
        return None

    def _read_movement(self, number: int, text: str, name: str) -> Movement | None:
        meant = self.vocabulary.movements.meant_by(name)
        if len(meant) == 1:
            return meant[0]
        sentence = (
            self._several(name, meant)
            if meant
            else _("No movement is called “%(name)s”.") % {"name": name}
            + self._near(self.vocabulary.movements, name)
        )
        self._fault(number, text, sentence)
        return None

    def _several(self, name: str, meant: Sequence[Exercise | Movement]) -> str:
        return _("“%(name)s” may be any of %(choices)s. Write its address.") % {
            "name": name,
            "choices": get_text_list([f"{term.label} ({term.slug})" for term in meant], _("or")),
        }

    def _near(self, names: Names[Exercise] | Names[Movement], typed: str) -> str:
        """A question that names the nearest known ones; a word is looked up once."""
        key = (id(names), fold(typed))
        if key not in self._nearest:
            labels = names.near(typed)
            question = _("Did you mean %(choices)s?")
            self._nearest[key] = (
                " " + question % {"choices": get_text_list(labels, _("or"))} if labels else ""
            )
        return self._nearest[key]

    def _fault(self, number: int, text: str, sentence: str, **figures: object) -> None:
        self.faults.append(Fault(number, text, sentence % figures if figures else sentence))


def _clock(seconds: int) -> str:
    return clock(timedelta(seconds=seconds))


# --- Copying ------------------------------------------------------------------------------------


def shifted(
    chapters: Sequence[PlainChapter], seconds: int, *, duration: timedelta
) -> list[PlainChapter]:
    """The same chapters, later by `seconds` or earlier, for a film of another length.

    The last one is cut where the film is over. TimelineFaults for those that begin before the film
    or after it; a fault's line is that of the chapter as `write_timeline` prints it.
    """
    film_end = film_seconds(duration)
    moved, faults = [], []
    for number, chapter in enumerate(chapters, start=1):
        start, end = chapter.start + seconds, min(chapter.end + seconds, film_end)
        if 0 <= start < film_end:
            moved.append(replace(chapter, start=start, end=end))
            continue
        sentence = (
            _("“%(chapter)s” would begin before the film.")
            if start < 0
            else _("“%(chapter)s” would begin after the end of the film.")
        ) % {"chapter": chapter.label}
        faults.append(Fault(number, chapter.label, sentence))
    if faults:
        raise TimelineFaults(faults)
    return moved
