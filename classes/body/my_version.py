"""What of one film has movements that a visitor avoids, for the player to ask about or to skip.

Works on rows that are loaded and runs no query. It promises nothing that nobody stands for: what
the timeline does not place, and what nobody has looked for, is named beside the parts.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from classes.models import Chapter, Movement

MUCH = 0.4  # of a film: whoever leaves out more than that may be better off with another class


@dataclass(frozen=True)
class Stretch:
    """Chapters with avoided movements, one right after the other: asked about, skipped as one.

    `start` and `end` are whole seconds, the end not included; a stretch never reaches past the
    film, but for the part of its last second.
    """

    start: int
    end: int
    chapters: tuple[Chapter, ...]
    movements: tuple[Movement, ...]  # the avoided ones, each once, in the studio's order

    @property
    def moment(self) -> timedelta:
        return timedelta(seconds=self.start)

    @property
    def after(self) -> timedelta:
        """The moment at which the film goes on without it."""
        return timedelta(seconds=self.end)

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=self.end - self.start)


@dataclass(frozen=True)
class MyVersion:
    """A film as somebody sees it who avoids something."""

    stretches: tuple[Stretch, ...]  # in the order of the film, none touching the next
    parts: int  # chapters in them
    seconds: int  # of film in them
    of_seconds: int  # the whole film
    movements: tuple[Movement, ...]  # the avoided ones in them, in the studio's order
    # Avoided and contained in the class, but in no chapter of this film: nobody can skip it.
    unplaced: tuple[Movement, ...]
    # Avoided, and nobody has looked for it since it was defined: there may be more of it.
    unchecked_for: tuple[Movement, ...]

    @property
    def share(self) -> float:
        return self.seconds / self.of_seconds if self.of_seconds else 0.0

    @property
    def is_much(self) -> bool:
        return self.share > MUCH

    @property
    def touched(self) -> timedelta:
        return timedelta(seconds=self.seconds)


def my_version(
    chapters: Iterable[Chapter],
    avoided: Collection[str],
    *,
    duration: timedelta,
    contains: Iterable[Movement],
    unchecked_for: Iterable[Movement],
) -> MyVersion | None:
    """The film with these chapters (`for_timeline`) for whoever avoids these slugs of movements.

    `contains` is what the class contains, `unchecked_for` what of the avoided it is not checked
    for: both as `body_facts` tells them. None where there is nothing to say: nothing is avoided, or
    a checked class has nothing of it.
    """
    if not avoided:
        return None
    length = ceil(duration.total_seconds())
    touched = [
        chapter
        for chapter in sorted(chapters, key=lambda chapter: chapter.start)
        if chapter.start < length and _avoided_in(chapter, avoided)
    ]
    placed = {movement for chapter in touched for movement in _avoided_in(chapter, avoided)}
    unplaced = [m for m in contains if m.slug in avoided and m not in placed]
    unchecked_for = tuple(unchecked_for)
    if not (touched or unplaced or unchecked_for):
        return None
    stretches = tuple(_stretch(run, avoided, length) for run in _runs(touched))
    return MyVersion(
        stretches=stretches,
        parts=len(touched),
        seconds=sum(stretch.end - stretch.start for stretch in stretches),
        of_seconds=length,
        movements=_in_order(placed),
        unplaced=_in_order(unplaced),
        unchecked_for=unchecked_for,
    )


def _avoided_in(chapter: Chapter, avoided: Collection[str]) -> list[Movement]:
    return [movement for movement in chapter.movements if movement.slug in avoided]


def _runs(chapters: Sequence[Chapter]) -> list[list[Chapter]]:
    """Chapters in the order of the film, those together that touch or overlap."""
    runs: list[list[Chapter]] = []
    end = -1
    for chapter in chapters:
        if chapter.start <= end:
            runs[-1].append(chapter)
        else:
            runs.append([chapter])
        end = max(end, chapter.end)
    return runs


def _stretch(run: Sequence[Chapter], avoided: Collection[str], length: int) -> Stretch:
    return Stretch(
        start=run[0].start,
        end=min(length, max(chapter.end for chapter in run)),
        chapters=tuple(run),
        movements=_in_order({m for chapter in run for m in _avoided_in(chapter, avoided)}),
    )


def _in_order(movements: Iterable[Movement]) -> tuple[Movement, ...]:
    return tuple(sorted(movements, key=lambda movement: (movement.position, movement.name)))
