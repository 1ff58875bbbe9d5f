"""The timeline of a variant as it is stored: its chapters, and how they are exchanged for others.

How much of the film they describe is `coverage`, which stands below `checking`.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise

from django.db import transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.models import Member
from classes.durations import clock
from classes.models import Chapter, FocusTag, Movement, Variant

from . import checking
from .contents import refresh
from .coverage import LONGEST_GAP, Coverage, coverage, gaps, has_whole_timeline
from .timeline_text import PlainChapter, in_order

__all__ = [
    "LONGEST_GAP",
    "Coverage",
    "contradictions_in",
    "coverage",
    "gaps",
    "has_whole_timeline",
    "plain_chapters",
    "store_timeline",
]


def plain_chapters(variant: Variant) -> list[PlainChapter]:
    """What is stored, in the order of the film: 4 queries. For `write_timeline` and copying."""
    return [_plain(chapter) for chapter in variant.chapters.order_by("start").for_timeline()]


def _plain(chapter: Chapter) -> PlainChapter:
    return PlainChapter(
        start=chapter.start,
        end=chapter.end,
        exercise=chapter.exercise,
        title=chapter.title,
        adds=in_order(chapter.adds.all()),
        removes=in_order(chapter.removes.all()),
        note=chapter.note,
    )


@transaction.atomic
def store_timeline(
    variant: Variant, chapters: Sequence[PlainChapter], *, by: Member | None = None
) -> bool:
    """Make these the chapters of the variant; False, and nothing written, where they are already.

    They are in the order of the film and do not overlap, else ValueError. A check of the class is
    taken back, and the class's history says at which moments something changed. A constant number
    of queries.
    """
    for earlier, later in pairwise(chapters):
        if later.start < earlier.end:
            raise ValueError(f"{later} begins before {earlier} ends")
    workout_class = variant.workout_class
    checking.hold(workout_class.pk)
    stored = plain_chapters(variant)
    if stored == list(chapters):
        return False
    reason = _("The timeline of “%(variant)s” was changed at %(moments)s") % {
        "variant": variant,
        "moments": _moments_of_change(stored, chapters),
    }
    checking.note_change(workout_class, reason, by=by)
    variant.chapters.all().delete()
    _create(variant, chapters)
    refresh([workout_class.pk])
    return True


def _create(variant: Variant, chapters: Sequence[PlainChapter]) -> None:
    rows = Chapter.objects.bulk_create(
        Chapter(
            variant=variant,
            start=chapter.start,
            end=chapter.end,
            exercise=chapter.exercise,
            title=chapter.title,
            note=chapter.note,
        )
        for chapter in chapters
    )
    adds, removes = Chapter.adds.through, Chapter.removes.through
    pairs = list(zip(rows, chapters, strict=True))
    adds.objects.bulk_create(
        adds(chapter=row, movement=movement) for row, plain in pairs for movement in plain.adds
    )
    removes.objects.bulk_create(
        removes(chapter=row, movement=movement)
        for row, plain in pairs
        for movement in plain.removes
    )


def _moments_of_change(before: Sequence[PlainChapter], after: Sequence[PlainChapter]) -> str:
    """The first three moments at which something came, went or is another, in words."""
    changed = sorted(set(before) ^ set(after), key=lambda chapter: chapter.start)
    moments = {chapter.start: chapter for chapter in changed}
    named = [f"{_clock(start)} ({chapter.label})" for start, chapter in moments.items()]
    if len(named) > 3:
        return _("%(moments)s and %(count)s more") % {
            "moments": ", ".join(named[:3]),
            "count": len(named) - 3,
        }
    return get_text_list(named, _("and"))


def contradictions_in(
    variant: Variant, chapters: Iterable[PlainChapter]
) -> list[tuple[PlainChapter, FocusTag, Movement]]:
    """Where chapters that are to be stored involve what a tag of the class forbids.

    In the order of the film, then of the tags and movements. Two queries, and none for chapters
    whose exercises came with their movements.
    """
    tags = variant.workout_class.focus_tags.prefetch_related("forbids")
    forbidden = [(tag, set(tag.forbids.all())) for tag in tags]
    return [
        (chapter, tag, movement)
        for chapter in chapters
        for tag, movements in forbidden
        for movement in chapter.movements
        if movement in movements
    ]


def _clock(seconds: int) -> str:
    return clock(timedelta(seconds=seconds))
