"""Chapters and movements as pages read them, kept by this process until something changes.

For members with an avoid set of their own, whose marks are made for each request. What is kept is
the studio's and the same for all; the objects are shared by threads and nobody changes them.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from classes.models import Chapter, Movement, Variant
from classes.page_marks import PageMarks

MOST = 200  # the latest that were asked for

_kept: OrderedDict[tuple[int, str], list[Any]] = OrderedDict()
_lock = threading.Lock()


def chapters_of(variant: Variant, marks: PageMarks) -> list[Chapter]:
    """As `for_timeline` reads them: four queries where they are not kept."""
    chapters = Chapter.objects.filter(variant=variant)
    return _get((variant.pk, marks.substance), lambda: list(chapters.for_timeline()))


def movements(marks: PageMarks) -> list[Movement]:
    """All of the studio's, in its order. One query where they are not kept."""
    return _get((0, marks.substance), lambda: list(Movement.objects.all()))


def _get(key: tuple[int, str], read: Callable[[], list[Any]]) -> list[Any]:
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    found = read()
    with _lock:
        _kept[key] = found
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return found
