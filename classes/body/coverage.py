"""How much of a film its timeline describes: a check may rest on that instead of watching it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from classes.models import Chapter, Variant

from .timeline_text import film_seconds

# What nobody describes for longer than this, a check may not rest on.
LONGEST_GAP = 15  # seconds


@dataclass(frozen=True)
class Coverage:
    """How well the chapters of a variant describe the film that plays. All in seconds."""

    has_chapters: bool
    gaps: list[tuple[int, int]]
    overhang: int  # by which the chapters are longer than the film: it was made for another one

    @property
    def is_whole(self) -> bool:
        return self.has_chapters and not self.gaps and not self.overhang


def coverage(variant: Variant) -> Coverage:
    """One query, none where the variant's chapters are prefetched. Needs its video.

    A gap is a stretch of more than 15 s, the beginning and the end of the film included, or all of
    a film that has no chapters.
    """
    length = film_seconds(variant.duration or timedelta())
    chapters = sorted(variant.chapters.all(), key=lambda chapter: chapter.start)
    if not chapters:
        return Coverage(False, [(0, length)], 0)
    overhang = max(0, max(chapter.end for chapter in chapters) - length)
    return Coverage(True, gaps_between(chapters, length), overhang)


def gaps_between(chapters: Iterable[Chapter], length: int) -> list[tuple[int, int]]:
    """What these, in the order of the film, leave undescribed for more than 15 s."""
    described = [(chapter.start, min(chapter.end, length)) for chapter in chapters]
    edges = [(0, 0), *((a, b) for a, b in described if a < length), (length, length)]
    return [
        (earlier_end, later_start)
        for (_start, earlier_end), (later_start, _end) in pairwise(edges)
        if later_start - earlier_end > LONGEST_GAP
    ]


def gaps(variant: Variant) -> list[tuple[int, int]]:
    """Stretches of the film, in seconds, that no chapter describes: see `coverage`."""
    return coverage(variant).gaps


def has_whole_timeline(variant: Variant) -> bool:
    """Whether a check may rest on the timeline alone."""
    return coverage(variant).is_whole
