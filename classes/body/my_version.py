"""What of one film has movements that a visitor avoids, for the player to ask about or to skip.

Works on rows that are loaded and runs no query. It promises nothing that nobody stands for: what
the timeline does not place, and what nobody has looked for, is named beside the parts.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from classes.models import Chapter, Movement, WorkoutClass

from .coverage import gaps_between
from .facts import BodyFacts
from .vouching import is_checked_for

MUCH = 0.4  # of a film: whoever leaves out more than that may be better off with another class


@dataclass(frozen=True)
class Stretch:
    """Chapters with avoided movements, one right after the other: asked about, skipped as one.

    `start` and `end` are whole seconds, the end not included. The end of one that lasts until the
    film is over is rounded up.
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
    duration: timedelta  # of the whole film
    movements: tuple[Movement, ...]  # the avoided ones in them, in the studio's order
    # Avoided and contained in the class, but in no chapter of this film: nobody can skip it.
    unplaced: tuple[Movement, ...]
    # Some of the film is in no chapter, and what is in the stretches may be there as well: nobody
    # need tick what a chapter has.
    has_gaps: bool
    # Avoided, and nobody has looked for it since it was defined: there may be more of it.
    unchecked_for: tuple[Movement, ...]

    @property
    def touched(self) -> timedelta:
        return min(timedelta(seconds=self.seconds), self.duration)

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.touched / self.duration if self.duration else 0.0

    @property
    def percent(self) -> int:
        return round(100 * self.share)

    @property
    def is_much(self) -> bool:
        return self.share > MUCH


def my_version(
    workout_class: WorkoutClass,
    chapters: Iterable[Chapter],
    avoided: Collection[str],
    facts: BodyFacts,
    *,
    duration: timedelta,
) -> MyVersion | None:
    """One film of a class for whoever avoids these slugs of movements.

    `chapters` are those of the film (`for_timeline`), `facts` those of the class for the same
    visitor. None where there is nothing to say: nothing is avoided, or a checked class has
    nothing of it.
    """
    length = ceil(duration.total_seconds())
    chapters = sorted(chapters, key=lambda chapter: chapter.start)
    touched = _touched(chapters, avoided, length)
    placed = {movement for chapter in touched for movement in _avoided_in(chapter, avoided)}
    contained = {movement for movement in facts.contains if movement.slug in avoided}
    unchecked = [m for m in contained | placed if not is_checked_for(workout_class, [m])]
    unchecked_for = _in_order({*unchecked, *facts.unchecked_for})
    if not (touched or contained or unchecked_for):
        return None
    stretches = stretches_of(touched, avoided, duration)
    return MyVersion(
        stretches=stretches,
        parts=len(touched),
        seconds=sum(stretch.end - stretch.start for stretch in stretches),
        duration=duration,
        movements=_in_order(placed),
        unplaced=_in_order(contained - placed),
        has_gaps=bool(touched and gaps_between(chapters, length)),
        unchecked_for=unchecked_for,
    )


def stretches_of(
    chapters: Iterable[Chapter], avoided: Collection[str], duration: timedelta
) -> tuple[Stretch, ...]:
    """What of a film, with these chapters (`for_timeline`), has what is avoided (slugs)."""
    length = ceil(duration.total_seconds())
    in_order = sorted(chapters, key=lambda chapter: chapter.start)
    runs = _runs(_touched(in_order, avoided, length))
    return tuple(_stretch(run, avoided, length) for run in runs)


def _touched(chapters: Sequence[Chapter], avoided: Collection[str], length: int) -> list[Chapter]:
    return [
        chapter for chapter in chapters if chapter.start < length and _avoided_in(chapter, avoided)
    ]


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
