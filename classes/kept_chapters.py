"""Chapters and movements as pages read them, kept by this process until something changes.

For members with an avoid set of their own, whose marks are made for each request. What is kept is
the studio's and the same for all; the objects are shared by threads and nobody changes them.
"""

from collections.abc import Callable
from typing import Any

from classes.kept import Latest
from classes.models import Chapter, Movement, Variant
from classes.page_marks import PageMarks

_kept: Latest[tuple[int, str], list[Any]] = Latest(200)


def chapters_of(variant: Variant, marks: PageMarks) -> list[Chapter]:
    """As `for_timeline` reads them: four queries where they are not kept."""

    def read() -> list[Chapter]:
        return list(Chapter.objects.filter(variant=variant).for_timeline())

    return _get((variant.pk, marks.substance), read)


def movements(marks: PageMarks) -> list[Movement]:
    """All of the studio's, in its order. One query where they are not kept."""
    return _get((0, marks.substance), lambda: list(Movement.objects.all()))


def _get(key: tuple[int, str], read: Callable[[], list[Any]]) -> list[Any]:
    found = _kept.get(key)
    if found is None:
        found = read()
        _kept.keep(key, found)
    return found
