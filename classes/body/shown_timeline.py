"""The timeline of a film as its page shows it: what is done when, and what of it is avoided.

It is data about the film and not the film: everyone may read it who may open the page.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from classes.models import Chapter, Movement, Variant

from .timeline_text import film_seconds


@dataclass(frozen=True)
class Stretch:
    """A chapter as far as the film that plays has it. `end` is in whole seconds, not included."""

    chapter: Chapter
    end: int

    @property
    def start(self) -> int:
        return self.chapter.start

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=self.end - self.start)


@dataclass(frozen=True)
class Row:
    """A line of the timeline, with what of it concerns the visitor."""

    stretch: Stretch
    avoided: list[Movement]  # of its movements, in the studio's order
    is_asked_for: bool  # the address leads to a second of it

    @property
    def chapter(self) -> Chapter:
        return self.stretch.chapter

    @property
    def left_out(self) -> list[Movement]:
        """What the exercise usually has and this chapter has not."""
        if self.chapter.exercise is None:
            return []
        removed = set(self.chapter.removes.all())
        return [m for m in self.chapter.exercise.movements.all() if m in removed]


def within(chapters: Iterable[Chapter], duration: timedelta) -> list[Stretch]:
    """Chapters as far as they lie within a film of that length, in its order.

    Of a film that took the place of a longer one some may not.
    """
    seconds = film_seconds(duration)
    return [
        Stretch(chapter, min(chapter.end, seconds))
        for chapter in sorted(chapters, key=lambda chapter: chapter.start)
        if chapter.start < seconds
    ]


class Timeline:
    """Reads its chapters when they are first asked for, in 4 queries.

    What everyone gets alike is kept rendered: then nobody asks.
    """

    def __init__(
        self, variant: Variant, *, avoids: Collection[str] = (), asked: int | None = None
    ) -> None:
        """`avoids` are slugs of movements, `asked` is the second that the address leads to."""
        self.variant = variant
        self.avoids = frozenset(avoids)
        self.asked = asked

    @cached_property
    def chapters(self) -> list[Chapter]:
        return list(Chapter.objects.filter(variant=self.variant).for_timeline())

    @property
    def stretches(self) -> list[Stretch]:
        return within(self.chapters, self.variant.duration or timedelta())

    @property
    def rows(self) -> list[Row]:
        return [
            Row(
                stretch,
                avoided=[m for m in stretch.chapter.movements if m.slug in self.avoids],
                is_asked_for=self.asked is not None and stretch.start <= self.asked < stretch.end,
            )
            for stretch in self.stretches
        ]

    @property
    def is_the_same_for_all(self) -> bool:
        """Whether nothing of the visitor's own is in it."""
        return not self.avoids and self.asked is None
