"""The chapters of a film as a WebVTT track, for the menu that browsers have of their own."""

from collections.abc import Iterable

from classes.captioning.cue_markup import with_markup
from classes.captioning.webvtt import ARROW, timestamp

from .shown_timeline import Stretch


def write_chapters(stretches: Iterable[Stretch]) -> str:
    """WebVTT of chapters, named in the reader's language.

    Browsers take a chapter's name from the one line under its times: blanks of any kind become
    one, and what WebVTT would read as markup is escaped.
    """
    return "\n".join(["WEBVTT\n", *(_cue(stretch) for stretch in stretches)])


def _cue(stretch: Stretch) -> str:
    name = " ".join(stretch.chapter.label.split())
    times = f"{timestamp(stretch.start)} {ARROW} {timestamp(stretch.end)}"
    return f"{times}\n{with_markup('', name)}\n"
