"""Captions files: WebVTT or SubRip (.srt) in, one strict form of WebVTT out.

Browsers read captions leniently: what they do not understand they leave out without a word. Here
every such place is named with its line, all of them at once, so that a curator mends a file in
one go. What is kept of a good file is what members get out of it: times, words, who says them,
and where on the picture they stand. Styles, notes and italics are not kept.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from .cue_markup import read_settings, read_words, with_markup

WEBVTT_TYPE = "text/vtt; charset=utf-8"

MAX_BYTES = 2_000_000
MAX_SPEAKER_LENGTH = 80
# Nobody reads more of them, and two megabytes may hold a million.
MAX_FAULTS = 1000
# Cues are written by hand and films are cut by machines: a second too much harms nobody.
OVERHANG_SECONDS = 1

ARROW = "-->"


@dataclass(frozen=True)
class PlainCue:
    """Times in seconds, exact to the thousandth. `text` has no markup, and one line or several."""

    start: float
    end: float
    text: str
    speaker: str = ""
    settings: str = ""  # where it stands on the picture, in WebVTT's words


@dataclass(frozen=True)
class Fault:
    """What is wrong in which line; `line` 0 stands for the file as a whole.

    `template` is an English sentence marked for translation, `figures` what its `%(name)s` stand
    for. `str` is the English sentence, `in_words` the one in the language that is active.
    """

    line: int
    template: str
    figures: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.figures

    def in_words(self) -> str:
        return gettext(self.template) % self.figures


class CaptionsRefused(ValueError):
    """The file cannot be taken as it is. `faults` is not empty, and in the order of the lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("; ".join(f"{fault.line}: {fault}" for fault in self.faults))


def read_captions(content: bytes, *, film_seconds: float | None = None) -> tuple[PlainCue, ...]:
    """The cues of a WebVTT or SubRip file, at least one, in the order of their starts.

    CaptionsRefused with everything that is wrong, or MAX_FAULTS of it. `film_seconds`, where it is
    known, is what the cues must fit into. Some 15 ms for a thousand cues.
    """
    lines = _decoded(content).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not any(ARROW in line for line in lines):
        raise CaptionsRefused([Fault(0, _NO_CUES, {"example": _VTT.example})])
    reader = _Reader(_SRT if _is_srt(lines) else _VTT)
    reader.read(lines)
    if film_seconds is not None:
        reader.fit_into(film_seconds)
    if not (reader.faults or reader.cues):
        reader.faults.append(Fault(0, _NO_WORDS))
    if reader.faults:
        raise CaptionsRefused(reader.faults)
    return tuple(cue for _line, cue in reader.cues)


def write_captions(cues: Iterable[PlainCue]) -> str:
    """WebVTT of cues as `read_captions` gives them, which reads back as the same cues."""
    return "\n".join(["WEBVTT\n", *(_written(cue) for cue in cues)])


def timestamp(seconds: float) -> str:
    """`00:01:02.500`, with hours always."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{thousandths:03}"


def _written(cue: PlainCue) -> str:
    times = f"{timestamp(cue.start)} {ARROW} {timestamp(cue.end)} {cue.settings}".rstrip()
    return f"{times}\n{with_markup(cue.speaker, cue.text)}\n"


# --- Bytes --------------------------------------------------------------------------------------

_TOO_LARGE = _("A captions file has at most 2 MB; this one has %(size).1f MB.")
_EMPTY = _("The file is empty.")
_OTHER_KIND = _("This is a file of another kind: %(kind)s. Export it as WebVTT or SubRip (.srt).")
_NOT_UTF8 = _("The text is not in UTF-8 but, it seems, in %(encoding)s. Save it as UTF-8.")
_NO_CUES = _("There are no captions in it: no line has times like “%(example)s”.")
_NO_WORDS = _("There are no words in it.")
_CONTROL = _("There is an invisible character (%(code)s) in this line. Remove it.")

_OTHER_KINDS = {
    b"PK\x03\x04": "ZIP, DOCX, ODT",
    b"%PDF": "PDF",
    b"{\\rtf": "RTF",
    b"<?xml": "XML, TTML",
    b"<tt": "TTML",
    b"[Script Info]": "SubStation Alpha",
}
# PostgreSQL stores no NUL, and none of the others means anything in captions.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise CaptionsRefused([Fault(0, _TOO_LARGE, {"size": len(content) / 1_000_000})])
    if not content.strip():
        raise CaptionsRefused([Fault(0, _EMPTY)])
    head = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    for beginning, kind in _OTHER_KINDS.items():
        if head.startswith(beginning):
            raise CaptionsRefused([Fault(0, _OTHER_KIND, {"kind": kind})])
    # Every second byte of Latin letters in UTF-16 is a NUL, which UTF-8 would let pass.
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or content.count(0) > len(content) / 4:
        raise CaptionsRefused([Fault(0, _NOT_UTF8, {"encoding": "UTF-16"})])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = len(re.findall(rb"\r\n?|\n", content[: problem.start])) + 1
        figures = {"encoding": "Windows-1252 / ISO 8859-1"}
        raise CaptionsRefused([Fault(line, _NOT_UTF8, figures)]) from None


# --- Lines --------------------------------------------------------------------------------------

_HEADER_MISSING = _("A WebVTT file begins with the line “WEBVTT”; this one has “%(found)s” there.")
_HEADER_UNENDED = _("An empty line must stand between “WEBVTT” and the first cue.")
_ARROW_IN_NOTE = _("An empty line must stand between a note and a cue; “-->” is for cues only.")
_NO_TIME = _("These words have no time. Expected is a line like “%(example)s” above them.")
_NO_TEXT = _("No words stand under this time.")
_NO_EMPTY_LINE = _("An empty line must stand before each cue.")
_ARROW_IN_TEXT = _("“-->” may not stand in the words of a cue. Write “--&gt;”.")
_ENDS_TOO_EARLY = _("This cue begins at %(start)s and ends at %(end)s, which is not later.")
_NOT_IN_ORDER = _("This cue begins at %(start)s, before the one above it, at %(before)s.")
_NO_HEAD = _("Expected is a line like “%(example)s”, with spaces around the arrow.")
_NOT_A_TIME = _("“%(time)s” is no time. Write it like “%(example)s”.")
_NO_SETTING = _("“%(setting)s” does not say where a cue stands on the picture.")
_SPEAKER_TOO_LONG = _("The name of who speaks has at most %(limit)s characters.")
_AFTER_THE_FILM = _("This cue ends at %(end)s, and the film at %(film)s.")

_HEAD = re.compile(r"(?P<start>\S+)[ \t]+-->[ \t]+(?P<end>\S+)(?:[ \t]+(?P<settings>.*))?")
_LIKE_TIMES = re.compile(r"[ \t]*[0-9:.,]+[ \t]*-->[ \t]*[0-9:.,]+")
_NOTE = re.compile(r"NOTE([ \t].*)?|(STYLE|REGION)[ \t]*")


@dataclass(frozen=True)
class _Dialect:
    time: re.Pattern[str]
    example: str
    example_time: str


_VTT = _Dialect(
    re.compile(r"(?:([0-9]{2,3}):)?([0-5][0-9]):([0-5][0-9])\.([0-9]{3})"),
    "00:01.000 --> 00:04.000",
    "00:01.000",
)
_SRT = _Dialect(
    re.compile(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9]),([0-9]{3})"),
    "00:00:01,000 --> 00:00:04,000",
    "00:00:01,000",
)


def _is_srt(lines: Sequence[str]) -> bool:
    """Whether the first times are SubRip's, whose thousandths stand after a comma."""
    return not lines[0].startswith("WEBVTT") and "," in next(x for x in lines if ARROW in x)


class _Reader:
    """Goes through a file from top to bottom and gathers cues and faults, each with its line."""

    def __init__(self, dialect: _Dialect) -> None:
        self.dialect = dialect
        self.cues: list[tuple[int, PlainCue]] = []
        self.faults: list[Fault] = []
        self.latest_start = 0.0

    def read(self, lines: Sequence[str]) -> None:
        for number, line in enumerate(lines, start=1):
            if found := _CONTROLS.search(line):
                self._refuse(number, _CONTROL, code=f"U+{ord(found[0]):04X}")
        blocks = self._blocks(lines)
        if self.dialect is _VTT:
            self._read_header(lines, blocks)
        for number, block in blocks:
            self._read_block(number, block)

    def fit_into(self, film_seconds: float) -> None:
        """Refuse the first cue that ends after the film: what follows it mostly does too."""
        for number, cue in self.cues:
            if cue.end > film_seconds + OVERHANG_SECONDS:
                figures = {"end": timestamp(cue.end), "film": timestamp(film_seconds)}
                self._refuse(number, _AFTER_THE_FILM, **figures)
                return

    def _refuse(self, line: int, template: str, **figures: object) -> None:
        self.faults.append(Fault(line, template, figures))
        if len(self.faults) == MAX_FAULTS:
            raise CaptionsRefused(self.faults)

    def _blocks(self, lines: Sequence[str]) -> list[tuple[int, list[str]]]:
        """What stands between empty lines, each with the number of its first line.

        A line of spaces is one of the words in WebVTT, and written so by YouTube; not in SubRip.
        """
        blocks: list[tuple[int, list[str]]] = []
        is_open = False
        for number, line in enumerate(lines, start=1):
            is_empty = not line or (line.isspace() and not (is_open and self.dialect is _VTT))
            if is_empty:
                is_open = False
            elif is_open:
                blocks[-1][1].append(line)
            else:
                blocks.append((number, [line]))
                is_open = True
        return blocks

    def _read_header(self, lines: Sequence[str], blocks: list[tuple[int, list[str]]]) -> None:
        """Take the first block away, if it is the one that names the format."""
        if not re.match(r"WEBVTT(?=[ \t]|$)", lines[0]):
            self._refuse(1, _HEADER_MISSING, found=lines[0].strip()[:40])
            if not any(ARROW in line for line in blocks[0][1]):
                del blocks[0]  # said once is enough
            return
        number, header = blocks.pop(0)
        for offset, line in enumerate(header):
            if ARROW in line:
                self._refuse(number + offset, _HEADER_UNENDED)
                blocks.insert(0, (number + offset, header[offset:]))
                return

    def _read_block(self, number: int, block: list[str]) -> None:
        if self.dialect is _VTT and _NOTE.fullmatch(block[0]):
            for offset, line in enumerate(block):
                if ARROW in line:
                    self._refuse(number + offset, _ARROW_IN_NOTE)
            return
        # One line above the times may be a cue's name or number.
        first = next((offset for offset, line in enumerate(block[:2]) if ARROW in line), None)
        if first is None:
            self._refuse(number, _NO_TIME, example=self.dialect.example)
        heads = [
            offset
            for offset, line in enumerate(block)
            if offset == first
            or (offset > (1 if first is None else first) and _LIKE_TIMES.match(line))
        ]
        for head, after in pairwise([*heads, len(block)]):
            if head != first:
                self._refuse(number + head, _NO_EMPTY_LINE)
            self._read_cue(number + head, block[head], block[head + 1 : after])

    def _read_cue(self, number: int, head: str, words: list[str]) -> None:
        for line_number, line in enumerate(words, start=number + 1):
            if ARROW in line:
                self._refuse(line_number, _ARROW_IN_TEXT)
        if not words:
            self._refuse(number, _NO_TEXT)
        times = self._read_times(number, head)
        spoken = read_words("\n".join(words))
        if len(spoken.speaker) > MAX_SPEAKER_LENGTH:
            self._refuse(number + 1, _SPEAKER_TOO_LONG, limit=MAX_SPEAKER_LENGTH)
        if times and spoken.text:
            start, end, settings = times
            settings = settings or spoken.settings
            self.cues.append((number, PlainCue(start, end, spoken.text, spoken.speaker, settings)))

    def _read_times(self, number: int, head: str) -> tuple[float, float, str] | None:
        shape = _HEAD.fullmatch(head.strip())
        if shape is None:
            self._refuse(number, _NO_HEAD, example=self.dialect.example)
            return None
        settings = self._read_settings(number, shape["settings"] or "")
        start, end = (self._seconds(number, shape[name]) for name in ("start", "end"))
        if start is None or end is None:
            return None
        if end <= start:
            self._refuse(number, _ENDS_TOO_EARLY, start=timestamp(start), end=timestamp(end))
        if start < self.latest_start:
            self._refuse(
                number, _NOT_IN_ORDER, start=timestamp(start), before=timestamp(self.latest_start)
            )
        self.latest_start = start
        return start, end, settings

    def _seconds(self, number: int, time: str) -> float | None:
        parts = self.dialect.time.fullmatch(time)
        if parts is None:
            self._refuse(number, _NOT_A_TIME, time=time[:40], example=self.dialect.example_time)
            return None
        hours, minutes, seconds, thousandths = (int(part or 0) for part in parts.groups())
        return (((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths) / 1000

    def _read_settings(self, number: int, text: str) -> str:
        kept, strange = read_settings(text)
        for setting in strange:
            self._refuse(number, _NO_SETTING, setting=setting[:40])
        return kept
